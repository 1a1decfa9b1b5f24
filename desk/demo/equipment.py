"""Equipment of the demo: what is serviced, at whose plants it stands, and what became of some of it.

The customer that is maintained has two plants: warranties that end within 30, 60 and 90 days, a scanner that was
replaced, one that isn't installed yet, a label printer that was sold on to another customer, and one that broke for
good. Others of the demo look things up by the names and serial numbers below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desk.demo.customers import Customer
from desk.demo.purchases import holding
from entitlements.domain.contract_terms import months_after
from entitlements.models import Account
from journal.domain.actor import Actor
from support.actions.assets.held import Borne
from support.actions.assets.locations import add_location
from support.actions.assets.moving import move_asset
from support.actions.assets.products import add_product, retire_product
from support.actions.assets.registering import register_asset
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import retire_asset
from support.actions.assets.warranties import add_warranty
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import Days
from support.models import Asset, Location, Product

DAY = timedelta(days=1)
PLANT_1, PLANT_2, WAREHOUSE, OFFICE = "Plant 1, assembly", "Plant 2, packaging", "Warehouse", "Head office"
PRESS, PRESS_2, CHILLER = "HP600-2209-0417", "HP600-2311-0582", "C40-88213"
SCANNER, NEW_SCANNER, UNINSTALLED = "X2 7F3A-1180", "X2 7F3A-2093", "X2 7F3A-1181"
SOLD_ON, BROKEN, OTHER_PRESS, OTHER_SCANNER = "LP3/004519", "LP3/004498", "HP600-2404-0611", "X2 6B10-0034"


@dataclass(frozen=True, slots=True)
class Device:
    """One that is registered: `ends_in` days its standard warranty ends; None leaves out the day that it counts from."""

    product: str
    serial: str
    name: str
    location: str
    ends_in: int | None


OF_THE_MAINTAINED = (
    Device("press_600", PRESS, "Press A", PLANT_1, 26),
    Device("press_600", PRESS_2, "Press B", PLANT_2, 57),
    Device("chiller_c40", CHILLER, "Cooling of the moulds", PLANT_1, 86),
    Device("scanner_x2", SCANNER, "Gate 1", PLANT_2, 190),
    Device("scanner_x2", UNINSTALLED, "Gate 2", PLANT_2, None),
    Device("printer_lp3", SOLD_ON, "Labels, line 3", PLANT_2, 140),
    Device("printer_lp3", BROKEN, "Labels, line 1", PLANT_1, 75),
)
OF_ANOTHER = (
    Device("press_600", OTHER_PRESS, "", WAREHOUSE, 410),
    Device("scanner_x2", OTHER_SCANNER, "Dock 4", WAREHOUSE, -35),
)


def maintained(customers: Sequence[Customer]) -> Account | None:
    """The customer whose plants are looked after."""
    return next(iter(holding(customers, "team")), None)


def another(customers: Sequence[Customer]) -> Account | None:
    """One with a press and a scanner, and no contract on them."""
    return next(iter(holding(customers, "team")[1:]), None)


def buyer(customers: Sequence[Customer]) -> Account | None:
    """Who bought a label printer from the maintained one."""
    return next(iter(holding(customers, "pro")), None)


def list_products(*, by: Actor, at: datetime) -> None:
    """What is serviced, and what a new one of each comes with."""
    whole = Borne(labour=100, parts=100)
    add_product(
        key="press_600", name="Hydraulic press HP-600", maker="Halden Maskin", category="Presses",
        warranty_months=24, borne=whole, by=by, at=at,
    )  # fmt: skip
    add_product(
        key="scanner_x2", name="Line scanner X2", maker="Okular", category="Scanners", warranty_months=12,
        warranty_basis=WarrantyBasis.INSTALLED, warranty_transferable=False, borne=whole, by=by, at=at,
    )  # fmt: skip
    add_product(
        key="chiller_c40", name="Chiller C40", maker="Nordkyl", category="Cooling", warranty_months=36,
        warranty_basis=WarrantyBasis.INVOICED, borne=Borne(parts=100), by=by, at=at,
    )  # fmt: skip
    add_product(
        key="printer_lp3", name="Label printer LP-3", maker="Tagwell", category="Printers", warranty_months=12,
        borne=Borne(labour=50, parts=100, travel=0), by=by, at=at,
    )  # fmt: skip
    old = add_product(key="scanner_x1", name="Line scanner X1", maker="Okular", category="Scanners", by=by, at=at)
    retire_product(product=old, by=by, at=at)


def equip(customers: Sequence[Customer], *, by: Actor, at: datetime, now: datetime) -> None:
    """Two plants with seven devices, a warehouse with two, and the office of whoever will buy one of them."""
    told = (
        (maintained(customers), (PLANT_1, PLANT_2), OF_THE_MAINTAINED),
        (another(customers), (WAREHOUSE,), OF_ANOTHER),
        (buyer(customers), (OFFICE,), ()),
    )
    for account, places, devices in told:
        if account is None:
            continue
        for number, place in enumerate(places, start=1):
            address = f"{number * 14} Harbour Road"
            add_location(account=account, name=place, address=address, country=account.country, by=by, at=at)
        for device in devices:
            _register(account, device, by=by, at=at, now=now)


def extend_one(*, by: Actor, at: datetime) -> None:
    """Its maker gave Press B another year on parts, from where the first warranty ends."""
    press = asset_of(PRESS_2)
    if press is None:
        return
    first = press.warranties.get(standard=True).through_on + DAY
    add_warranty(
        asset=press, name="Goodwill of the maker, parts", basis=WarrantyBasis.SHIPPED, first_on=first, months=12,
        borne=Borne(parts=100), by=by, at=at,
    )  # fmt: skip


def sell_on(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A label printer went to another customer, with its warranty."""
    to, printer = buyer(customers), asset_of(SOLD_ON)
    if to is not None and printer is not None:
        office = Location.objects.get(account=to, name=OFFICE)
        move_asset(asset=printer, account=to, location=office, reason="Sold second-hand", by=by, at=at)


