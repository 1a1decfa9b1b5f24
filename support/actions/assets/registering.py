"""Assets registered, and what is written of them put right."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from catalog.domain.window import start_of_day
from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid
from support.actions.assets.held import (
    lock_asset,
    refuse_days,
    refuse_foreign,
    refuse_retired_product,
    refuse_serial,
    require,
    spoken,
)
from support.actions.assets.warranties import begin_standard, recount_standard
from support.domain.warranties import Days
from support.models import Asset, Location, Product, Warranty

DATES = frozenset({"shipped_on", "installed_on", "invoiced_on", "in_service_on"})


@transaction.atomic
def register_asset(
    *,
    account: Account,
    product: Product,
    serial: str,
    by: Actor,
    at: datetime,
    name: str = "",
    location: Location | None = None,
    external_id: str = "",
    days: Days | None = None,
    held_since: date | None = None,
) -> Asset:
    """A piece of equipment at a customer was registered, with the warranty that a new one of its product comes with.

    Without a day since when the customer has it, that is the earliest of its dates.
    """
    require(by)
    account = lock_account(account.pk)
    days = days or Days()
    refuse_retired_product(product)
    key = refuse_serial(serial, product=product)
    refuse_foreign(location, account_id=account.pk, name=str(account))
    refuse_days(days, at=at, zone=account.zone)
    asset = Asset(
        account=account, product=product, serial=spoken(serial), serial_key=key, name=spoken(name), location=location,
        external_id=spoken(external_id), shipped_on=days.shipped, installed_on=days.installed,
        invoiced_on=days.invoiced, in_service_on=days.in_service,
        held_since=_held_since(held_since or days.earliest, asked=held_since, zone=account.zone, at=at), recorded_at=at,
    )  # fmt: skip
    deed = begin(by=by, at=at)
    keep(asset, deed=deed)
    record(deed, "asset:register", subject=asset, account_key=account.key, changes=_said(asset))
    begin_standard(asset, deed=deed)
    return asset


@transaction.atomic
def edit_asset(
    *,
    asset: Asset,
    serial: str,
    by: Actor,
    at: datetime,
    name: str = "",
    external_id: str = "",
    location: Location | None = None,
    days: Days | None = None,
    seen: str | None = None,
) -> Asset:
    """What is written of an asset was put right: its number, what the customer calls it, where it stands, its dates.

    Other dates count its standard warranty anew, which is audited by itself; one that was set by hand stays.
    """
    require(by)
    lock_account(asset.account_id)
    asset = lock_asset(asset, seen=seen)
    refuse_foreign(location, account_id=asset.account_id, name=str(asset.account))
    asset.serial_key = refuse_serial(serial, product=asset.product, but=asset)
    asset.serial, asset.name, asset.external_id = spoken(serial), spoken(name), spoken(external_id)
    asset.location = location
    if days is not None:
        _take(asset, days, at=at)
    changes = {what: change for what, change in pending_changes(asset).items() if what != "serial_key"}
    if not changes:
        return asset
    deed = begin(by=by, at=at)
    keep(asset, deed=deed)
    record(deed, "asset:edit", subject=asset, account_key=asset.account.key, changes=changes)
    if DATES & changes.keys():  # a name that is put right gives no warranty that its product has come with since
        recount_standard(asset, deed=deed)
    return asset


@transaction.atomic
def edit_dates(*, asset: Asset, days: Days, by: Actor, at: datetime, seen: str | None = None) -> Warranty | None:
    """An asset's dates were put right; the standard warranty that counts anew by them, where one does."""
    require(by)
    lock_account(asset.account_id)
    asset = lock_asset(asset, seen=seen)
    _take(asset, days, at=at)
    changes = pending_changes(asset)
    if not changes:
        return None
    deed = begin(by=by, at=at)
    keep(asset, deed=deed)
    record(deed, "asset:edit_dates", subject=asset, account_key=asset.account.key, changes=changes)
    return recount_standard(asset, deed=deed)


def new_unit(*, old: Asset, product: Product, serial: str, swapped_at: datetime, days: Days, deed: Deed) -> Asset:
    """The unit that takes an asset's place, where it stood and called as it was, within a deed."""
    asset = Asset(
        account=old.account, product=product, serial=spoken(serial),
        serial_key=refuse_serial(serial, product=product), name=old.name, location=old.location,
        shipped_on=days.shipped, installed_on=days.installed, invoiced_on=days.invoiced, in_service_on=days.in_service,
        held_since=swapped_at, replaces=old, recorded_at=deed.at,
    )  # fmt: skip
    return keep(asset, deed=deed)


def _take(asset: Asset, days: Days, *, at: datetime) -> None:
    refuse_days(days, at=at, zone=asset.account.zone)
    asset.shipped_on, asset.installed_on = days.shipped, days.installed
    asset.invoiced_on, asset.in_service_on = days.invoiced, days.in_service


def _held_since(day: date | None, *, asked: date | None, zone: str, at: datetime) -> datetime:
    today = at.astimezone(ZoneInfo(zone)).date()
    if asked is not None and asked > today:
        raise Invalid(f"{asked} is still to come: say since when the customer has it.", field="held_since")
    return at if day is None or day >= today else start_of_day(day, zone)


def _said(asset: Asset) -> dict[str, list[str | None]]:
    told = {
        "product": str(asset.product),
        "serial": asset.serial,
        "location": asset.location.name if asset.location else None,
        "shipped_on": asset.shipped_on,
        "installed_on": asset.installed_on,
        "invoiced_on": asset.invoiced_on,
        "in_service_on": asset.in_service_on,
    }
    return {what: [None, str(value)] for what, value in told.items() if value}
