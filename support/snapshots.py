"""Rows → frozen domain values: the only bridge from the database into `support/domain`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from support.domain.calendar import Calendar
from support.domain.coverage import Promise, SeverityTarget
from support.domain.targets import Target, TargetUnit
from support.models import BusinessCalendar, CalendarWindow, Holiday, SlaPolicy, SlaTarget
from support.models.calendar import ZoneMode

SUPPORT_TIER = "support_tier"
LOOKS_BACK = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class NamedHours:
    """A calendar's name beside its hours, as they run for one customer."""

    name: str
    hours: Calendar
    keeps_country_holidays: bool = False


def snapshot_target(row: SlaTarget) -> Target:
    unit = TargetUnit(row.unit)
    return Target(amount=row.amount, unit=unit, around_the_clock=unit is TargetUnit.MINUTES)


def snapshot_promises() -> dict[str, Promise]:
    """Every tier's promise, its targets in the order of severity; two reads."""
    targets: dict[int, list[SlaTarget]] = defaultdict(list)
    rows = SlaTarget.objects.select_related("severity", "calendar")
    for row in rows.order_by("severity__position", "severity_id"):
        targets[row.policy_id].append(row)
    return {policy.tier: _promise(policy, targets[policy.pk]) for policy in SlaPolicy.objects.all()}


def _promise(policy: SlaPolicy, targets: Iterable[SlaTarget]) -> Promise:
    return Promise(
        tier=policy.tier,
        tier_name=policy.name,
        targets=tuple(
            SeverityTarget(
                severity=row.severity.key,
                name=row.severity.name,
                meaning=row.severity.meaning,
                target=snapshot_target(row),
                calendar=None if row.unit == TargetUnit.MINUTES or row.calendar is None else row.calendar.key,
            )
            for row in targets
        ),
    )


def snapshot_calendars(*, zone: str, country: str, at: datetime) -> dict[str, NamedHours]:
    """Every calendar with open time, by key, as it runs for a customer in that zone and country; three reads.

    Holidays long gone are left out: a promise asked about at `at` runs forward.
    """
    windows: dict[int, list[CalendarWindow]] = defaultdict(list)
    for row in CalendarWindow.objects.order_by("weekday", "opens"):
        windows[row.calendar_id].append(row)
    closed = _closed_days(country, since=(at - LOOKS_BACK).date())
    return {
        row.key: NamedHours(
            name=row.name,
            hours=Calendar(
                zone=zone if row.zone_mode == ZoneMode.CUSTOMER else row.zone,
                weekly=_weekly(windows[row.pk]),
                holidays=_holidays_of(row, closed),
            ),
            keeps_country_holidays=row.keeps_holidays and row.zone_mode == ZoneMode.CUSTOMER,
        )
        for row in BusinessCalendar.objects.filter(pk__in=windows)
    }


def _closed_days(country: str, *, since: date) -> Mapping[int | None, set[date]]:
    """Closed days by calendar; those of the country stand under None."""
    whose = Q(calendar__isnull=False) | (Q(country=country) if country else Q(pk__in=()))
    closed: dict[int | None, set[date]] = defaultdict(set)
    for row in Holiday.objects.filter(whose, on__gte=since):
        closed[row.calendar_id].add(row.on)
    return closed


def _holidays_of(row: BusinessCalendar, closed: Mapping[int | None, set[date]]) -> frozenset[date]:
    """A calendar in a fixed zone belongs to a desk, not to the customer: it keeps its own closed days only."""
    if not row.keeps_holidays:
        return frozenset()
    own = closed.get(row.pk, set())
    return frozenset(own | closed.get(None, set()) if row.zone_mode == ZoneMode.CUSTOMER else own)


def _weekly(rows: Iterable[CalendarWindow]) -> dict[int, tuple[tuple[int, int], ...]]:
    weekly: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        weekly[row.weekday].append((row.opens, row.closes))
    return {weekday: tuple(hours) for weekday, hours in weekly.items()}
