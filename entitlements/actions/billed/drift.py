"""Where the billing and the desk don't agree: looked at, and noted.

Theirs is taken by following (`actions/billed/following.follow`), which has to ask first and so begins in the folder of
whoever bills. Here nothing of what is held changes.
"""

from datetime import datetime

from django.db import transaction

from entitlements.actions.billed import noting
from entitlements.actions.billed.findings import note, settle_gone, settle_kept, settle_sold_again
from entitlements.actions.locking import lock_account
from entitlements.actions.subscriptions import require_seller
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.steps import Start
from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.models import Account, BilledSubscription, BillingFinding
from entitlements.queries.billed.compared import Compared, compare_billed
from entitlements.queries.billed.customers import whose
from entitlements.queries.billed.findings import standing
from entitlements.queries.billed.held import subscription_of
from journal.actions.deeds import begin
from journal.domain.actor import Actor
from journal.models import Connection

LOOKED_AT = (FindingKind.UNLINKED, FindingKind.DOUBTFUL, FindingKind.CHARGED, FindingKind.DRIFT)


@transaction.atomic
def look(
    *,
    connection: Connection,
    billed: Billed,
    customer: BilledCustomer,
    ticket: int,
    by: Actor,
    at: datetime,
    gone: bool = False,
) -> BillingFinding | None:
    """Noted how a subscription differs from what is billed, or that it differs no more; nothing that is held changes.

    `ticket` was taken before anybody asked. What was asked earlier than what was followed last says nothing any more.
    `gone`: there is no such subscription there, and `billed` is one that has ended. None where nothing differs.
    """
    require_seller(by)
    held = subscription_of(billed.system, billed.id)
    account = lock_account(held.account_id) if held is not None else None
    row = BilledSubscription.objects.select_for_update().get(connection=connection, billing_id=billed.id)
    if row.applied > ticket:
        return standing(connection, billed.id)
    compared = compare_billed(connection, billed, at=at)
    account, noted = _noted(compared, customer, account, gone=gone)
    noted += noting.charged(billed, account if held is not None else None, at=at)
    refused = standing(connection, billed.id, FindingKind.REFUSED) if compared.steps else None
    if refused is not None:
        noted = [one for one in noted if one.kind is not FindingKind.DRIFT]  # why it differs stands there already
    deed = begin(by=by, at=at)
    told = {"connection": connection, "billing_id": billed.id, "deed": deed}
    settle_kept(still=compared.names, **told)  # type: ignore[arg-type]
    settle_gone(kinds=LOOKED_AT, still=noted, **told)  # type: ignore[arg-type]
    settle_sold_again(compared.subscription, **told)  # type: ignore[arg-type]
    rows = [note(one, account=account, **told) for one in noted]  # type: ignore[arg-type]
    return next((one for one in rows if one.kind != FindingKind.UNLINKED), refused)


def _noted(
    compared: Compared, customer: BilledCustomer, account: Account | None, *, gone: bool
) -> tuple[Account | None, list[noting.Noted]]:
    """What is found, and whose it is; where it would begin and nobody knows for whom, that is what is found."""
    found = list(noting.unlinked(compared.unlinked))
    if not compared.steps:
        return account, found
    if account is None and any(isinstance(step, Start) for step in compared.steps):
        owner = whose(compared.billed, customer)
        if owner.doubt:
            return None, [*found, noting.doubt(customer, owner)]
        account = owner.account
    zone = account.zone if account is not None else "UTC"
    return account, [*found, noting.drift(compared, zone=zone, gone=gone)]
