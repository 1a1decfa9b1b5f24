"""What becomes of the customer's share of some work: handed over to billing, waived, or withdrawn as recorded by mistake.

No invoice is written here. Where a connected system bills the customer, it is told to put the share on the next one;
else billing reads what was handed over, by CSV or API.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from entitlements.actions.invoice_items import promise_invoice_item, take_off_invoice
from entitlements.queries.billed.payers import Payer
from journal.actions.deeds import begin, keep, record
from journal.actions.webhooks.telling import spell_instant, tell
from journal.domain.actor import Actor, ActorKind
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid
from support.actions.work.handling import BILL, NothingToBill, OwnWork, lock_items, reason_of, require
from support.domain.cover_terms import Billing
from support.domain.work import BILLING_WORDS, customer_share, price_fault
from support.models import WorkItem
from support.queries.work.invoicing import Payers, name_on_invoice, say_on_invoice
from support.webhook_events import BILLABLE

MOST = 500


@transaction.atomic
def hand_over(*, items: Iterable[WorkItem], by: Actor, at: datetime) -> list[WorkItem]:
    """Work was marked as billing's, which charges the customer's share. What was handed over before stays as it is.

    A connected system that bills the customer is told; what it can't be told of is to be billed by hand, and says why.
    """
    by.require(BILL)
    deed, payers = begin(by=by, at=at), Payers()
    done = []
    for item in _held(items):
        if item.billing == Billing.HANDED_OVER:
            continue
        _refuse_unless_open(item)
        payer = payers.of(item)
        item.billed_by = payer.connection.vendor if isinstance(payer, Payer) else ""
        by_hand = "" if isinstance(payer, Payer) or not payer.why else f"To be billed by hand: {payer.why}"
        done.append(_settle(item, Billing.HANDED_OVER, reason=by_hand, deed=deed))
        record(deed, "work:hand_over", subject=item, account_key=item.account.key, changes=_changes(item))
        if isinstance(payer, Payer):
            _put_on_invoice(item, payer, at=at)
    return done


@transaction.atomic
def waive(*, items: Iterable[WorkItem], reason: str, by: Actor, at: datetime) -> list[WorkItem]:
    """The customer needn't pay for work, for a reason; decided by somebody other than who recorded it."""
    by.require(BILL)
    reason = reason_of(reason, needed="Say why the customer needn’t pay.")
    deed = begin(by=by, at=at)
    done = []
    for item in _held(items):
        if item.billing == Billing.WAIVED:
            continue
        _refuse_unless_open(item)
        if item.recorded_by_key == by.key:
            raise OwnWork(f"You recorded “{item.description}” yourself: somebody else has to decide that it is waived.")
        done.append(_settle(item, Billing.WAIVED, reason=reason, deed=deed))
        record(deed, "work:waive", subject=item, account_key=item.account.key, reason=reason, changes=_changes(item))
    return done


@transaction.atomic
def state_price(*, item: WorkItem, amount_micros: int, currency: str, by: Actor, at: datetime) -> WorkItem:
    """The price of work to bill was stated, or stated otherwise; the customer's share of it follows."""
    by.require(BILL)
    (item,) = _held([item])
    _refuse_unless_open(item)
    currency = currency.strip().upper()
    if (fault := price_fault(amount_micros, currency)) is not None:
        raise Invalid(fault[1], field=fault[0])
    before = say_price(item)
    if (item.amount_micros, item.currency) == (amount_micros, currency):
        return item
    deed = begin(by=by, at=at)
    item.amount_micros, item.currency = amount_micros, currency
    item.customer_micros = customer_share(amount_micros, percent=item.customer_percent, currency=currency)
    keep(item, deed=deed)
    changes = {"price": [before, say_price(item)]}
    record(deed, "work:state_price", subject=item, account_key=item.account.key, changes=changes)
    return item


