"""Warranties: from which day they are counted, through which they last, and what a replacement takes over.

Counted in whole months from the day it is based on (shipped, installed or invoiced), in the zone of the customer's
account: twelve months from 31 January 2026 last *through* 30 January 2027, and from 31 March 2026 one month lasts
through 29 April, as terms of contracts do. As instants a warranty is half-open.

Without the day it is based on, it hasn't begun. It stops before its end where it was voided, where the asset went to
somebody to whom it doesn't go along, where the asset was retired, or where another unit took its place: that one
inherits what was left and never more, so that a chain of replacements together is covered just as long as the first
one would have been. What was over at the swap is not inherited.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from catalog.domain.window import DAY, end_through, start_of_day
from entitlements.domain.contract_terms import months_after
from support.domain.cover_terms import WarrantyBasis

LONGEST_MONTHS = 600
FIRST_DAY = date(1950, 1, 1)
AHEAD = timedelta(days=2 * 366)  # equipment is ordered ahead, but not further

_DAY_OF = {
    WarrantyBasis.SHIPPED: "shipping day",
    WarrantyBasis.INSTALLED: "installation day",
    WarrantyBasis.INVOICED: "invoice day",
}


class UnfitWarranty(ValueError):
    """No such warranty can be; the message says why."""


class WarrantyState(StrEnum):
    """How a warranty stands at an instant."""

    TO_COME = "to_come"
    RUNNING = "running"
    OVER = "over"
    STOPPED = "stopped"

    @property
    def words(self) -> str:
        return {"to_come": "Not begun", "running": "Under warranty", "over": "Over", "stopped": "Ended early"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Days:
    """The dates of an asset, each a whole day where it stands; None is not known."""

    shipped: date | None = None
    installed: date | None = None
    invoiced: date | None = None
    in_service: date | None = None

    def of(self, basis: WarrantyBasis) -> date | None:
        return {
            WarrantyBasis.SHIPPED: self.shipped,
            WarrantyBasis.INSTALLED: self.installed,
            WarrantyBasis.INVOICED: self.invoiced,
        }[basis]

    @property
    def earliest(self) -> date | None:
        """The first day anything is known of."""
        return min((day for day in (self.shipped, self.installed, self.invoiced, self.in_service) if day), default=None)

    @property
    def bought(self) -> date | None:
        """The day it was bought as far as that is known: shipped or invoiced, whichever came first."""
        return min((day for day in (self.shipped, self.invoiced) if day), default=self.earliest)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new one comes with: so many months from a day."""

    basis: WarrantyBasis
    months: int

    def __post_init__(self) -> None:
        if not 1 <= self.months <= LONGEST_MONTHS:
            raise UnfitWarranty(f"A warranty lasts from 1 to {LONGEST_MONTHS} months.")


@dataclass(frozen=True, slots=True)
class Span:
    """When a warranty holds: `[starts_at, ends_at)`, or to the instant at which it was stopped before that."""

    starts_at: datetime
    ends_at: datetime
    stopped_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise UnfitWarranty("A warranty ends after it begins.")

    @property
    def until(self) -> datetime:
        """When it truly ends; never before it begins."""
        end = self.ends_at if self.stopped_at is None else min(self.ends_at, self.stopped_at)
        return max(end, self.starts_at)

    @property
    def lasts(self) -> timedelta:
        return self.until - self.starts_at

    def state(self, at: datetime) -> WarrantyState:
        if self.stopped_at is not None and self.stopped_at <= min(at, self.ends_at):
            return WarrantyState.STOPPED
        if at < self.starts_at:
            return WarrantyState.TO_COME
        return WarrantyState.RUNNING if at < self.until else WarrantyState.OVER

    def rest(self, at: datetime) -> "Span | None":
        """What is left of it at an instant; None where nothing is. One that hasn't begun is left whole."""
        if self.stopped_at is not None or self.ends_at <= at:
            return None
        return Span(max(self.starts_at, at), self.ends_at)


def span_of(first: date, *, months: int, zone: str) -> tuple[Span, date]:
    """So many months from the first day on, and the last day, through which it lasts."""
    if not 1 <= months <= LONGEST_MONTHS:
        raise UnfitWarranty(f"A warranty lasts from 1 to {LONGEST_MONTHS} months.")
    through = months_after(first, months) - DAY
    return Span(start_of_day(first, zone), end_through(through, zone)), through


def missing(basis: WarrantyBasis, days: Days) -> str:
    """Why a warranty on this basis hasn't begun; empty: the day is known."""
    if days.of(basis) is not None:
        return ""
    which = _DAY_OF[basis]
    return f"It has no {which} yet, so its warranty hasn’t begun."


def swapped(span: Span, *, at: datetime) -> tuple[Span, Span | None]:
    """(the replaced one's, its replacement's) at a swap. What is over or was stopped before stays as it is."""
    rest = span.rest(at)
    return (span, None) if rest is None else (Span(span.starts_at, span.ends_at, stopped_at=at), rest)


def moved(span: Span, *, transferable: bool, at: datetime) -> Span:
    """What becomes of it when the asset goes to another customer."""
    if transferable or span.rest(at) is None:
        return span
    return Span(span.starts_at, span.ends_at, stopped_at=at)


def day_faults(days: Days, *, today: date) -> dict[str, str]:
    """What can't be right about the dates, by field; the later of two that contradict each other is at fault."""
    named = {
        "shipped_on": days.shipped,
        "installed_on": days.installed,
        "invoiced_on": days.invoiced,
        "in_service_on": days.in_service,
    }
    faults = {field: fault for field, day in named.items() if day and (fault := _impossible(day, today=today))}
    for field, fault in _out_of_order(days):
        faults.setdefault(field, fault)
    return faults


def _impossible(day: date, *, today: date) -> str:
    if day < FIRST_DAY:
        return f"{day} is too long ago: look at the year."
    if day > today + AHEAD:
        return f"{day} is too far ahead: look at the year."
    return ""


def _out_of_order(days: Days) -> Iterator[tuple[str, str]]:
    shipped, installed, in_service = days.shipped, days.installed, days.in_service
    if shipped and installed and installed < shipped:
        yield "installed_on", f"It can’t be installed on {installed}: it was shipped on {shipped}."
    if shipped and in_service and in_service < shipped:
        yield "in_service_on", f"It can’t be in service on {in_service}: it was shipped on {shipped}."
    if installed and in_service and in_service < installed:
        yield "in_service_on", f"It can’t be in service on {in_service}: it was installed on {installed}."


def start_fault(first: date, days: Days) -> str:
    """Why a warranty can't begin on that day: nothing is under warranty before it was bought."""
    bought = days.bought
    if bought is not None and first < bought:
        return f"It was bought on {bought}: its warranty can’t begin before that."
    return ""


def instant_of(day: date | None, *, zone: str, at: datetime, not_before: datetime) -> datetime:
    """The instant at which something took place that only the day is known of: its first, or `at` for today and None.

    Where the customer got the asset in the middle of that very day, it is that moment.
    """
    if day is None or day >= at.astimezone(ZoneInfo(zone)).date():
        return at
    begins = start_of_day(day, zone)
    got_then = not_before.astimezone(ZoneInfo(zone)).date() == day
    return not_before if got_then else begins


def together(spans: Iterable[Span]) -> timedelta:
    """How long the spans of a chain of replacements last in all."""
    return sum((span.lasts for span in spans), timedelta())
