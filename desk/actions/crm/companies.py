"""What a CRM says of a company, taken in: whose it is, and what of it counts here.

One look is taken in whole or not at all. What is there to be seen was seen before; nothing here speaks to another system.

Of companies that come in together much is read at once, before the first is followed (`page_of`). That answers for those
that stay whose they are, and for those that nobody can place. Whoever is to be linked, or opened, is asked about anew
once the connection is held: so of two that come at once, or in one page, the second finds what the first opened.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.actions.crm.applied import NOTHING, PASSED_OVER, Applied
from desk.actions.crm.findings import Noted, note, settle, settle_gone, told_of
from desk.actions.crm.linking import deals_again, hold_connection, join, open_told
from desk.actions.crm.masters import fields, take_in
from desk.actions.crm.tickets import claim
from desk.actions.crm.written import note_changed_there
from desk.domain.crm.findings import CrmFindingKind, about_company
from desk.domain.crm.kept import keep_company
from desk.domain.crm.linking import Linked, link
from desk.domain.crm.masters import read_masters
from desk.domain.crm.told import Company
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.candidates import Choices, Finder, candidates, choices_of
from entitlements.actions.locking import lock_account
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from entitlements.queries.merged import standing_for
from journal.actions.deeds import Deed, begin
from journal.domain.actor import Actor
from journal.domain.refusal import Stale
from journal.models import Connection

WRITTEN = (
    "account", "name", "gone", "left_out", "told", "told_at", "changed_at", "applied", "due_at", "tries", "failed",
    "to_write_at", "marks",
)  # fmt: skip


@dataclass(slots=True)
class Look:
    """One look at a company: its row, held; `before` what it said last of this account."""

    connection: Connection
    company: Company
    row: CrmCompany
    choices: Choices
    deed: Deed
    before: Mapping[str, Any] | None = None
    told_of: bool = True  # whether a person was told anything of it that isn't mended


@dataclass(slots=True)
class Page:
    """Companies that come in together: their rows, by their ids, and what was known of them when they were read.

    `told_of` are the subjects of which a person was told anything that isn't mended. `moved`: one of these was linked, or
    something of it was taken over, so that another may fit now that didn't.
    """

    choices: Choices
    finder: Finder
    rows: dict[str, CrmCompany]
    told_of: frozenset[str]
    moved: bool = False


def page_of(connection: Connection, companies: Collection[Company]) -> Page:
    ids = [one.id for one in companies]
    rows = CrmCompany.objects.filter(connection=connection, external_id__in=ids).select_related("account")
    return Page(
        choices=choices_of(connection),
        finder=Finder(connection, companies),
        rows={row.external_id: row for row in rows},
        told_of=told_of(connection, [about_company(id) for id in ids]),
    )


@transaction.atomic
def apply_company(
    *, connection: Connection, company: Company, ticket: int, by: Actor, at: datetime, page: Page | None = None
) -> Applied:
    """Took in what a CRM says of a company: it is linked by the rules that staff chose, or a person is asked.

    `ticket` was taken at the moment `at`, before anybody looked: of two looks the later asked for wins. `page` is what
    was read of all that came in with it; each asks it once, so that who comes again reads anew.
    """
    if page is None or company.id not in page.rows:
        page = page_of(connection, [company])
    seen, asked = page.rows.pop(company.id), page
    page.rows.pop(company.into, None)
    if seen.applied >= ticket:
        return Applied(PASSED_OVER)
    page, seen, found = _made_out(company, seen, page)
    account = _held_account(found, seen)
    row = CrmCompany.objects.select_for_update().get(pk=seen.pk)
    if not claim(row, ticket):
        return Applied(PASSED_OVER)
    _refuse_older(row, seen)
    row.connection, row.account = connection, seen.account
    look = Look(connection, company, row, page.choices, begin(by=by, at=at))
    look.before = dict(row.told) if row.account_id is not None and row.told else None
    look.told_of = _is_told_of(page, row, seen)
    _keep_told(row, company, at=at)
    done, account = _joined(look, found, account)
    noted = _noticed(look, found, account, done)
    row.save(update_fields=WRITTEN)
    changed = note_changed_there(row=row, company=company, by=by, at=at) if row.written else ()
    findings = (*_noted(look, noted, account), *changed)
    asked.moved = asked.moved or bool(done)
    words = ". ".join(done) or found.doubt or NOTHING
    return Applied(words, account.key if account else "", moved=bool(done), findings=findings)


def _made_out(company: Company, seen: CrmCompany, page: Page) -> tuple[Page, CrmCompany, Linked]:
    """Whose it is, with what that goes by: whoever may be linked, or opened, is asked about once the connection is held."""
    may_join = seen.account_id is None and not seen.left_out
    found = Linked()
    if not company.into and not (may_join and page.choices.opens):
        found = _linked(company, seen, page)
        if not (may_join and found.account):
            return page, seen, found
    hold_connection(page.finder.connection)
    page, seen = _anew(page, company, seen)
    return page, seen, _linked(company, seen, page)


def _linked(company: Company, row: CrmCompany, page: Page) -> Linked:
    if row.left_out:
        return Linked()
    choices, connection = page.choices, page.finder.connection
    finder = Finder(connection, [company]) if page.moved else page.finder
    fits = candidates(connection, company, row, choices.rules, finder)
    return link(company, fits, rules=choices.rules, opens=choices.opens)


def _anew(page: Page, company: Company, seen: CrmCompany) -> tuple[Page, CrmCompany]:
    """The row, and what may have changed by now."""
    row = CrmCompany.objects.select_related("account").get(pk=seen.pk)
    if row.told_at != seen.told_at:
        return page_of(page.finder.connection, [company]), row
    return replace(page, finder=Finder(page.finder.connection, [company]), moved=False), row


def _held_account(found: Linked, row: CrmCompany) -> Account | None:
    """Held before the company's row, as everywhere."""
    if not found.account:
        return None
    known = row.account if row.account is not None and row.account.key == found.account else None
    return lock_account((known or account_by_key(found.account)).pk)


