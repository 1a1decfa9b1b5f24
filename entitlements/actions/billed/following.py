"""What is billed elsewhere becomes what is held here, so that what is paid for is what is allowed.

One look at the billing is followed whole or not at all: where the desk refuses a step, nothing of it is done, and a
finding says what was refused. What is there to be seen was seen before; nothing here speaks to another system.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from entitlements.actions.billed import noting
from entitlements.actions.billed.carrying_out import carry_out
from entitlements.actions.billed.customers import account_of_purchase, know_by_customer
from entitlements.actions.billed.findings import note, settle_gone, settle_kept, settle_sold_again
from entitlements.actions.billed.items import name_item
from entitlements.actions.billed.saying import say_done
from entitlements.actions.billed.tickets import claim
from entitlements.actions.billed.work import Noted, Work
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.subscriptions import require_seller
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.keeping import kept_told
from entitlements.domain.billed.steps import Sold, Start
from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.models import Account, BilledSubscription, BillingFinding, Subscription
from entitlements.queries.billed.compared import Compared, compare, kept_names
from entitlements.queries.billed.customers import Whose
from entitlements.queries.billed.findings import any_standing
from entitlements.queries.billed.held import subscription_of
from entitlements.queries.billed.links import sold_of
from journal.actions.deeds import Deed, begin
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Connection

MOST_PASSES = 3  # one does; where rows of ours stood in its way, the next finds them out of it
PASSED_OVER = "Something newer was followed already"
NOTHING = "Nothing differed"
FOUND_HERE = (FindingKind.UNLINKED, FindingKind.DOUBTFUL, FindingKind.REFUSED, FindingKind.CHARGED)  # each time anew

# What the actor of a connection has to be allowed, so that it can follow.
NEEDS = frozenset({"accounts:write", "subscriptions:write", "payments:write"})


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of one look. `applied`: no newer one had been followed; `findings` are those a person has to see."""

    words: str
    account_key: str
    applied: bool
    findings: tuple[str, ...] = ()


@transaction.atomic
def follow(
    *,
    connection: Connection,
    billed: Billed,
    customer: BilledCustomer,
    ticket: int,
    by: Actor,
    at: datetime,
    despite_kept: bool = False,
) -> Followed:
    """Followed what a system bills: the subscription here is what it is there.

    `ticket` was taken before anybody looked (`tickets.take_ticket`): of two looks the later asked for wins. What two
    people decided to keep is left out as long as the billing says the same of it, unless `despite_kept`.
    """
    require_seller(by)
    if _row(connection, billed).applied >= ticket:
        return Followed(PASSED_OVER, "", applied=False)
    kept, sold = frozenset() if despite_kept else kept_names(connection, billed.id), sold_of(billed)
    found = _whose(connection, billed, customer, kept, sold, by=by, at=at)
    row = _row(connection, billed, hold=True)
    if not claim(row, ticket):
        return Followed(PASSED_OVER, found.account.key if found.account else "", applied=False)
    deed = begin(by=by, at=at)
    if found.account is None:
        return _without_account(row, compare(None, billed, at=at, kept=kept, sold=sold), customer, found, deed=deed)
    held = _held(billed, found.account)
    work = Work(billed, found.account, held, deed, kept=kept, despite_kept=despite_kept, sold=sold)
    words = _carried_out(work)
    work.noted += noting.charged(billed, work.account if work.subscription is not None else None, at=at)
    _keep_told(row, billed, account=work.account, subscription=work.subscription, at=at)
    return _told(row, work, words)


def _row(connection: Connection, billed: Billed, *, hold: bool = False) -> BilledSubscription:
    rows = BilledSubscription.objects.select_related("connection")
    rows = rows.select_for_update(of=("self",)) if hold else rows
    return rows.get(connection=connection, billing_id=billed.id)


def _whose(
    connection: Connection,
    billed: Billed,
    customer: BilledCustomer,
    kept: Collection[str],
    sold: Mapping[str, Sold],
    *,
    by: Actor,
    at: datetime,
) -> Whose:
    """The account, locked. None is opened, and no doubt is raised, where nothing would begin."""
    held = subscription_of(billed.system, billed.id)
    if held is not None:
        account = lock_account(held.account_id)
        know_by_customer(account, customer.system, customer.id, by=by, at=at)
        return Whose(account)
    first = compare(None, billed, at=at, kept=kept, sold=sold)
    if not any(isinstance(step, Start) for step in first.steps):
        return Whose()
    return account_of_purchase(connection=connection, billed=billed, customer=customer, by=by, at=at)


