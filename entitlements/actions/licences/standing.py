"""Suspending licences, letting them go on, and revoking them for good."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.licences.locking import WRITE, lock_licence, refuse_revoked, require
from entitlements.models.licence import Licence
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

SUSPEND = "entitlements.suspend_licence"
REVOKE = "entitlements.revoke_licence"


@transaction.atomic
def suspend(*, licence: Licence, reason: str, by: Actor, at: datetime) -> Licence:
    """Suspended a licence: it is good for nothing until it is let go on. Its places stay its own."""
    require(by, SUSPEND, scope=WRITE)
    _require_reason(reason)
    row = lock_licence(licence)
    refuse_revoked(row)
    if row.suspended_at is not None:
        raise Stale("This licence is suspended already.")
    row.suspended_at, row.suspend_reason = at, _text(reason)
    return _kept(row, "licence:suspend", reason=reason, by=by, at=at, changes={"suspended": [None, at]})


@transaction.atomic
def resume(*, licence: Licence, by: Actor, at: datetime, reason: str = "") -> Licence:
    """Let a suspended licence go on."""
    require(by, SUSPEND, scope=WRITE)
    row = lock_licence(licence)
    refuse_revoked(row)
    if row.suspended_at is None:
        raise Stale("This licence isn't suspended.")
    before, row.suspended_at, row.suspend_reason = row.suspended_at, None, ""
    return _kept(row, "licence:resume", reason=reason, by=by, at=at, changes={"suspended": [before, None]})


@transaction.atomic
def revoke(*, licence: Licence, reason: str, by: Actor, at: datetime) -> Licence:
    """Revoked a licence for good: at once where it is asked about. Files given out before run to their end."""
    require(by, REVOKE, scope=WRITE)
    _require_reason(reason)
    row = lock_licence(licence)
    refuse_revoked(row)
    row.revoked_at, row.revoke_reason = at, _text(reason)
    return _kept(row, "licence:revoke", reason=reason, by=by, at=at, changes={"revoked": [None, at]})


def _require_reason(reason: str) -> None:
    if not _text(reason):
        raise Invalid("Say why: the customer will ask.", field="reason")


def _text(typed: str) -> str:
    return typed.replace("\x00", "").strip()


def _kept(
    row: Licence, verb: str, *, reason: str, by: Actor, at: datetime, changes: dict[str, list[datetime | None]]
) -> Licence:
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, verb, subject=row, account_key=row.account.key, reason=reason.strip(), changes=changes)
    return row
