"""What sales should know of an account's use, in sentences, the most pressing first: "82 % of API calls, limit reached
about 24 March".

A signal speaks where a limit is reached or passed, where it will be reached before use starts again, and from 80 % of
it on; and of a trial that runs. Days are said in the account's zone, with their year where that is another than this.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

NEAR = 80  # percent of a limit
WHOLE = 100


class Beyond(IntEnum):
    """What happens at the limit."""

    STOPS = 1
    CHARGED = 2
    GOES_ON = 3


@dataclass(frozen=True, slots=True)
class Used:
    """How far the use of one feature has come. `percent` is of its limit, rounded down; `used` and `limit` are words;
    `reached_on` is the day that is foreseen, `held`: it is held at one time, as seats are, and not used up."""

    name: str
    percent: int
    used: str
    limit: str
    beyond: Beyond = Beyond.STOPS
    reached_on: date | None = None
    resets_on: date | None = None
    held: bool = False

    @property
    def is_near(self) -> bool:
        return self.percent >= NEAR

    @property
    def is_reached(self) -> bool:
        return self.percent >= WHOLE


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that runs: of what, and its last day. `with_card`: it becomes a sale by itself."""

    plan: str
    ends_on: date
    with_card: bool = False


def signal(used: Used, *, today: date) -> str:
    """The sentence about one feature; empty where there is none to say."""
    if used.is_reached:
        return _reached(used, today)
    if used.held:
        return f"{used.percent} % of {used.name} in use: {used.used} of {used.limit}" if used.is_near else ""
    if used.reached_on is not None:
        return f"{used.percent} % of {used.name}, limit reached about {say_day(used.reached_on, today=today)}"
    return f"{used.percent} % of {used.name}" if used.is_near else ""


def signals(uses: Iterable[Used], trials: Iterable[Trial] = (), *, today: date) -> tuple[str, ...]:
    """Every sentence: what is reached, what will be and the soonest first, what is near and the nearest first, trials."""
    said = [(_rank(one), words) for one in uses if (words := signal(one, today=today))]
    return (*(words for _rank_of, words in sorted(said)), *_trials(trials, today))


def near_limits(uses: Iterable[Used]) -> int:
    return sum(one.is_near for one in uses)


def say_day(day: date, *, today: date) -> str:
    """ "24 March", "6 January 2027"."""
    return f"{day.day} {day:%B}{f' {day.year}' if day.year != today.year else ''}"


def _rank(one: Used) -> tuple[int, date, int, str]:
    sort = 0 if one.is_reached else 1 if one.reached_on is not None else 2
    return sort, one.reached_on if sort == 1 and one.reached_on else date.max, -one.percent, one.name


def _reached(one: Used, today: date) -> str:
    far = f"{one.used} of {one.limit} ({one.percent} %)"
    if one.held:
        return f"{one.name}: all {one.limit} in use" if one.percent == WHOLE else f"{one.name}: {far} in use"
    match one.beyond:
        case Beyond.CHARGED:
            return f"{one.name}: {far}, more is charged"
        case Beyond.GOES_ON:
            return f"{one.name}: {far}, more goes on without a charge"
    again = f", starts again on {say_day(one.resets_on, today=today)}" if one.resets_on else ""
    return f"{one.name}: limit reached, {far}{again}"


def _trials(trials: Iterable[Trial], today: date) -> Iterator[str]:
    for one in sorted(trials, key=lambda trial: (trial.ends_on, trial.plan)):
        last = say_day(one.ends_on, today=today)
        of = f" of {one.plan}" if one.plan else ""
        then = "then it is paid for" if one.with_card else "nobody has bought it yet"
        yield f"Trial{of} through {last}, {then}"
