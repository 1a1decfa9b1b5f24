"""Which account a company of a CRM is: said by a person, or found by a rule. Never doubled.

Two that look at a company at once, or at two of one name, follow each other on the connection, so that the second finds
what the first opened. The order of locks is connection, account, company, deal, here as everywhere in this folder.
"""

from datetime import datetime

from django.db import transaction

from desk.actions.crm.findings import settle
from desk.domain.crm.findings import CrmFindingKind, about_company
from desk.domain.crm.linking import own_domain
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, CrmDeal, CrmFinding
from entitlements.actions.account_facts import SCOPE
from entitlements.actions.accounts import open_account
from entitlements.actions.identifiers import forget
from entitlements.actions.locking import lock_account
from entitlements.actions.newcomers import country_said, free_key, only_market
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key
from entitlements.queries.merged import standing_for
from journal.actions.deeds import Deed, begin, keep_many, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Connection

PERMISSION = "desk.link_companies"
LONGEST_NAME = 200


@transaction.atomic
def link_company(*, company: CrmCompany, account: Account, by: Actor, at: datetime, reason: str = "") -> CrmCompany:
    """Said which account a company is; what is known of it there is found here, and its deals are looked at again."""
    _require(by)
    hold_connection(company.connection)
    account = lock_account(standing_for(account).pk)
    row = _held(company)
    if row.account_id is not None and standing_for(row.account).pk == account.pk:  # type: ignore[arg-type]
        raise Refusal(f"{row} is {account} ({account.key}) already.")
    deed = begin(by=by, at=at)
    join(row, account, deed=deed, reason=reason)
    row.apart_from = [key for key in row.apart_from if key != account.key]
    row.save()
    return row


@transaction.atomic
def open_for(*, company: CrmCompany, by: Actor, at: datetime, key: str = "") -> Account:
    """Opened an account for a company that had none, with what the CRM knows of it."""
    _require(by)
    hold_connection(company.connection)
    row = _held(company)
    if row.account is not None:
        raise Stale(f"Somebody has just said that {row} is {row.account}. Look again.")
    account = open_told(row, key=key, by=by, at=at)
    join(row, account, deed=begin(by=by, at=at))
    row.save()
    return account


def open_told(row: CrmCompany, *, by: Actor, at: datetime, key: str = "") -> Account:
    """An account with what the CRM told of the company last; whoever calls joins the two."""
    told = row.told or {}
    country = country_said(told.get("country", ""))
    domain = own_domain(told.get("domain", ""))
    return open_account(
        key=key.strip() or free_key(row.name, id=row.external_id),
        name=(row.name or row.external_id)[:LONGEST_NAME],
        zone="UTC",
        country=country,
        market=only_market(country),
        domains=[domain] if domain else [],
        by=by,
        at=at,
    )


@transaction.atomic
def leave_out(*, company: CrmCompany, reason: str, by: Actor, at: datetime) -> CrmCompany:
    """Said that a company is no customer of ours: nobody is asked about it, and its deals become nothing."""
    _require(by)
    row = _held(company)
    if row.account is not None:
        raise Refusal(f"{row} is {row.account}. Take that back first.")
    if not reason.strip():
        raise Refusal("Say why it is no customer of ours.", field="reason")
    row.left_out = True
    deed = begin(by=by, at=at)
    record(deed, "crm_company:leave_out", subject=row, reason=reason.strip(), changes={"left_out": [False, True]})
    _settle_whose(row, FindingState.KEPT, reason=reason.strip(), deed=deed)
    deals_again(row, at=at)
    row.save()
    return row


@transaction.atomic
def take_back(*, company: CrmCompany, reason: str, by: Actor, at: datetime) -> CrmCompany:
    """Took back which account a company is, or that it is left out; it is looked at again.

    No rule says that account again: a person may. What its deals made goes on until somebody says whose they are.
    """
    _require(by)
    hold_connection(company.connection)
    account = company.account and lock_account(standing_for(company.account).pk)
    row = _held(company)
    if row.account_id is None and not row.left_out:
        raise Refusal(f"Nobody has said which account {row} is, so there is nothing to take back.")
    if row.account_id != company.account_id:
        raise Stale
    deed = begin(by=by, at=at)
    if account is not None:
        forget_id(row, account, deed=deed)
        row.apart_from = sorted({*row.apart_from, account.key})
    key = "" if account is None else account.key
    changes = {"account": [key, None]} if key else {"left_out": [True, False]}
    row.account, row.left_out, row.due_at = None, False, at
    _to_be_written(row, at=at)
    record(deed, "crm_company:take_back", subject=row, account_key=key, reason=reason, changes=changes)
    deals_again(row, at=at)
    row.save()
    return row


# Within another look ------------------------------------------------------------------------------------------------
def join(row: CrmCompany, account: Account, *, deed: Deed, reason: str = "") -> None:
    """Let the company be the account, which is held; whoever calls saves the row."""
    was = row.account and standing_for(row.account)
    if was is not None and was.pk != account.pk:
        forget_id(row, was, deed=deed)
    know_by_id(row, account, deed=deed)
    row.account, row.left_out = account, False
    _to_be_written(row, at=deed.at)
    record(
        deed,
        "crm_company:link",
        subject=row,
        account_key=account.key,
        reason=reason,
        changes={"account": [was and was.key, account.key]},
    )
    _settle_whose(row, FindingState.MENDED, reason=reason, deed=deed)
    deals_again(row, at=deed.at)


def _to_be_written(row: CrmCompany, *, at: datetime) -> None:
    """What stands there by the desk is another account's from now on; what was written says what has to go."""
    row.to_write_at, row.marks = row.to_write_at or at, row.marks + 1


def know_by_id(row: CrmCompany, account: Account, *, deed: Deed) -> None:
    """Let the account be found by the company's id there, where no other is."""
    system, key = row.connection.vendor, search_key(row.external_id)
    named = {"kind": IdentifierKind.EXTERNAL, "system": system, "value_key": key}
    if not Identifier.objects.filter(**named).exists():
        keep_many([Identifier(account=account, value=row.external_id.strip(), **named)], deed=deed)


def forget_id(row: CrmCompany, account: Account, *, deed: Deed) -> None:
    forget(account, IdentifierKind.EXTERNAL, row.external_id, deed=deed)


def hold_connection(connection: Connection) -> None:
    """Whoever may open an account, or say whose a company is, follows the one before."""
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def _settle_whose(row: CrmCompany, state: FindingState, *, reason: str, deed: Deed) -> None:
    found = CrmFinding.objects.filter(
        connection=row.connection, subject=about_company(row.external_id), kind=CrmFindingKind.WHOSE, about=""
    )
    for finding in found.filter(state=FindingState.OPEN).select_related("account").order_by("pk"):
        settle(finding, state, reason=reason, deed=deed)


def deals_again(row: CrmCompany, *, at: datetime) -> None:
    """Its deals were waiting to know whose they are, or belong to another account by now: they are due, whoever has one
    in hand just now."""
    deals = CrmDeal.objects.filter(connection=row.connection, company_id_there=row.external_id)
    told = deals.exclude(state="")
    (told.filter(state=DealState.WON) | told.exclude(agreed={}) | told.exclude(trial_made={})).update(due_at=at)


def _held(company: CrmCompany) -> CrmCompany:
    rows = CrmCompany.objects.select_for_update(of=("self",)).select_related("connection", "account")
    return rows.get(pk=company.pk)


def _require(by: Actor) -> None:
    """Staff by their role; a connection by what its vendor may."""
    if not by.may(SCOPE):
        by.require(PERMISSION)
