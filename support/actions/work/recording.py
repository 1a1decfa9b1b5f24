"""Work and parts as they were done and used: what the customer pays is read from the covers then, and kept with it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid
from support.actions.cases.handling import refuse_future
from support.actions.work.billing import tell_billable
from support.actions.work.handling import (
    AuthorisationNeeded,
    WorkReused,
    name_of,
    refuse_anothers,
    require,
    spoken,
    text_of,
)
from support.domain.cover_terms import Billing, VisitState, WorkKind
from support.domain.work import KIND_WORDS, aspect_of, billing_of, customer_share, price_fault, quantity_fault
from support.models import Asset, Case, Cover, Visit, Warranty, WorkItem
from support.queries.work.authorised import Share, foreseen_share

SAID = ("kind", "description", "part_number", "quantity", "amount_micros", "currency")


def record_work(
    *,
    account: Account,
    kind: WorkKind,
    description: str,
    by: Actor,
    at: datetime,
    case: Case | None = None,
    visit: Visit | None = None,
    asset: Asset | None = None,
    quantity: int = 1,
    part_number: str = "",
    amount_micros: int | None = None,
    currency: str = "",
    done_at: datetime | None = None,
    done_by: str = "",
    authorised_by: str = "",
    name: str = "",
    customer_percent: int | None = None,
    why: str = "",
) -> WorkItem:
    """Work was recorded, with what the customer pays of it by the covers that held when it was done.

    Told again under the same name it is recorded once. `customer_percent` with `why` is what was decided elsewhere, and
    is kept as it is. Labour and travel of a visit that a cover includes are borne with the visit.
    """
    require(by)
    name = name_of(name, by=by)
    return write_work(
        account=account, kind=kind, description=description, by=by, at=at, case=case, visit=visit, asset=asset,
        quantity=quantity, part_number=part_number, amount_micros=amount_micros, currency=currency, done_at=done_at,
        done_by=done_by, authorised_by=authorised_by, name=name, customer_percent=customer_percent, why=why,
    )  # fmt: skip


@transaction.atomic
def write_work(
    *, account: Account, kind: WorkKind, by: Actor, at: datetime, customer_percent: int | None, why: str, **said: Any
) -> WorkItem:
    """What record_work writes, for actions that have asked for a permission of their own."""
    account = lock_account(account.pk)
    item = _drawn(account, kind, by=by, at=at, **said)
    known = WorkItem.objects.filter(name=item.name).select_related("account").first() if item.name else None
    if known is not None:
        return _the_same(known, item)
    _refuse_elsewhere(item, visit=said["visit"], at=at)
    if customer_percent is None:
        _decide(item)
    else:
        item.customer_percent, item.why = _given(customer_percent, why)
    if item.amount_micros is not None:
        item.customer_micros = customer_share(
            item.amount_micros, percent=item.customer_percent, currency=item.currency
        )  # fmt: skip
    item.billing = billing_of(item.customer_percent)
    return _keep(item, deed=begin(by=by, at=at))


def _drawn(account: Account, kind: WorkKind, *, by: Actor, at: datetime, **said: Any) -> WorkItem:
    """The item as it was told, each input judged by itself."""
    kind = WorkKind(kind)
    quantity, amount, currency = said["quantity"], said["amount_micros"], said["currency"].strip().upper()
    if fault := quantity_fault(kind, quantity):
        raise Invalid(fault, field="quantity")
    if (wrong := price_fault(amount, currency)) is not None:
        raise Invalid(wrong[1], field=wrong[0])
    case, visit = said["case"], said["visit"]
    return WorkItem(
        account=account,
        case=case,
        visit=visit,
        asset=said["asset"] or (case.asset if case else None) or (visit.asset if visit else None),
        kind=kind,
        description=text_of(
            said["description"], field="description", longest=300, needed="Say in a line what was done or used."
        ),
        part_number=text_of(said["part_number"], field="part_number", longest=120),
        quantity=quantity,
        amount_micros=amount,
        currency=currency,
        authorised_by=text_of(said["authorised_by"], field="authorised_by", longest=200),
        done_at=said["done_at"] or (visit.settled_at if visit else None) or at,
        done_by=text_of(said["done_by"], field="done_by", longest=200) or by.name,
        recorded_at=at,
        recorded_by=by.name,
        recorded_by_key=by.key,
        name=text_of(said["name"], field="name", longest=200),
    )  # fmt: skip


def _the_same(known: WorkItem, told: WorkItem) -> WorkItem:
    """A repeat is answered with what stands; other work under the same name is refused."""
    if known.account_id != told.account_id or any(getattr(known, one) != getattr(told, one) for one in SAID):
        raise WorkReused(f"“{told.name}” told of other work before: {known.description}.", field="name")
    return known


def _refuse_elsewhere(item: WorkItem, *, visit: Visit | None, at: datetime) -> None:
    """Work in the future, and what belongs to another customer."""
    refuse_future(item.done_at, at=at, field="done_at")
    if item.asset is not None:
        refuse_anothers(item.asset, item.account, at=item.done_at)
    if item.case is not None and item.case.account_id != item.account_id:
        raise Invalid(f"{item.case.number} isn’t a case of {item.account.name}.", field="case")
    if visit is not None and visit.account_id != item.account_id:
        raise Invalid(f"The visit isn’t one of {item.account.name}.", field="visit")
    if visit is not None and visit.state != VisitState.DONE:
        raise Invalid(
            "Mark the visit as done first; what isn’t included any more is recorded without the visit.", field="visit"
        )
    if visit is not None:
        _refuse_beside(item, visit)


def _refuse_beside(item: WorkItem, visit: Visit) -> None:
    """Labour and travel are borne with the visit: so neither what was done weeks later nor another device is part of it."""
    assert visit.settled_at is not None
    day, last = (moment.astimezone(ZoneInfo(visit.cover.zone)).date() for moment in (item.done_at, visit.settled_at))
    if not min(visit.from_on, last) <= day <= last:
        raise Invalid(
            f"The visit was done on {last}, so what was done on {day} is no part of it. Record it without the visit.",
            field="done_at",
        )
    if visit.asset_id is not None and item.asset_id not in (None, visit.asset_id):
        raise Invalid(f"The visit was to {visit.asset}. Record other devices without the visit.", field="asset")


def _decide(item: WorkItem) -> None:
    """Who bears it, by the covers in force when it was done."""
    share = foreseen_share(
        item.account,
        aspect_of(WorkKind(item.kind)),
        asset=item.asset,
        case=item.case,
        visit=item.visit,
        at=item.done_at,
    )
    if share.borne and share.authorisation and not item.authorised_by:
        raise AuthorisationNeeded(
            f"{share.cover} says: {share.authorisation} Name who authorised it.", field="authorised_by"
        )
    item.customer_percent, item.why = share.customer, share.why
    item.cover, item.warranty = _decided_by(share)


def _decided_by(share: Share) -> tuple[Cover | None, Warranty | None]:
    kind, _, number = share.by.partition(":")
    if kind == "cover":
        return Cover.objects.get(pk=int(number)), None
    return None, Warranty.objects.get(pk=int(number)) if kind == "warranty" else None


def _given(percent: int, why: str) -> tuple[int, str]:
    if not 0 <= percent <= 100:
        raise Invalid("The customer pays from 0 to 100 percent.", field="customer_percent")
    if not (why := spoken(why)):
        raise Invalid("Say what decided the customer’s share.", field="why")
    return percent, why


def _keep(item: WorkItem, *, deed: Deed) -> WorkItem:
    keep(item, deed=deed)
    changes = {
        "work": [None, f"{KIND_WORDS[WorkKind(item.kind)]}: {item.description}"],
        "customer pays": [None, f"{item.customer_percent} %"],
        "because": [None, item.why],
    }
    record(deed, "work:record", subject=item, account_key=item.account.key, changes=changes)
    if item.billing == Billing.OPEN:
        tell_billable(item, at=deed.at)
    return item
