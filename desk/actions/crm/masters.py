"""What a CRM says of a customer's name, country, domain and seller: taken in, or told to a person, by whose word counts."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from desk.actions.crm.findings import Noted
from desk.domain.crm.findings import CrmFindingKind, about_company
from desk.domain.crm.linking import own_domain
from desk.domain.crm.masters import Master, MasterField, Sides, Verdict, judge
from desk.domain.crm.told import Company
from desk.models import CrmFinding
from desk.queries.crm.sellers import seller
from entitlements.actions.accounts import edit_account
from entitlements.actions.identifiers import add_identifier
from entitlements.actions.newcomers import country_said
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import search_key
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Connection


def take_in(
    *,
    connection: Connection,
    company: Company,
    before: Mapping[str, Any] | None,
    told_of: bool,
    account: Account,
    masters: Mapping[MasterField, Master],
    by: Actor,
    at: datetime,
) -> tuple[list[str], list[Noted]]:
    """Took in what the CRM is master of, and says what was taken and what a person has to see.

    `before` is what it told last of this account; None where it never did. `told_of`: a person was told something of it.
    """
    told = _told_before(connection, company) if told_of else frozenset()
    verdicts = {
        field: (sides, judge(sides, masters[field]))
        for field in MasterField
        for sides in [_sides(field, company, before, account, told=field.value in told)]
    }
    takes = [field for field, (_, verdict) in verdicts.items() if verdict is Verdict.TAKE]
    noted = [
        _conflict(field, sides, masters[field])
        for field, (sides, verdict) in verdicts.items()
        if verdict is Verdict.TELL
    ]
    taken = []
    for field in takes:
        try:
            _take(field, company, account, connection=connection, by=by, at=at)
        except Refusal as refusal:
            noted.append(Noted(CrmFindingKind.CONFLICT, field.value, f"{field.words}: {refusal.message}"))
        else:
            taken.append(field.words)
    return taken, noted


def _sides(
    field: MasterField, company: Company, before: Mapping[str, Any] | None, account: Account, *, told: bool
) -> Sides:
    theirs = _spelled(field, getattr(company, field.value))
    last = None if before is None else _spelled(field, before.get(field.value, ""))
    return Sides(theirs, _ours(field, account, theirs), last, told)


def _spelled(field: MasterField, text: str) -> str:
    """As it is compared; what the desk can't say is as good as empty."""
    match field:
        case MasterField.NAME:
            return search_key(text)
        case MasterField.COUNTRY:
            return country_said(text)
        case MasterField.DOMAIN:
            return own_domain(text)
        case MasterField.OWNER:
            found = seller(text)
            return "" if found is None else found.email.lower()


def _ours(field: MasterField, account: Account, theirs: str) -> str:
    match field:
        case MasterField.NAME:
            return search_key(account.name)
        case MasterField.COUNTRY:
            return account.country
        case MasterField.DOMAIN:
            rows = Identifier.objects.filter(account=account, kind=IdentifierKind.DOMAIN).order_by("value_key")
            found = list(rows.values_list("value_key", flat=True))
            return theirs if theirs in found else ", ".join(found)
        case MasterField.OWNER:
            return account.owner.email.lower() if account.owner is not None else ""


def _take(
    field: MasterField, company: Company, account: Account, *, connection: Connection, by: Actor, at: datetime
) -> None:
    reason = f"{connection.name} says so"
    match field:
        case MasterField.NAME:
            edit_account(account=account, name=company.name.strip()[:200], reason=reason, by=by, at=at)
        case MasterField.COUNTRY:
            edit_account(account=account, country=country_said(company.country), reason=reason, by=by, at=at)
        case MasterField.DOMAIN:
            add_identifier(account=account, kind=IdentifierKind.DOMAIN, value=own_domain(company.domain), by=by, at=at)
        case MasterField.OWNER:
            edit_account(account=account, owner=seller(company.owner), reason=reason, by=by, at=at)


def _conflict(field: MasterField, sides: Sides, master: Master) -> Noted:
    kept = "the desk’s was kept" if master is Master.DESK else "it was changed here, and the CRM is master of it"
    words = f"{field.words}: {sides.theirs} there, {sides.ours or 'nothing'} here; {kept}."
    evidence = {"theirs": sides.theirs, "ours": sides.ours, "field": field.value, "master": master.value}
    return Noted(CrmFindingKind.CONFLICT, field.value, words, evidence)


def _told_before(connection: Connection, company: Company) -> frozenset[str]:
    rows = CrmFinding.objects.filter(
        connection=connection, subject=about_company(company.id), kind=CrmFindingKind.CONFLICT
    )
    return frozenset(rows.exclude(state=FindingState.MENDED).values_list("about", flat=True))


def fields() -> Iterator[str]:
    """What a conflict here may be about."""
    return (field.value for field in MasterField)
