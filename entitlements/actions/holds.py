"""Holds: one customer keeps a version for a time, whatever is published meanwhile, and then catches up."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.models import Account, SubscriptionItem
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal

PERMISSION = "entitlements.hold_version"


class NotHeld(Refusal):
    """No hold lasts on the item."""

    code = "not_held"


@transaction.atomic
def hold(*, item: SubscriptionItem, until: datetime, reason: str, by: Actor, at: datetime) -> SubscriptionItem:
    """A customer was kept on the version they have, until the instant named.

    A hold that lasts already gets the new end and reason. One that is over stays on record, since it speaks for the
    time in which it lasted.
    """
    by.require(PERMISSION)
    account, held = _locked(item)
    if until <= at:
        raise Invalid("This end has passed; a hold lasts until a moment still to come.", field="until")
    if not reason.strip():
        raise Invalid("Say why they keep it.", field="reason")
    if held.ends_at is not None and held.ends_at <= at:
        raise Refusal(f"{held} has ended; there is nothing left to keep.")
    before = answers_before(account=account, at=at)
    was = held.held_until
    if not lasts(held, at=at):
        _file(held)
        held.held_from, was = at, None
    held.held_until, held.hold_reason = until, reason.strip()
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    _tell_follower(held, deed=deed)
    event = record(
        deed,
        "version:hold",
        subject=held.subscription,
        account_key=account.key,
        reason=held.hold_reason,
        changes={"held_until": [was and was.isoformat(), until.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{held.plan.name} was held", event=event)
    return held


@transaction.atomic
def release_hold(*, item: SubscriptionItem, by: Actor, at: datetime, reason: str = "") -> SubscriptionItem:
    """A hold was ended before its time; the customer has what was published meanwhile, from this moment on."""
    by.require(PERMISSION)
    account, held = _locked(item)
    if not lasts(held, at=at) or held.held_until is None:
        raise NotHeld(f"{held} is not held on a version, so there is nothing to release.")
    before = answers_before(account=account, at=at)
    was = held.held_until
    if held.held_from == at:
        held.held_from = held.held_until = None
        held.hold_reason = ""
    else:
        held.held_until = at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    _tell_follower(held, deed=deed)
    event = record(
        deed,
        "version:release",
        subject=held.subscription,
        account_key=account.key,
        reason=reason.strip(),
        changes={"held_until": [was.isoformat(), at.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{held.plan.name} was released", event=event)
    return held


def lasts(item: SubscriptionItem, *, at: datetime) -> bool:
    """Whether a hold lasts on the item at the moment."""
    return item.held_from is not None and item.held_until is not None and item.held_from <= at < item.held_until


def _locked(item: SubscriptionItem) -> tuple[Account, SubscriptionItem]:
    """The account, so that two changes of one customer follow each other, and the item as it stands then."""
    held_by = Account.objects.get(subscriptions__items=item.pk)
    account = lock_account(held_by.pk)
    rows = SubscriptionItem.objects.select_related("subscription__account", "plan", "version__plan")
    return account, rows.get(pk=item.pk)


def _tell_follower(item: SubscriptionItem, *, deed: Deed) -> None:
    """The same purchase in the quantity planned for its renewal is held, and released, with it."""
    follower = SubscriptionItem.objects.filter(follows=item).first()
    if follower is not None:
        follower.held_from, follower.held_until = item.held_from, item.held_until
        follower.hold_reason, follower.former_holds = item.hold_reason, item.former_holds
        keep(follower, deed=deed)


def _file(item: SubscriptionItem) -> None:
    """Put a hold that is over among the former ones."""
    if item.held_from is not None and item.held_until is not None:
        former = [item.held_from.isoformat(), item.held_until.isoformat(), item.hold_reason]
        item.former_holds = [*item.former_holds, former]
