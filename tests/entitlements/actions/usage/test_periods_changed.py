"""A plan begins to start its periods otherwise: what was used stays used, in whatever period it now falls into."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.values import Reset
from catalog.models import Feature
from entitlements.actions.usage.recording import record
from entitlements.actions.usage.resets import reset_usage
from entitlements.actions.usage.subjects import set_subject_limit
from entitlements.domain.periods import Periods
from entitlements.domain.usage.operations import Act, Outcome
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, UsageCounter
from entitlements.queries.usage.landing import Sources
from journal.domain.actor import SYSTEM
from tests.entitlements.domain.usage.worlds import terms
from tests.entitlements.using import metered_feature, operation
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESETS = [Reset.HOUR, Reset.DAY, Reset.WEEK, Reset.MONTH, Reset.YEAR, Reset.BILLING, Reset.NEVER]
NUMBERS = itertools.count(1)
STEPS = st.lists(st.tuples(st.sampled_from(RESETS), st.integers(0, 40), st.integers(0, 9)), min_size=2, max_size=12)


def by(reset: Reset, limit: int = 10**6) -> UseTerms:
    """The terms of a plan that starts use again so."""
    return terms(limit, reset=reset, periods=Periods(FIRST, FIRST))


def counted(acme: Account, feature: Feature, held: UseTerms, quantity: int, *, at: datetime, **more: object) -> Outcome:
    """Consumed on a plan of these terms, whatever it was on before."""
    sources = Sources(at, terms=lambda _account: {feature.key: held})
    [outcome] = record([operation(acme, feature, quantity, at=at, **more)], by=SYSTEM, at=at, sources=sources)
    assert isinstance(outcome, Outcome)
    return outcome


@given(steps=STEPS, skip=st.integers(0, 3))
def test_a_counter_is_the_sum_of_the_events_in_its_period_however_periods_change(
    steps: list[tuple[Reset, int, int]], skip: int
) -> None:
    number = next(NUMBERS)
    acme, calls = (
        account(f"acme-{number}", zone="UTC", at=FIRST),
        metered_feature(f"calls{number}", "Calls", Reset.MONTH),
    )
    at, told = FIRST + skip * 9 * HOUR, []
    for reset, hours, quantity in steps:
        at += hours * HOUR
        told.append((at, quantity))
        outcome = counted(acme, calls, by(reset), quantity, at=at)
        period = by(reset).period(at)
        assert outcome.used == sum(quantity for when, quantity in told if period.contains(when)), (reset, at)


@pytest.fixture
def acme_and_calls() -> tuple[Account, Feature]:
    return account("acme", zone="UTC", at=FIRST), metered_feature("calls", "Calls", Reset.MONTH)


def test_from_days_to_months_all_of_the_month_counts(acme_and_calls: tuple[Account, Feature]) -> None:
    for day in range(5):
        assert counted(*acme_and_calls, by(Reset.DAY, 100), 90, at=FIRST + day * DAY + HOUR).allowed
    refused = counted(*acme_and_calls, by(Reset.MONTH, 450), 1, at=FIRST + 5 * DAY)
    assert (refused.allowed, refused.used, refused.limit) == (False, 450, 450)


def test_what_is_held_stays_held(acme_and_calls: tuple[Account, Feature]) -> None:
    until = FIRST + 9 * HOUR
    counted(*acme_and_calls, by(Reset.DAY), 7, at=FIRST + HOUR, act=Act.RESERVE, until=until)
    assert counted(*acme_and_calls, by(Reset.MONTH), 1, at=FIRST + 2 * HOUR).held == 7


def test_a_reset_by_staff_is_remembered(acme_and_calls: tuple[Account, Feature], monkeypatch) -> None:
    acme, calls = acme_and_calls
    counted(acme, calls, by(Reset.MONTH), 100, at=FIRST + 2 * DAY)
    held = {calls.key: by(Reset.MONTH)}
    monkeypatch.setattr("entitlements.queries.usage.resettable.terms_of", lambda _account, at: held)
    reset_usage(account=acme, feature=calls, reason="Our outage", by=SYSTEM, at=FIRST + 3 * DAY)
    assert counted(acme, calls, by(Reset.WEEK), 1, at=FIRST + 4 * DAY).used == 1
    assert counted(acme, calls, by(Reset.YEAR), 1, at=FIRST + 5 * DAY).used == 2


def test_a_late_report_of_a_former_period_counts_in_the_present_one(
    acme_and_calls: tuple[Account, Feature], monkeypatch
) -> None:
    acme, calls = acme_and_calls
    counted(acme, calls, by(Reset.DAY), 90, at=FIRST + 2 * DAY)
    now = FIRST + 5 * DAY
    counted(acme, calls, by(Reset.MONTH), 1, at=now)
    monkeypatch.setattr(Sources, "terms_for", lambda self, _account, at: {calls.key: by(Reset.DAY)})
    late = operation(acme, calls, 5, act=Act.REPORT, at=FIRST + 2 * DAY + HOUR)
    assert [outcome.used for outcome in record([late], by=SYSTEM, at=now)] == [95]
    monkeypatch.undo()
    assert counted(acme, calls, by(Reset.MONTH), 1, at=now + HOUR).used == 97


def test_a_late_report_of_a_former_period_and_use_of_now_in_one_batch_both_land(
    acme_and_calls: tuple[Account, Feature], monkeypatch
) -> None:
    acme, calls = acme_and_calls
    counted(acme, calls, by(Reset.DAY), 90, at=FIRST + HOUR)
    now = FIRST + 5 * DAY
    monkeypatch.setattr(
        Sources, "terms_for", lambda self, _account, at: {calls.key: by(Reset.MONTH if at == now else Reset.DAY)}
    )
    late = operation(acme, calls, 5, act=Act.REPORT, at=FIRST + 2 * HOUR)
    outcomes = record([late, operation(acme, calls, 1, at=now)], by=SYSTEM, at=now)
    assert [outcome.used for outcome in outcomes] == [95, 96]


def test_a_subjects_limit_that_becomes_a_budget_counts_from_the_same_start_on(
    acme_and_calls: tuple[Account, Feature],
) -> None:
    acme, calls = acme_and_calls
    limit = {"account": acme, "feature": calls, "subject": "ann", "by": SYSTEM}
    set_subject_limit(**limit, amount=Decimal(50), at=FIRST)
    counted(acme, calls, by(Reset.DAY), 40, at=FIRST + HOUR, subject="ann")
    counted(acme, calls, by(Reset.DAY), 40, at=FIRST + DAY, subject="ann")
    set_subject_limit(**limit, amount=Decimal(90), in_all=True, starts_at=FIRST, at=FIRST + DAY + HOUR)
    assert not counted(acme, calls, by(Reset.DAY), 11, at=FIRST + DAY + 2 * HOUR, subject="ann").allowed
    assert counted(acme, calls, by(Reset.DAY), 10, at=FIRST + DAY + 2 * HOUR, subject="ann").allowed
    assert UsageCounter.objects.get(subject="ann", starts_at=FIRST).used == 90
