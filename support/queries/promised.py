"""What a customer is promised at a moment, whole: the terms, since when, by which hours, closed on which days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from catalog.domain.countries import COUNTRIES
from entitlements.domain.facts import Facts
from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from support.domain.milestones import PolicyTerms
from support.models import CalendarVersion, CasePromise, ZoneMode
from support.queries.cases.promising import promise_for
from support.queries.coverage import cover_of
from support.queries.week import say_week
from support.snapshots.cases import TermsReader
from support.snapshots.hours import PublicHolidays, country_of, read_holidays
from support.snapshots.policies import SUPPORT_TIER, snapshot_promises

MOST_CHANGES = 1_000  # of an account's tier over its life; beyond that nobody says since when


@dataclass(frozen=True, slots=True)
class ClosedDay:
    on: date
    name: str


@dataclass(frozen=True, slots=True)
class CountedHours:
    """A calendar the promise counts by, as it runs for the customer.

    Of this year, `closed` are the days on which it doesn't open, `other` those on which its hours are others.
    """

    key: str
    name: str
    week: str
    zone: str
    holidays_of: str
    closed: tuple[ClosedDay, ...]
    other: tuple[ClosedDay, ...]


@dataclass(frozen=True, slots=True)
class PromisedTo:
    """`terms` None: nothing is promised. `since` None: nobody can say."""

    promise: CasePromise
    terms: PolicyTerms | None
    since: datetime | None
    hours: tuple[CountedHours, ...]


def promised_to(account: Account, *, at: datetime) -> PromisedTo:
    """The promise as a case opened now would get it, with the rules that hold for the account laid on it."""
    promise = promise_for(account, at=at)
    if promise.policy_version is None:
        return PromisedTo(promise, None, None, ())
    terms = TermsReader.of([promise]).terms(promise)
    return PromisedTo(
        promise=promise,
        terms=terms.policy,
        since=_since(account, facts_of(account=account), at=at),
        hours=tuple(_hours(promise, zone=account.zone, country=account.country, at=at)),
    )


def _since(account: Account, facts: Facts, *, at: datetime) -> datetime | None:
    """From when on the account has had its tier without a break: walked from boundary to boundary of its life."""
    promises = snapshot_promises(at=at)
    moment, tier, since = account.created_at, None, account.created_at
    for _ in range(MOST_CHANGES):
        held = resolve(facts, at=moment).get(SUPPORT_TIER)
        now = cover_of(facts, held, promises, at=moment).tier
        if now != tier:
            tier, since = now, moment
        following = None if held is None else held.valid_until
        if following is None or following > at:
            return since
        moment = following
    return None


def _hours(promise: CasePromise, *, zone: str, country: str, at: datetime) -> Iterator[CountedHours]:
    rows = CalendarVersion.objects.filter(pk__in=promise.calendars.values()).select_related("calendar")
    versions = list(rows.order_by("calendar__name"))
    holidays = read_holidays({country_of(row, customer=country) for row in versions})
    year = at.astimezone(ZoneInfo(zone)).year
    for version in versions:
        whose = country_of(version, customer=country) if version.keeps_holidays else ""
        own = {date.fromisoformat(day["on"]): day for day in version.days}
        yield CountedHours(
            key=version.calendar.key,
            name=version.calendar.name,
            week=say_week(version.week),
            zone=zone if version.zone_mode == ZoneMode.CUSTOMER else version.zone,
            holidays_of=COUNTRIES.get(whose, whose),
            closed=tuple(_closed(holidays, whose, own, year=year, at=at)),
            other=tuple(
                ClosedDay(on, day["name"]) for on, day in sorted(own.items()) if day["hours"] and on.year == year
            ),
        )


def _closed(
    holidays: PublicHolidays, country: str, own: Mapping[date, Mapping[str, object]], *, year: int, at: datetime
) -> Iterator[ClosedDay]:
    """Public holidays and the calendar's own closed days of a year; a day it opens by a word of its own is none."""
    public = holidays.named(country, at=at) if country else {}
    named = {day: name for day, name in public.items() if day not in own}
    named |= {day: str(said["name"]) for day, said in own.items() if not said["hours"]}
    for day, name in sorted(named.items()):
        if day.year == year:
            yield ClosedDay(day, name)
