"""Equipment as a file: which devices, whose, where they stand, and their dates.

A row finds its device by product and serial number, however that is spelt. What it says otherwise is put right; another
customer is a move, with what that does to the warranty. A location that isn't there yet is added. No row retires or
replaces a device: that is decided one by one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from catalog.domain.entries import WrongEntry, a_key, a_line, optional
from catalog.imports.table import Column, Entry, Hand, Table, Texts
from entitlements.imports.entries import an_account_key
from entitlements.models import Account
from journal.domain.refusal import Refusal
from support.domain.serials import LONGEST, serial_fault, serial_key
from support.domain.warranties import Days
from support.imports.asset_writing import put_right, register_from
from support.models import Asset, Product

BATCH = 500
DAY = "a day, such as 2026-03-31"
DAYS = ("shipped_on", "installed_on", "invoiced_on", "in_service_on")


def a_serial(text: str) -> str:
    said = a_line(LONGEST)(text)
    if fault := serial_fault(said):
        raise WrongEntry(fault)
    return said


def a_day(text: str) -> str:
    """A day as people and programs write it without being misread: 2026-03-31."""
    said = text.strip()
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?: 00:00(?::00)?(?: UTC)?)?", said)
    try:
        return date.fromisoformat(found[1]).isoformat() if found else _no_day(said)
    except ValueError:
        return _no_day(said)


def _no_day(said: str) -> str:
    raise WrongEntry(f"“{said[:40]}” is no day; write it as 2026-03-31.")


class AssetTable(Table):
    product = Column("Product", a_key, note="the product’s key", also=("product key",), required=True)
    serial = Column("Serial number", a_serial, also=("serial", "sn", "serial no"), required=True)
    account = Column("Customer", an_account_key, names="account", note="the key of the account", required=True,
                     also=("account", "account key"))  # fmt: skip
    name = Column("Name", a_line(200), note="what the customer calls it")
    location = Column("Location", a_line(200), note="the name of a location; one that isn’t there yet is added",
                      also=("site", "place"))  # fmt: skip
    shipped_on = Column("Shipped on", optional(a_day), note=DAY, also=("shipped",))
    installed_on = Column("Installed on", optional(a_day), note=DAY, also=("installed",))
    invoiced_on = Column("Invoiced on", optional(a_day), note=DAY, also=("invoiced",))
    in_service_on = Column("In service since", optional(a_day), note=DAY, also=("in service on",))
    external_id = Column("Other id", a_line(200), note="its id in another system")

    slug, title = "assets", "Equipment"
    what = "Devices at customers by serial number: whose, where, and the dates that warranties count from."
    model = Asset
    identity = ("product", "serial")
    singly = True
    step = 25  # each is a few rows with its warranty, and nobody else writes meanwhile where the database is a file
    permission = "support.edit_asset"
    where = "the list of equipment"
    undo_note = "Devices that were registered stay too: retire those that aren’t wanted."

    def records(self) -> Iterable[Asset]:
        return _rows().filter(retired_at__isnull=True).iterator(chunk_size=BATCH)

    def standing(self, keys: Collection[str] | None = None) -> dict[str, Texts]:
        return {self.identify(texts): texts for texts in map(said_of, _found(keys))}

    def said(self, record: Asset) -> Texts:
        return said_of(record)

    def export_field(self, field: Column, instance: Asset, **kwargs: Any) -> str:
        return said_of(instance)[str(self.get_field_name(field))]

    def identify(self, texts: Mapping[str, str]) -> str:
        """However a serial number is spelt, it is one device."""
        return f"{texts.get('product', '')} · {serial_key(texts.get('serial', ''))}"

    def fit(self, after: Texts) -> Texts:
        known = self._products()
        if after["product"] not in known:
            there = ", ".join(sorted(known)[:8]) or "none yet"
            raise WrongEntry(f"Product: no product has the key {after['product']}; there are: {there}.")
        return after

    def _products(self) -> set[str]:
        if not hasattr(self, "_known"):
            self._known = set(Product.objects.values_list("key", flat=True))
        return self._known

    def hold(self, entries: Sequence[Entry]) -> None:
        """The customers of these rows, before and after, in one order; nobody waits for them with the audit in hand."""
        texts = [one for entry in entries for one in (entry.before, entry.after) if one is not None]
        keys = {one["account"] for one in texts}
        list(Account.objects.select_for_update(no_key=True).filter(key__in=keys).order_by("pk").values_list("pk"))

    def write(self, entry: Entry, hand: Hand) -> None:
        try:
            if entry.before is None:
                register_from(entry.after, days=_days(entry.after), hand=hand)
            else:
                put_right(entry.before, entry.after, days=_days(entry.after), hand=hand)
        except Refusal as refusal:
            column = self.columns.get(refusal.field or "")
            raise Refusal(f"{column.heading}: {refusal.message}" if column else refusal.message) from refusal

    def drop(self, after: Texts, hand: Hand) -> None:
        raise Refusal("equipment is never taken away. Retire it if it isn’t wanted.")


def said_of(row: Asset) -> Texts:
    """The device as a file says it."""
    days = {name: day.isoformat() if (day := getattr(row, name)) else "" for name in DAYS}
    return {
        "product": row.product.key,
        "serial": row.serial,
        "account": row.account.key,
        "name": row.name,
        "location": row.location.name if row.location else "",
        **days,
        "external_id": row.external_id,
    }


def _rows() -> QuerySet[Asset]:
    return Asset.objects.select_related("product", "account", "location").order_by("product__key", "serial_key", "pk")


def _found(keys: Collection[str] | None) -> Iterable[Asset]:
    """Also those that were retired: a row about one of them is no new device."""
    if keys is None:
        yield from _rows().iterator(chunk_size=BATCH)
        return
    serials = sorted({key.rpartition(" · ")[2] for key in keys})
    for first in range(0, len(serials), BATCH):
        yield from _rows().filter(serial_key__in=serials[first : first + BATCH])


def _days(texts: Texts) -> Days:
    said = (date.fromisoformat(texts[name]) if texts[name] else None for name in DAYS)
    return Days(*said)
