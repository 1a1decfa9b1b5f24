"""Warranties: what a new asset comes with, what was agreed beside it, and how both end before their time."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from catalog.domain.window import end_through, start_of_day
from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal
from support.actions.assets.held import (
    Borne,
    WarrantyBeforePurchase,
    WarrantyNotBegun,
    lock_asset,
    reason_of,
    refuse_borne,
    refuse_tier,
    require,
    spoken,
)
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import LONGEST_MONTHS, Span, missing, span_of, start_fault
from support.models import Asset, Warranty
from support.queries.assets.warranties import days_of, span_held, standard_product, terms_of


@transaction.atomic
def add_warranty(
    *,
    asset: Asset,
    name: str,
    basis: WarrantyBasis,
    by: Actor,
    at: datetime,
    first_on: date | None = None,
    months: int | None = None,
    through_on: date | None = None,
    borne: Borne | None = None,
    tier: str = "",
    priority: int | None = None,
    transferable: bool = True,
    seen: str | None = None,
) -> Warranty:
    """A warranty was set by hand, for so many months or through a day; without a first day, from the one it counts from.

    Changed dates of the asset leave it alone.
    """
    require(by)
    lock_account(asset.account_id)
    asset = lock_asset(asset, seen=seen)
    if not spoken(name):
        raise Invalid("Give the warranty a name, such as Extended warranty.", field="name")
    first = _first_day(asset, basis, first_on)
    span, through = _span(first, months=months, through_on=through_on, zone=asset.account.zone)
    borne = borne or Borne()
    if not borne.says_something and not tier:
        raise Invalid("Say what of labour, parts or travel it bears, in percent.", field="parts")
    refuse_borne(borne)
    refuse_tier(tier)
    if priority is not None and priority < 1:
        raise Invalid("The first in line has the number 1.", field="priority")
    deed = begin(by=by, at=at)
    warranty = Warranty(
        asset=asset, name=spoken(name), basis=basis, starts_at=span.starts_at, ends_at=span.ends_at, through_on=through,
        zone=asset.account.zone, tier=tier, labour=borne.labour, parts=borne.parts, travel=borne.travel,
        priority=priority, transferable=transferable, months=months, recorded_at=at, recorded_by=by.name,
    )  # fmt: skip
    keep(warranty, deed=deed)
    told(deed, "warranty:add", warranty, asset)
    return warranty


@transaction.atomic
def void_warranty(*, warranty: Warranty, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Warranty:
    """A warranty was ended before its time; what was done under it stays covered."""
    require(by)
    lock_account(warranty.asset.account_id)
    asset = lock_asset(warranty.asset, seen=seen)
    held = Warranty.objects.select_for_update(of=("self",)).get(pk=warranty.pk)
    if held.voided_at is not None:
        raise Refusal(f"{held.name} was ended already; nothing was changed.")
    if held.ends_at <= at:
        raise Refusal(f"{held.name} was over after {held.through_on}; there is nothing left to end.")
    deed = begin(by=by, at=at)
    held.asset = asset
    return stop(held, reason=reason_of(reason), at=at, verb="warranty:void", deed=deed)


def stop(warranty: Warranty, *, reason: str, at: datetime, verb: str, deed: Deed) -> Warranty:
    """End it at an instant, within a deed."""
    warranty.voided_at, warranty.voided_by, warranty.void_reason = at, deed.by.name, reason[:500]
    keep(warranty, deed=deed)
    told(deed, verb, warranty, warranty.asset, changes={"ends": [str(warranty.through_on), at.isoformat()]}, why=reason)
    return warranty


def begin_standard(asset: Asset, *, deed: Deed) -> Warranty | None:
    """What a new one comes with, counted from the asset's day; None where it comes with nothing or the day is missing."""
    product = standard_product(asset)
    terms = None if product is None else terms_of(product)
    if product is None or terms is None or (first := days_of(asset).of(terms.basis)) is None:
        return None
    span, through = span_of(first, months=terms.months, zone=asset.account.zone)
    warranty = Warranty(
        asset=asset, name=f"Warranty of {product}"[:200], basis=terms.basis, months=terms.months, standard=True,
        starts_at=span.starts_at, ends_at=span.ends_at, through_on=through, zone=asset.account.zone,
        labour=product.labour, parts=product.parts, travel=product.travel, transferable=product.warranty_transferable,
        recorded_at=deed.at, recorded_by=deed.by.name,
    )  # fmt: skip
    keep(warranty, deed=deed)
    told(deed, "warranty:begin", warranty, asset)
    return warranty


