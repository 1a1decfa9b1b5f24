"""The people of the desk: who they are, what they may do, and when they leave."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import Staff

PERMISSION = "journal.manage_staff"


@transaction.atomic
def create_staff(
    *,
    username: str,
    email: str,
    roles: Collection[str],
    by: Actor,
    at: datetime,
    first_name: str = "",
    last_name: str = "",
    zone: str = "UTC",
    password: str | None = None,
) -> Staff:
    """Added a member of staff. Without a password nobody can sign in as them until one is set."""
    by.require(PERMISSION)
    staff = Staff(
        username=username,
        email=email,
        first_name=first_name,
        last_name=last_name,
        zone=zone,
        is_staff=True,
        date_joined=at,
    )
    _give_password(staff, password)
    deed = begin(by=by, at=at)
    keep(staff, deed=deed)
    staff.groups.set(_groups(roles))
    record(deed, "staff:create", subject=staff, changes={"roles": [None, sorted(roles)], "email": [None, email]})
    return staff


@transaction.atomic
def change_details(
    *, staff: Staff, first_name: str, last_name: str, email: str, zone: str, by: Actor, at: datetime
) -> Staff:
    """Changed how a member of staff is called, reached, or shown times."""
    by.require(PERMISSION)
    staff.first_name, staff.last_name, staff.email, staff.zone = first_name, last_name, email, zone
    changes = pending_changes(staff)
    if changes:
        deed = begin(by=by, at=at)
        keep(staff, deed=deed)
        record(deed, "staff:change_details", subject=staff, changes=changes)
    return staff


@transaction.atomic
def assign_roles(*, staff: Staff, roles: Collection[str], by: Actor, at: datetime) -> Staff:
    """Gave a member of staff these roles, and no others."""
    by.require(PERMISSION)
    groups = _groups(roles)
    before = sorted(staff.groups.values_list("name", flat=True))
    if before == sorted(set(roles)):
        return staff
    if by.key == staff.as_actor().key:
        raise NotAllowed("Someone else has to change your roles.", field="roles")
    staff.groups.set(groups)
    record(begin(by=by, at=at), "staff:assign_roles", subject=staff, changes={"roles": [before, sorted(set(roles))]})
    return staff


@transaction.atomic
def set_password(*, staff: Staff, password: str, by: Actor, at: datetime) -> Staff:
    """Set a new password for a member of staff."""
    by.require(PERMISSION)
    _give_password(staff, password)
    deed = begin(by=by, at=at)
    keep(staff, deed=deed)
    record(deed, "staff:set_password", subject=staff)
    return staff


@transaction.atomic
def change_own_password(*, staff: Staff, password: str, by: Actor, at: datetime) -> Staff:
    """Changed one's own password."""
    if by.key != staff.as_actor().key:
        raise NotAllowed("You can change only your own password here; an administrator can set a new one for others.")
    _give_password(staff, password)
    deed = begin(by=by, at=at)
    keep(staff, deed=deed)
    record(deed, "staff:change_password", subject=staff)
    return staff


@transaction.atomic
def deactivate(*, staff: Staff, by: Actor, at: datetime) -> Staff:
    """Closed the desk to a member of staff; what they did stays under their name."""
    if by.key == staff.as_actor().key:
        raise NotAllowed("Someone else has to deactivate you, so that the desk is never left without a key.")
    return _switch(staff, active=False, verb="staff:deactivate", by=by, at=at)


@transaction.atomic
def reactivate(*, staff: Staff, by: Actor, at: datetime) -> Staff:
    """Opened the desk to a member of staff again, with the roles they had."""
    return _switch(staff, active=True, verb="staff:reactivate", by=by, at=at)


def _switch(staff: Staff, *, active: bool, verb: str, by: Actor, at: datetime) -> Staff:
    by.require(PERMISSION)
    if not Staff.objects.filter(pk=staff.pk, is_active=not active).update(is_active=active):
        raise Stale(f"{staff.name()} is {'active' if active else 'deactivated'} already.")
    staff.refresh_from_db()
    record(begin(by=by, at=at), verb, subject=staff, changes={"active": [not active, active]})
    return staff


def _groups(roles: Collection[str]) -> list[Group]:
    groups = list(Group.objects.filter(name__in=roles))
    missing = sorted(set(roles) - {group.name for group in groups})
    if missing:
        raise Invalid(f"There is no role called {', '.join(missing)}.", field="roles")
    return groups


def _give_password(staff: Staff, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user=staff)
        except ValidationError as error:
            raise Invalid(" ".join(error.messages), field="password") from error
    staff.set_password(password)
