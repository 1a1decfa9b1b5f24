"""Groups: made, renamed, nested without a circle, ordered, removed when empty."""

from datetime import datetime

import pytest

from catalog.actions.groups import create_group, edit_group, remove_group
from catalog.models import FeatureGroup
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory, PlanTermFactory, published_version

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return list(FeatureGroup.objects.values_list("name", flat=True))


def three() -> list[FeatureGroup]:
    return [FeatureGroupFactory(name=name, position=position) for position, name in enumerate("ABC")]


def test_a_group_is_made_last_or_behind_another(finance: Actor, at: datetime) -> None:
    first, *_others = three()
    create_group(key="d", name="D", by=finance, at=at)
    create_group(key="e", name="E", after=first, by=finance, at=at)
    assert names() == ["A", "E", "B", "C", "D"]
    assert AuditEvent.objects.filter(verb="feature_group:create").count() == 2


@pytest.mark.parametrize(
    ("given", "field"), [({"key": "a", "name": "New"}, "key"), ({"key": "n", "name": "a"}, "name")]
)
def test_a_key_or_a_name_is_given_once(given: dict[str, str], field: str, finance: Actor, at: datetime) -> None:
    FeatureGroupFactory(key="a", name="A")
    with pytest.raises(Invalid) as refused:
        create_group(**given, by=finance, at=at)
    assert refused.value.field == field


def test_a_group_is_renamed_and_keeps_its_key(finance: Actor, at: datetime) -> None:
    group = FeatureGroupFactory(key="a", name="A")
    edited = edit_group(group=group, name="Premium services", parent=None, by=finance, at=at)
    assert (edited.key, edited.name) == ("a", "Premium services")


def test_a_group_moves_behind_another(finance: Actor, at: datetime) -> None:
    first, _second, third = three()
    edit_group(group=first, name="A", parent=None, after=third, by=finance, at=at)
    assert names() == ["B", "C", "A"]
    assert AuditEvent.objects.get(verb="feature_group:edit").changes["position"] == [0, 2]


def test_a_group_goes_into_another(finance: Actor, at: datetime) -> None:
    outer, inner, _other = three()
    assert edit_group(group=inner, name="B", parent=outer, by=finance, at=at).parent == outer


def test_groups_never_stand_in_a_circle(finance: Actor, at: datetime) -> None:
    top = FeatureGroupFactory(name="Top")
    below = FeatureGroupFactory(parent=FeatureGroupFactory(parent=top))
    for parent in (top, below):
        with pytest.raises(Invalid, match="stands in Top itself") as refused:
            edit_group(group=top, name="Top", parent=parent, by=finance, at=at)
        assert refused.value.field == "parent"


def test_a_group_does_not_go_into_one_that_is_sold(finance: Actor, at: datetime) -> None:
    sold, loose = FeatureGroupFactory(), FeatureGroupFactory()
    published_version(group=sold, feature=None)
    with pytest.raises(Refusal, match="without a publication"):
        edit_group(group=loose, name=loose.name, parent=sold, by=finance, at=at)


def test_a_draft_does_not_hold_a_group_where_it_is(finance: Actor, at: datetime) -> None:
    outer, inner = FeatureGroupFactory(), FeatureGroupFactory()
    PlanTermFactory(group=outer, feature=None)
    assert edit_group(group=inner, name=inner.name, parent=outer, by=finance, at=at).parent == outer


def test_to_change_nothing_is_refused(finance: Actor, at: datetime) -> None:
    group = FeatureGroupFactory()
    with pytest.raises(Refusal, match="Nothing would change"):
        edit_group(group=group, name=group.name, parent=None, by=finance, at=at)


def test_a_group_can_not_stand_behind_itself(finance: Actor, at: datetime) -> None:
    group = FeatureGroupFactory()
    with pytest.raises(Invalid, match="behind itself"):
        edit_group(group=group, name="Other", parent=None, after=group, by=finance, at=at)


def test_an_empty_group_is_removed(finance: Actor, at: datetime) -> None:
    remove_group(group=FeatureGroupFactory(), by=finance, at=at)
    assert not FeatureGroup.objects.exists()
    assert FeatureGroup.history.filter(history_type="-").exists()


def test_a_group_with_something_in_it_stays(finance: Actor, at: datetime) -> None:
    feature = FeatureFactory(name="SSO")
    FeatureFactory(group=feature.group)
    with pytest.raises(Refusal, match="SSO and 1 more are in it"):
        remove_group(group=feature.group, by=finance, at=at)


def test_a_group_a_plan_speaks_for_stays(finance: Actor, at: datetime) -> None:
    term = PlanTermFactory(group=FeatureGroupFactory(), feature=None)
    with pytest.raises(Refusal, match=f"{term.version} says something"):
        remove_group(group=term.group, by=finance, at=at)


def test_sales_may_do_none_of_it(sales: Actor, at: datetime) -> None:
    group = FeatureGroupFactory()
    for act in (
        lambda: create_group(key="n", name="N", by=sales, at=at),
        lambda: edit_group(group=group, name="N", parent=None, by=sales, at=at),
        lambda: remove_group(group=group, by=sales, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()
