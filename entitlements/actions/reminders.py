"""Which ends are announced ahead: a small table that finance keeps. Announcing itself is the sweep's (announcing.py)."""

from datetime import datetime

from django.db import transaction

from entitlements.models import Reminder
from entitlements.models.reminder import EndOf
from journal.actions.deeds import Deed, begin, keep, record, remove
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.set_reminders"
LONGEST = 365
# What is to be renewed: both sides are told while there is time to agree on something.
TO_RENEW = (EndOf.CONTRACT, EndOf.SUBSCRIPTION, EndOf.MAINTENANCE, EndOf.CREDITS, EndOf.WARRANTY, EndOf.COVER)
# What a fresh desk announces: (end, days before, to the customer, to the owner).
USUAL = (
    (EndOf.TRIAL, 7, True, True),
    (EndOf.TRIAL, 1, True, True),
    (EndOf.GRACE, 7, True, True),
    (EndOf.GRACE, 3, True, True),
    (EndOf.GRACE, 1, True, True),
    (EndOf.OVERRIDE, 14, False, True),
    (EndOf.ITEM, 14, False, True),
    (EndOf.NOTICE, 30, False, True),
    *((end, days, True, True) for end in TO_RENEW for days in (90, 60, 30)),
)


@transaction.atomic
def add_reminder(
    *, end_of: EndOf, days_before: int, tells_customer: bool, tells_owner: bool, by: Actor, at: datetime
) -> Reminder:
    """An announcement was added: so many days before every end of this sort, from now on."""
    by.require(PERMISSION)
    return _add(end_of, days_before, tells_customer, tells_owner, deed=begin(by=by, at=at))


@transaction.atomic
def change_reminder(
    *, reminder: Reminder, days_before: int, tells_customer: bool, tells_owner: bool, by: Actor, at: datetime
) -> Reminder:
    """An announcement was changed: how long before, or whom it tells. What was announced already isn't told again."""
    by.require(PERMISSION)
    held = _held(reminder)
    _refuse_nonsense(held.end_of, days_before, tells_customer, tells_owner, but=held)
    asked = {"days_before": days_before, "tells_customer": tells_customer, "tells_owner": tells_owner}
    changes = {name: (getattr(held, name), value) for name, value in asked.items() if getattr(held, name) != value}
    if not changes:
        return held
    deed = begin(by=by, at=at)
    for name, value in asked.items():
        setattr(held, name, value)
    keep(held, deed=deed)
    record(deed, "reminder:change", subject=held, changes=changes)
    return held


@transaction.atomic
def remove_reminder(*, reminder: Reminder, by: Actor, at: datetime) -> None:
    """An announcement was struck: these ends are no longer announced so long before."""
    by.require(PERMISSION)
    held = _held(reminder)
    deed = begin(by=by, at=at)
    record(deed, "reminder:remove", subject=held, changes={"days_before": (held.days_before, None)})
    remove(held, deed=deed)


@transaction.atomic
def install_usual(*, at: datetime) -> int:
    """The usual announcements were set for each sort of end that never had any; what staff set or struck stays so."""
    known = set(Reminder.history.values_list("end_of", flat=True))
    new = [usual for usual in USUAL if usual[0] not in known]
    for usual in new:
        _add(*usual, deed=begin(by=SYSTEM, at=at))
    return len(new)


def _add(end_of: EndOf, days_before: int, tells_customer: bool, tells_owner: bool, *, deed: Deed) -> Reminder:
    _refuse_nonsense(end_of, days_before, tells_customer, tells_owner)
    row = Reminder(end_of=end_of, days_before=days_before, tells_customer=tells_customer, tells_owner=tells_owner)
    keep(row, deed=deed)
    changes = {name: (None, getattr(row, name)) for name in ("days_before", "tells_customer", "tells_owner")}
    record(deed, "reminder:add", subject=row, changes=changes)
    return row


def _held(reminder: Reminder) -> Reminder:
    held = Reminder.objects.select_for_update().filter(pk=reminder.pk).first()
    if held is None:
        raise Stale("Someone else has struck this announcement since you opened it.")
    return held


def _refuse_nonsense(
    end_of: str, days_before: int, tells_customer: bool, tells_owner: bool, *, but: Reminder | None = None
) -> None:
    if not 1 <= days_before <= LONGEST:
        raise Invalid(f"An end is announced 1 to {LONGEST} days before it.", field="days_before")
    if not (tells_customer or tells_owner):
        raise Invalid("Choose whom it tells: the customer, the account's owner, or both.", field="tells_owner")
    others = Reminder.objects.filter(end_of=end_of, days_before=days_before)
    if (others if but is None else others.exclude(pk=but.pk)).exists():
        raise Invalid("This end is announced so many days before it already. Change that line.", field="days_before")