def _refuse_older(row: CrmCompany, seen: CrmCompany) -> None:
    """What was made out by is what stands, now that the row is held."""
    if (row.account_id, row.left_out, row.apart_from) != (seen.account_id, seen.left_out, seen.apart_from):
        raise Stale(f"Somebody has just said whose {row} is. Look again.")


def _is_told_of(page: Page, row: CrmCompany, seen: CrmCompany) -> bool:
    """Asked anew where somebody looked meanwhile."""
    subject = about_company(row.external_id)
    return subject in (page.told_of if row.told_at == seen.told_at else told_of(row.connection, [subject]))


def _keep_told(row: CrmCompany, company: Company, *, at: datetime) -> None:
    """What it said last; a mirror without versions."""
    row.name, row.gone = (company.name or row.name)[:300], company.gone
    row.told, row.told_at, row.changed_at = keep_company(company), at, company.changed_at
    row.tries, row.failed = 0, ""
    if row.due_at is not None and row.due_at <= at:
        row.due_at = None


# Whose it is ----------------------------------------------------------------------------------------------------------
def _joined(look: Look, found: Linked, account: Account | None) -> tuple[list[str], Account | None]:
    """Linked with the account that was found, or with a new one."""
    row, deed = look.row, look.deed
    if found.opens:
        account = open_told(row, by=deed.by, at=deed.at)
    if account is None or (row.account is not None and row.account.pk == account.pk):
        return [], account
    merged = row.account is not None
    reason = found.rule.words if found.rule is not None else ""
    join(row, account, deed=deed, reason=f"Found by {reason}" if reason else "")
    if found.opens:
        return [f"{account} was opened for it"], account
    how = "was merged: it is" if merged else "is"
    return [f"It {how} {account} ({account.key})"], account


