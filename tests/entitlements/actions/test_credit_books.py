"""The book of a balance: what is spent, what is refused, what is written, and what comes late."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.domain.values import UNLIMITED, Reset
from entitlements.actions.credits.books import WholeAmounts, open_book
from entitlements.actions.periods import record_period
from entitlements.domain.facts import Mode
from entitlements.models import CreditBalance, CreditEntry, UsageReset
from entitlements.queries.credits import left_of
from entitlements.queries.credits.courses import credit_facts
from journal.domain.actor import SYSTEM
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
    spent,
    unplanned,
)
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Amsterdam
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Credited:
    return credited()


def test_a_plans_credits_need_no_row(world: Credited) -> None:
    assert left(world) == 100
    assert not CreditBalance.objects.exists()


def test_what_is_spent_is_gone_and_written(world: Credited) -> None:
    assert spent(world, 30)
    assert left(world) == 70
    assert lines(world) == [("grant", 100, 100), ("use", -30, 70)]
    assert adds_up(world)


def test_what_does_not_fit_is_refused_and_leaves_nothing_behind(world: Credited) -> None:
    assert spent(world, 80)
    before = lines(world)
    assert not spent(world, 21, at=AT + HOUR)
    assert spent(world, 20, at=AT + HOUR)
    assert (left(world, AT + HOUR), lines(world)[:2]) == (0, before)


def test_a_report_is_counted_beyond_and_covered_by_the_next_grant(world: Credited) -> None:
    assert spent(world, 130, forced=True)
    assert (left(world), seen(world).overage) == (0, 30)
    granted(world, 50, at=AT + HOUR)
    assert (left(world, AT + HOUR), seen(world, AT + HOUR).overage) == (20, 0)
    assert lines(world)[-3:] == [("grant", 50, 20), ("use", -30, -10), ("overage", 30, 20)]
    assert adds_up(world)


def test_each_month_of_the_customers_calendar_begins_full(world: Credited) -> None:
    spent(world, 130, forced=True)
    assert left(world, APRIL - timedelta(seconds=1)) == 0
    assert (left(world, APRIL), seen(world, APRIL).overage) == (100, 0)
    spent(world, 10, at=APRIL + HOUR)
    assert lines(world)[3:] == [("reset", 30, 0), ("recur", 100, 100), ("use", -10, 90)]


def test_the_plans_credits_are_used_before_those_that_were_sold(world: Credited) -> None:
    granted(world, 50)
    spent(world, 120, at=AT + HOUR)
    assert left(world, APRIL) == 130  # 30 of what was sold, and the new month's 100
    assert adds_up(world)


def test_a_change_of_the_value_moves_what_is_left_and_what_was_used_stays_used(world: Credited) -> None:
    spent(world, 80)
    overridden(world.acme, world.credits, Mode.REPLACE, Decimal(50), at=AT + HOUR)
    assert left(world, AT + 2 * HOUR) == 0
    overridden(world.acme, world.credits, Mode.REPLACE, Decimal(200), at=AT + 3 * HOUR)
    assert left(world, AT + 3 * HOUR) == 120
    spent(world, 1, at=AT + 4 * HOUR)
    assert lines(world)[2:] == [("change", -20, 0), ("change", 120, 120), ("use", -1, 119)]


def test_without_a_limit_nothing_is_refused_and_use_is_still_told(world: Credited) -> None:
    publish_credits(world.plan, world.credits, UNLIMITED, at=AT)
    assert spent(world, 10**9, at=AT + HOUR)
    assert (left(world, AT + HOUR), seen(world, AT + HOUR).used) == (None, 10**9)
    row = CreditEntry.objects.latest("pk")
    assert (row.amount, row.unlimited, row.balance_after) == (-(10**9), True, 0)


def test_told_late_in_the_same_phase_it_is_simply_used(world: Credited) -> None:
    spent(world, 30)
    assert spent(world, 5, at=AT - HOUR, forced=True, now=AT + HOUR)
    assert lines(world)[2:] == [("use", -5, 65)]


def test_told_late_in_a_former_month_it_is_put_right_not_rewritten(world: Credited) -> None:
    granted(world, 50)
    spent(world, 100)
    spent(world, 100, at=APRIL + HOUR)
    spent(world, 20, at=APRIL + 2 * HOUR)
    before = lines(world)
    spent(world, 40, at=AT + HOUR, forced=True, now=APRIL + DAY)
    assert lines(world)[: len(before)] == before
    assert lines(world)[len(before) :] == [("use", -40, -10), ("correction", 10, 0), ("correction", -10, -10)]
    assert (left(world, APRIL + DAY), seen(world, APRIL + DAY).overage) == (0, 10)
    assert adds_up(world)


def test_told_late_before_anything_was_written_the_book_begins_earlier(world: Credited) -> None:
    spent(world, 30, at=APRIL + HOUR)
    spent(world, 60, at=AT, forced=True, now=APRIL + DAY)
    assert (left(world, APRIL + DAY), left(world, AT + HOUR)) == (70, 40)
    assert adds_up(world)


def test_what_asks_first_cannot_lie_in_a_former_month(world: Credited) -> None:
    spent(world, 30, at=APRIL + HOUR)
    assert spent(world, 10, at=APRIL - HOUR, now=APRIL + HOUR)  # by a clock that runs late
    assert left(world, APRIL + HOUR) == 60


def test_a_balance_of_the_past_is_what_it_was(world: Credited) -> None:
    spent(world, 30)
    spent(world, 20, at=AT + DAY)
    spent(world, 10, at=APRIL + HOUR)
    told = [left(world, at) for at in (AT - HOUR, AT, AT + DAY - HOUR, AT + DAY, APRIL, APRIL + HOUR)]
    assert told == [100, 70, 70, 50, 100, 90]


def test_staff_reset_a_month_and_it_begins_full(world: Credited) -> None:
    spent(world, 90)
    told = {"account": world.acme, "feature": world.credits, "starts_at": EPOCH, "reason": "Outage", "reset_by": "Ann"}
    UsageReset.objects.create(at=AT + HOUR, used=90, **told)
    assert left(world, AT + HOUR) == 100
    spent(world, 10, at=AT + 2 * HOUR)
    assert left(world, AT + 2 * HOUR) == 90
    assert adds_up(world)


def test_once_for_all_time_is_not_filled_again() -> None:
    world = unplanned()
    publish_credits(world.plan, world.credits, Decimal(10), reset=Reset.NEVER)
    subscribed(world.acme, world.plan, at=AT - DAY)
    spent(world, 4)
    assert left(world, AT + 4000 * DAY) == 6


def test_with_billing_a_period_recorded_late_is_put_right() -> None:
    """Until it is recorded the projected one counts; then what was written is put right, and what was used stays used."""
    world = unplanned()
    publish_credits(world.plan, world.credits, Decimal(100), reset=Reset.BILLING)
    held = subscribed(world.acme, world.plan, at=AT)
    begins = AT + 31 * DAY - HOUR  # as projected: at the same time in Amsterdam, where summer has begun
    spent(world, 60, at=begins - 2 * DAY)
    spent(world, 10, at=begins - HOUR)
    assert left(world, begins - HOUR) == 30
    record_period(subscription=held, starts_at=begins - DAY, ends_at=begins + 30 * DAY, by=SYSTEM, at=begins)
    assert left(world, begins) == 90
    spent(world, 5, at=begins + HOUR)
    assert lines(world)[-2:] == [("correction", 60, 90), ("use", -5, 85)]
    assert adds_up(world)


def test_without_a_plan_there_is_only_what_was_granted() -> None:
    world = unplanned()
    assert not spent(world, 1)
    granted(world, 5)
    assert spent(world, 5)
    assert (left(world), CreditEntry.objects.count()) == (0, 2)


def test_several_uses_of_one_book_see_each_other(world: Credited) -> None:
    with transaction.atomic():
        facts = credit_facts(world.acme)
        book = open_book(account_id=world.acme.pk, feature_id=world.credits.pk, facts=facts, at=AT)
        told = [book.spend(Decimal(60), at=AT, event=f"e{n}") for n in range(2)]
        assert (told, book.left(AT)) == ([True, False], 40)
        book.close(at=AT)
    assert left(world) == 40


def test_amounts_are_whole(world: Credited) -> None:
    with transaction.atomic():
        book = open_book(account_id=world.acme.pk, feature_id=world.credits.pk, facts=credit_facts(world.acme), at=AT)
        with pytest.raises(WholeAmounts):
            book.spend(Decimal("0.5"), at=AT, event="e")


def test_a_ledger_is_never_rewritten(world: Credited) -> None:
    spent(world, 30)
    for act in (lambda rows: rows.update(amount=1), lambda rows: rows.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act(CreditEntry.objects.all())


def test_reading_and_spending_cost_no_more_after_ten_years(world: Credited, django_assert_max_num_queries) -> None:
    for year in range(10):
        granted(world, 5, at=AT + year * 365 * DAY)
        spent(world, 105, at=AT + year * 365 * DAY + HOUR)
    end = AT + 3650 * DAY
    assert CreditBalance.objects.get().live == []  # all ten are used up for good, though none of them expires
    facts = credit_facts(world.acme)
    with django_assert_max_num_queries(10), transaction.atomic():
        book = open_book(account_id=world.acme.pk, feature_id=world.credits.pk, facts=facts, at=end)
        book.spend(Decimal(1), at=end, event="late")
        book.close(at=end)
    assert adds_up(world)


def test_two_customers_have_two_books(world: Credited) -> None:
    other = Credited(account("other"), world.credits, world.plan)
    subscribed(other.acme, world.plan, at=AT - DAY)
    spent(world, 30)
    assert (left(world), left(other)) == (70, 100)


def test_who_only_asks_what_is_left_asks_little(world: Credited, django_assert_num_queries) -> None:
    granted(world, 50)
    spent(world, 30, at=AT + HOUR)
    facts = credit_facts(world.acme)
    with django_assert_num_queries(3):
        assert left_of(account_id=world.acme.pk, feature=world.credits, facts=facts, at=AT) == 120
