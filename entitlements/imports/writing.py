"""Rows of accounts into the desk, through the same actions as the screens, so that every guard holds."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.imports.table import Hand, found, maybe
from catalog.models import Market
from entitlements.actions.accounts import edit_account, open_account
from entitlements.actions.contacts import add_contact, edit_contact, remove_contact
from entitlements.actions.identifiers import add_identifier, remove_identifier
from entitlements.imports.entries import read_contact
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key
from journal.domain.refusal import Refusal
from journal.models import Staff

PLAIN = ("name", "country", "zone", "kind", "sales_channel")
NAMED = ("market", "owner", "parent", "reseller")
Row = Mapping[str, Any]


def open_from(row: Row, hand: Hand) -> None:
    """Open an account as a row says it, with what it is found by and who is there."""
    plain = {name: row[name] for name in PLAIN}
    ids = [(system, value) for system, values in row["ids"].items() for value in values]
    found_by = {"domains": row["domains"], "external_ids": ids}
    account = open_account(key=row["key"], **plain, **_named(row, NAMED), **found_by, by=hand.by, at=hand.at)
    _bring_contacts(account, [], row["contacts"], hand)


def bring_in_line(was: Row, row: Row, hand: Hand) -> None:
    """Change what a row says otherwise; columns that stayed the same are left alone."""
    account = found(Account, row["key"])
    changed = {name: row[name] for name in PLAIN if row[name] != was[name]}
    changed |= _named(row, [name for name in NAMED if row[name] != was[name]])
    if changed:
        account = edit_account(account=account, reason=hand.reason, by=hand.by, at=hand.at, **changed)
    _bring_lists(was, row, account, hand)


def _named(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """The rows that the named keys stand for."""
    found_by = {
        "market": lambda key: maybe(Market, key),
        "owner": lambda key: found(Staff, key, by="username") if key else None,
        "parent": lambda key: _account(key, field="parent"),
        "reseller": lambda key: _account(key, field="reseller"),
    }
    return {name: found_by[name](row[name]) for name in names}


def _account(key: str, *, field: str) -> Account | None:
    if not key:
        return None
    row = Account.objects.filter(key=key).first()
    if row is None:
        raise Refusal(f"{key} isn't there: its own row wasn't written, or the two name each other.", field=field)
    return row


def _bring_lists(was: Row, row: Row, account: Account, hand: Hand) -> None:
    _bring_identifiers(account, IdentifierKind.DOMAIN, "", was["domains"], row["domains"], hand)
    for system, ids in row["ids"].items():
        _bring_identifiers(account, IdentifierKind.EXTERNAL, system, was["ids"].get(system, []), ids, hand)
    _bring_contacts(account, was["contacts"], row["contacts"], hand)


def _bring_identifiers(
    account: Account, kind: IdentifierKind, system: str, was: list[str], values: list[str], hand: Hand
) -> None:
    for value in was:
        if value not in values:
            old = Identifier.objects.filter(
                account=account, kind=kind, system=system, value_key=search_key(value)
            ).first()
            if old is not None:
                remove_identifier(identifier=old, reason=hand.reason, by=hand.by, at=hand.at)
    for value in values:
        if value not in was:
            add_identifier(account=account, kind=kind, system=system, value=value, by=hand.by, at=hand.at)


def _bring_contacts(account: Account, was: list[str], said: list[str], hand: Hand) -> None:
    """Contacts are told apart by their address; one whose name changed keeps whether it gets notices."""
    if was == said:
        return
    standing = {contact.email.casefold(): contact for contact in account.contacts.all()}
    wanted = {email.casefold(): (name, email) for name, email in map(read_contact, said)}
    for address, contact in standing.items():
        if address not in wanted:
            remove_contact(contact=contact, reason=hand.reason, by=hand.by, at=hand.at)
    for address, (name, email) in wanted.items():
        known = standing.get(address)
        who: dict[str, Any] = {"name": name, "email": email, "by": hand.by, "at": hand.at}
        if known is None:
            add_contact(account=account, **who)
        elif (known.name, known.email) != (name, email) and name != email:
            edit_contact(contact=known, told=known.told, **who)
