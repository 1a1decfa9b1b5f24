"""Business calendars: when a promise's clock runs. Hours change by versions: drafted, put in force, never rewritten.

As soon as a target of an SLA policy in force counts by a calendar, its hours are a promise to customers: one person
writes them, and another one puts them in force.
"""

from datetime import datetime

from django.db import transaction

from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NeedsSecondPerson, Refusal, Stale
from journal.models import Approval
from support.actions.calendar_versions import (
    PERMISSION,
    Hours,
    OpenHours,
    OtherDay,
    draft_hours,
    drop_hours,
    hours_as_written,
    lock,
    refuse_undue,
    refuse_unusable,
    restore_hours,
    same,
)
from support.actions.cases.recomputing import start_recompute
from support.models import BusinessCalendar, CalendarVersion, VersionState
from support.queries.calendars.versions import calendar_token, counted_by, counts_now, difference, in_force
from support.queries.week import say_week

__all__ = [
    "APPROVE", "KIND", "PERMISSION", "Hours", "OpenHours", "OtherDay", "approve_hours", "ask_for_hours",
    "back_to_draft", "create_calendar", "draft_hours", "drop_hours", "edit_calendar", "needs_second_person",
    "outdated_hours", "put_hours_in_force", "restore_hours", "set_hours",
]  # fmt: skip

KIND = "calendar_hours"
APPROVE = "support.approve_sla"


@transaction.atomic
def create_calendar(*, key: str, name: str, by: Actor, at: datetime, note: str = "") -> BusinessCalendar:
    """A business calendar was created; it has no open time until a version of its hours is in force."""
    by.require(PERMISSION)
    deed = begin(by=by, at=at)
    calendar = keep(BusinessCalendar(key=key, name=name.strip(), note=note), deed=deed)
    record(deed, "calendar:create", subject=calendar, changes={"name": [None, name]})
    return calendar


@transaction.atomic
def edit_calendar(
    *, calendar: BusinessCalendar, name: str, note: str, by: Actor, at: datetime, seen: str | None = None
) -> BusinessCalendar:
    """A business calendar is called otherwise; its key and its hours stay."""
    by.require(PERMISSION)
    calendar = lock(calendar, seen=seen)
    before = {"name": calendar.name, "note": calendar.note}
    after = {"name": name.strip(), "note": note.strip()}
    if before == after:
        return calendar
    deed = begin(by=by, at=at)
    calendar.name, calendar.note = after["name"], after["note"]
    keep(calendar, deed=deed)
    changes = {what: [before[what], after[what]] for what in before if before[what] != after[what]}
    record(deed, "calendar:edit", subject=calendar, changes=changes)
    return calendar


def set_hours(*, calendar: BusinessCalendar, hours: Hours, by: Actor, at: datetime) -> CalendarVersion:
    """Draft and put in force in one go, where nothing counts by the calendar yet; alike, nothing is written."""
    refuse_unusable(hours)
    standing = in_force(calendar)
    if standing is not None and same(standing, hours):
        return standing
    with transaction.atomic():
        return put_hours_in_force(version=draft_hours(calendar=calendar, hours=hours, by=by, at=at), by=by, at=at)


@transaction.atomic
def put_hours_in_force(
    *, version: CalendarVersion, by: Actor, at: datetime, seen: str | None = None
) -> CalendarVersion:
    """A version of a calendar's hours was put in force: from now on new clocks count by it, open ones when recomputed.

    NeedsSecondPerson where promises in force count by the calendar: then it is asked for.
    """
    by.require(PERMISSION)
    version = _draft(version, at=at, seen=seen)
    if needs_second_person(version.calendar, by=by):
        raise NeedsSecondPerson(
            f"Promises in force count by {version.calendar}, so someone else has to approve its hours: ask for it."
        )
    return _put_in_force(version, by=by, at=at, reason=version.note)


