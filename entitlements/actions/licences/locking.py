"""A licence is changed by one hand at a time: its account's row is locked first, as by every change of a customer."""

from django.db import transaction

from entitlements.actions.licences.refusals import Revoked
from entitlements.actions.locking import lock_account
from entitlements.domain.licences.codes import Code
from entitlements.models import Account, Subscription
from entitlements.models.licence import Licence
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

WRITE = "licences:write"
USE = "licences:use"
TRIES = 3


def lock_licence(licence: Licence) -> Licence:
    """The licence as it stands once it and its account are ours, with its policy, account and subscription.

    It may have gone over into another account (by a merge) while we waited for the one we knew.
    """
    assert transaction.get_connection().in_atomic_block
    for _attempt in range(TRIES):
        account_id = Licence.objects.values_list("account_id", flat=True).get(pk=licence.pk)
        lock_account(account_id)
        row = Licence.objects.select_for_update(of=("self",)).get(pk=licence.pk)
        if row.account_id == account_id:
            return row
    raise Stale("The licence goes from one account to another just now. Try again.")


def require(by: Actor, permission: str, *, scope: str) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(scope):
        by.require(permission)


def refuse_revoked(licence: Licence) -> None:
    """The refusal where nothing of it can change any more."""
    if licence.revoked_at is not None:
        raise Revoked(f"{Code.REVOKED.words} Issue another one instead.")


def refuse_others_subscription(subscription: Subscription | None, account: Account) -> None:
    if subscription is not None and subscription.account_id != account.pk:
        raise Invalid(f"{subscription} is not one of {account}'s.", field="subscription")
