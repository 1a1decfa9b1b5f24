"""Figures of intake as a manager reads them: shares in words, bars, and the rows behind each number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.dateformat import format as spell

from catalog.domain.words import say_money
from support.admin.intake.span_form import rows_url
from support.admin.intake.words import REASONS, outcome_badge, say_took
from support.domain.intake.measuring import interval
from support.domain.intake.outcomes import Outcome, Reason
from support.models import IntakeSettings
from support.queries.intake.by_action import Told
from support.queries.intake.figures import Counts, Figures, Marks, Week
from support.queries.intake.spans import Span

NOTHING = "–"
SHOWN = (Outcome.ACCEPT, Outcome.REDIRECT, Outcome.SUGGEST, Outcome.BLOCK, Outcome.HOLD)


@dataclass(frozen=True, slots=True)
class Number:
    """A count that leads to its rows; nothing leads to none."""

    count: int
    url: str = ""
    words: str = ""
    colour: str = ""
    width: float = 0.0

    @property
    def said(self) -> str:
        return f"{self.count:,}"


@dataclass(frozen=True, slots=True)
class Tile:
    title: str
    value: str
    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures of one span, ready for the page."""

    span: Span
    found: Figures
    told: Sequence[Told] = ()

    def number(self, name: str, week: Week | None = None, **more: Any) -> Number:
        counts = self.found.total if week is None else week.counts
        count = counts[name]
        return Number(count, rows_url(self.span, name, None if week is None else week.number) if count else "", **more)

    @property
    def weeks(self) -> Sequence[Week]:
        """The newest first; those before the first ticket are left out."""
        weeks = list(self.found.weeks)
        while len(weeks) > 1 and not weeks[0].counts["tickets"] and not weeks[0].counts["deflecting"]:
            weeks.pop(0)
        return weeks[::-1]

    def named(self, week: Week) -> str:
        start = self.span.starts[week.number]
        this = " (so far)" if week.number == len(self.span.starts) - 1 else ""
        year = "" if start.year == self.span.starts[-1].year else f" {start.year}"
        return f"{spell(start, 'j M')}{year}{this}"

    def by_outcome(self) -> list[dict[str, Any]]:
        most = max(max(week.counts["tickets"] for week in self.found.weeks), 1)
        return [
            {
                "week": self.named(week),
                "all": self.number("tickets", week),
                "itself": self.number("by_itself", week),
                "share": say_share(week.counts["by_itself"], week.counts["tickets"]),
                "outcomes": [
                    self.number(
                        f"outcome_{one.value}", week, words=one.words, colour=outcome_badge(one.value).colour,
                        width=round(100 * week.counts[f"outcome_{one.value}"] / most, 2),
                    )
                    for one in SHOWN
                ],
            }
            for week in self.weeks
        ]  # fmt: skip

    def agreement(self) -> list[dict[str, Any]]:
        """With the interval, drawn as a whisker around its share."""
        return [
            {
                "week": self.named(week),
                "reviewed": self.number("reviewed", week),
                "disagreed": self.number("disagreed", week),
                "share": say_share(week.counts["agreed"], week.counts["reviewed"]),
                "between": say_between(*bounds),
                "left": round(100 * bounds[0], 2),
                "wide": round(100 * (bounds[1] - bounds[0]), 2),
                "at": round(100 * week.counts["agreed"] / week.counts["reviewed"], 2),
            }
            for week in self.weeks
            if week.counts["reviewed"] and (bounds := interval(week.counts["agreed"], week.counts["reviewed"]))
        ]

    def actions(self) -> list[dict[str, Any]]:
        """Agreement action by action: which of them goes wrong, and so where more surety would help."""
        return [
            {
                "badge": outcome_badge(one.outcome.value),
                "reviewed": self._of("reviewed", one, one.reviewed),
                "disagreed": self._of("disagreed", one, one.disagreed),
                "share": say_share(one.reviewed - one.disagreed, one.reviewed),
                "between": say_between(*interval(one.reviewed - one.disagreed, one.reviewed)),
            }
            for one in self.told
        ]

    def _of(self, name: str, one: Told, count: int) -> Number:
        return Number(count, rows_url(self.span, name, action=one.outcome.value) if count else "")

    def samples(self) -> list[dict[str, Any]]:
        return [
            {
                "week": self.named(week),
                "samples": self.number("samples", week),
                "reviewed": self.number("samples_reviewed", week),
                "wrong": self.number("samples_wrong", week),
                "share": say_share(week.counts["samples_wrong"], week.counts["samples_reviewed"]),
                "between": _bounds(week.counts, "samples_wrong", "samples_reviewed"),
            }
            for week in self.weeks
            if week.counts["samples"]
        ]

    def waits(self) -> list[dict[str, Any]]:
        return [
            {
                "week": self.named(week),
                "held": self.number("held", week),
                "open": self.number("open", week),
                "decided": self.number("waited", week),
                "half": _lasted(week.waited, "half"),
                "most": _lasted(week.waited, "most"),
            }
            for week in self.weeks
            if week.counts["held"]
        ]

    def speed(self) -> list[dict[str, Any]]:
        return [
            {
                "week": self.named(week),
                "of": self.number("tickets", week),
                "took": _took(week.took),
                "read": _took(week.read),
                "read_of": self.number("read", week),
            }
            for week in self.weeks
            if week.counts["tickets"]
        ]

    def reasons(self) -> list[dict[str, Any]]:
        most = max(self.found.reasons.values(), default=1)
        return [
            {
                "words": REASONS[Reason(reason)],
                "count": Number(count, rows_url(self.span, f"reason_{reason}")),
                "width": round(100 * count / most, 2),
                "share": say_share(count, self.found.total["outcome_hold"]),
            }
            for reason, count in self.found.reasons.items()
        ]

    def tiles(self, settings: IntakeSettings) -> list[Tile]:
        total, found = self.found.total, self.found.deflection
        worth = self.found.cost(settings.cost_micros)
        each = say_money(settings.cost_micros, settings.cost_currency)

        def money(micros: int) -> str:
            return say_money(round(micros / 10_000) * 10_000, settings.cost_currency)

        return [
            Tile(
                "Decided by itself", say_share(total["by_itself"], total["tickets"]),
                f"{total['by_itself']:,} of {total['tickets']:,} tickets", self.number("by_itself").url,
            ),
            Tile("Waiting for a decision now", f"{total['open']:,}", "of the tickets of these weeks", self.number("open").url),
            Tile(
                "Deflected", say_share(found.deflected, found.deflected + found.followed),
                f"{found.deflected:,} without another case within 7 days, {found.followed:,} with one; "
                f"of {found.waiting:,} it isn’t known, or not yet",
                self.number("deflected").url,
            ),
            Tile(
                "Saved", money(worth.saved), f"{found.deflected:,} deflected, at {each} a ticket",
                self.number("deflected").url,
            ),
            Tile(
                "Cost per resolution", NOTHING if worth.per_resolution is None else money(worth.per_resolution),
                f"{total['handled']:,} tickets for people at {each}, over these and the deflected",
                self.number("handled").url,
            ),
            Tile(
                "Staff agree", say_share(total["agreed"], total["reviewed"]),
                f"{total['reviewed']:,} looked at; {_bounds(total, 'agreed', 'reviewed')}", self.number("reviewed").url,
            ),
        ]  # fmt: skip


