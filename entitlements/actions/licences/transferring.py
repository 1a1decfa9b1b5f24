"""Handing a licence over to another customer."""

from datetime import datetime

from django.db import transaction

from catalog.domain.window import end_through
from entitlements.actions.licences.activating import release_all
from entitlements.actions.licences.locking import WRITE, refuse_others_subscription, refuse_revoked, require
from entitlements.actions.locking import lock_all, refuse_merged
from entitlements.models import Account, Subscription
from entitlements.models.licence import Licence
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.issue_licence"


@transaction.atomic
def transfer(
    *,
    licence: Licence,
    account: Account,
    reason: str,
    by: Actor,
    at: datetime,
    subscription: Subscription | None = None,
) -> Licence:
    """Handed a licence over to another account, whose entitlements it has from now on.

    Wherever it ran it has to be activated anew. It hangs on the subscription given, one of the new account's, or on
    none; its last day, as it was said, ends in the new account's zone. Its key stays: give it a new one where whoever
    had it shall lose it.
    """
    require(by, PERMISSION, scope=WRITE)
    if not reason.strip():
        raise Invalid("Say why: both customers will ask.", field="reason")
    row, former, owner = _locked(licence, account)
    refuse_revoked(row)
    if former.pk == owner.pk:
        raise Invalid(f"It is {owner}'s already.", field="account")
    refuse_others_subscription(subscription, owner)
    deed = begin(by=by, at=at)
    released = release_all(row, deed=deed)
    row.account, row.subscription = owner, subscription
    if row.through_on is not None:
        row.expires_at = end_through(row.through_on, owner.zone)
        if row.expires_at <= row.issued_at:
            raise Invalid(f"Its last day is over already where {owner} is. Give it a later one first.", field="account")
    keep(row, deed=deed)
    changes = {"account": [str(former), str(owner)], "activations": [released, 0]}
    for key in (former.key, owner.key):
        record(deed, "licence:transfer", subject=row, account_key=key, reason=reason.strip(), changes=changes)
    return row


def _locked(licence: Licence, account: Account) -> tuple[Licence, Account, Account]:
    former_id = Licence.objects.values_list("account_id", flat=True).get(pk=licence.pk)
    accounts = lock_all({former_id, account.pk})
    for one in accounts.values():
        refuse_merged(one)
    row = Licence.objects.select_for_update(of=("self",)).get(pk=licence.pk)
    if row.account_id != former_id:
        raise Stale("The licence went over to another account meanwhile. Look again.")
    return row, accounts[former_id], accounts[account.pk]
