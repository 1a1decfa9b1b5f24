"""One use of credits given back: the ledger, the counters, the days; what lapsed stays lapsed, and once is once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import UNLIMITED
from entitlements.actions.credits.grants import void
from entitlements.actions.usage.giving_back import NotGivenBack, give_back
from entitlements.actions.usage.recording import record
from entitlements.actions.usage.settling import commit
from entitlements.domain.usage.operations import Act, Operation, Outcome
from entitlements.models import CreditEntry, UsageCounter, UsageDay, UsageEvent, UsageReset
from entitlements.queries.usage.lag import lag_of
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotFound
from tests.catalog.factories import EPOCH
from tests.entitlements.crediting import (
    Credited,
    adds_up,
    credited,
    granted,
    left,
    lines,
    publish_credits,
    seen,
    unplanned,
)
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
APRIL = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Amsterdam


@pytest.fixture
def world() -> Credited:
    return credited()


def took(world: Credited, amount: int, *, at: datetime = AT, name: str = "e1", **more: Any) -> Outcome:
    told = Operation(
        act=more.pop("act", Act.REPORT), source="shop", id=name, account_id=world.acme.pk, feature=world.credits.key,
        quantity=Decimal(amount), at=at, **more,
    )  # fmt: skip
    (answer,) = record([told], by=SYSTEM, at=at)
    assert isinstance(answer, Outcome), answer
    return answer


def back(name: str = "e1", *, at: datetime = AT + HOUR, source: str = "shop") -> Outcome:
    return give_back(source=source, event_id=name, reason="It was our fault", by=SYSTEM, at=at)


def used(world: Credited) -> int:
    return UsageCounter.objects.get(account=world.acme, subject="", choice="").used


def test_it_is_there_again_and_the_ledger_says_why(world: Credited) -> None:
    took(world, 30)
    answer = back()
    assert (answer.allowed, answer.quantity, answer.left, answer.because) == (
        True, -30, 100, "given back: It was our fault",
    )  # fmt: skip
    assert lines(world) == [("grant", 100, 100), ("use", -30, 70), ("given_back", 30, 100)]
    row = CreditEntry.objects.get(kind="given_back")
    assert (row.event, row.at, row.recorded_at) == ("shop e1", AT, AT + HOUR)
    assert row.note == "Given back: It was our fault"
    assert (left(world, AT + HOUR), used(world), adds_up(world)) == (100, 0, True)


def test_the_event_stands_and_another_undoes_it(world: Credited) -> None:
    took(world, 30)
    back()
    first, second = UsageEvent.objects.order_by("pk")
    assert (first.act, first.amount, second.act, second.amount, second.at) == ("report", 30, "give_back", -30, AT)
    assert UsageDay.objects.get().amount == 0


def test_given_back_twice_it_is_given_back_once(world: Credited) -> None:
    took(world, 30)
    first, second = back(), back(at=AT + 2 * HOUR)
    assert (first.replayed, second.replayed, second.left) == (False, True, first.left)
    assert (left(world, AT + DAY), UsageEvent.objects.count()) == (100, 2)


def test_told_again_after_it_was_given_back_it_is_not_used_again(world: Credited) -> None:
    took(world, 30)
    back()
    assert took(world, 30).replayed
    assert left(world, AT + HOUR) == 100


def test_the_others_stay_used(world: Credited) -> None:
    took(world, 30, name="e1")
    took(world, 20, name="e2")
    back("e1")
    assert (left(world, AT + HOUR), used(world), seen(world, AT + HOUR).used) == (80, 20, 20)


def test_what_lapsed_with_the_month_stays_lapsed(world: Credited) -> None:
    took(world, 30)
    took(world, 10, at=APRIL + HOUR, name="e2")
    back(at=APRIL + 2 * HOUR)
    assert lines(world)[-2:] == [("given_back", 30, 120), ("correction", -30, 90)]
    assert (left(world, AT), left(world, APRIL + HOUR), adds_up(world)) == (100, 90, True)


def test_what_was_used_beyond_all_credits_no_longer_was(world: Credited) -> None:
    took(world, 130)
    back()
    assert (left(world, AT + HOUR), seen(world, AT + HOUR).overage, adds_up(world)) == (100, 0, True)
    assert lines(world)[-2:] == [("given_back", 100, 70), ("given_back", 30, 100)]


def test_a_later_grant_that_paid_for_it_has_it_again(world: Credited) -> None:
    took(world, 130)
    granted(world, 50, at=AT + HOUR)
    assert left(world, AT + HOUR) == 20
    back(at=AT + 2 * HOUR)
    assert (left(world, AT + 2 * HOUR), adds_up(world)) == (150, True)


def test_what_was_used_meanwhile_moves_to_the_credits_that_would_have_gone_first() -> None:
    world = unplanned()
    first = granted(world, 10, at=AT - HOUR, expires_at=AT + DAY)
    second = granted(world, 10, at=AT - HOUR)
    took(world, 10, name="e1")
    took(world, 5, at=AT + HOUR, name="e2")  # of the second grant
    back("e1", at=AT + 2 * HOUR)
    found = {one.row.pk: one.left for one in seen(world, AT + 2 * HOUR).grants if one.row}
    assert found == {first.pk: 5, second.pk: 10}
    assert adds_up(world)


def test_what_came_of_a_grant_that_has_expired_since_is_gone() -> None:
    world = unplanned()
    granted(world, 10, at=AT - HOUR, expires_at=AT + DAY)
    took(world, 10)
    answer = back(at=AT + 2 * DAY)
    assert (answer.left, left(world, AT + 2 * DAY), left(world, AT + HOUR), adds_up(world)) == (0, 0, 10, True)


def test_what_came_of_a_grant_that_was_voided_since_is_gone() -> None:
    world = unplanned()
    row = granted(world, 10, at=AT - HOUR)
    took(world, 10)
    void(grant=row, reason="Paid back", by=SYSTEM, at=AT + HOUR)
    back(at=AT + 2 * HOUR)
    assert (left(world, AT + 2 * HOUR), adds_up(world)) == (0, True)


def test_without_limit_it_moves_nothing_and_is_told_all_the_same(world: Credited) -> None:
    publish_credits(world.plan, world.credits, UNLIMITED, at=AT)
    took(world, 500, at=AT + HOUR)
    back(at=AT + 2 * HOUR)
    assert (left(world, AT + 2 * HOUR), seen(world, AT + 2 * HOUR).used, adds_up(world)) == (None, 0, True)
    assert lines(world)[-1] == ("given_back", 500, 0)


def test_a_committed_hold_is_given_back_whole(world: Credited) -> None:
    held = took(world, 40, act=Act.RESERVE, until=AT + HOUR)
    commit(key=held.reservation, account_id=world.acme.pk, quantity=Decimal(60), by=SYSTEM, at=AT)
    back(held.reservation, source="reservation")
    assert (left(world, AT + HOUR), used(world)) == (100, 0)


def test_after_staff_started_the_month_again_the_counter_stays(world: Credited) -> None:
    took(world, 90)
    told = {"account": world.acme, "feature": world.credits, "starts_at": EPOCH, "reason": "Outage", "reset_by": "Ann"}
    UsageReset.objects.create(at=AT + HOUR, used=90, **told)
    took(world, 10, at=AT + 2 * HOUR, name="e2")
    back(at=AT + 3 * HOUR)
    assert (left(world, AT + 3 * HOUR), adds_up(world)) == (90, True)


def test_counters_say_what_their_events_come_to(world: Credited) -> None:
    took(world, 30, subject="user:ann")
    took(world, 20, name="e2")
    back()
    own = UsageCounter.objects.get(subject="", choice="")
    assert (own.used, own.total, own.events) == (20, 20, 3)


def test_a_give_back_is_no_late_report(world: Credited) -> None:
    took(world, 30)
    back(at=AT + 5 * DAY)
    found = lag_of(account_id=world.acme.pk, feature_id=world.credits.pk, at=AT + 5 * DAY)
    assert found is not None
    assert (found.events, found.p99) == (1, timedelta())


def test_an_unknown_use_is_refused(world: Credited) -> None:
    with pytest.raises(NotFound, match="Nothing was told of use under the name “e9” of shop"):
        back("e9")


def test_a_give_back_is_not_given_back(world: Credited) -> None:
    took(world, 30)
    back()
    row = UsageEvent.objects.get(act="give_back")
    with pytest.raises(NotGivenBack, match="follows from another use"):
        back(row.event_id, source=row.source)


def test_use_of_a_plain_limit_is_refused() -> None:
    plain = metered()
    use(customer(plain), plain.calls, id="call")
    with pytest.raises(NotGivenBack, match="API calls is no credits"):
        back("call")


def test_without_a_reason_nothing_happens(world: Credited) -> None:
    took(world, 30)
    with pytest.raises(Invalid) as refused:
        give_back(source="shop", event_id="e1", reason="  ", by=SYSTEM, at=AT)
    assert refused.value.field == "reason"
    assert left(world) == 70
