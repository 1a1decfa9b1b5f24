"""The clocks beside an oracle that walks minute by minute."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from support.domain.business_time import add_business_days, due, end_of_business_day
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import RunClock
from tests.support.domain.clocks import naive_hours
from tests.support.domain.clocks.made_up import MINUTE, PLACES, WEEKS, MadeUp, cases, hours, paused_cases
from tests.support.domain.clocks.naive_hours import instant_of, minute_of
from tests.support.domain.clocks.naive_life import Life
from tests.support.domain.clocks.oracle import Told, tell


def told(clock: RunClock) -> Told:
    """As much of a clock as the oracle tells."""
    return Told(clock.state, clock.started_at, clock.due_at, clock.met_at, clock.cancelled_at, clock.breached_at)


def differing(case: MadeUp) -> dict[tuple[str, int], tuple[Told | None, Told | None]]:
    """What the two disagree about: ours beside the oracle's."""
    clocks = standing_of(case.facts, now=case.now).clocks
    ours = {(clock.milestone.key, clock.run): told(clock) for clock in clocks}
    theirs = tell(case.facts, now=case.now)
    return {key: (ours.get(key), theirs.get(key)) for key in ours | theirs if ours.get(key) != theirs.get(key)}


@given(cases())
def test_the_clocks_are_what_the_minutes_say(case: MadeUp) -> None:
    assert differing(case) == {}


@given(paused_cases())
def test_pauses_move_due_times_as_the_minutes_say(case: MadeUp) -> None:
    assert differing(case) == {}


@given(cases())
def test_a_case_stands_where_its_events_bring_it(case: MadeUp) -> None:
    standing, life = standing_of(case.facts, now=case.now), Life(case.facts, case.now)
    assert (standing.state, standing.severity) == (life.state, life.severity)
    assert (standing.team, standing.assignee) == (life.team, life.assignee)
    assert standing.ended_at == (None if life.ended is None else instant_of(life.ended))


@given(
    st.sampled_from(sorted(WEEKS)),
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(sorted(PLACES)),
    st.integers(-3000, 9000),
    st.integers(1, 900),
    st.integers(1, 4),
)
def test_the_oracle_knows_the_hours(name: str, zone: str, place: str, shift: int, minutes: int, days: int) -> None:
    near = datetime.fromisoformat(PLACES[place])
    calendar, start = hours(name, zone, near), near + shift * MINUTE
    at = minute_of(start)
    assert instant_of(naive_hours.after_minutes(calendar, at, minutes)) == due(calendar, start=start, minutes=minutes)
    assert instant_of(naive_hours.after_days(calendar, at, days)) == add_business_days(calendar, start=start, days=days)
    for amount in (0, days):
        closing = instant_of(naive_hours.end_of_day(calendar, at, amount))
        assert closing == end_of_business_day(calendar, start=start, days=amount)
