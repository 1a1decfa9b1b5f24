"""What is done to the tasks about one thing, so that they agree with when it ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.domain.renewing import (
    BEHIND,
    BY_TERMS,
    HORIZON,
    Act,
    EndFact,
    RenewalState,
    RowFact,
    Settled,
    Stands,
    Step,
    day_after,
    horizon,
    join,
    months_between,
    own_days,
    settle,
)
from tests.conftest import EXAMPLES

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SOON, LATER, PAST = AT + 30 * DAY, AT + 60 * DAY, AT - 3 * DAY
OPEN, RENEWED, LET_END, LAPSED = RenewalState.OPEN, RenewalState.RENEWED, RenewalState.LET_END, RenewalState.LAPSED
RENEWS = Settled(RENEWED, "It renews by itself.", SOON)
NOTICE = Settled(LET_END, "Bea gave notice.")
NEXT = Settled(RENEWED, "C-2 goes on.", SOON, "7", "C-2")


def steps(end: EndFact | None, *rows: RowFact) -> list[Step]:
    return settle(end, rows, at=AT, until=AT + HORIZON)


def row(state: RenewalState = OPEN, at: datetime = SOON, **more: object) -> RowFact:
    return RowFact(1, at, state, **more)  # type: ignore[arg-type]


def test_an_end_without_a_task_gets_one() -> None:
    assert steps(EndFact(SOON)) == [Step(Act.OPEN, None)]


def test_what_renews_by_itself_gets_its_row_already_decided() -> None:
    assert steps(EndFact(SOON, RENEWS)) == [Step(Act.OPEN, None, RENEWS)]


@pytest.mark.parametrize("ends_at", [AT + HORIZON + DAY, AT - BEHIND])
def test_nothing_is_opened_long_before_or_long_after_an_end(ends_at: datetime) -> None:
    assert steps(EndFact(ends_at)) == []


def test_an_end_that_came_while_the_desk_stood_still_gets_its_task() -> None:
    assert steps(EndFact(PAST)) == [Step(Act.OPEN, None)]


def test_an_end_that_moved_takes_its_task_with_it() -> None:
    assert steps(EndFact(LATER), row()) == [Step(Act.LAPSE, 1), Step(Act.OPEN, None)]
    assert steps(EndFact(LATER), row(LET_END)) == [Step(Act.LAPSE, 1), Step(Act.OPEN, None)]
    assert steps(None, row()) == [Step(Act.LAPSE, 1)]


def test_an_end_that_comes_back_takes_its_old_row_again() -> None:
    assert steps(EndFact(SOON), row(LAPSED)) == [Step(Act.OPEN, 1)]


def test_what_was_renewed_and_so_ends_later_stays_renewed() -> None:
    far = AT + 400 * DAY
    assert steps(EndFact(far), row(RENEWED)) == []
    assert steps(EndFact(AT + 20 * DAY), row(RENEWED)) == [Step(Act.LAPSE, 1), Step(Act.OPEN, None)]
    assert steps(EndFact(far), row(RENEWED, by_terms=True)) == [Step(Act.LAPSE, 1)]


def test_a_decision_of_the_past_is_history_and_an_open_task_stays_open_beyond_its_end() -> None:
    assert steps(EndFact(LATER), row(LET_END, PAST))[0] == Step(Act.OPEN, None)
    assert steps(None, row(RENEWED, PAST)) == []
    assert steps(EndFact(PAST), row(OPEN, PAST)) == []
    assert steps(EndFact(LATER), row(OPEN, PAST)) == [Step(Act.LAPSE, 1), Step(Act.OPEN, None)]


def test_what_its_terms_say_is_followed_as_they_change() -> None:
    assert steps(EndFact(SOON, NOTICE), row()) == [Step(Act.SETTLE, 1, NOTICE)]
    by_terms = row(RENEWED, by_terms=True, why=RENEWS.why)
    assert steps(EndFact(SOON, RENEWS), by_terms) == []
    assert steps(EndFact(SOON, NOTICE), by_terms) == [Step(Act.SETTLE, 1, NOTICE)]
    assert steps(EndFact(SOON), by_terms) == [Step(Act.REOPEN, 1)]


def test_a_persons_word_stands_but_for_what_renews_by_itself_after_all() -> None:
    assert steps(EndFact(SOON), row(LET_END)) == []
    assert steps(EndFact(SOON, NOTICE), row(RENEWED)) == []
    assert steps(EndFact(SOON, RENEWS), row(LET_END)) == [Step(Act.SETTLE, 1, RENEWS)]
    assert steps(EndFact(SOON, NEXT), row(LET_END)) == []


def test_a_draft_that_is_signed_decides_and_one_that_is_discarded_opens_the_task_again() -> None:
    assert steps(EndFact(SOON), row(successor=Stands.PENDING)) == []
    assert steps(EndFact(SOON), row(successor=Stands.AGREED, goes_on=NEXT)) == [Step(Act.SETTLE, 1, NEXT)]
    assert steps(EndFact(SOON), row(successor=Stands.GONE)) == [Step(Act.REOPEN, 1)]
    assert steps(EndFact(SOON), row(RENEWED, successor=Stands.GONE)) == [Step(Act.REOPEN, 1)]
    agreed = row(RENEWED, by_terms=True, why=NEXT.why, successor=Stands.AGREED, goes_on=NEXT)
    assert steps(EndFact(SOON), agreed) == []


def test_what_goes_on_does_so_from_an_instant_and_what_ends_does_not() -> None:
    with pytest.raises(ValueError, match="goes on from an instant"):
        Settled(RENEWED, "…")
    with pytest.raises(ValueError, match="going on or by ending"):
        Settled(OPEN, "…")


ENDS = st.none() | st.builds(
    EndFact,
    st.sampled_from([PAST, SOON, LATER, AT + 90 * DAY, AT + 400 * DAY]),
    st.sampled_from([None, RENEWS, NOTICE, NEXT]),
)
PEOPLE = st.sampled_from(["nobody", "let_end", "renewed"])


def carried_out(rows: list[RowFact], todo: list[Step], end: EndFact | None) -> list[RowFact]:
    """The rows once each step was taken, as the action writes them."""
    held = {one.id: one for one in rows}
    for step in todo:
        match step.act:
            case Act.LAPSE:
                held[step.row or 0] = RowFact(step.row or 0, held[step.row or 0].ends_at, LAPSED, True)
            case Act.REOPEN:
                held[step.row or 0] = RowFact(step.row or 0, held[step.row or 0].ends_at, OPEN)
            case Act.OPEN | Act.SETTLE:
                assert end is not None
                number = step.row or len(held) + 1
                state, why = (step.settled.state, step.settled.why) if step.settled else (OPEN, "")
                held[number] = RowFact(number, end.ends_at, state, step.settled is not None, why)
    return list(held.values())


@settings(max_examples=max(50, EXAMPLES * 10))
@given(st.lists(st.tuples(ENDS, PEOPLE), min_size=1, max_size=8))
def test_in_whatever_order_ends_move_one_pass_is_enough_and_nothing_is_lacking(
    story: list[tuple[EndFact | None, str]],
) -> None:
    rows: list[RowFact] = []
    for end, person in story:
        rows = carried_out(rows, settle(end, rows, at=AT, until=AT + HORIZON), end)
        assert settle(end, rows, at=AT, until=AT + HORIZON) == []
        assert len({one.ends_at for one in rows}) == len(rows)
        live = [one for one in rows if one.state is not LAPSED and end is not None and one.ends_at == end.ends_at]
        if end is not None and end.ends_at <= AT + HORIZON:
            assert len(live) == 1
        assert all(one in live for one in rows if one.state is OPEN)
        rows = [
            RowFact(one.id, one.ends_at, RenewalState(person)) if one.state is OPEN and person != "nobody" else one
            for one in rows
        ]


def test_a_gap_and_an_overlap_are_counted_in_whole_days_of_the_customers_calendar() -> None:
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)  # through 31 March in Amsterdam
    zone = "Europe/Amsterdam"
    assert join(end, end, zone=zone).is_seamless
    gap = join(end, datetime(2026, 4, 12, 22, tzinfo=UTC), zone=zone)
    assert (gap.sort, gap.days, gap.first, gap.last) == ("gap", 12, date(2026, 4, 1), date(2026, 4, 12))
    both = join(end, datetime(2026, 3, 28, 23, tzinfo=UTC), zone=zone)
    assert (both.sort, both.days, both.first, both.last) == ("overlap", 3, date(2026, 3, 29), date(2026, 3, 31))
    assert day_after(end, zone=zone) == date(2026, 4, 1)


def test_tasks_are_opened_so_early_that_notice_can_still_be_given() -> None:
    assert horizon(30) == HORIZON
    assert horizon(180) == timedelta(days=210)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 3, 1), date(2027, 2, 28), 12),
        (date(2026, 3, 15), date(2026, 4, 14), 1),
        (date(2026, 3, 15), date(2026, 4, 13), None),
        (date(2026, 3, 1), date(2026, 3, 1), None),
    ],
)
def test_a_stretch_of_days_is_so_many_months(first: date, last: date, months: int | None) -> None:
    assert months_between(first, last) == months


def test_days_of_ones_own_are_kept_once_the_longest_first() -> None:
    assert own_days([30, 90, 30, 60]) == (90, 60, 30)
    with pytest.raises(ValueError, match="1 to 365"):
        own_days([0])
    assert BY_TERMS == "Its terms"
