"""How far off is the day a limit is said to be hit? `python -m benchmarks.forecast [--write]`.

Five real series of hourly counts (../shared/data/usage_series) stand in for accounts. Each becomes days; a period of 28
days begins at every second day, is looked at from every other day at which two weeks are known, with eight limits, and
what is said is held against what came. Beside ours stand three plain run-rates. The figures in
domain/forecast.py were chosen on two of the series; the others say what they are worth. Gate: on these, at least 20 %
less error than plain run-rate, of the day and of the use at the reset.
"""

import csv
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from statistics import fmean

from entitlements.domain.forecast import HIGH, LOW, simulate

ROOT = Path(__file__).resolve().parent.parent
SERIES = ROOT.parent / "shared" / "data" / "usage_series"
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
TUNED, JUDGED = ("AAPL", "GOOG"), ("AMZN", "CRM", "FB")
PERIOD, KNOWN = 28, 14
LIMITS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25)  # of 28 days like those known
GATE, SURE = 0.2, 0.8
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Situation:
    """One account on one morning: what it used on each day so far, and what really came."""

    days: dict[date, Decimal]
    today: date
    since: int  # days of this period so far
    ahead: tuple[float, ...]

    @property
    def used(self) -> Decimal:
        return sum(list(self.days.values())[len(self.days) - self.since :], Decimal(0))

    def limits(self) -> list[Decimal]:
        usual = fmean(float(amount) for amount in self.days.values()) * PERIOD
        return [limit for share in LIMITS if (limit := Decimal(round(usual * share))) > self.used]


@dataclass
class Score:
    """What one way of saying the day came to."""

    day: list[float] = field(default_factory=list)  # of limits that were hit
    either: list[float] = field(default_factory=list)  # of limits that were hit, or said to be
    late: list[float] = field(default_factory=list)
    reset: list[float] = field(default_factory=list)
    said: list[bool] = field(default_factory=list)  # of the hits foretold, which came
    found: list[bool] = field(default_factory=list)  # of the hits that came, which were foretold
    inside: list[bool] = field(default_factory=list)
    inside_reset: list[bool] = field(default_factory=list)
    squares: list[float] = field(default_factory=list)

    def hit(self, *, came: int, said: int, length: int, probability: float) -> None:
        if came < length:
            self.day.append(abs(said - came))
            self.late.append(said - came)
            self.found.append(probability >= SURE)
        if min(came, said) < length:
            self.either.append(abs(said - came))
        if probability >= SURE:
            self.said.append(came < length)
        self.squares.append((probability - (came < length)) ** 2)


def days_of(name: str) -> dict[date, Decimal]:
    """Use by day; the first and the last day of the file are not whole."""
    found: dict[date, Decimal] = {}
    with (SERIES / f"twitter_{name}.csv").open() as rows:
        for row in csv.DictReader(rows):
            day = date.fromisoformat(row["hour"][:10])
            found[day] = found.get(day, Decimal(0)) + Decimal(row["quantity"])
    return dict(list(found.items())[1:-1])


def situations(name: str) -> Iterator[Situation]:
    days = list(days_of(name).items())
    for start in range(0, len(days) - PERIOD + 1, 2):
        for now in range(max(start + 3, KNOWN), start + PERIOD - 2, 2):
            ahead = tuple(float(amount) for _, amount in days[now : start + PERIOD])
            yield Situation(dict(days[:now]), days[now][0], now - start, ahead)


def ran_since(period_start: bool, back: int = 0) -> Callable[[Situation], float]:
    def rate(seen: Situation) -> float:
        amounts = [float(amount) for amount in seen.days.values()]
        return fmean(amounts[-(seen.since if period_start else back) :])

    return rate


PLAIN = {
    "run-rate since the period began (plain)": ran_since(True),
    "run-rate of the last 7 days": ran_since(False, 7),
    "run-rate of the last 28 days": ran_since(False, 28),
}
OURS = "day-of-week weighted, bootstrap (ours)"


def reached(ahead: Sequence[float], need: float) -> int:
    """On which day ahead the limit is reached; the length where it isn't."""
    return next((number for number, total in enumerate(accumulate(ahead)) if total >= need), len(ahead))


def judge(names: Sequence[str]) -> tuple[dict[str, Score], list[float]]:
    scores = {name: Score() for name in (*PLAIN, OURS)}
    took = []
    for seen in (seen for name in names for seen in situations(name)):
        for name, rate in PLAIN.items():
            judge_plain(seen, rate(seen), scores[name])
        took.append(judge_ours(seen, scores[OURS]))
    return scores, took


