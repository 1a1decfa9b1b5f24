"""Taking something away from a market: one asks, another decides, and what was approved is what is done."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.markets import launch, lift_window, set_window
from catalog.actions.withdrawals import request_lifting, request_setting
from catalog.models import MarketWindow, Plan
from catalog.models.market import MarketUse
from catalog.queries.markets import available
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.catalog.factories import MarketFactory, MarketWindowFactory, PlanFactory, published_version
from tests.conftest import actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def plan(db: None) -> Plan:
    return published_version().plan


def asked(plan: Plan, **more: Any) -> dict[str, Any]:
    setting = {"market": MarketFactory(name="Europe"), "thing": plan, "uses": [MarketUse.PROVIDED]}
    return setting | {"starts_at": None, "ends_at": None} | more


def second(role: str = "finance") -> Actor:
    return actor(role, "Second Person")


def test_an_approved_limit_takes_effect_as_it_is_approved(finance: Actor, plan: Plan, at: datetime) -> None:
    setting = asked(plan, starts_at=at + 9 * DAY)
    request = request_setting(**setting, reason="a law", by=finance, at=at)
    assert not MarketWindow.objects.exists()
    approvals.approve(approval=request, by=second(), at=at + DAY)
    window = MarketWindow.objects.get()
    assert (window.starts_at, window.limits_from) == (at + 9 * DAY, at + 9 * DAY)
    event = AuditEvent.objects.get(verb="market_window:set")
    assert (event.actor_name, event.reason) == ("Second Person", "a law")


def test_the_request_says_what_will_happen_and_to_whom(finance: Actor, plan: Plan, at: datetime) -> None:
    MarketFactory(name="Asia")
    request = request_setting(**asked(plan), reason="a law", by=finance, at=at)
    assert request.summary == (
        f"{plan} in Europe:\nFrom now on it is no longer provided in Asia, and for accounts without a market.\n"
        "Accounts there now: Asia 0, without a market 0."
    )


def test_nobody_approves_what_they_asked_for(finance: Actor, plan: Plan, at: datetime) -> None:
    request = request_setting(**asked(plan), reason="a law", by=finance, at=at)
    with pytest.raises(NotAllowed, match="You asked for this yourself"):
        approvals.approve(approval=request, by=finance, at=at)
    assert not MarketWindow.objects.exists()


def test_a_role_without_the_right_neither_asks_nor_approves(
    finance: Actor, sales: Actor, plan: Plan, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        request_setting(**asked(plan), reason="a law", by=sales, at=at)
    request = request_setting(**asked(plan), reason="a law", by=finance, at=at)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=sales, at=at)


def test_a_window_is_lifted_once_a_second_person_has_approved(finance: Actor, plan: Plan, at: datetime) -> None:
    window = MarketWindowFactory(plan=plan, use=MarketUse.PROVIDED)
    request = request_lifting(window=window, reason="we leave", by=finance, at=at)
    approvals.approve(approval=request, by=second(), at=at + DAY)
    assert not available(plan, use=MarketUse.PROVIDED, market=window.market, at=at + DAY)
    assert available(plan, use=MarketUse.PROVIDED, market=window.market, at=at)


def test_a_rejected_request_changes_nothing(finance: Actor, plan: Plan, at: datetime) -> None:
    request = request_setting(**asked(plan), reason="a law", by=finance, at=at)
    approvals.reject(approval=request, by=second(), at=at)
    assert not MarketWindow.objects.exists()


def test_both_uses_are_set_by_one_approval(finance: Actor, plan: Plan, at: datetime) -> None:
    request = request_setting(**asked(plan, uses=list(MarketUse)), reason="a law", by=finance, at=at)
    approvals.approve(approval=request, by=second(), at=at)
    assert set(MarketWindow.objects.values_list("use", flat=True)) == {"sold", "provided"}


def test_what_changed_since_it_was_asked_is_asked_again(finance: Actor, plan: Plan, at: datetime) -> None:
    request = request_setting(**asked(plan), reason="a law", by=finance, at=at)
    MarketWindowFactory(plan=plan, use=MarketUse.SOLD)
    with pytest.raises(Stale, match="Reject it and ask again"):
        approvals.approve(approval=request, by=second(), at=at)
    request.refresh_from_db()
    assert request.state == Approval.State.PENDING


def test_a_start_that_has_passed_is_not_approved(finance: Actor, plan: Plan, at: datetime) -> None:
    request = request_setting(**asked(plan, starts_at=at + DAY), reason="a law", by=finance, at=at)
    with pytest.raises(Invalid, match="has passed"):
        approvals.approve(approval=request, by=second(), at=at + 2 * DAY)


def test_one_request_waits_at_a_time(finance: Actor, plan: Plan, at: datetime) -> None:
    request_setting(**asked(plan), reason="a law", by=finance, at=at)
    with pytest.raises(Refusal, match="waits for approval already"):
        request_setting(**asked(plan), reason="another law", by=second(), at=at)


def test_a_request_says_why(finance: Actor, plan: Plan, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        request_setting(**asked(plan), reason=" ", by=finance, at=at)
    assert refused.value.field == "reason"


def test_the_past_is_not_asked_for(finance: Actor, plan: Plan, at: datetime) -> None:
    with pytest.raises(Invalid, match="has passed"):
        request_setting(**asked(plan, ends_at=at - DAY), reason="a law", by=finance, at=at)


def test_what_takes_nothing_away_is_not_asked_for(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="do it yourself"):
        request_setting(**asked(PlanFactory()), reason="a launch", by=finance, at=at)


def test_an_approval_serves_only_what_it_was_given_for(finance: Actor, plan: Plan, at: datetime) -> None:
    setting = asked(plan)
    request = request_setting(**setting, reason="a law", by=finance, at=at)
    approvals.approve(approval=request, by=second(), at=at)
    request.refresh_from_db()
    other = published_version().plan
    told = {"by": second(), "at": at, "reason": "a law", "approval": request}
    with pytest.raises(NeedsSecondPerson):
        launch(**setting | {"thing": other}, **told)
    with pytest.raises(NeedsSecondPerson):
        launch(**setting | {"ends_at": at + DAY}, **told)
    with pytest.raises(NeedsSecondPerson):
        lift_window(window=MarketWindow.objects.get(), **told)


def test_an_approval_does_not_serve_later_again(finance: Actor, plan: Plan, at: datetime) -> None:
    setting = asked(plan)
    request = request_setting(**setting, reason="a law", by=finance, at=at)
    approvals.approve(approval=request, by=second(), at=at)
    request.refresh_from_db()
    everywhere = {"market": None, "thing": plan, "use": MarketUse.PROVIDED, "starts_at": None}
    set_window(**everywhere, ends_at=None, by=finance, at=at + DAY)
    with pytest.raises(NeedsSecondPerson):
        set_window(**everywhere, ends_at=at + 3 * DAY, by=second(), at=at + 2 * DAY, reason="x", approval=request)


def test_every_market_but_one_is_asked_for_and_done_in_one_step(finance: Actor, plan: Plan, at: datetime) -> None:
    asia, americas, europe = (MarketFactory(name=name) for name in ("Asia", "Americas", "Europe"))
    request = request_setting(**asked(plan, market=None), but=europe, reason="a law", by=finance, at=at)
    assert request.summary.startswith(f"{plan} in every market except Europe:\nFrom now on it is no longer provided")
    approvals.approve(approval=request, by=second(), at=at)
    assert {window.market for window in MarketWindow.objects.all()} >= {asia, americas}
    has = [available(plan, use=MarketUse.PROVIDED, market=one, at=at) for one in (asia, americas, europe, None)]
    assert has == [True, True, False, False]
    assert AuditEvent.objects.filter(verb="market_window:set").count() == MarketWindow.objects.count()


def test_an_approval_for_one_market_is_none_for_all_but_it(finance: Actor, plan: Plan, at: datetime) -> None:
    setting = asked(plan)
    request = request_setting(**setting, reason="a law", by=finance, at=at)
    Approval.objects.filter(pk=request.pk).update(
        state="approved", decided_at=at, decided_by_key="x", decided_by_name="X"
    )
    request.refresh_from_db()
    MarketFactory()
    with pytest.raises(NeedsSecondPerson, match="not what is to be done"):
        launch(
            **setting | {"market": None}, but=setting["market"], reason="a law", by=second(), at=at, approval=request
        )
