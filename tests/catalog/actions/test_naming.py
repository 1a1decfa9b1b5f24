"""What a plan is called, and whom it is for."""

from datetime import datetime

import pytest

from catalog.actions.naming import describe_plan
from catalog.models import Plan
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import PlanFactory

pytestmark = pytest.mark.django_db


def test_a_plan_is_renamed_and_keeps_its_key(finance: Actor, at: datetime) -> None:
    plan = PlanFactory(key="pro", name="Pro")
    describe_plan(plan=plan, name=" Professional ", audience="Teams", reason="Rebranding", by=finance, at=at)
    plan.refresh_from_db()
    assert (plan.key, plan.name, plan.audience) == ("pro", "Professional", "Teams")


def test_the_audit_tells_what_it_was_called(finance: Actor, at: datetime) -> None:
    describe_plan(plan=PlanFactory(name="Pro"), name="Team", audience="", reason="Rebranding", by=finance, at=at)
    event = AuditEvent.objects.get(verb="plan:describe")
    assert (event.changes, event.reason) == ({"name": ["Pro", "Team"]}, "Rebranding")


def test_its_history_keeps_both_names(finance: Actor, at: datetime) -> None:
    plan = PlanFactory(name="Pro")
    describe_plan(plan=plan, name="Team", audience="", by=finance, at=at)
    assert list(Plan.history.filter(id=plan.pk).values_list("name", flat=True)) == ["Team", "Pro"]


def test_a_plan_needs_a_name(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="needs a name"):
        describe_plan(plan=PlanFactory(), name="  ", audience="", by=finance, at=at)


def test_nothing_is_not_done_silently(finance: Actor, at: datetime) -> None:
    plan = PlanFactory(name="Pro")
    with pytest.raises(Refusal, match="Nothing would change"):
        describe_plan(plan=plan, name="Pro", audience=plan.audience, by=finance, at=at)


def test_only_those_who_may_edit_plans(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        describe_plan(plan=PlanFactory(), name="Team", audience="", by=sales, at=at)
