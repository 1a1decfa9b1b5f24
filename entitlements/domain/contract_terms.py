"""The terms of a contract: how long it runs, what follows, and by when notice has to be given.

Terms are whole days in the contract's zone, and half-open: a term of twelve months that begins on 1 March 2026 runs
through 28 February 2027, and the next begins with the first instant of 1 March. They are always counted from the first
day of all, so that nothing drifts: a term of a month that began on 31 January ends through 27 February, the next
through 30 March. Terms that renew are worked out here and written nowhere: a contract that renews has no end until
somebody gives notice, and no clock has to be running for it to go on.

Notice of 30 days leaves 30 whole days between the day it is given and the end: for a term through 31 March it can be
given through 1 March. Given later, it ends the term after.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.domain.window import DAY, end_through, start_of_day


@dataclass(frozen=True, slots=True)
class Term:
    """One stretch of a contract; the first is number 1."""

    number: int
    first_day: date
    last_day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """`months` None: it goes on until somebody ends it. `renewal_months` is the length of every term but the first."""

    first_day: date
    zone: str
    months: int | None = None
    renews: bool = False
    renewal_months: int | None = None
    notice_days: int = 0

    def __post_init__(self) -> None:
        for months in (self.months, self.renewal_months):
            if months is not None and months < 1:
                raise ValueError("A term lasts at least a month.")
        if self.renews and (self.months is None or self.renewal_months is None):
            raise ValueError("What renews has a term, and renews by so many months.")
        if self.notice_days < 0:
            raise ValueError("Notice can't be given after the end.")

    def term(self, number: int) -> Term:
        """Any term by its number, whether or not the contract lasts that long."""
        if self.months is None:
            raise ValueError("What goes on until somebody ends it has no terms.")
        begins = self._months_before(number)
        first = months_after(self.first_day, begins)
        next_first = months_after(self.first_day, self._months_before(number + 1))
        starts_at, ends_at = start_of_day(first, self.zone), start_of_day(next_first, self.zone)
        return Term(number, first, next_first - DAY, starts_at, ends_at)

    def _months_before(self, number: int) -> int:
        if number == 1:
            return 0
        return (self.months or 0) + (number - 2) * (self.renewal_months or self.months or 0)

    def running(self, at: datetime) -> Term | None:
        """The term an instant falls into; before the first it is the first. None where there are no terms.

        A contract that doesn't renew stays in the term it was in when that was agreed, which its end says.
        """
        if self.months is None:
            return None
        number = self._nearly(at)
        while (term := self.term(number)).ends_at <= at:
            number += 1
        return term

    def _nearly(self, at: datetime) -> int:
        """A term that surely has begun before the instant, found without counting through all of them."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        apart = (day.year - self.first_day.year) * 12 + day.month - self.first_day.month - 1
        after_first = apart - (self.months or 0)
        return 1 if after_first < 0 else max(1, 1 + after_first // (self.renewal_months or self.months or 1))

    def last_day_for_notice(self, term: Term) -> date:
        """The last day on which notice still ends the contract with this term."""
        return term.last_day - timedelta(days=self.notice_days)

    def notice_until(self, term: Term) -> datetime:
        """The first instant at which notice is too late for this term."""
        return end_through(self.last_day_for_notice(term), self.zone)

    def end_if_notice(self, at: datetime) -> datetime:
        """When the contract ends if notice is given at the instant.

        With the running term, or with the first after it for which it isn't too late; without terms, so many whole
        days after the day on which it is given.
        """
        term = self.running(at)
        if term is None:
            day = at.astimezone(ZoneInfo(self.zone)).date()
            return end_through(max(day, self.first_day - DAY) + timedelta(days=self.notice_days), self.zone)
        while self.notice_until(term) <= at:
            term = self.term(term.number + 1)
        return term.ends_at


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last (31 January → 28 February)."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
