"""Deflection, cost and agreement, by figures made by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.intake.measuring import (
    Agreement,
    Checked,
    Opened,
    Reviewed,
    agreement,
    cost,
    count_outcomes,
    deflection,
    interval,
)
from support.domain.intake.outcomes import Outcome

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY, MONDAY = timedelta(days=1), date(2026, 3, 2)
LATER = AT + 30 * DAY


def checked(
    outcome: Outcome = Outcome.REDIRECT, *, account: int = 1, requester: str = "ann@acme.example", case: int = 0
) -> Checked:
    return Checked(AT, AT.date(), outcome, account, requester, case)


def opened(after: timedelta, *, account: int = 1, requester: str = "ann@acme.example", case: int = 7) -> Opened:
    return Opened(AT + after, account, requester, case)


@pytest.mark.parametrize(
    ("cases", "deflected"),
    [
        ([], 1),
        ([opened(DAY)], 0),
        ([opened(7 * DAY)], 0),  # the seventh day is still of them
        ([opened(7 * DAY + timedelta(seconds=1))], 1),
        ([opened(-DAY)], 1),
        ([opened(timedelta(0))], 1),
        ([opened(DAY, account=2)], 1),
        ([opened(DAY, requester="bob@acme.example")], 1),
        ([opened(DAY, requester=" Ann@ACME.example")], 0),
        ([opened(DAY, case=5)], 1),  # the case of the ticket itself
        ([opened(DAY, case=5), opened(2 * DAY)], 0),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.REDIRECT, Outcome.SUGGEST])
def test_a_ticket_is_deflected_where_no_case_followed(cases: list[Opened], deflected: int, outcome: Outcome) -> None:
    found = deflection([checked(outcome, case=5)], cases, now=LATER)
    assert (found.asked, found.deflected, found.followed, found.waiting) == (1, deflected, 1 - deflected, 0)


@pytest.mark.parametrize("outcome", [Outcome.ACCEPT, Outcome.BLOCK, Outcome.HOLD])
def test_only_what_was_advised_can_be_deflected(outcome: Outcome) -> None:
    assert deflection([checked(outcome)], [], now=LATER).asked == 0
    assert deflection([checked(outcome)], [], now=LATER).share is None


def test_a_young_ticket_waits_unless_a_case_followed() -> None:
    assert deflection([checked()], [], now=AT + 7 * DAY).waiting == 1
    assert deflection([checked()], [opened(DAY)], now=AT + 2 * DAY).followed == 1
    assert deflection([checked()], [opened(3 * DAY)], now=AT + 2 * DAY).waiting == 1


def test_what_follows_an_unknown_customer_isn_t_known() -> None:
    found = deflection([checked(account=0), checked(requester=" "), checked()], [], now=LATER)
    assert (found.waiting, found.deflected, found.share) == (2, 1, 1.0)


def test_counts_by_day_and_outcome() -> None:
    rows = [checked(), checked(), checked(Outcome.HOLD), Checked(AT - DAY, MONDAY - DAY, Outcome.REDIRECT)]
    assert list(count_outcomes(rows).items()) == [
        ((MONDAY - DAY, Outcome.REDIRECT), 1), ((MONDAY, Outcome.HOLD), 1), ((MONDAY, Outcome.REDIRECT), 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("handled", "deflected", "saved", "spent", "each"),
    [
        (3, 1, 19_000_000, 57_000_000, 14_250_000),
        (1, 2, 38_000_000, 19_000_000, 6_333_333),
        (2, 1, 19_000_000, 38_000_000, 12_666_667),
        (0, 4, 76_000_000, 0, 0),
        (0, 0, 0, 0, None),
    ],
)
def test_what_a_resolution_costs(handled: int, deflected: int, saved: int, spent: int, each: int | None) -> None:
    found = cost(handled=handled, deflected=deflected)
    assert (found.saved, found.spent, found.per_resolution) == (saved, spent, each)


def test_costs_are_never_less_than_nothing() -> None:
    with pytest.raises(ValueError):
        cost(handled=-1, deflected=0)


def test_agreement_week_by_week() -> None:
    same, other = (Outcome.ACCEPT, Outcome.ACCEPT), (Outcome.SUGGEST, Outcome.ACCEPT)
    rows = [Reviewed(MONDAY + 6 * DAY, *same), Reviewed(MONDAY, *other), Reviewed(MONDAY + 14 * DAY, *same)]
    first, last = agreement(rows)
    assert (first.week, first.reviewed, first.agreed, first.share) == (MONDAY, 2, 1, 0.5)
    assert last == Agreement(MONDAY + 14 * DAY, 1, 1, pytest.approx(0.025), 1.0)  # type: ignore[arg-type]
    assert agreement([]) == []


@pytest.mark.parametrize(
    ("agreed", "reviewed", "low", "high"),
    [
        (0, 0, 0, 1),
        (0, 10, 0, 0.3084971),
        (10, 10, 0.6915029, 1),
        (1, 20, 0.0012651, 0.2487328),
        (95, 100, 0.8871651, 0.9835681),
        (500, 1000, 0.4685492, 0.5314508),
        (19_999, 20_000, 0.9997214, 0.9999987),
    ],
)
def test_the_interval_is_that_of_the_tables(agreed: int, reviewed: int, low: float, high: float) -> None:
    assert interval(agreed, reviewed) == (pytest.approx(low, abs=2e-7), pytest.approx(high, abs=2e-7))


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_its_share_and_mirrors(agreed: int, more: int) -> None:
    low, high = interval(agreed, agreed + more)
    assert 0 <= low <= (agreed / (agreed + more) if agreed + more else 0.5) <= high <= 1
    assert interval(more, agreed + more) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_no_more_agree_than_were_reviewed() -> None:
    with pytest.raises(ValueError):
        interval(2, 1)
