"""Opening accounts and what is true of the customer itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Market
from entitlements.actions.account_facts import check_facts, read_channel, read_country, require_keeper
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.identifiers import identify, identify_new
from entitlements.actions.locking import lock_account, lock_named, refuse_merged
from entitlements.domain.facts import Standing
from entitlements.models import Account, AccountStanding, Identifier
from entitlements.models.account import AccountKind, IdentifierKind, SalesChannel
from entitlements.queries.accounts import ancestors_of, search_key
from entitlements.queries.merged import names_of_merged
from journal.actions.deeds import Deed, begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale


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
    kind: str = AccountKind.CUSTOMER,
    sales_channel: str = "",
    reseller: Account | None = None,
    domains: Iterable[str] = (),
    external_ids: Iterable[tuple[str, str]] = (),
) -> Account:
    """Opened an account for a customer."""
    require_keeper(by)
    held = lock_named(parent, reseller)
    parent = parent and held[parent.pk]
    reseller = reseller and held[reseller.pk]
    dealing: dict[str, Any] = {"kind": kind, "sales_channel": sales_channel, "reseller": reseller}
    read_channel(dealing, account=Account())
    deed = begin(by=by, at=at)
    account = Account(
        key=key,
        name=name.strip(),
        country=read_country(country),
        market=market,
        zone=zone,
        owner=owner,
        parent=parent,
        created_at=at,
        **dealing,
    )
    check_facts(account, was={"parent": None, "reseller": None}, at=at)
    keep(account, deed=deed)
    own = [(IdentifierKind.KEY, key), (IdentifierKind.NAME, name)]
    identify_new(account, [*own, *((IdentifierKind.DOMAIN, domain) for domain in domains)], deed=deed)
    for system, value in external_ids:
        identify(account, IdentifierKind.EXTERNAL, value, system=system, deed=deed)
    record(deed, "account:open", subject=account, account_key=account.key, changes={"name": [None, account.name]})
    return account


class FamilyLoop(Refusal):
    """The parent asked for belongs to the account itself, directly or through others."""

    code = "family_loop"


@transaction.atomic
def edit_account(
    *,
    account: Account,
    by: Actor,
    at: datetime,
    seen: Mapping[str, str] | None = None,
    reason: str = "",
    **values: Any,
) -> Account:
    """Changed what is known of a customer: its name, country, market, zone, owner, parent, kind, channel or reseller.

    `seen` holds the values the form was opened with; if one has changed since, nothing is overwritten.
    """
    require_keeper(by)
    if "country" in values:
        values["country"] = read_country(values["country"])
    account = _hold(account, parent=values.get("parent"), reseller=values.get("reseller"))
    stale = [name for name, value in (seen or {}).items() if str(getattr(account, name) or "") != value]
    if stale:
        raise Stale(f"Someone else changed the {stale[0]} since you opened this form. Reload it and try again.")
    read_channel(values, account=account)
    was = {name: getattr(account, name) for name, value in values.items() if getattr(account, name) != value}
    if not was:
        raise Refusal(f"Nothing differs from what is known of {account} already.")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    for name, value in values.items():
        setattr(account, name, value)
    check_facts(account, was=was, at=at)
    keep(account, deed=deed)
    if "name" in was:
        _rename_identifier(account, deed=deed)
    changes = {name: [_said(old), _said(getattr(account, name))] for name, old in was.items()}
    event = record(deed, "account:edit", subject=account, account_key=account.key, reason=reason, changes=changes)
    journal_changes(account=account, before=before, at=at, cause="The account was changed", event=event)
    return account


def _hold(account: Account, *, parent: Account | None, reseller: Account | None) -> Account:
    """The account, held together with its new parent and all above it: two changes that would close a loop share one.
    Its new reseller is held too, so that it stays a partner meanwhile.

    All are held in one order, so that such changes wait for each other instead of blocking each other.
    """
    above = [] if parent is None else [parent, *ancestors_of(parent)]
    beside = [one.pk for one in (account, *above, *([reseller] if reseller else []))]
    held = Account.objects.select_for_update(no_key=True).filter(pk__in=beside).order_by("pk")
    rows = {row.pk: row for row in held}
    refuse_merged(rows[account.pk])
    if parent is None:
        return rows[account.pk]
    above = [rows[parent.pk], *ancestors_of(rows[parent.pk])]
    if account in above:
        words = "itself" if parent == account else f"{parent}: {parent} belongs to {account} already"
        raise FamilyLoop(f"{account} can't belong to {words}.", field="parent")
    if rows[parent.pk].merged_into_id != parent.merged_into_id:
        raise Stale(f"Someone else has just merged {parent}. Look again.", field="parent")
    if any(one.pk not in rows for one in above):
        raise Stale(f"Someone else has just changed whom {parent} belongs to. Look again.", field="parent")
    return rows[account.pk]


@transaction.atomic
def set_standing(*, account: Account, standing: Standing, reason: str, by: Actor, at: datetime) -> AccountStanding:
    """Opened, suspended or closed an account, from this moment on."""
    by.require("entitlements.set_standing")
    lock_account(account.pk)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    row = AccountStanding(account=account, standing=standing, starts_at=at, reason=reason)
    keep(row, deed=deed)
    verb = {Standing.OPEN: "reopen", Standing.SUSPENDED: "suspend", Standing.CLOSED: "close"}[standing]
    event = record(deed, f"account:{verb}", subject=account, account_key=account.key, reason=reason)
    journal_changes(account=account, before=before, at=at, cause=f"The account was {verb}ed", event=event)
    return row


def _said(value: Any) -> str:
    """As the audit tells it; kinds and channels are words of ours."""
    return _WORDS.get(str(value or ""), str(value or ""))


def _rename_identifier(account: Account, *, deed: Deed) -> None:
    """It is found by its name of today; by the names of accounts merged into it, as ever."""
    merged = {search_key(name) for name in names_of_merged(account).values()}
    for row in Identifier.objects.filter(account=account, kind=IdentifierKind.NAME).exclude(value_key__in=merged):
        remove(row, deed=deed)
    identify(account, IdentifierKind.NAME, account.name, deed=deed)


_WORDS = {one.value: one.words for one in (*AccountKind, *SalesChannel)}