def replace_one(*, by: Actor, at: datetime) -> None:
    """A scanner was swapped under warranty."""
    scanner = asset_of(SCANNER)
    if scanner is not None:
        replace_asset(asset=scanner, serial=NEW_SCANNER, reason="Its laser was dead on arrival", by=by, at=at)


def retire_one(*, by: Actor, at: datetime) -> None:
    printer = asset_of(BROKEN)
    if printer is not None:
        retire_asset(asset=printer, reason="Beyond repair after a leak", by=by, at=at)


def asset_of(serial: str) -> Asset | None:
    """In a small demo nobody may have it."""
    return Asset.objects.select_related("account", "product").filter(serial=serial).first()


def _register(account: Account, device: Device, *, by: Actor, at: datetime, now: datetime) -> None:
    product = Product.objects.get(key=device.product)
    register_asset(
        account=account, product=product, serial=device.serial, name=device.name,
        location=Location.objects.get(account=account, name=device.location),
        days=_days(product, device.ends_in, today=now.astimezone(ZoneInfo(account.zone)).date()), by=by, at=at,
    )  # fmt: skip


def _days(product: Product, ends_in: int | None, *, today: date) -> Days:
    """The days by which its warranty ends so many days from now, two weeks from one to the next."""
    if ends_in is None:
        return Days(shipped=today - 20 * DAY)
    first = months_after(today + (ends_in + 1) * DAY, -(product.warranty_months or 0))
    fortnight = 14 * DAY
    if product.warranty_basis == WarrantyBasis.INSTALLED:
        return Days(shipped=first - fortnight, installed=first, in_service=first)
    if product.warranty_basis == WarrantyBasis.INVOICED:
        return Days(shipped=first - fortnight, installed=first - 3 * DAY, invoiced=first)
    return Days(shipped=first, installed=first + fortnight, in_service=first + fortnight)
