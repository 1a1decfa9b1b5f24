"""What should stand in a CRM for its companies: the fields of each, and one record for each entitlement.

An account may be several companies there. The first of them that was known bears the records of its entitlements; the
others have the company's fields alone, since a record there can belong to one company only.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from desk.domain.crm.outgoing import COMPANY, Outgoing
from desk.domain.crm.sent import Sent, owner_of, read_sent
from desk.models import CrmCompany
from desk.queries.crm.company_parts import cleared, company_part, daily
from desk.queries.crm.entitlement_parts import entitlements
from desk.queries.crm.gathered import Gathered, gather
from entitlements.domain.usage.terms import use_terms
from entitlements.models import Account
from entitlements.snapshots.batch import batches

AT_ONCE = 200
Parts = Mapping[str, Outgoing]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A company with all that should stand there, and when that may differ by time alone.

    `others` are the keys of accounts whose records another company bears now, each with that company's row.
    """

    company: CrmCompany
    sent: Sent
    parts: Parts = field(default_factory=dict)
    until: datetime | None = None
    others: Mapping[str, int] = field(default_factory=dict)


def rendered(companies: Sequence[CrmCompany], *, at: datetime) -> dict[int, Parts]:
    """By the company's row: its parts by their names here (`COMPANY`, or the feature's key)."""
    return {one.company.pk: one.parts for one in renderings(companies, at=at)}


def renderings(companies: Sequence[CrmCompany], *, at: datetime) -> list[Rendering]:
    """The same with what was written to each before, in the order they were given."""
    return [one for chunk in batches(companies, AT_ONCE) for one in _of_some(chunk, at=at)]


def _of_some(companies: Sequence[CrmCompany], *, at: datetime) -> list[Rendering]:
    accounts = _accounts(companies)
    leading = _leading(companies, accounts)
    gathered = gather({one.pk for one in accounts.values()}, at=at) if accounts else None
    return [
        _rendering(company, accounts.get(company.pk), leading.get(company.connection_id, {}), gathered, at=at)
        for company in companies
    ]


def _accounts(companies: Sequence[CrmCompany]) -> dict[int, Account]:
    """Whose each company is, by its row; of an account that was merged away, the one that stands for it."""
    linked = {one.pk: one.account_id for one in companies if one.account_id and not one.gone and not one.left_out}
    rows = Account.objects.select_related("parent", "merged_into__parent").in_bulk(list(set(linked.values())))
    return {pk: rows[account].merged_into or rows[account] for pk, account in linked.items()}


Leading = Mapping[str, int]  # by an account's key, the row of the company that bears its records


def _leading(companies: Sequence[CrmCompany], accounts: Mapping[int, Account]) -> Mapping[int, Leading]:
    """By connection. Also of the accounts that these companies were written as before."""
    keys = {one.key for one in accounts.values()}
    keys |= {key for one in companies for key in read_sent(one.written).accounts}
    at = {one.connection_id for one in companies}
    rows = CrmCompany.objects.filter(connection__in=at, gone=False, left_out=False)
    mine = Q(account__key__in=keys, account__merged_into=None) | Q(account__merged_into__key__in=keys)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    columns = ("pk", "connection_id", "account__key", "account__merged_into__key")
    for pk, connection, key, into in rows.filter(mine).order_by("pk").values_list(*columns):
        found[connection].setdefault(into or key, pk)
    return found


def _rendering(
    company: CrmCompany, account: Account | None, leading: Leading, gathered: Gathered | None, *, at: datetime
) -> Rendering:
    sent = read_sent(company.written)
    others = {key: leading[key] for key in sent.accounts if leading.get(key, company.pk) != company.pk}
    if account is None or gathered is None:
        parts = {COMPANY: cleared(company.external_id, at=at)} if sent.records and not company.gone else {}
        return Rendering(company, sent, parts, None, others)
    facts = gathered.facts(account)
    terms = use_terms(facts, at=at)
    written = _written(sent, account) if leading.get(account.key) == company.pk else ()
    found = list(
        entitlements(account, terms, facts=facts, company=company.external_id, written=written, gathered=gathered)
    )
    uses = [one.used for one in found if one.used is not None]
    told = company_part(account, facts=facts, uses=uses, company=company.external_id, gathered=gathered)
    parts = {COMPANY: told.outgoing}
    if leading.get(account.key) == company.pk:
        parts |= {one.outgoing.part: one.outgoing for one in found}
    ahead = (one.answer.valid_until for one in terms.values())  # also of what it doesn't have yet
    untils = (told.until, daily(company.pk, at=at), *ahead, *(one.until for one in found))
    return Rendering(company, sent, parts, min(one for one in untils if one is not None), others)


def _written(sent: Sent, account: Account) -> Collection[str]:
    return {name for name in sent.entitlements if owner_of(name) == account.key}
