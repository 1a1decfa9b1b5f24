"""Time entered on cases: what it takes of which hours, what goes beyond, and how it is taken back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.models import CreditEntry, UsageEvent
from entitlements.queries.credits.balances import balance_of
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent
from support.actions.cases.opening import set_account
from support.actions.time_afterwards import leave_out
from support.actions.time_entries import correct_time, enter_time, withdraw_time
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, Billing, Counts
from support.models import TimeEntry, WorkItem
from tests.conftest import EXAMPLES
from tests.support.casework import OPENED, opened, severities
from tests.support.factories import AllowanceFactory
from tests.support.time_world import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    a_case,
    customer,
    entered,
    holds,
    hours,
    ledger_lost,
    minutes_left,
    plan_of_hours,
    sold,
)

pytestmark = pytest.mark.django_db
MAY = frozenset({"support.enter_time", "support.exempt_case"})
BO = Actor(ActorKind.STAFF, "staff:3", "Bo", permissions=MAY)
CY = Actor(ActorKind.STAFF, "staff:4", "Cy", permissions=MAY)
ADA = Actor(ActorKind.STAFF, "staff:1", "Ada", permissions=frozenset({"support.enter_time"}))


def test_an_entry_takes_its_rounded_minutes_and_keeps_the_real_ones() -> None:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 600)
    entry = entered(a_case(acme), 20, by=ADA, note="Looked at the logs")
    assert (entry.minutes, entry.counted_minutes, entry.beyond_minutes, entry.unit_minutes) == (20, 30, 0, 30)
    assert (entry.allowance, entry.account, entry.worked_by, entry.worked_at) == (
        allowance,
        acme,
        "Ada",
        AT - 20 * MINUTE,
    )
    assert minutes_left(acme, allowance) == 570
    told = UsageEvent.objects.get()
    assert (told.source, told.event_id, told.choice, told.told_by) == (
        "desk:support", entry.event_id, "channel.phone", "staff:1",
    )  # fmt: skip
    audit = AuditEvent.objects.get(verb="time:enter")
    assert (audit.account_key, audit.changes["counted"]) == ("acme", [None, "30 min"])


def test_hours_kept_to_the_second_count_alike() -> None:
    acme, allowance = customer(), hours(unit=15, scale=3600)
    sold(acme, allowance, 60)
    assert entered(a_case(acme), 20).counted_minutes == 30
    assert entered(a_case(acme), 40).counted_minutes == 30
    assert minutes_left(acme, allowance) == 0


def test_what_does_not_fit_is_billed_to_the_minute() -> None:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 70)
    case = a_case(acme)
    assert entered(case, 50).counted_minutes == 60
    entry = entered(case, 20)
    assert (entry.counted_minutes, entry.beyond_minutes) == (10, 20)
    work = WorkItem.objects.get()
    assert (work.account, work.case, work.quantity, work.customer_percent, work.billing) == (
        acme,
        case,
        20,
        100,
        "open",
    )
    assert minutes_left(acme, allowance) == 0
    nothing = entered(case, 5)
    assert (nothing.counted_minutes, nothing.beyond_minutes, nothing.event_id) == (0, 30, "")
    assert ledger_lost(acme, allowance.feature) == 70


def test_where_it_may_be_overdrawn_all_counts() -> None:
    acme, allowance = customer(), hours(at_zero=AtZero.OVERDRAW)
    sold(acme, allowance, 60)
    entry = entered(a_case(acme), 70)
    assert (entry.counted_minutes, entry.beyond_minutes) == (70, 0)
    assert minutes_left(acme, allowance) == -10
    assert not WorkItem.objects.exists()


def test_the_part_of_a_channel_blocks_too() -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 100, {Channel.PHONE: 30}))
    by_phone = entered(a_case(acme), 45)
    assert (by_phone.counted_minutes, by_phone.beyond_minutes) == (30, 15)
    by_mail = entered(a_case(acme), 80, channel="email")
    assert (by_mail.counted_minutes, by_mail.beyond_minutes) == (70, 10)


def test_a_channel_the_hours_do_not_know_apart_counts_on_all_of_them() -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 100, {Channel.PHONE: 30}))
    assert entered(a_case(acme), 45, channel="chat").counted_minutes == 45
    assert UsageEvent.objects.get().choice == ""


def test_without_hours_time_is_kept_and_counts_on_nothing() -> None:
    hours()
    entry = entered(a_case(customer()), 45)
    assert (entry.allowance, entry.counted_minutes, entry.beyond_minutes) == (None, 0, 0)
    assert not UsageEvent.objects.exists()


def test_of_several_the_hours_that_go_first_are_used() -> None:
    acme, later, sooner = customer(), hours("later"), hours("sooner")
    sold(acme, later, 600, through_on=(AT + 90 * DAY).date())
    sold(acme, sooner, 60, through_on=(AT + 9 * DAY).date())
    case = a_case(acme)
    assert entered(case, 50).allowance == sooner
    assert entered(case, 50).allowance == later  # 10 min of the sooner ones would leave 40 to bill
    assert entered(case, 10, allowance=later).allowance == later


def test_work_of_yesterday_counts_on_the_hours_there_were_yesterday() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60, through_on=(AT - DAY).date())
    sold(acme, allowance, 600, at=AT - HOUR)
    entry = entered(a_case(acme), 40, worked_at=AT - 20 * HOUR)
    assert entry.counted_minutes == 40
    assert minutes_left(acme, allowance) == 600


def test_work_before_anything_was_bought_is_beyond() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 600, at=AT - HOUR)
    entry = entered(a_case(acme), 40, worked_at=AT - 20 * HOUR)
    assert (entry.counted_minutes, entry.beyond_minutes) == (0, 40)
    assert minutes_left(acme, allowance) == 600


def test_late_work_takes_nothing_that_others_have_used_since() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60, through_on=(AT - DAY).date())
    case = a_case(acme)
    assert entered(case, 45, worked_at=AT - 20 * HOUR).counted_minutes == 45
    sold(acme, allowance, 600, at=AT - HOUR)
    entry = entered(case, 30, worked_at=AT - 22 * HOUR)
    assert (entry.counted_minutes, entry.beyond_minutes) == (15, 15)


def test_told_again_under_its_name_it_is_entered_once() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60)
    case = a_case(acme)
    first = entered(case, 20, name="t-1")
    assert entered(case, 20, name="t-1", at=AT + HOUR) == first
    assert (TimeEntry.objects.count(), minutes_left(acme, allowance)) == (1, 40)
    with pytest.raises(Refusal, match="other time") as refused:
        entered(case, 21, name="t-1")
    assert refused.value.code == "time_reused"


def test_withdrawn_it_gives_back_all_it_took_and_bills_nothing() -> None:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 10)
    entry = entered(a_case(acme), 20)
    held = withdraw_time(entry=entry, reason="Wrong case", by=ADA, at=AT + HOUR)
    assert (held.withdrawn_by, held.withdraw_reason, held.counted_minutes) == ("Ada", "Wrong case", 10)
    assert minutes_left(acme, allowance) == 10
    assert WorkItem.objects.get().billing == Billing.WITHDRAWN
    assert withdraw_time(entry=entry, reason="Again", by=ADA, at=AT + HOUR).withdraw_reason == "Wrong case"
    assert AuditEvent.objects.filter(verb="time:withdraw").count() == 1


def test_what_was_handed_over_keeps_the_entry_as_it_is() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 10)
    entry = entered(a_case(acme), 20)
    WorkItem.objects.update(billing=Billing.HANDED_OVER, settled_at=AT, settled_by="Bo")
    with pytest.raises(Refusal, match="handed over to billing") as refused:
        withdraw_time(entry=entry, reason="Wrong case", by=ADA, at=AT)
    assert refused.value.code == "already_billed"
    assert minutes_left(acme, allowance) == 0


def test_corrected_it_is_withdrawn_and_entered_anew() -> None:
    acme, allowance = customer(), hours(unit=15)
    sold(acme, allowance, 60)
    entry = entered(a_case(acme), 40, note="Call", worked_by="Bo")
    anew = correct_time(entry=entry, minutes=10, reason="A typing error", by=ADA, at=AT + HOUR)
    assert (anew.minutes, anew.counted_minutes, anew.note, anew.worked_by) == (10, 15, "Call", "Bo")
    assert anew.worked_at == entry.worked_at
    assert minutes_left(acme, allowance) == 45


def test_time_stays_with_whom_it_was_for_until_it_is_corrected() -> None:
    severities()
    acme, bolt, allowance = customer(), customer("bolt"), hours()
    sold(acme, allowance, 60)
    sold(bolt, allowance, 600)
    case = opened(acme, channel=Channel.PHONE)
    entry = entered(case, 20)
    set_account(case=case, account=bolt, by=SYSTEM, at=AT + HOUR)
    assert minutes_left(acme, allowance) == 40
    entry.refresh_from_db()
    assert entry.account == acme
    moved = correct_time(entry=entry, reason="It is Bolt’s case", by=SYSTEM, at=AT + HOUR)
    assert (moved.account, moved.counted_minutes) == (bolt, 20)
    assert (minutes_left(acme, allowance), minutes_left(bolt, allowance)) == (60, 580)
    assert case.opened_at == OPENED


def test_left_out_it_takes_nothing_and_needs_its_own_permission() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60)
    case = a_case(acme)
    entry = entered(case, 20, exempt_reason="Our own mistake")
    assert (entry.allowance, entry.counted_minutes, entry.exempt_reason) == (None, 0, "Our own mistake")
    with pytest.raises(NotAllowed):
        entered(case, 20, by=ADA, exempt_reason="Our own mistake")
    with pytest.raises(Refusal, match="a colleague decides"):
        entered(case, 20, by=BO, exempt_reason="Our own mistake")


def test_a_colleague_leaves_it_out_and_what_it_took_comes_back() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 10)
    entry = entered(a_case(acme), 20, by=BO)
    with pytest.raises(NotAllowed):
        leave_out(entry=entry, reason="Our mistake", by=ADA, at=AT)
    with pytest.raises(Refusal, match="You entered it yourself") as refused:
        leave_out(entry=entry, reason="Our mistake", by=BO, at=AT)
    assert refused.value.code == "own_time"
    held = leave_out(entry=entry, reason="Our mistake", by=CY, at=AT)
    assert (held.counted_minutes, held.beyond_minutes, held.exempt_reason) == (0, 0, "Our mistake")
    assert minutes_left(acme, allowance) == 10
    assert WorkItem.objects.get().billing == Billing.WITHDRAWN
    with pytest.raises(Refusal, match="left out already"):
        leave_out(entry=entry, reason="Again", by=CY, at=AT)


def test_corrected_what_was_left_out_stays_so() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60)
    entry = leave_out(entry=entered(a_case(acme), 20, by=ADA), reason="Our mistake", by=CY, at=AT)
    anew = correct_time(entry=entry, minutes=15, reason="Shorter", by=ADA, at=AT)
    assert (anew.exempt_reason, minutes_left(acme, allowance)) == ("Our mistake", 60)
    with pytest.raises(NotAllowed):
        correct_time(entry=anew, exempt_reason="Another", reason="Longer", by=ADA, at=AT)


def test_on_a_case_that_is_not_counted_time_is_not_either() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60)
    case = a_case(acme, uncounted_at=AT, uncounted_by="Bo", uncounted_reason="An outage of ours")
    entry = entered(case, 20, by=ADA)
    assert (entry.counted_minutes, entry.exempt_reason) == (0, "The case isn’t counted: An outage of ours")


def test_a_suspended_customers_hours_wait() -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60)
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT - 2 * HOUR)
    entry = entered(a_case(acme), 20)
    assert (entry.counted_minutes, entry.beyond_minutes) == (0, 20)


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"minutes": 0}, "no_time_worked", "minutes"),
        ({"minutes": -20}, "no_time_worked", "minutes"),
        ({"minutes": 1500}, "absurd_time", "minutes"),
        ({"worked_at": AT + HOUR}, "from_the_future", "worked_at"),
        ({"worked_at": AT - 5 * MINUTE}, "from_the_future", "worked_at"),
        ({"worked_at": AT - 91 * DAY}, "too_late_to_count", "worked_at"),
        ({"channel": "pigeon"}, "invalid", "channel"),
        ({"note": "x" * 5_001}, "invalid", "note"),
        ({"most_beyond": 9, "minutes": 70}, "more_beyond", "minutes"),
    ],
)
def test_what_can_not_be_is_refused_and_leaves_nothing(told: dict[str, object], code: str, field: str) -> None:
    acme, allowance = customer(), hours()
    sold(acme, allowance, 60, at=AT - 120 * DAY)
    with pytest.raises(Refusal) as refused:
        enter_time(case=a_case(acme), **{"minutes": 20, **told}, by=ADA, at=AT)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not TimeEntry.objects.exists()
    assert not CreditEntry.objects.filter(kind="use").exists()


def test_time_is_for_somebody_and_on_hours() -> None:
    acme, allowance = customer(), hours()
    with pytest.raises(Refusal, match="Say whose it is first"):
        entered(a_case(None), 20)
    with pytest.raises(Refusal, match="has no Support hours"):
        entered(a_case(acme), 20, allowance=allowance)
    with pytest.raises(Refusal, match="doesn’t count on"):
        entered(a_case(acme), 20, allowance=AllowanceFactory(counts=Counts.CASES))
    with pytest.raises(NotAllowed):
        entered(a_case(acme), 20, by=Actor(ActorKind.STAFF, "staff:2", "Cy"))


@settings(max_examples=max(1, EXAMPLES))
@given(st.data())
def test_the_ledger_loses_exactly_what_entries_count_whatever_happens(data: st.DataObject) -> None:
    overdraws = data.draw(st.booleans(), label="may be overdrawn")
    acme = customer(f"acme-{TimeEntry.objects.count()}")
    allowance = hours(
        f"hours_{acme.pk}", unit=data.draw(st.sampled_from((0, 15, 30))),
        at_zero=AtZero.OVERDRAW if overdraws else AtZero.BLOCK,
    )  # fmt: skip
    sold(acme, allowance, 120)
    case, at = a_case(acme), AT
    for minutes in data.draw(st.lists(st.integers(1, 90), min_size=1, max_size=6), label="minutes"):
        at += HOUR * 2
        late = data.draw(st.integers(0, 90), label="late by") * MINUTE
        entry = entered(case, minutes, at=at, worked_at=at - late - minutes * MINUTE)
        if data.draw(st.integers(0, 2), label="withdrawn where 0") == 0:
            withdraw_time(entry=entry, reason="Not so", by=SYSTEM, at=at)
    standing = TimeEntry.objects.filter(account=acme, withdrawn_at=None)
    counted = sum(standing.values_list("counted_minutes", flat=True))
    assert ledger_lost(acme, allowance.feature) == counted
    assert minutes_left(acme, allowance, at=at) == 120 - counted
    assert overdraws or counted <= 120
    billed = WorkItem.objects.filter(account=acme, billing=Billing.OPEN).values_list("quantity", flat=True)
    assert sum(billed) == sum(standing.values_list("beyond_minutes", flat=True))


@settings(max_examples=max(1, EXAMPLES))
@given(st.data())
def test_work_told_late_never_takes_what_was_not_there(data: st.DataObject) -> None:
    """Packs that come and go, work told in any order: nothing is used beyond all of them, and every line adds up."""
    acme = customer(f"late-{TimeEntry.objects.count()}")
    allowance = hours(f"late_{acme.pk}")
    for _ in range(data.draw(st.integers(1, 3), label="packs")):
        since, days = data.draw(st.integers(1, 12), label="days ago"), data.draw(st.integers(0, 12), label="lasts")
        last = (AT + (days - since) * DAY).date()
        sold(acme, allowance, data.draw(st.integers(10, 90), label="of"), at=AT - since * DAY, through_on=last)
    case = a_case(acme)
    for _ in range(data.draw(st.integers(1, 6), label="entries")):
        minutes, ago = (
            data.draw(st.integers(1, 60), label="minutes"),
            data.draw(st.integers(0, 12 * 24), label="hours ago"),
        )
        entered(case, minutes, worked_at=AT - ago * HOUR - minutes * MINUTE)
    counted = sum(TimeEntry.objects.filter(account=acme).values_list("counted_minutes", flat=True))
    view = balance_of(account=acme, feature=allowance.feature, at=AT, latest=True)
    assert view.overage == 0
    used = UsageEvent.objects.filter(account=acme).values_list("amount", flat=True)
    assert sum(used) == counted
    after = 0
    for row in CreditEntry.objects.filter(balance__account=acme).order_by("pk"):
        after += row.amount
        assert row.balance_after == after
    assert not CreditEntry.objects.filter(balance__account=acme, kind="overage").exists()
