"""A whole support promise, taken from a sheet: all of it or nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from journal.domain.actor import Actor
from journal.models import AuditEvent
from support.actions import calendars, sla
from support.actions.promise_sheet import PromiseSheet, SheetTier
from support.domain.targets import TargetUnit
from support.models import BusinessCalendar, Severity, SlaPolicy

PERMISSION = "support.edit_sla"
BUSINESS_HOURS = "business_hours"
OPENS, CLOSES = 6 * 60, 18 * 60
EMAIL_TIER, EMAIL_NAME = "email", "E-mail"


@dataclass(frozen=True, slots=True)
class Imported:
    severities: int
    tiers: int
    targets: int
    written: int

    @property
    def words(self) -> str:
        held = f"{self.severities} severities, {self.tiers} tiers, {self.targets} response targets"
        match self.written:
            case 0:
                return f"{held}. Nothing has changed."
            case 1:
                return f"{held}. 1 change written."
            case _:
                return f"{held}. {self.written} changes written."


@transaction.atomic
def import_promise(*, sheet: PromiseSheet, by: Actor, at: datetime) -> Imported:
    """The support promise of a sheet was set; a second import of the same sheet writes nothing."""
    by.require(PERMISSION)
    calendar = _business_hours(by=by, at=at)
    severities = {
        each.key: sla.declare_severity(
            key=each.key, name=each.name, meaning=each.meaning, position=each.position, by=by, at=at
        )
        for each in sheet.severities
    }
    for tier in sheet.tiers:
        sla.set_promise(tier=tier.key, name=tier.name, targets=_promised(tier, severities, calendar), by=by, at=at)
    if not SlaPolicy.objects.filter(tier=EMAIL_TIER).exists():
        sla.set_promise(tier=EMAIL_TIER, name=EMAIL_NAME, targets=(), by=by, at=at)
    return Imported(
        severities=len(sheet.severities),
        tiers=len(sheet.tiers),
        targets=sum(len(tier.targets) for tier in sheet.tiers),
        # Each part recorded its own audit event, and none where it already stood so.
        written=AuditEvent.objects.filter(at=at, actor_key=by.key).count(),
    )


def _business_hours(*, by: Actor, at: datetime) -> BusinessCalendar:
    """Monday to Friday 06:00–18:00 where the customer is. Hours that staff have changed since are left alone."""
    standing = BusinessCalendar.objects.filter(key=BUSINESS_HOURS).first()
    if standing is not None:
        return standing
    calendar = calendars.create_calendar(key=BUSINESS_HOURS, name="Business hours", by=by, at=at)
    weekdays = tuple(calendars.OpenHours(weekday, OPENS, CLOSES) for weekday in range(5))
    calendars.set_hours(calendar=calendar, hours=calendars.Hours(weekdays), by=by, at=at)
    return calendar


def _promised(tier: SheetTier, severities: dict[str, Severity], calendar: BusinessCalendar) -> list[sla.Promised]:
    return [
        sla.Promised(
            severity=severities[each.severity],
            target=each.target,
            calendar=None if each.target.unit is TargetUnit.MINUTES else calendar,
            source_text=each.source_text,
        )
        for each in tier.targets
    ]