def judge_plain(seen: Situation, rate: float, score: Score) -> None:
    length, path = len(seen.ahead), [rate] * len(seen.ahead)
    whole = float(seen.used) + sum(seen.ahead)
    score.reset.append(abs(sum(path) - sum(seen.ahead)) / whole)
    for limit in seen.limits():
        need = float(limit - seen.used)
        said = reached(path, need)
        score.hit(came=reached(seen.ahead, need), said=said, length=length, probability=float(said < length))


def judge_ours(seen: Situation, score: Score) -> float:
    """The seconds one forecast took, with its paths."""
    length, at = len(seen.ahead), datetime(seen.today.year, seen.today.month, seen.today.day, tzinfo=UTC)
    start = time.perf_counter()
    paths = simulate(seen.days, used=seen.used, at=at, resets_at=at + length * DAY)
    paths.forecast(used=seen.used, limit=seen.used * 2)
    took = time.perf_counter() - start
    whole = float(seen.used) + sum(seen.ahead)
    ends = sorted(path[-1] for path in paths.sums)
    low, high = ends[int(LOW * len(ends))], ends[int(HIGH * len(ends))]
    score.inside_reset.append(low <= sum(seen.ahead) <= high)
    for number, limit in enumerate(seen.limits()):
        told = paths.forecast(used=seen.used, limit=limit)
        if number == 0:
            score.reset.append(abs(float(told.expected_at_reset) - whole) / whole)
        came = reached(seen.ahead, float(limit - seen.used))
        said, low_day, high_day = (
            length if day is None else (day - seen.today).days for day in (told.hits_on, told.low, told.high)
        )
        score.hit(came=came, said=said, length=length, probability=told.probability)
        if came < length:
            score.inside.append(low_day <= came <= high_day)
    return took


def percent(of: Sequence[bool]) -> str:
    return f"{fmean(of):.0%}" if of else "–"


def table(scores: dict[str, Score]) -> list[str]:
    plain = next(iter(scores.values()))
    lines = [
        "| said by | day of the hit, mean error in days (against plain) | the same, also of hits foretold that "
        "didn't come | late by, mean | use at the reset, mean error "
        "(against plain) | P ≥ .8: precision / recall | Brier | inside the 80 % interval: day / use |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, score in scores.items():
        inside = f"{percent(score.inside)} / {percent(score.inside_reset)}"
        lines.append(
            f"| {name} | {fmean(score.day):.2f}{less(score.day, plain.day)} "
            f"| {fmean(score.either):.2f}{less(score.either, plain.either)} | {fmean(score.late):+.2f} "
            f"| {fmean(score.reset):.1%}{less(score.reset, plain.reset)} "
            f"| {fmean(score.said):.2f} / {fmean(score.found):.2f} | {fmean(score.squares):.3f} | {inside} |"
        )
    return lines


def gain(ours: Sequence[float], plain: Sequence[float]) -> float:
    return 1 - fmean(ours) / fmean(plain)


def less(ours: Sequence[float], plain: Sequence[float]) -> str:
    return "" if ours is plain else f" ({-gain(ours, plain):+.0%})"


def measure() -> tuple[bool, list[str]]:
    lines, ok = ["## Forecast", "", (__doc__ or "").split("\n\n")[1].replace("\n", " "), ""], True
    for title, names in (("Chosen on", TUNED), ("Judged on", JUDGED)):
        scores, took = judge(names)
        ours, plain = scores[OURS], next(iter(scores.values()))
        count = f"{len(ours.squares):,} forecasts, {len(ours.day):,} of them of limits that were hit"
        lines += [f"**{title} {', '.join(names)}** ({count}; {fmean(took) * 1e3:.1f} ms a forecast):", ""]
        lines += [*table(scores), ""]
        if names is JUDGED:
            ok = gain(ours.day, plain.day) >= GATE and gain(ours.reset, plain.reset) >= GATE
    return ok, lines


def write(lines: list[str]) -> None:
    """Put the section into RESULTS.md, in the place of the one before."""
    old = RESULTS.read_text() if RESULTS.exists() else "# Results\n"
    before, _, after = old.partition("## Forecast\n")
    _, further, rest = after.partition("\n## ")
    RESULTS.write_text(f"{before.rstrip()}\n\n" + "\n".join(lines).rstrip() + "\n" + (further + rest if rest else ""))


def main() -> int:
    if not SERIES.is_dir():
        print("forecast: skipped, for ../shared/data/usage_series isn't here")
        return 0
    ok, lines = measure()
    print("\n".join(lines), f"\n(gate: {GATE:.0%} less error than plain, judged)  {'ok' if ok else 'MISSED'}")
    if "--write" in sys.argv:
        write(lines)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