def _noticed(look: Look, found: Linked, account: Account | None, done: list[str]) -> list[Noted]:
    """What a person has to see; what was taken over is added to what was done."""
    company, row = look.company, look.row
    noted: list[Noted] = []
    if company.gone:
        done += _made_part(look, account)
        return noted
    if account is None:
        return [] if row.left_out else [_doubt(company, found)]
    taken, conflicts = take_in(
        connection=look.connection,
        company=company,
        before=look.before,
        told_of=look.told_of,
        account=account,
        masters=read_masters(look.choices.masters),
        by=look.deed.by,
        at=look.deed.at,
    )
    if taken:
        done.append(f"Taken over: {', '.join(taken).lower()}")
    if look.told_of:
        _settle_parts(look, account)
    return [*noted, *conflicts]


def _doubt(company: Company, found: Linked) -> Noted:
    theirs = {"id": company.id, "name": company.name, "domain": company.domain, "country": company.country}
    theirs["own_key"] = company.own_key
    return Noted(CrmFindingKind.WHOSE, "", found.doubt, {"theirs": theirs, "ours": list(found.proposed)})


def _noted(look: Look, noted: Sequence[Noted], account: Account | None) -> tuple[str, ...]:
    """Note what is found, and settle what was found before and isn't any more."""
    told: Any = {"connection": look.connection, "subject": about_company(look.company.id), "deed": look.deed}
    if look.told_of:
        settle_gone(kinds=[CrmFindingKind.WHOSE], still=noted, abouts=[""], **told)
        settle_gone(kinds=[CrmFindingKind.CONFLICT], still=noted, abouts=list(fields()), **told)
    return tuple(note(one, account=account, first=not look.told_of, **told).words for one in noted)


# Made part of another ---------------------------------------------------------------------------------------------
def _made_part(look: Look, account: Account | None) -> list[str]:
    """The one that goes on inherits the account; where it has another, a person says whether the two are one."""
    company, row, deed = look.company, look.row, look.deed
    if not company.into or company.into == company.id:
        return []
    deals_again(row, at=deed.at)
    survivor = _survivor(look)
    if account is None:
        return []
    theirs = survivor.account and standing_for(survivor.account)
    if theirs is None:
        join(survivor, account, deed=deed, reason=f"{row} was made part of it")
        survivor.save(update_fields=["account", "left_out", "to_write_at", "marks"])
        return [f"{survivor} goes on as {account} ({account.key})"]
    if theirs.pk != account.pk:
        _tell_of_two(look, survivor, account, theirs)
    return []


def _survivor(look: Look) -> CrmCompany:
    told = {"connection": look.connection, "external_id": look.company.into}
    new = CrmCompany(**told, due_at=look.deed.at)
    CrmCompany.objects.bulk_create([new], ignore_conflicts=True)
    rows = CrmCompany.objects.select_for_update(of=("self",)).select_related("connection", "account")
    return rows.get(**told)


def _tell_of_two(look: Look, survivor: CrmCompany, account: Account, theirs: Account) -> None:
    words = (
        f"{look.row} was made part of {survivor} there. Here they are {account} ({account.key}) and {theirs} "
        f"({theirs.key}): if they are one customer, merge the two."
    )
    evidence = {"theirs": {"id": look.company.id, "into": survivor.external_id}, "ours": [account.key, theirs.key]}
    noted = Noted(CrmFindingKind.WHOSE, look.company.id, words, evidence)
    subject = about_company(survivor.external_id)
    note(noted, connection=look.connection, subject=subject, account=theirs, deed=look.deed)


def _settle_parts(look: Look, account: Account) -> None:
    """What was made part of it is the same account by now, or nobody's."""
    subject = about_company(look.company.id)
    open_ones = CrmFinding.objects.filter(
        connection=look.connection, subject=subject, kind=CrmFindingKind.WHOSE, state=FindingState.OPEN
    )
    for finding in open_ones.exclude(about="").select_related("account").order_by("pk"):
        part = CrmCompany.objects.filter(connection=look.connection, external_id=finding.about).first()
        whose = part.account and standing_for(part.account) if part is not None else None
        if whose is None or whose.pk == account.pk:
            settle(finding, FindingState.MENDED, reason="", deed=look.deed)
