"""What a checkpoint saves: one more use of a balance with a long past, told from its checkpoint and from its beginning.

`python -m benchmarks.credits`. Three years of a balance with a plan's 1,000 a month, a pack sold each quarter, a weekly
gift and a reset each month; 1,000, 10,000 and 100,000 uses spread over them. It checks first that both come to the same,
and that what was granted was used, is left, expired or was lost; then it times them in turn. No database takes part.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from entitlements.domain.credits.burning import Checkpoint
from entitlements.domain.credits.grants import Grant, Reset, Use
from entitlements.domain.credits.ledger import totals
from entitlements.domain.credits.recurrence import Interval, Recurrence
from entitlements.domain.credits.run import run
from entitlements.domain.credits.spelling import parse, spell

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 3
ENDS = BEGAN.replace(year=BEGAN.year + YEARS)
COUNTS = (1_000, 10_000, 100_000)
ROUNDS, GATE = 5, 0.02  # from a checkpoint at most a fiftieth of from the beginning, at 10,000 uses and more
PAST = Checkpoint(BEGAN - timedelta(microseconds=1))


def grants() -> list[Grant]:
    monthly, weekly = Recurrence(Interval(months=1), BEGAN), Recurrence(Interval(days=7), BEGAN)
    packs = [
        Grant(
            str(n),
            Decimal(5_000),
            Interval(months=3 * n).after(BEGAN),
            Interval(months=3 * n + 12).after(BEGAN),
            priority=100,
        )
        for n in range(4 * YEARS)
    ]
    return [
        Grant("plan", Decimal(1_000), BEGAN, priority=50, recurrence=monthly),
        Grant("gift", Decimal(50), BEGAN, priority=10, recurrence=weekly),
        *packs,
    ]


def uses(count: int) -> list[Use]:
    step = (ENDS - BEGAN) / (count + 1)
    return [Use(BEGAN + step * (n + 1), Decimal(1 + n % 7), f"u{n}") for n in range(count)]


def resets() -> list[Reset]:
    return [Reset(at) for at in Recurrence(Interval(months=1), BEGAN).between(BEGAN, ENDS)]


def measure(count: int) -> float:
    """The ratio of the medians, after both were found to say the same."""
    granted, used, turned = grants(), uses(count), resets()
    kept = spell(run(granted, used[:-1], turned, used[-1].at - timedelta(microseconds=1), start=PAST).end)

    def from_the_beginning() -> object:
        return run(granted, used, turned, used[-1].at + timedelta(microseconds=1), start=PAST)

    def from_the_checkpoint() -> object:
        start = parse(kept)
        return run(granted, used[-1:], turned, used[-1].at + timedelta(microseconds=1), start=start)

    whole, short = from_the_beginning(), from_the_checkpoint()
    assert whole.end == short.end, "a checkpoint changed what a balance is"  # type: ignore[attr-defined]
    left = sum(held.left for held in whole.end.held.values())  # type: ignore[attr-defined]
    assert totals(whole.movements).left == left, "credits were lost or made"  # type: ignore[attr-defined]
    long, quick = timed_in_turn(from_the_beginning, from_the_checkpoint)
    ratio = quick / long
    print(f"{count:>9,} {long * 1000:>16,.1f} ms {quick * 1000:>14,.3f} ms {ratio:>12.5f} {count / long:>16,.0f}")
    return ratio


def timed_in_turn(*acts: Callable[[], object]) -> list[float]:
    """The median seconds of each, taken by turns."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for act, mine in zip(acts, taken, strict=True):
            start = time.perf_counter()
            act()
            mine.append(time.perf_counter() - start)
    return [statistics.median(mine) for mine in taken]


def main() -> int:
    print(f"{'uses':>9} {'from the beginning':>19} {'from a checkpoint':>17} {'ratio':>12} {'uses a second':>16}")
    ratios = {count: measure(count) for count in COUNTS}
    missed = [count for count, ratio in ratios.items() if count >= 10_000 and ratio > GATE]
    if missed:
        print(f"Missed: at {missed} uses a checkpoint takes more than {GATE} of the whole.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
