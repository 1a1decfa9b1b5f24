"""Why a clock is due when it is, in sentences that add up, by the clock on the reader's wall."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from support.domain.calendar import Span
from support.domain.clocks.explaining import Explanation, PauseAdded
from support.domain.clocks.values import Change
from support.domain.target_text import write_target
from support.domain.targets import TargetUnit, words
from support.queries.instants import place

MOST_STRETCHES = 7
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MIDNIGHT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Names:
    """What the reader knows things by: the calendar, holidays by their day, severities by key."""

    calendar: str = "its calendar"
    holidays: Mapping[date, str] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)


def say_clock(explanation: Explanation, *, zone: str, now: datetime, names: Names | None = None) -> tuple[str, ...]:
    """The reasons for the due time, in their order: start, target, what counted, what was skipped, pauses, the sum.

    Instants are said in `zone`; a day of another year than that of `now` with its year.
    """
    return tuple(_Teller(explanation, _Wall(ZoneInfo(zone), now), names or Names(), zone).lines())


@dataclass(frozen=True, slots=True)
class _Wall:
    """Instants as the reader's wall shows them."""

    tz: ZoneInfo
    now: datetime

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.tz)
        return f"{self.day(local.date())} {local:%H:%M}"

    def day(self, day: date) -> str:
        year = "" if day.year == self.now.astimezone(self.tz).year else f" {day.year}"
        return f"{day:%a} {day.day} {day:%b}{year}"

    def stretch(self, start: datetime, end: datetime) -> str:
        """ "Mon 6 Jan 12:00–18:00"; an end at midnight is 24:00 of the day before."""
        last = (end - MIDNIGHT).astimezone(self.tz).date()
        local = end.astimezone(self.tz)
        until = f"{local:%H:%M}" if local.date() == last else "24:00"
        if start.astimezone(self.tz).date() == last:
            return f"{self.moment(start)}–{until}"
        return f"{self.moment(start)}–{self.day(last)} {until}"


@dataclass(frozen=True, slots=True)
class _Teller:
    told: Explanation
    wall: _Wall
    names: Names
    zone: str

    def lines(self) -> Iterator[str]:
        yield self._start()
        for change in self.told.changes:
            yield self._change(change)
        for percent, why in self.told.lifts:
            yield f"The target is {percent} % of the usual one: {_sentence(why)}"
        yield self._counted()
        if self.told.skipped:
            yield f"Skipped {_listed([self._holiday(day) for day in self.told.skipped])}."
        for pause in self.told.pauses:
            yield self._pause(pause)
        yield self._sum()

    def _start(self) -> str:
        started, counted = self.told.started_at, self.told.measured_from
        said = f"Started {self.wall.moment(started)} ({place(self.zone)})"
        return f"{said}." if started == counted else f"{said}; counted anew from {self.wall.moment(counted)}."

    def _change(self, change: Change) -> str:
        severity = self.names.severities.get(change.severity, change.severity)
        if change.promised is None:
            return f"From {self.wall.moment(change.at)} on nothing was promised ({severity})."
        return f"From {self.wall.moment(change.at)} on the target was “{words(change.promised.target)}” ({severity})."

    def _counted(self) -> str:
        target = self.told.target
        counts = words(target).removeprefix("within ")
        if self.told.zone is None:
            return f"Counts {counts}." if target.around_the_clock else f"Counts {counts} by {self.names.calendar}."
        by = f" by {self.names.calendar} ({place(self.told.zone)})"
        if target.unit is TargetUnit.END_OF_DAY:
            return f"Counts to the {write_target(target)}{by}: {self._days()}."
        if target.unit is TargetUnit.BUSINESS_DAYS:
            return f"Counts {counts}{by}: {self._days()}."
        return f"Counts {counts}{by}: {self._stretches(self.told.counted)}."

    def _days(self) -> str:
        return ", ".join(_shortened([self.wall.day(day) for day in self.told.days])) or "that same day"

    def _stretches(self, spans: Sequence[Span]) -> str:
        said = [self.wall.stretch(span.opens_at, span.closes_at) for span in spans]
        return ", ".join(_shortened(said)) or "no time at all"

    def _holiday(self, day: date) -> str:
        name = self.names.holidays.get(day, "")
        return f"{day.day} {day:%B}{f' ({name})' if name else ''}"

    def _pause(self, pause: PauseAdded) -> str:
        because = f"while {_state(pause)}"
        if pause.end is None or pause.added is None:
            return f"Paused since {self.wall.moment(pause.start)} {because}."
        stretch = self.wall.stretch(pause.start, pause.end)
        if not pause.added:
            return f"Paused {because}, {stretch}; no time counted then, so it adds nothing."
        open_time = "" if pause.added == pause.end - pause.start else " of counted time"
        return f"Paused {say_length(pause.added)}{open_time} {because}, {stretch}."

    def _sum(self) -> str:
        due, first = self.told.due_at, self.told.first_due
        if due is None:
            return f"So it has no due time until it goes on; without its pauses it was due {self.wall.moment(first)}."
        return f"So due {self.wall.moment(due)}."


def say_length(length: timedelta) -> str:
    """ "30 minutes", "1 hour 15 minutes", "2 days 3 hours"; less than a minute in seconds."""
    if length < MINUTE:
        return _count(max(1, round(length.total_seconds())), "second")
    minutes = length // MINUTE
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [_count(amount, noun) for amount, noun in ((days, "day"), (hours, "hour"), (left, "minute")) if amount]
    return " ".join(parts[:2])


def _state(pause: PauseAdded) -> str:
    words_of = pause.because.words
    return words_of[0].lower() + words_of[1:]


def _shortened(said: list[str]) -> list[str]:
    """Of many, the first and the last, and how many lie between."""
    if len(said) <= MOST_STRETCHES:
        return said
    return [*said[:4], f"{len(said) - 6} more", *said[-2:]]


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _sentence(text: str) -> str:
    said = text.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"