def say_share(part: int, whole: int) -> str:
    """ "63 %"; of few "63.4 %" would say more than is known. Never 100 of what is only nearly all, nor 0 of some."""
    if not whole:
        return NOTHING
    percent = round(100 * part / whole)
    if percent == 100 and part < whole:
        percent = 99
    if percent == 0 and part:
        percent = 1
    return f"{percent}\N{NO-BREAK SPACE}%"


def say_between(low: float, high: float) -> str:
    return f"{100 * low:.0f}\N{EN DASH}{100 * high:.0f}\N{NO-BREAK SPACE}%"


def _bounds(counts: Counts, part: str, whole: str) -> str:
    if not counts[whole]:
        return "nothing to tell it by yet"
    return f"truly {say_between(*interval(counts[part], counts[whole]))}, 95\N{NO-BREAK SPACE}% sure"


def _took(marks: Marks | None) -> tuple[str, str]:
    return (NOTHING, NOTHING) if marks is None else (say_took(marks.half), say_took(marks.most))


def _lasted(marks: Marks | None, which: str) -> str:
    return NOTHING if marks is None else say_wait(getattr(marks, which))


def say_wait(lasted: timedelta) -> str:
    """ "40 s", "12 min", "3 h 5 min", "2 days 4 h"."""
    seconds = max(0, round(lasted.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86_400
    if days:
        return f"{days} day{'' if days == 1 else 's'} {hours} h" if hours else f"{days} day{'' if days == 1 else 's'}"
    return " ".join(words for words in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if words)
