"""The order of plans, features and groups."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.actions.arrangement import order_features, order_groups, order_plans
from catalog.models import Feature, FeatureGroup, Plan
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Stale
from journal.models import AuditEvent
from tests.catalog.factories import AddOnFactory, FeatureFactory, FeatureGroupFactory, PlanFactory
from tests.conftest import EXAMPLES

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return [plan.name for plan in Plan.objects.order_by("position", "pk")]


@pytest.fixture
def plans() -> list[int]:
    return [PlanFactory(name=name, position=0).pk for name in ("Free", "Pro", "Team")]


def test_plans_stand_in_the_order_that_was_given(plans: list[int], finance: Actor, at: datetime) -> None:
    free, pro, team = plans
    order_plans(plans=[team, free, pro], was=plans, by=finance, at=at)
    assert names() == ["Team", "Free", "Pro"]
    event = AuditEvent.objects.get(verb="plan:order")
    assert event.changes["order"] == ["Free, Pro, Team", "Team, Free, Pro"]


def test_only_those_named_move_and_in_their_own_places(plans: list[int], finance: Actor, at: datetime) -> None:
    free, _pro, team = plans
    AddOnFactory(name="Backups", position=1)
    order_plans(plans=[team, free], was=[free, team], by=finance, at=at)
    assert names() == ["Team", "Pro", "Free", "Backups"]


def test_the_same_order_again_is_no_deed(plans: list[int], finance: Actor, at: datetime) -> None:
    order_plans(plans=plans, was=plans, by=finance, at=at)
    assert not AuditEvent.objects.exists()


def test_an_order_that_someone_else_changed_is_not_overwritten(plans: list[int], finance: Actor, at: datetime) -> None:
    free, pro, team = plans
    order_plans(plans=[pro, free, team], was=plans, by=finance, at=at)
    with pytest.raises(Stale, match="changed the order"):
        order_plans(plans=[team, free, pro], was=plans, by=finance, at=at)
    assert names() == ["Pro", "Free", "Team"]


@pytest.mark.parametrize("wanted", [[], [1], [0, 0, 0]])
def test_an_order_must_name_the_same_plans(plans: list[int], wanted: list[int], finance: Actor, at: datetime) -> None:
    with pytest.raises(Stale):
        order_plans(plans=[plans[place] for place in wanted], was=plans, by=finance, at=at)


def test_sales_can_not_reorder(plans: list[int], sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        order_plans(plans=plans[::-1], was=plans, by=sales, at=at)


def test_features_are_ordered_within_their_group(finance: Actor, at: datetime) -> None:
    group = FeatureGroupFactory()
    first, second = (FeatureFactory(group=group).pk for _ in range(2))
    order_features(group=group, features=[second, first], was=[first, second], by=finance, at=at)
    assert list(Feature.objects.filter(group=group).values_list("pk", flat=True)) == [second, first]


def test_groups_are_ordered(finance: Actor, at: datetime) -> None:
    first, second = (FeatureGroupFactory().pk for _ in range(2))
    order_groups(groups=[second, first], was=[first, second], by=finance, at=at)
    assert list(FeatureGroup.objects.values_list("pk", flat=True)) == [second, first]


def test_the_history_of_a_plan_knows_its_places(plans: list[int], finance: Actor, at: datetime) -> None:
    free, pro, team = plans
    order_plans(plans=[team, free, pro], was=plans, by=finance, at=at)
    assert Plan.objects.get(pk=pro).history.first().position == 2


@given(st.lists(st.permutations(range(4)).flatmap(lambda p: st.integers(2, 4).map(lambda n: p[:n])), max_size=6))
@settings(max_examples=2 * EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_of_moves_ends_as_on_paper(finance: Actor, at: datetime, moves: list[list[int]]) -> None:
    rows = [PlanFactory() for _ in range(4)]
    paper = [row.pk for row in rows]
    for move in moves:
        wanted = [rows[place].pk for place in move]
        was = [pk for pk in paper if pk in wanted]
        order_plans(plans=wanted, was=was, by=finance, at=at)
        turn = iter(wanted)
        paper = [next(turn) if pk in wanted else pk for pk in paper]
    mine = Plan.objects.filter(pk__in=paper).order_by("position", "pk")
    assert list(mine.values_list("pk", flat=True)) == paper
