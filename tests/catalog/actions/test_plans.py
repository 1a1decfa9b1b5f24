"""Naming plans, and what a draft of them costs and does around a trial."""

from datetime import datetime

import pytest

from catalog.actions.plans import create_plan, drop_price, set_grace, set_price, set_trial
from catalog.domain.values import PlanKind
from catalog.models import PlanPrice
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import AddOnFactory, PlanFactory, PlanPriceFactory, PlanVersionFactory, published_version

pytestmark = pytest.mark.django_db


def test_a_plan_is_named_and_the_audit_knows_by_whom(finance: Actor, at: datetime) -> None:
    plan = create_plan(key="gold", name="Gold", kind=PlanKind.ADD_ON, by=finance, at=at)

    assert (plan.key, plan.kind) == ("gold", "add_on")
    assert AuditEvent.objects.get(verb="plan:create").actor_name == finance.name


def test_two_plans_never_share_a_key(finance: Actor, at: datetime) -> None:
    PlanFactory(key="gold")
    with pytest.raises(Invalid) as refused:
        create_plan(key="gold", name="Gold", by=finance, at=at)
    assert refused.value.field == "key"


def test_a_key_engineers_could_not_write_is_refused(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        create_plan(key="Gold Plan", name="Gold", by=finance, at=at)
    assert refused.value.field == "key"


def test_support_may_not_name_a_plan(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        create_plan(key="gold", name="Gold", by=support_agent, at=at)


def test_a_price_is_set_and_the_form_before_it_is_stale(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    set_price(version=draft, edits=0, amount_micros=25_000_000, by=finance, at=at)

    assert AuditEvent.objects.get(verb="plan_version:set_price").changes == {"price": [None, "$25 a month"]}
    with pytest.raises(Stale):
        set_price(version=draft, edits=0, amount_micros=30_000_000, by=finance, at=at)


def test_no_amount_means_that_sales_agree_the_price(finance: Actor, at: datetime) -> None:
    price = PlanPriceFactory()
    set_price(version=price.version, edits=0, amount_micros=None, by=finance, at=at)

    price.refresh_from_db()
    assert price.contact
    assert AuditEvent.objects.get().changes == {"price": ["$25 a month", "By agreement with sales"]}


def test_a_price_below_zero_is_refused(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid):
        set_price(version=PlanVersionFactory(), edits=0, amount_micros=-1, by=finance, at=at)


def test_a_price_may_be_taken_away(finance: Actor, at: datetime) -> None:
    price = PlanPriceFactory()
    drop_price(price=price, edits=0, by=finance, at=at)
    assert not PlanPrice.objects.exists()


def test_a_published_price_never_changes(finance: Actor, at: datetime) -> None:
    version = published_version()
    with pytest.raises(Refusal, match="never changes"):
        set_price(version=version, edits=version.edits, amount_micros=1, by=finance, at=at)


def test_a_trial_says_which_plan_follows_it(finance: Actor, at: datetime) -> None:
    draft, free = PlanVersionFactory(), PlanFactory(name="Free")
    set_trial(version=draft, trial_days=14, after_trial=free, edits=0, by=finance, at=at)

    draft.refresh_from_db()
    assert (draft.trial_days, draft.after_trial, draft.edits) == (14, free, 1)
    assert AuditEvent.objects.get().changes == {"trial": ["No trial", "14 days, then Free"]}


def test_an_add_on_can_not_follow_a_trial(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        set_trial(version=PlanVersionFactory(), trial_days=14, after_trial=AddOnFactory(), edits=0, by=finance, at=at)
    assert refused.value.field == "after_trial"


def test_what_follows_a_trial_needs_a_trial(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        set_trial(version=PlanVersionFactory(), trial_days=None, after_trial=PlanFactory(), edits=0, by=finance, at=at)
    assert refused.value.field == "trial_days"


def test_grace_and_access_after_leaving_are_set_in_days(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    set_grace(version=draft, grace_days=0, wind_down_days=1, edits=0, by=finance, at=at)
    draft.refresh_from_db()
    assert (draft.grace_days, draft.wind_down_days, draft.edits) == (0, 1, 1)
    before, after = AuditEvent.objects.get().changes["grace"]
    assert before == "14 days after a failed payment, none after leaving"
    assert after == "none after a failed payment, 1 day after leaving"


@pytest.mark.parametrize("field", ["grace_days", "wind_down_days"])
def test_no_grace_is_longer_than_a_year(finance: Actor, at: datetime, field: str) -> None:
    told = {"grace_days": None, "wind_down_days": None} | {field: 366}
    with pytest.raises(Invalid) as refused:
        set_grace(version=PlanVersionFactory(), edits=0, by=finance, at=at, **told)
    assert refused.value.field == field