def recount_standard(asset: Asset, *, deed: Deed) -> Warranty | None:
    """The asset's dates have changed: its standard warranty counts from the new day, or begins with it.

    Only that one: what was set by hand, inherited or ended stays as it is.
    """
    standing = asset.warranties.filter(standard=True).first()
    if standing is None:
        return begin_standard(asset, deed=deed)
    if standing.voided_at is not None:
        return None
    basis = WarrantyBasis(standing.basis)
    first = days_of(asset).of(basis)
    if first is None:
        raise WarrantyNotBegun(
            f"“{standing.name}” counts from this day. Write another day instead of none, or end the warranty first.",
            field=f"{basis.value}_on",
        )
    span, through = span_of(first, months=standing.months or 1, zone=standing.zone)
    if (span.starts_at, span.ends_at) == (standing.starts_at, standing.ends_at):
        return None
    before = standing.through_on
    standing.starts_at, standing.ends_at, standing.through_on = span.starts_at, span.ends_at, through
    keep(standing, deed=deed)
    told(deed, "warranty:recount", standing, asset, changes={"through": [str(before), str(through)]})
    return standing


def inherit(warranties: Iterable[Warranty], *, by: Asset, at: datetime, deed: Deed) -> list[Warranty]:
    """The rest of each goes on with the replacement; the replaced one's own ends at the swap."""
    passed = []
    for old in warranties:
        rest = span_held(old).rest(at)
        if rest is None:
            continue
        stop(old, reason=f"{by} took its place, and its warranty.", at=at, verb="warranty:pass_on", deed=deed)
        heir = Warranty(
            asset=by, name=old.name, basis=old.basis, starts_at=rest.starts_at, ends_at=rest.ends_at,
            through_on=old.through_on, zone=old.zone, tier=old.tier, labour=old.labour, parts=old.parts,
            travel=old.travel, priority=old.priority, transferable=old.transferable, inherited_from=old,
            recorded_at=deed.at, recorded_by=deed.by.name,
        )  # fmt: skip
        keep(heir, deed=deed)
        told(deed, "warranty:inherit", heir, by)
        passed.append(heir)
    return passed


def told(
    deed: Deed,
    verb: str,
    warranty: Warranty,
    asset: Asset,
    *,
    changes: dict[str, list[str | None]] | None = None,
    why: str = "",
) -> None:
    said = changes or {"through": [None, str(warranty.through_on)]}
    record(deed, verb, subject=warranty, account_key=asset.account.key, reason=why, changes=said)


def _first_day(asset: Asset, basis: WarrantyBasis, first_on: date | None) -> date:
    days = days_of(asset)
    first = first_on or days.of(basis)
    if first is None:
        raise WarrantyNotBegun(
            f"{missing(basis, days)} Write that day at the asset, or the warranty’s first day here.", field="first_on"
        )
    if fault := start_fault(first, days):
        raise WarrantyBeforePurchase(fault, field="first_on")
    return first


def _span(first: date, *, months: int | None, through_on: date | None, zone: str) -> tuple[Span, date]:
    if (months is None) == (through_on is None):
        raise Invalid("Say either for how many months it lasts, or through which day.", field="months")
    if through_on is None:
        if months is None or not 1 <= months <= LONGEST_MONTHS:
            raise Invalid(f"A warranty lasts from 1 to {LONGEST_MONTHS} months.", field="months")
        return span_of(first, months=months, zone=zone)
    if through_on < first:
        raise Invalid(f"It can’t last through {through_on}: it begins on {first}.", field="through_on")
    return Span(start_of_day(first, zone), end_through(through_on, zone)), through_on
