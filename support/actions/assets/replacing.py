"""A unit takes another's place: it inherits the rest of its warranty, and the covers that named the old one reach it."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal
from support.actions.assets.held import (
    lock_asset,
    reason_of,
    refuse_days,
    refuse_retired_product,
    refuse_serial,
    require,
)
from support.actions.assets.reaching import reach_with
from support.actions.assets.registering import new_unit
from support.actions.assets.warranties import begin_standard, inherit
from support.domain.serials import serial_key
from support.domain.warranties import Days
from support.models import Asset, Product


@transaction.atomic
def replace_asset(
    *,
    asset: Asset,
    serial: str,
    reason: str,
    by: Actor,
    at: datetime,
    product: Product | None = None,
    swapped_at: datetime | None = None,
    days: Days | None = None,
    seen: str | None = None,
) -> Asset:
    """Another unit took an asset's place; the new one, which stands where the old one stood.

    The old one is retired. What was left of its warranties goes on with the new one and nothing more; covers and
    planned visits that named the old one reach the new one from now on.
    """
    require(by)
    lock_account(asset.account_id)
    old = lock_asset(asset, seen=seen)
    product, days, swapped_at = product or old.product, days or Days(), swapped_at or at
    refuse_retired_product(product)
    _refuse_replaced(old, serial, product=product)
    refuse_serial(serial, product=product)
    refuse_days(days, at=at, zone=old.account.zone)
    _refuse_moment(old, swapped_at, at=at)
    why = reason_of(reason)
    deed = begin(by=by, at=at)
    new = new_unit(old=old, product=product, serial=serial, swapped_at=swapped_at, days=days, deed=deed)
    changes = {"serial": [old.serial, new.serial], "product": [str(old.product), str(new.product)]}
    record(deed, "asset:replace", subject=new, account_key=old.account.key, reason=why, changes=changes)
    for row in (rows := list(old.warranties.order_by("starts_at", "pk"))):
        row.asset = old
    inherit(rows, by=new, at=swapped_at, deed=deed)
    begin_standard(new, deed=deed)
    old.retired_at, old.retire_reason = swapped_at, f"Replaced by {new.serial}: {why}"[:500]
    keep(old, deed=deed)
    retired = {"retired_at": [None, swapped_at]}
    record(deed, "asset:retire", subject=old, account_key=old.account.key, reason=why, changes=retired)
    reach_with(new, instead_of=old, at=at, deed=deed)
    return new


def _refuse_replaced(old: Asset, serial: str, *, product: Product) -> None:
    successor = Asset.objects.filter(replaces=old).first()
    if successor is not None:
        raise Refusal(f"{old} was replaced by {successor} already; nothing was changed.")
    if product.pk == old.product_id and serial_key(serial) == old.serial_key:
        raise Invalid("That is the serial number of the one that is replaced. Write the new one’s.", field="serial")


def _refuse_moment(old: Asset, swapped_at: datetime, *, at: datetime) -> None:
    if swapped_at > at:
        raise Invalid("It hasn’t been swapped yet: record it once it has.", field="swapped_on")
    if swapped_at < old.held_since:
        raise Invalid(f"{old.account} got the old one only later, on {old.held_since:%Y-%m-%d}.", field="swapped_on")
