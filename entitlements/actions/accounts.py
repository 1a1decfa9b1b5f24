"""Opening accounts and what is true of the customer itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Market
from entitlements.actions.changes import journal_changes
from entitlements.domain.facts import Standing
from entitlements.models import Account, AccountStanding, Contact, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key
from entitlements.queries.entitlements import entitlements_of
from journal.actions.deeds import Deed, begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Stale


@transaction.atomic
def open_account(
    *,
    key: str,
    name: str,
    zone: str,
    by: Actor,
    at: datetime,
    country: str = "",
    market: Market | None = None,
    owner: Any = None,
    parent: Account | None = None,
    domains: Iterable[str] = (),
    external_ids: Iterable[tuple[str, str]] = (),
) -> Account:
    """Opened an account for a customer."""
    by.require("entitlements.open_account")
    deed = begin(by=by, at=at)
    account = Account(
        key=key,
        name=name.strip(),
        country=country.upper(),
        market=market,
        zone=zone,
        owner=owner,
        parent=parent,
        created_at=at,
    )
    keep(account, deed=deed)
    _identify(account, IdentifierKind.KEY, key, deed=deed)
    _identify(account, IdentifierKind.NAME, name, deed=deed)
    for domain in domains:
        _identify(account, IdentifierKind.DOMAIN, domain, deed=deed)
    for system, value in external_ids:
        _identify(account, IdentifierKind.EXTERNAL, value, system=system, deed=deed)
    record(deed, "account:open", subject=account, account_key=account.key, changes={"name": [None, account.name]})
    return account


@transaction.atomic
def edit_account(*, account: Account, seen: dict[str, str], by: Actor, at: datetime, **values: Any) -> Account:
    """Changed what is known of a customer: its name, country, market, zone or owner.

    `seen` holds the values the form was opened with; if one has changed since, nothing is overwritten.
    """
    by.require("entitlements.open_account")
    account = Account.objects.select_for_update().get(pk=account.pk)
    stale = [name for name, value in seen.items() if str(getattr(account, name) or "") != value]
    if stale:
        raise Stale(f"Someone else changed the {stale[0]} since you opened this form. Reload it and try again.")
    before = entitlements_of(account=account, at=at)
    changes = {n: [str(getattr(account, n) or ""), str(v or "")] for n, v in values.items() if getattr(account, n) != v}
    deed = begin(by=by, at=at)
    for name, value in values.items():
        setattr(account, name, value)
    keep(account, deed=deed)
    if "name" in changes:
        _rename_identifier(account, deed=deed)
    event = record(deed, "account:edit", subject=account, account_key=account.key, changes=changes)
    journal_changes(account=account, before=before, at=at, cause="The account was changed", event=event)
    return account


@transaction.atomic
def add_contact(*, account: Account, name: str, email: str, by: Actor, at: datetime, told: bool = True) -> Contact:
    """Added a person at a customer."""
    by.require("entitlements.open_account")
    deed = begin(by=by, at=at)
    contact = Contact(account=account, name=name.strip(), email=email.strip(), told=told)
    keep(contact, deed=deed)
    _identify(account, IdentifierKind.EMAIL, email, deed=deed)
    record(deed, "contact:add", subject=contact, account_key=account.key, changes={"email": [None, email]})
    return contact


@transaction.atomic
def set_standing(*, account: Account, standing: Standing, reason: str, by: Actor, at: datetime) -> AccountStanding:
    """Opened, suspended or closed an account, from this moment on."""
    by.require("entitlements.set_standing")
    Account.objects.select_for_update().get(pk=account.pk)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    row = AccountStanding(account=account, standing=standing, starts_at=at, reason=reason)
    keep(row, deed=deed)
    verb = {Standing.OPEN: "reopen", Standing.SUSPENDED: "suspend", Standing.CLOSED: "close"}[standing]
    event = record(deed, f"account:{verb}", subject=account, account_key=account.key, reason=reason)
    journal_changes(account=account, before=before, at=at, cause=f"The account was {verb}ed", event=event)
    return row


def _identify(account: Account, kind: IdentifierKind, value: str, *, deed: Deed, system: str = "") -> None:
    key = search_key(value)
    if not Identifier.objects.filter(account=account, kind=kind, value_key=key, system=system).exists():
        row = Identifier(account=account, kind=kind, value=value.strip(), value_key=key, system=system)
        keep(row, deed=deed)


def _rename_identifier(account: Account, *, deed: Deed) -> None:
    for row in Identifier.objects.filter(account=account, kind=IdentifierKind.NAME):
        remove(row, deed=deed)
    _identify(account, IdentifierKind.NAME, account.name, deed=deed)
