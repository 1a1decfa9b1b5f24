"""Saying, or putting right, which device a case is about: what is better by it comes, what would be less never does."""

from datetime import datetime
from typing import Any

from django.db import transaction

from journal.actions.deeds import begin, keep_changed, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from support.actions.allowances.counting import settle_counts
from support.actions.cases.about import Named, named
from support.actions.cases.handling import CaseCancelled, account_key_of, lock_case, require
from support.actions.cases.promising import promise_anew
from support.actions.cases.telling import tell_case
from support.domain.case_events import CaseState
from support.models import Case
from support.queries.cases.device import with_device
from support.queries.cases.promising import tier_of
from support.webhook_events import CHANGED


@transaction.atomic
def name_device(
    *, case: Case, asset: str, by: Actor, at: datetime, product: str = "", instead_of: int | str | None = ""
) -> Case:
    """A case is about another device than was said, or about one at all; both empty: about none.

    What covers that device, when the case was opened or now, betters what the case is promised and never lessens it; who
    pays for further work follows the device. `asset` and `product` as at the opening. `instead_of` is the id of the
    device that was seen; another one since is Stale.
    """
    require(by)
    held = lock_case(case.pk)
    if instead_of != "" and instead_of != held.asset_id:
        raise Stale
    meant = device_meant(held, asset=asset, product=product)
    deed = begin(by=by, at=at)
    changes = {"asset": [_said(held.asset), _said(meant.asset)], "product": [_said(held.product), _said(meant.product)]}
    held.asset, held.product = meant.asset, meant.product
    keep_changed([held], fields=["asset", "product"], deed=deed)
    found = with_device(held, at=at)
    if found is not None and found.promise is not None:
        promise = found.promise
        changes |= {"tier": [held.tier, tier_of(promise)], "promised": [None, promise.why]}
        promise_anew(held, promise=promise, at=at, deed=deed)
        settle_counts(lock_case(held.pk), at=at, deed=deed)
    changes = {what: change for what, change in changes.items() if change[0] != change[1]}
    record(deed, "case:name_device", subject=held, account_key=account_key_of(held), changes=changes)
    tell_case(CHANGED, held, once_key=f"case-device:{deed.id}", at=at, about=_told(held))
    return lock_case(held.pk)


def device_meant(case: Case, *, asset: str, product: str) -> Named:
    """What these words name for the case; refused where nothing would be changed by it."""
    if case.state == CaseState.CANCELLED:
        raise CaseCancelled(f"{case.number} was cancelled; nothing is owed on it any more.")
    meant = named(case.account, product=product, asset=asset, cover="", at=case.opened_at)
    if is_about(case, meant):
        what = meant.asset or meant.product or "no device"
        raise Refusal(f"{case.number} is about {what} already; nothing was changed.", field="asset")
    return meant


def is_about(case: Case, meant: Named) -> bool:
    asset, product = (None if row is None else row.pk for row in (meant.asset, meant.product))
    return (case.asset_id, case.product_id) == (asset, product)


def _said(row: Any) -> str | None:
    return None if row is None else str(row)


def _told(case: Case) -> dict[str, Any]:
    return {
        "happened": "device_named",
        "product": None if case.product is None else case.product.key,
        "serial": None if case.asset is None else case.asset.serial,
    }