@transaction.atomic
def ask_for_hours(
    *,
    version: CalendarVersion,
    by: Actor,
    at: datetime,
    reason: str = "",
    effect: str = "",
    recompute: bool = False,
    quiet: bool = False,
    seen: str | None = None,
) -> Approval:
    """A second person was asked to put a draft in force. `effect` says what it does to open cases, in words.

    `recompute` is carried with the request: whether open cases are promised anew once it is approved, and `quiet`
    whether nobody is told of clocks that are late at once by it.
    """
    by.require(PERMISSION)
    version = _draft(version, at=at, seen=seen)
    why = reason.strip() or version.note
    if not why.strip():
        raise Invalid("Say why: somebody else decides about it.", field="reason")
    deed = begin(by=by, at=at)
    version.state = VersionState.ASKED
    keep(version, deed=deed)
    return approvals.request(
        kind=KIND,
        subject=version,
        summary=_summary(version, effect=effect, recompute=recompute),
        payload={"seen": calendar_token(version.calendar), "recompute": recompute, "quiet": quiet},
        reason=why,
        by=by,
        at=at,
    )


def approve_hours(*, approval: Approval, by: Actor, at: datetime) -> CalendarVersion:
    """Approved the hours that someone else had written, and put them in force; open cases follow if that was asked."""
    version = _asked(approval)
    if outdated := outdated_hours(approval):
        raise Stale(f"{outdated} Reject the request; it can be asked for anew.")
    refuse_undue(version.calendar, hours_as_written(version), at=at)
    version = _put_in_force(version, by=by, at=at, reason=approval.reason)
    if approval.payload.get("recompute"):
        start_recompute(calendar=version, quiet=bool(approval.payload.get("quiet")), by=by, at=at)
    return version


def back_to_draft(*, approval: Approval, by: Actor, at: datetime) -> CalendarVersion:
    """Hours that were rejected, or whose request was withdrawn, are a draft again."""
    version = _asked(approval)
    deed = begin(by=by, at=at)
    version.state = VersionState.DRAFT
    keep(version, deed=deed)
    record(deed, "calendar:reopen_draft", subject=version, reason=approval.note)
    return version


def outdated_hours(approval: Approval) -> str:
    """Why a request can't be approved any more; nothing while it can."""
    version = CalendarVersion.objects.select_related("calendar").get(pk=int(approval.subject_key))
    if calendar_token(version.calendar) != approval.payload.get("seen"):
        return "The calendar has changed since this was asked for."
    return ""


def needs_second_person(calendar: BusinessCalendar, *, by: Actor) -> bool:
    """Whether somebody else has to approve new hours: people may not change alone what customers are promised.

    Open cases count too: they may have been promised something by a policy version that is no longer in force.
    """
    return by.kind is not ActorKind.SYSTEM and (bool(counted_by(calendar)) or counts_now(calendar))


def _draft(version: CalendarVersion, *, at: datetime, seen: str | None) -> CalendarVersion:
    lock(version.calendar, seen=seen)
    version = CalendarVersion.objects.select_related("calendar").get(pk=version.pk)
    if version.state != VersionState.DRAFT:
        waits = "waits for a second person" if version.state == VersionState.ASKED else "is no draft any more"
        raise Refusal(f"{version} {waits}; nothing was changed.")
    hours = hours_as_written(version)
    refuse_unusable(hours)
    refuse_undue(version.calendar, hours, at=at)
    return version


def _asked(approval: Approval) -> CalendarVersion:
    version = CalendarVersion.objects.select_related("calendar").get(pk=int(approval.subject_key))
    lock(version.calendar, seen=None)
    version.refresh_from_db()
    if version.state != VersionState.ASKED:
        raise Refusal("These hours are no longer waiting for a decision.")
    return version


def _put_in_force(version: CalendarVersion, *, by: Actor, at: datetime, reason: str) -> CalendarVersion:
    latest = in_force(version.calendar)
    changes = {
        "open": [say_week(latest.week) if latest else None, say_week(version.week)],
        "differs": [None, list(difference(latest, version))],
    }
    deed = begin(by=by, at=at)
    # Clocks of two processes may differ by a breath: the later version never comes into force before the earlier one.
    version.in_force_from = at if latest is None or latest.in_force_from is None else max(at, latest.in_force_from)
    version.state = VersionState.IN_FORCE
    keep(version, deed=deed)
    record(deed, "calendar:put_in_force", subject=version, reason=reason, changes=changes)
    return version


def _summary(version: CalendarVersion, *, effect: str, recompute: bool) -> str:
    told = "; ".join(difference(in_force(version.calendar), version)) or "The hours as they are."
    open_cases = "Open cases are recomputed then." if recompute else "Open cases keep their due times."
    return " ".join(part for part in (f"{version}: {told.rstrip('.')}.", effect, open_cases) if part)
