"""Grants, uses and resets at random, with few instants and few amounts, so that edges meet."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from entitlements.domain.credits.grants import Grant, Reset, Use
from entitlements.domain.credits.recurrence import Interval, Recurrence

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=8)
HOURS = 8 * 12
instants = st.integers(1, HOURS).map(lambda n: START + timedelta(hours=2 * n))
amounts = st.sampled_from([1, 5, 10, 25, 40]).map(Decimal)
steps = st.sampled_from(
    [Interval(days=1), Interval(days=2), Interval(seconds=6 * 3600), Interval(days=1, seconds=7200)]
)


@st.composite
def grants(draw: st.DrawFn, number: int) -> Grant:
    begins = draw(instants)
    ends = draw(st.one_of(st.none(), instants.filter(lambda at: at > begins)) if begins < END else st.none())
    least = draw(st.sampled_from([0, 0, 3]))
    most = draw(st.sampled_from([None, 0, 4, 20]))
    return Grant(
        id=f"g{number}",
        amount=draw(amounts),
        effective_at=begins,
        expires_at=ends,
        voided_at=draw(st.one_of(st.none(), st.none(), instants)),
        priority=draw(st.sampled_from([1, 1, 2])),
        created_at=START + timedelta(hours=draw(st.integers(0, 1))),
        recurrence=draw(st.one_of(st.none(), st.builds(Recurrence, steps, instants))),
        min_rollover=Decimal(least),
        max_rollover=None if most is None else Decimal(max(most, least)),
    )


uses = st.lists(st.tuples(instants, amounts), max_size=14).map(
    lambda rows: [Use(at, amount, f"u{n}") for n, (at, amount) in enumerate(rows)]
)
resets = st.lists(st.builds(Reset, instants, st.booleans()), max_size=3)


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Grant], list[Use], list[Reset]]:
    return [draw(grants(n)) for n in range(draw(st.integers(0, 5)))], draw(uses), draw(resets)
