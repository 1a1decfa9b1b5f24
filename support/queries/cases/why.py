"""Why the clocks of one case are due when they are, in sentences: with the names of its calendars and holidays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from support.domain.clocks.explaining import explain
from support.domain.clocks.values import RunClock
from support.models import CalendarVersion, CasePromise
from support.queries.cases.clock_words import Names, say_clock
from support.queries.cases.shown import ShownCase
from support.snapshots.hours import PublicHolidays, country_of, read_holidays


@dataclass(frozen=True, slots=True)
class Reasons:
    """What is known by name; read once for all clocks of the case."""

    promises: Mapping[int, CasePromise]
    versions: Mapping[int, CalendarVersion]
    holidays: PublicHolidays
    severities: Mapping[str, str]

    def of(self, clock: RunClock, *, zone: str, now: datetime) -> tuple[str, ...]:
        """The sentences about one clock, by the wall of that zone."""
        return say_clock(explain(clock), zone=zone, now=now, names=self._names(clock))

    def _names(self, clock: RunClock) -> Names:
        promise = self.promises[clock.terms]
        version = self.versions.get(promise.calendars.get(clock.promised.calendar, 0))
        if version is None:
            return Names(severities=self.severities)
        return Names(version.calendar.name, self._closed(version, promise), self.severities)

    def _closed(self, version: CalendarVersion, promise: CasePromise) -> Mapping[date, str]:
        """Days off by name: the calendar's own speak louder than public ones."""
        country = country_of(version, customer=promise.country)
        public = self.holidays.named(country, at=promise.holidays_known_at) if version.keeps_holidays else {}
        return public | {date.fromisoformat(day["on"]): day.get("name", "") for day in version.days}


def reasons_for(shown: ShownCase, *, severities: Mapping[str, str]) -> Reasons:
    """Two reads."""
    ids = {pk for promise in shown.promises for pk in promise.calendars.values()}
    versions = {row.pk: row for row in CalendarVersion.objects.filter(pk__in=ids).select_related("calendar")}
    countries = {row.country for row in versions.values()} | {row.country for row in shown.promises}
    return Reasons(
        promises={row.pk: row for row in shown.promises},
        versions=versions,
        holidays=read_holidays(countries - {""}),
        severities=severities,
    )
