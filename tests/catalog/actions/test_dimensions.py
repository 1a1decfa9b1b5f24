"""Dimensions: choices with weights, changed freely until something relies on how much each counts."""

from datetime import datetime

import pytest

from catalog.actions.dimensions import add_dimension, edit_dimension, remove_dimension
from catalog.domain.choice_lines import Weighed
from catalog.domain.values import TermState
from catalog.models import Dimension, DimensionChoice, SubLimit
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import (
    FeatureFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db

SMALL, LARGE = Weighed("small", "Small model"), Weighed("large", "Large model", 5000)
LIGHTER = Weighed("large", "Large model", 4000)
HEAVIER = Weighed("large", "Large model", 9000)


@pytest.fixture
def model(at: datetime) -> Dimension:
    given = {"key": "model", "name": "AI model", "choices": [SMALL, LARGE]}
    return add_dimension(feature=StorageFactory(name="Tokens"), **given, by=SYSTEM, at=at)


def limit(dimension: Dimension, key: str, *, published: bool = True) -> None:
    """A plan that gives one choice a limit of its own."""
    version = PlanVersionFactory()
    term = PlanTermFactory(version=version, feature=dimension.feature, amount=1000, state=TermState.VALUE)
    choice = dimension.choices.get(key=key)
    keep(SubLimit(term=term, choice=choice, amount=100), deed=begin(by=SYSTEM, at=term.history.first().history_date))
    if published:
        publish_now(version)


def weights(dimension: Dimension) -> dict[str, int]:
    return dict(DimensionChoice.objects.filter(dimension=dimension).values_list("key", "weight_thousandths"))


def test_use_is_told_apart_by_choices_that_count_differently(model: Dimension) -> None:
    assert weights(model) == {"small": 1000, "large": 5000}
    changes = AuditEvent.objects.get(verb="dimension:add").changes
    assert changes["large"] == [None, "Large model counts as 5"]


def test_only_what_is_used_up_can_be_told_apart(finance: Actor, at: datetime) -> None:
    for feature in (SeatsFactory(), FeatureFactory()):
        with pytest.raises(Refusal, match="not used up"):
            add_dimension(feature=feature, key="model", name="Model", choices=[SMALL], by=finance, at=at)


def test_a_key_is_given_once_for_each_feature(model: Dimension, finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        add_dimension(feature=model.feature, key="model", name="Other", choices=[SMALL], by=finance, at=at)
    assert refused.value.field == "key"
    other = add_dimension(feature=StorageFactory(), key="model", name="Model", choices=[SMALL], by=finance, at=at)
    assert other.pk != model.pk


def test_it_takes_at_least_one_choice(model: Dimension, finance: Actor, at: datetime) -> None:
    for act, about in ((add_dimension, {"feature": model.feature, "key": "x"}), (edit_dimension, {"dimension": model})):
        with pytest.raises(Invalid) as refused:
            act(**about, name="Model", choices=[], by=finance, at=at)
        assert refused.value.field == "choices"


def test_before_first_use_all_of_it_may_change(model: Dimension, finance: Actor, at: datetime) -> None:
    edit_dimension(dimension=model, name="Model", choices=[HEAVIER], by=finance, at=at)
    assert weights(model) == {"large": 9000}
    changes = AuditEvent.objects.get(verb="dimension:edit").changes
    assert changes == {
        "name": ["AI model", "Model"],
        "small": ["Small model counts as 1", None],
        "large": ["Large model counts as 5", "Large model counts as 9"],
    }


def test_the_order_of_the_lines_is_kept(model: Dimension, finance: Actor, at: datetime) -> None:
    edit_dimension(dimension=model, name="Model", choices=[LARGE, SMALL], by=finance, at=at)
    assert [choice.key for choice in model.choices.all()] == ["large", "small"]


def test_a_published_limit_fixes_every_weight(model: Dimension, finance: Actor, at: datetime) -> None:
    limit(model, "small")
    with pytest.raises(Invalid, match=r"Large model counts as 5 and stays so: Plan .* v1 relies on it") as refused:
        edit_dimension(dimension=model, name="Model", choices=[SMALL, HEAVIER], reason="Dear", by=finance, at=at)
    assert refused.value.field == "choices"
    assert weights(model)["large"] == 5000


def test_then_choices_can_still_be_added_and_renamed(model: Dimension, finance: Actor, at: datetime) -> None:
    limit(model, "small")
    huge, renamed = Weighed("huge", "Huge model", 20_000), Weighed("small", "Mini model")
    edit_dimension(dimension=model, name="AI model", choices=[renamed, LARGE, huge], by=finance, at=at)
    assert weights(model) == {"small": 1000, "large": 5000, "huge": 20_000}


@pytest.mark.parametrize("published", [True, False])
def test_a_choice_a_plan_limits_is_not_struck(published: bool, model: Dimension, finance: Actor, at: datetime) -> None:
    limit(model, "large", published=published)
    with pytest.raises(Invalid, match="Large model has to stay"):
        edit_dimension(dimension=model, name="Model", choices=[SMALL], reason="Gone", by=finance, at=at)
    with pytest.raises(Refusal, match="has to stay"):
        remove_dimension(dimension=model, by=finance, at=at)


def test_a_draft_s_limit_fixes_no_weight(model: Dimension, finance: Actor, at: datetime) -> None:
    limit(model, "large", published=False)
    edit_dimension(dimension=model, name="AI model", choices=[SMALL, HEAVIER], by=finance, at=at)
    assert weights(model)["large"] == 9000


def test_of_a_feature_that_is_sold_a_new_weight_says_why(model: Dimension, finance: Actor, at: datetime) -> None:
    published_version(feature=model.feature, amount=5)
    change = {"dimension": model, "name": "AI model", "choices": [SMALL, LIGHTER], "by": finance, "at": at}
    with pytest.raises(Invalid) as refused:
        edit_dimension(**change)
    assert refused.value.field == "reason"
    edit_dimension(**change, reason="It costs us less")
    assert weights(model)["large"] == 4000


def test_of_a_feature_that_is_sold_nothing_comes_to_count_more(model: Dimension, finance: Actor, at: datetime) -> None:
    published_version(feature=model.feature, amount=5)
    change = {"name": "AI model", "choices": [SMALL, HEAVIER], "by": finance, "at": at, "reason": "It costs us more"}
    with pytest.raises(Invalid, match="would take away from what customers bought"):
        edit_dimension(dimension=model, **change)
    with pytest.raises(Invalid, match="counting as 9 would take away"):
        add_dimension(feature=model.feature, key="context", **change)


def test_to_change_nothing_is_refused(model: Dimension, finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="Nothing would change"):
        edit_dimension(dimension=model, name="AI model", choices=[SMALL, LARGE], by=finance, at=at)


def test_an_unused_dimension_is_removed_with_its_choices(model: Dimension, finance: Actor, at: datetime) -> None:
    remove_dimension(dimension=model, reason="A mistake", by=finance, at=at)
    assert not Dimension.objects.exists()
    assert DimensionChoice.history.filter(history_type="-").count() == 2


def test_sales_may_do_none_of_it(model: Dimension, sales: Actor, at: datetime) -> None:
    for act in (
        lambda: add_dimension(feature=model.feature, key="x", name="X", choices=[SMALL], by=sales, at=at),
        lambda: edit_dimension(dimension=model, name="X", choices=[SMALL], by=sales, at=at),
        lambda: remove_dimension(dimension=model, by=sales, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()
