"""Rows of equipment into the desk, through the same actions as the screens, so that every guard holds."""

from catalog.imports.table import Hand, Texts, found
from entitlements.models import Account
from journal.domain.refusal import Refusal
from support.actions.assets.held import product_of
from support.actions.assets.locations import add_location
from support.actions.assets.moving import move_asset
from support.actions.assets.registering import edit_asset, register_asset
from support.domain.serials import serial_key
from support.domain.warranties import Days
from support.models import Asset, Location

MINE = ("serial", "name", "location", "external_id", "shipped_on", "installed_on", "invoiced_on", "in_service_on")


def register_from(row: Texts, *, days: Days, hand: Hand) -> Asset:
    """Register a device as a row says it."""
    account = found(Account, row["account"])
    location = _place(row["location"], account=account, hand=hand)
    return register_asset(
        account=account, product=product_of(row["product"]), serial=row["serial"], name=row["name"], days=days,
        location=location, external_id=row["external_id"], by=hand.by, at=hand.at,
    )  # fmt: skip


def put_right(was: Texts, row: Texts, *, days: Days, hand: Hand) -> Asset:
    """Change what a row says otherwise; a device of another customer goes to that one first."""
    asset = _asset(row)
    location = _place(row["location"], account=found(Account, row["account"]), hand=hand)
    if row["account"] != was["account"]:
        to = found(Account, row["account"])
        asset = move_asset(
            asset=asset, account=to, location=location, reason=hand.reason, by=hand.by, at=hand.at
        )  # fmt: skip
    if any(was[name] != row[name] for name in MINE):
        asset = edit_asset(
            asset=asset, serial=row["serial"], name=row["name"], external_id=row["external_id"], location=location,
            days=days, by=hand.by, at=hand.at,
        )  # fmt: skip
    return asset


def _asset(row: Texts) -> Asset:
    known = Asset.objects.select_related("account").filter(
        product__key=row["product"], serial_key=serial_key(row["serial"])
    )
    if (asset := known.first()) is None:
        raise Refusal(f"There is no {row['product']} {row['serial']} any more.")
    return asset


def _place(name: str, *, account: Account, hand: Hand) -> Location | None:
    """The customer's location of that name, added where there is none."""
    if not name:
        return None
    there = Location.objects.filter(account=account, name__iexact=name).order_by("pk").first()
    return there or add_location(account=account, name=name, by=hand.by, at=hand.at)
