"""Accounts as a file: who they are, what they are found by, and who is there.

A cell that is read says all there is: what it leaves out is taken away. No row moves an id from another account, and
none merges two; such a row is wrong and says who has it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog.domain.entries import WrongEntry, a_key, a_line, a_word, meant, optional, spell_word
from catalog.imports.table import Column, Entry, Hand, Table, Texts
from catalog.models import Market
from entitlements.domain.identifiers import SYSTEMS
from entitlements.imports.entries import (
    a_contact,
    a_country,
    a_domain,
    a_zone,
    an_account_key,
    an_id,
    parts_of,
    several,
    spell_contact,
    spell_several,
)
from entitlements.imports.writing import bring_in_line, open_from
from entitlements.models import Account, Identifier
from entitlements.models.account import AccountKind, IdentifierKind, SalesChannel
from entitlements.queries.accounts import search_key
from journal.domain.refusal import Refusal
from journal.models import Staff

BATCH = 500
MANY = "several are divided by commas"


def columns_of_ids() -> dict[str, str]:
    """Which of our columns holds the ids of which system."""
    return {system: "own_id" if system == "own" else system for system in SYSTEMS}


def id_columns() -> dict[str, Column]:
    """A column of ids for each system, our own last."""
    ids = {
        name: Column(f"{SYSTEMS[system]} id", several(an_id), also=(f"{system} customer",), note=MANY)
        for system, name in columns_of_ids().items()
        if system != "own"
    }
    return ids | {"own_id": Column("Own id", several(an_id), note="its id in our own system", also=("own",))}


class AccountTable(Table):
    key = Column("Key", an_account_key, of="key", note="how products call it; it never changes", required=True)
    name = Column("Name", a_line(200), of="name", required=True)
    country = Column("Country", optional(a_country), of="country", note="two letters, such as NL")
    market = Column("Market", optional(a_key), names="market", note="its key; empty: none")
    zone = Column("Time zone", optional(a_zone), of="zone", note="such as Europe/Amsterdam; empty: UTC", also=("zone",))
    owner = Column("Owner", a_line(254), note="the sign-in name or e-mail address of the account manager")
    parent = Column("Belongs to", optional(an_account_key), names="account", also=("parent", "parent key"),
                    note="the key of the parent, which may be a later row of the same file")  # fmt: skip
    kind = Column("Kind", optional(a_word(AccountKind)), note="Customer, Partner or Internal; empty: Customer")
    sales_channel = Column("Sales channel", optional(a_word(SalesChannel)), also=("channel",),
                           note="Direct, Self-service, Reseller or Marketplace")  # fmt: skip
    reseller = Column("Sold by", optional(an_account_key), names="account", also=("reseller", "reseller key"),
                      note="the key of the partner who sells to it")  # fmt: skip
    domains = Column("Domains", several(a_domain), note="of its e-mail, divided by commas", also=("domain",))
    contacts = Column("Contacts", several(a_contact), also=("e-mail", "email", "contact"),
                      note="such as Bea Buyer <bea@acme.example>, divided by commas")  # fmt: skip
    vars().update(id_columns())  # one for each system that is known, as if each were written here

    slug, title, own = "accounts", "Accounts", "account"
    what = "Customers, partners and internal accounts, with what they are found by and whom they belong to."
    model = Account
    singly = True
    step = 25  # opening one is a good many rows, and nobody else writes meanwhile where the database is a file
    permission = "entitlements.import_accounts"
    where = "the list of accounts"
    undo_note = "Accounts that were opened stay too: close those that aren’t wanted."

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self._claimed: dict[tuple[str, str], str] = {}

    def records(self) -> Iterable[Account]:
        return self._rows(None)

    def _rows(self, keys: Collection[str] | None) -> Iterable[Account]:
        rows = Account.objects.filter(merged_into__isnull=True).select_related("market", "owner", "parent", "reseller")
        rows = rows.prefetch_related("identifiers", "contacts").order_by("key")
        if keys is None:
            yield from rows.iterator(chunk_size=BATCH)
            return
        wanted = sorted(keys)
        for first in range(0, len(wanted), BATCH):
            yield from rows.filter(key__in=wanted[first : first + BATCH])

    def standing(self, keys: Collection[str] | None = None) -> dict[str, Texts]:
        return {row.key: self.said(row) for row in self._rows(keys)}

    def said(self, record: Account) -> Texts:
        return said_of(record)

    def export_field(self, field: Column, instance: Account, **kwargs: Any) -> str:
        return said_of(instance)[str(self.get_field_name(field))]

    def fit(self, after: Texts) -> Texts:
        said = {**after, "zone": after["zone"] or "UTC", "kind": after["kind"] or spell_word(AccountKind.CUSTOMER)}
        if said["reseller"] and not said["sales_channel"]:
            said["sales_channel"] = spell_word(SalesChannel.RESELLER)
        said["owner"] = self._owner(said["owner"])
        if said["key"] in self._merged:
            raise WrongEntry(f"Key: {said['key']} was merged into {self._merged[said['key']]}; write that key.")
        for system, name in columns_of_ids().items():
            for value in parts_of(said[name]):
                self._claim(system, value, by=said["key"], heading=self.columns[name].heading)
        return said

    def _owner(self, said: str) -> str:
        if not said:
            return ""
        name = self._staff.get(said.casefold())
        if name is None:
            raise WrongEntry(f"Owner: nobody at this desk is called {said}.")
        return name

    def _claim(self, system: str, value: str, *, by: str, heading: str) -> None:
        """An id leads to one account: neither to another that has it, nor to two rows of a file."""
        place = (system, search_key(value))
        holder = self._ids.get(place)
        if holder is not None and holder != by:
            raise WrongEntry(f"{heading}: {value} is {holder} already. Take it away there first.")
        if self._claimed.setdefault(place, by) != by:
            raise WrongEntry(f"{heading}: {value} stands in the row of {self._claimed[place]} already.")

    @cached_property
    def _staff(self) -> dict[str, str]:
        """Sign-in names by themselves and by e-mail address."""
        rows = list(Staff.objects.values_list("username", "email"))
        return {email.casefold(): name for name, email in rows if email} | {name.casefold(): name for name, _ in rows}

    @cached_property
    def _ids(self) -> dict[tuple[str, str], str]:
        rows = Identifier.objects.filter(kind=IdentifierKind.EXTERNAL)
        return {(system, value): key for system, value, key in rows.values_list("system", "value_key", "account__key")}

    @cached_property
    def _merged(self) -> dict[str, str]:
        return dict(Account.objects.filter(merged_into__isnull=False).values_list("key", "merged_into__key"))

    def in_order(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Parents and partners before whoever names them, wherever they stand in the file."""
        waiting = {entry.key: entry for entry in entries}
        ordered: list[Entry] = []
        for entry in entries:
            path = [entry] if waiting.pop(entry.key, None) is not None else []
            while path:
                of = path[-1].after
                named = next((key for key in (of["parent"], of["reseller"]) if key in waiting), None)
                if named is None:
                    ordered.append(path.pop())
                else:
                    path.append(waiting.pop(named))
        return ordered

    def hold(self, entries: Sequence[Entry]) -> None:
        """The accounts of these rows and whom they name; nobody else then waits for one of them with the audit in hand."""
        keys = {text for entry in entries for text in (entry.key, entry.after["parent"], entry.after["reseller"])}
        rows = Account.objects.select_for_update(no_key=True).filter(key__in=keys).order_by("pk")
        list(rows.values_list("pk"))

    def write(self, entry: Entry, hand: Hand) -> None:
        try:
            if entry.before is None:
                open_from(self.understood(entry.after), hand)
            else:
                bring_in_line(self.understood(entry.before), self.understood(entry.after), hand)
        except Refusal as refusal:
            heading = self._heading(refusal.field)
            raise Refusal(f"{heading}: {refusal.message}" if heading else refusal.message) from refusal

    def understood(self, texts: Texts) -> dict[str, Any]:
        """The row as actions take it: kinds and channels by their values, lists as lists."""
        lists = {name: parts_of(texts[name]) for name in ("domains", "contacts")}
        ids = {system: parts_of(texts[name]) for system, name in columns_of_ids().items()}
        channel = texts["sales_channel"]
        return {
            **texts,
            **lists,
            "kind": meant(AccountKind, texts["kind"]).value,
            "sales_channel": meant(SalesChannel, channel).value if channel else "",
            "ids": ids,
        }

    def _heading(self, field: str | None) -> str:
        return self.columns[field].heading if field is not None and field in self.columns else ""

    def drop(self, after: Texts, hand: Hand) -> None:
        raise Refusal("an account is never taken away. Close it if it isn’t wanted.")


def said_of(row: Account) -> Texts:
    """The account as a file says it."""
    found = list(row.identifiers.all())
    ids = {
        name: spell_several(one.value for one in found if one.system == system and one.kind == IdentifierKind.EXTERNAL)
        for system, name in columns_of_ids().items()
    }
    market: Market | None = row.market
    return {
        "key": row.key,
        "name": row.name,
        "country": row.country,
        "market": market.key if market else "",
        "zone": row.zone,
        "owner": row.owner.username if row.owner else "",
        "parent": row.parent.key if row.parent else "",
        "kind": spell_word(AccountKind(row.kind)),
        "sales_channel": spell_word(SalesChannel(row.sales_channel)) if row.sales_channel else "",
        "reseller": row.reseller.key if row.reseller else "",
        "domains": spell_several(one.value for one in found if one.kind == IdentifierKind.DOMAIN),
        "contacts": spell_several(spell_contact(one.name, one.email) for one in row.contacts.all()),
        **ids,
    }