@transaction.atomic
def withdraw_work(*, item: WorkItem, reason: str, by: Actor, at: datetime) -> WorkItem:
    """Work was withdrawn: it was recorded by mistake. To bill, somebody other than who recorded it withdraws it.

    What a connected system was told to invoice is withdrawn by finance, and that system is told to take it off.
    """
    if not by.may(BILL):
        require(by)
    (item,) = _held([item])
    charged = item.billing == Billing.OPEN or is_withdrawable(item)
    if charged and item.recorded_by_key == by.key and by.kind is not ActorKind.SYSTEM:
        raise OwnWork("You recorded this yourself, and it is to be billed: somebody else has to withdraw it.")
    if is_withdrawable(item):
        by.require(BILL)
        take_off_invoice(name=name_on_invoice(item), reason=reason.strip(), at=at)
    return _withdraw(item, reason=reason, by=by, at=at)


@transaction.atomic
def withdraw_with_its_source(*, item: WorkItem, reason: str, by: Actor, at: datetime) -> WorkItem | None:
    """Work was withdrawn because what it was written from has gone, for actions that asked for a permission of theirs.

    None, and nothing is written, where it was handed over, waived or withdrawn before.
    """
    (item,) = _held([item])
    if item.billing not in {Billing.OPEN, Billing.COVERED}:
        return None
    return _withdraw(item, reason=reason, by=by, at=at)


def is_withdrawable(item: WorkItem) -> bool:
    """Whether it was handed over and can be withdrawn all the same: who invoices it is connected and takes it back."""
    return bool(item.billing == Billing.HANDED_OVER and item.billed_by)


def tell_billable(item: WorkItem, *, at: datetime) -> int:
    """Told that a customer has to pay for some work: how much of what, in sums only where a price was stated."""
    data: dict[str, Any] = {
        "account": item.account.key,
        "work": item.pk,
        "case": item.case.number if item.case else None,
        "kind": str(item.kind),
        "description": item.description,
        "part_number": item.part_number or None,
        "quantity": item.quantity,
        "customer_percent": item.customer_percent,
        "amount_micros": item.amount_micros,
        "customer_micros": item.customer_micros,
        "currency": item.currency or None,
        "done_at": spell_instant(item.done_at),
    }
    return tell(BILLABLE, data=data, account_key=item.account.key, once_key=f"work:{item.pk}:billable", at=at)


def say_price(item: WorkItem) -> str | None:
    """For the audit, in millionths as they are kept."""
    return None if item.amount_micros is None else f"{item.amount_micros} millionths of {item.currency}"


def _put_on_invoice(item: WorkItem, payer: Payer, *, at: datetime) -> None:
    assert item.customer_micros is not None
    promise_invoice_item(
        payer=payer, account=item.account, name=name_on_invoice(item), description=say_on_invoice(item),
        micros=item.customer_micros, currency=item.currency, at=at,
    )  # fmt: skip


def _held(items: Iterable[WorkItem]) -> Sequence[WorkItem]:
    pks = [item.pk for item in items]
    if not pks:
        raise NothingToBill("Choose at least one.")
    if len(pks) > MOST:
        raise NothingToBill(f"Take at most {MOST} at once.")
    return lock_items(pks)


def _refuse_unless_open(item: WorkItem) -> None:
    if item.billing != Billing.OPEN:
        stands = BILLING_WORDS[Billing(item.billing)].lower()
        raise NothingToBill(f"“{item.description}” of {item.account.name} isn’t to be billed: it is {stands}.")


def _withdraw(item: WorkItem, *, reason: str, by: Actor, at: datetime) -> WorkItem:
    reason = reason_of(reason, needed="Say what was wrong with it.")
    if item.billing == Billing.WITHDRAWN:
        return item
    if item.billing not in {Billing.OPEN, Billing.COVERED} and not is_withdrawable(item):
        _refuse_unless_open(item)
    deed = begin(by=by, at=at)
    before = item.billing
    _settle(item, Billing.WITHDRAWN, reason=reason, deed=deed)
    changes = {"billing": [str(before), str(item.billing)]}
    record(deed, "work:withdraw", subject=item, account_key=item.account.key, reason=reason, changes=changes)
    return item


def _settle(item: WorkItem, to: Billing, *, reason: str, deed: Deed) -> WorkItem:
    item.billing, item.settled_at, item.settled_by, item.settle_reason = to, deed.at, deed.by.name, reason
    return keep(item, deed=deed)


def _changes(item: WorkItem) -> dict[str, Any]:
    return {"billing": [str(Billing.OPEN), str(item.billing)]}