def _held(billed: Billed, account: Account) -> Subscription | None:
    """The subscription as it stands once the account is ours."""
    subscription = subscription_of(billed.system, billed.id)
    if subscription is not None and subscription.account_id != account.pk:
        raise Stale(f"{subscription} has just moved to another account. Look again.")
    return subscription


# Doing it ---------------------------------------------------------------------------------------------------------
def _carried_out(work: Work) -> str:
    """Do what is left to do; all of it, or nothing and a finding of why. Most looks find that nothing is."""
    left = _compared(work)
    if not left.steps and not left.ours.named:
        work.noted.extend(noting.unlinked(left.unlinked))
        work.differs = left.names
        return NOTHING
    before = answers_before(account=work.account, at=work.deed.at)
    subscription = work.subscription
    try:
        with transaction.atomic():
            left = _until_nothing_is_left(work, left)
    except Refusal as refusal:
        work.subscription = subscription and Subscription.objects.select_related("account").get(pk=subscription.pk)
        work.events.clear()
        refused = Noted(FindingKind.REFUSED, "", refusal.message, {"ours": refusal.message})
        left = _compared(work)
        work.noted[:] = [*noting.unlinked(left.unlinked), refused]
        work.differs = left.names
        return refusal.message
    work.noted.extend(noting.unlinked(left.unlinked))
    work.differs = left.names
    if not work.events:
        return NOTHING
    journal_changes(
        account=work.account, before=before, at=work.deed.at, cause="The billing says so", event=work.events[0]
    )
    return say_done(work.events)


def _until_nothing_is_left(work: Work, found: Compared) -> Compared:
    """Do what was found, and compare again: what is found last is what can't be done."""
    for _ in range(MOST_PASSES):
        for key, billing_id in found.ours.named.items():
            name_item(key, billing_id, work)
        if not found.steps:
            return found
        carry_out(found.steps, work)
        found = _compared(work)
    if found.steps:
        work.noted.append(noting.drift(found, zone=work.account.zone))
    return found


def _compared(work: Work) -> Compared:
    return compare(work.subscription, work.billed, at=work.deed.at, kept=work.kept, sold=work.sold)


# Telling it -------------------------------------------------------------------------------------------------------
def _without_account(
    row: BilledSubscription, compared: Compared, customer: BilledCustomer, found: Whose, *, deed: Deed
) -> Followed:
    """Nothing is held of it, and nothing is given: it hasn't begun, it is over, or nobody knows whose it is."""
    noted = list(noting.unlinked(compared.unlinked))
    if found.doubt:
        noted.append(noting.doubt(customer, found))
    _keep_told(row, compared.billed, account=None, subscription=None, at=deed.at)
    rows = _noted(row, noted, differs=compared.names, account=None, deed=deed)
    return Followed(found.doubt or NOTHING, "", applied=True, findings=tuple(one.words for one in rows))


def _told(row: BilledSubscription, work: Work, words: str) -> Followed:
    said = {"differs": work.differs, "mended": work.despite_kept}
    rows = _noted(row, work.noted, account=work.account, deed=work.deed, **said)  # type: ignore[arg-type]
    return Followed(words, work.account.key, applied=True, findings=tuple(one.words for one in rows))


def _noted(
    row: BilledSubscription,
    noted: list[Noted],
    *,
    differs: Collection[str],
    mended: bool = False,
    account: Account | None,
    deed: Deed,
) -> list[BillingFinding]:
    """Note what is found, and settle what was found or kept before and isn't there any more; mostly there is nothing."""
    once = list({(one.kind, one.about): one for one in noted}.values())
    refused = any(one.kind is FindingKind.REFUSED for one in once)
    kinds = FOUND_HERE if refused else (*FOUND_HERE, FindingKind.DRIFT)
    told = {"connection": row.connection, "billing_id": row.billing_id, "deed": deed}
    if any_standing(row.connection, row.billing_id):
        settle_kept(still=differs, mended=mended, **told)  # type: ignore[arg-type]
        settle_gone(kinds=kinds, still=once, **told)  # type: ignore[arg-type]
        settle_sold_again(row.subscription, still=once, **told)  # type: ignore[arg-type]
    return [note(one, account=account, **told) for one in once]  # type: ignore[arg-type]


def _keep_told(
    row: BilledSubscription, billed: Billed, *, account: Account | None, subscription: Subscription | None, at: datetime
) -> None:
    """What it said last; a mirror without versions, as its messages and the audit are its past."""
    row.customer, row.state = billed.customer, billed.state.value
    row.told, row.told_at = kept_told(billed), at
    row.account, row.subscription = account, subscription
    row.save()
