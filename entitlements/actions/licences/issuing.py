"""Issuing licences, giving them new keys, and what may be edited about them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from catalog.domain.window import end_through
from entitlements.actions.licences.locking import (
    WRITE,
    lock_licence,
    refuse_others_subscription,
    refuse_revoked,
    require,
)
from entitlements.actions.licences.transferring import PERMISSION, transfer
from entitlements.actions.locking import lock_account
from entitlements.domain.licences.key_text import PREFIX_BYTES, SECRET_BYTES, digest_of, write_key, write_prefix
from entitlements.domain.licences.maintenance import maintained_until
from entitlements.models import Account, Subscription
from entitlements.models.licence import Licence, LicencePolicy
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

__all__ = [
    "PERMISSION",
    "SCOPE",
    "Issued",
    "PolicyRetired",
    "edit_licence",
    "issue",
    "renew_key",
    "token_of",
    "transfer",
]
SCOPE = WRITE


class PolicyRetired(Refusal):
    """No more licences are issued by this policy."""

    code = "policy_retired"


@dataclass(frozen=True, slots=True)
class Issued:
    """A licence with its key, which is shown this once and kept nowhere."""

    licence: Licence
    key: str


@transaction.atomic
def issue(
    *,
    account: Account,
    policy: LicencePolicy,
    by: Actor,
    at: datetime,
    subscription: Subscription | None = None,
    name: str = "",
    environment: str = "",
    expires_at: datetime | None = None,
    through_on: date | None = None,
    maintenance_until: date | None = None,
    seen: Collection[int] | None = None,
) -> Issued:
    """Issued a licence; its key is returned this once.

    It expires with the last day `through_on`, in the account's zone, or at `expires_at`, or never. Maintenance is the
    policy's, counted from today, unless its last day is said. `seen` are the licences of the account that the form
    knew of: pressed twice, the second press is refused.
    """
    require(by, PERMISSION, scope=SCOPE)
    owner = lock_account(account.pk)
    if seen is not None and set(seen) != set(Licence.objects.filter(account=owner).values_list("pk", flat=True)):
        raise Stale("A licence was issued here since you opened this form. Look again before issuing one.")
    if policy.retired_at is not None:
        raise PolicyRetired(f"No more licences are issued by “{policy}”: it was retired.")
    refuse_others_subscription(subscription, owner)
    if maintenance_until is None and policy.maintenance_months is not None:
        today = at.astimezone(ZoneInfo(owner.zone)).date()
        maintenance_until = maintained_until(today, months=policy.maintenance_months)
    prefix = write_prefix(secrets.token_bytes(PREFIX_BYTES))
    key, digest = _made(prefix)
    licence = Licence(
        prefix=prefix, digest=digest, policy=policy, account=owner, subscription=subscription, name=_text(name),
        environment=_text(environment), issued_at=at, issued_by=by.name, maintenance_until=maintenance_until,
        **_end(owner, expires_at=expires_at, through_on=through_on, at=at),
    )  # fmt: skip
    deed = begin(by=by, at=at)
    keep(licence, deed=deed)
    told = {
        "policy": policy, "subscription": subscription, "environment": licence.environment or None,
        "expires": licence.through_on or licence.expires_at, "maintenance until": maintenance_until,
    }  # fmt: skip
    changes = {word: [None, _said(value)] for word, value in told.items() if value is not None}
    record(deed, "licence:issue", subject=licence, account_key=owner.key, changes=changes)
    return Issued(licence, key)


@transaction.atomic
def renew_key(*, licence: Licence, reason: str, by: Actor, at: datetime) -> Issued:
    """Gave a licence a new key: the old one stops at once. What may be shown of it stays, and so do its activations."""
    require(by, PERMISSION, scope=SCOPE)
    if not reason.strip():
        raise Invalid("Say why: whoever still has the old key will ask.", field="reason")
    row = lock_licence(licence)
    refuse_revoked(row)
    key, row.digest = _made(row.prefix)
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "licence:renew_key", subject=row, account_key=row.account.key, reason=reason.strip())
    return Issued(row, key)


@transaction.atomic
def edit_licence(
    *,
    licence: Licence,
    name: str,
    environment: str,
    through_on: date | None,
    maintenance_until: date | None,
    by: Actor,
    at: datetime,
    expires_at: datetime | None = None,
    reason: str = "",
    seen: str | None = None,
) -> Licence:
    """Edited what a licence is for, its last day, or its maintenance; what is left out has no end.

    An end in the past is refused: revoke it instead. `seen` is the token of the licence the person had before them.
    """
    require(by, PERMISSION, scope=SCOPE)
    row = lock_licence(licence)
    refuse_revoked(row)
    if seen is not None and seen != token_of(row):
        raise Stale
    row.name, row.environment, row.maintenance_until = _text(name), _text(environment), maintenance_until
    if (through_on, expires_at) != (row.through_on, None if row.through_on else row.expires_at):
        end = _end(row.account, expires_at=expires_at, through_on=through_on, at=at)
        row.expires_at, row.through_on = end["expires_at"], end["through_on"]
    changes = pending_changes(row)
    if not changes:
        return row
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "licence:edit", subject=row, account_key=row.account.key, reason=reason.strip(), changes=changes)
    return row


def token_of(licence: Licence) -> str:
    """What a form was opened with, for `seen`."""
    told = (licence.name, licence.environment, licence.expires_at, licence.through_on, licence.maintenance_until)
    return ";".join(str(one) for one in (*told, licence.suspended_at, licence.revoked_at, licence.account_id))


def _made(prefix: str) -> tuple[str, str]:
    """A new key, and the digest that is kept of it."""
    key = write_key(prefix=prefix, secret=secrets.token_bytes(SECRET_BYTES))
    return key, digest_of(key).hex()


def _end(
    account: Account, *, expires_at: datetime | None, through_on: date | None, at: datetime
) -> dict[str, datetime | date | None]:
    """The end as columns: the instant, and the day as it was said."""
    if through_on is not None and expires_at is not None:
        raise Invalid("Say the last day or an instant, not both.", field="expires_at")
    try:
        end = expires_at if through_on is None else end_through(through_on, account.zone)
    except OverflowError:
        raise Invalid("The calendar ends before that. Choose an earlier day, or none.", field="through_on") from None
    if end is not None and end <= at:
        field = "expires_at" if through_on is None else "through_on"
        raise Invalid("It would have expired already. Choose a later day, or none.", field=field)
    return {"expires_at": end, "through_on": through_on}


def _text(typed: str) -> str:
    return typed.replace("\x00", "").strip()


def _said(value: object) -> object:
    return value if isinstance(value, date | datetime) else str(value)
