"""What the pages about a CRM list: what is open, what failed, what came last, and what is known of one record."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from desk.domain.crm.findings import CrmFindingKind, about_company, about_deal
from desk.models import CrmCompany, CrmDeal, CrmFinding
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from entitlements.queries.findings import OPEN_FIRST, count_open, deeds_about
from journal.models import AuditEvent, Connection

Record = CrmCompany | CrmDeal


@dataclass(frozen=True, slots=True)
class Open:
    """So many findings of a kind are open, and since when the oldest of them is."""

    kind: CrmFindingKind
    number: int
    oldest_at: datetime


def open_count() -> int:
    return count_open(CrmFinding)


def open_by_kind(connection: Connection) -> list[Open]:
    rows = CrmFinding.objects.filter(connection=connection, state=FindingState.OPEN).order_by()
    told = {
        kind: Open(CrmFindingKind(kind), number, oldest)
        for kind, number, oldest in rows.values_list("kind").annotate(number=Count("pk"), oldest=Min("first_at"))
    }
    return [told[kind.value] for kind in CrmFindingKind if kind.value in told]


def decided_about(finding: CrmFinding) -> list[AuditEvent]:
    """What was done about it and about those before it that said the same, the newest first."""
    same = CrmFinding.objects.filter(
        connection=finding.connection_id, kind=finding.kind, subject=finding.subject, about=finding.about
    )
    return deeds_about(same)


def findings_about(record: Record) -> list[CrmFinding]:
    """What was found about a company or a deal: what is open first."""
    subject = about_deal(record.external_id) if isinstance(record, CrmDeal) else about_company(record.external_id)
    rows = CrmFinding.objects.filter(connection=record.connection_id, subject=subject)
    return list(rows.order_by(OPEN_FIRST, "-last_at", "-pk")[:50])


def subject_of(finding: CrmFinding) -> Record | None:
    """The company or the deal that it is about."""
    sort, _, id = finding.subject.partition(":")
    rows: QuerySet[Any] = (CrmDeal if sort == "deal" else CrmCompany).objects.select_related("connection", "account")
    found: Record | None = rows.filter(connection=finding.connection_id, external_id=id).first()
    return found


def company_of(deal: CrmDeal) -> CrmCompany | None:
    """The company that a deal belongs to there, as far as the desk has heard of it."""
    rows = CrmCompany.objects.select_related("connection", "account")
    return rows.filter(connection=deal.connection_id, external_id=deal.company_id_there).first()


def deals_of(company: CrmCompany, *, most: int) -> list[CrmDeal]:
    rows = CrmDeal.objects.filter(connection=company.connection_id, company_id_there=company.external_id)
    return list(rows.select_related("contract", "account").order_by("-changed_at", "-pk")[:most])


def latest(model: type[CrmCompany] | type[CrmDeal], connection: Connection, *, most: int) -> list[Any]:
    """Those that were looked at last."""
    rows: QuerySet[Any] = model.objects.filter(connection=connection, told_at__isnull=False)
    related = ("account", "contract") if model is CrmDeal else ("account",)
    return list(rows.select_related(*related).order_by("-told_at", "-pk")[:most])


def first_company_of(account: Account) -> CrmCompany | None:
    """The company that an account is in a CRM, also as one that was merged into it; of several the one it was first."""
    mine = Account.objects.filter(Q(pk=account.pk) | Q(merged_into=account))
    rows = CrmCompany.objects.filter(account__in=mine, gone=False)
    return rows.select_related("connection").order_by("pk").first()


def accounts_named(keys: Collection[str]) -> Mapping[str, Account]:
    rows = Account.objects.filter(key__in=list(keys), merged_into=None).select_related("owner")
    return {row.key: row for row in rows.order_by("name", "pk")}
