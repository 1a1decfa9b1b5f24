"""The page of a company of a CRM: what was told of it, whose it is, what was written to it, its deals and findings."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from desk.admin.crm.words import (
    BADGES,
    DEAL_BADGES,
    LINK,
    OURS_THERE,
    SET_UP,
    TOLD_OF_A_COMPANY,
    VIEW_COMPANY,
    VIEW_DEAL,
    VIEW_FINDING,
    Act,
    finding_url,
    page_there,
    record_url,
    say_age,
    say_came,
    say_where,
    say_written,
    sync_url,
)
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.flows import Flow
from desk.domain.crm.sent import read_sent
from desk.domain.crm.told import DealState
from desk.models import CrmCompany
from desk.queries.crm.listing import Record, deals_of, findings_about
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.merged import standing_for
from journal.admin.connections.pages import vendor_words
from journal.admin.pages import Page

MOST_DEALS = 25


class CompanyPage(Page):
    """A page about one company. Who may not look is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW_COMPANY

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW_COMPANY):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def company(self) -> CrmCompany:
        rows = CrmCompany.objects.select_related("connection", "account__merged_into")
        return get_object_or_404(rows, pk=self.kwargs["company"])

    @property
    def seen(self) -> str:
        """Differs as soon as somebody said otherwise whose it is."""
        return f"{self.company.account_id or 0}.{int(self.company.left_out)}.{int(self.company.gone)}"

    @property
    def back(self) -> str:
        return record_url(self.company)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.company
        account = standing_for(row.account) if row.account is not None else None
        may_see = self.request.user.has_perm(VIEW_ACCOUNT)
        return {
            **super().get_context_data(**kwargs),
            "company": row,
            "account": account,
            "account_url": account_url(account) if account is not None and may_see else "",
            "there": page_there(row.connection, row),
            "vendor": vendor_words(row.connection),
            "where": say_where(row.connection),
            "sync_url": sync_url(row.connection),
            "back": self.back,
        }


class CompanyShownPage(CompanyPage):
    template_name = "desk/crm/company.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.company)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, at = self.company, self.at
        told, sent = row.told or {}, read_sent(row.written or {})
        return {
            **super().get_context_data(**kwargs),
            "told": [(words, told.get(name, "")) for name, words in TOLD_OF_A_COMPANY.items()],
            "further": sorted((told.get("fields") or {}).items()),
            "told_age": say_age(row.told_at, at=at) if row.told_at else "",
            "into": CrmCompany.objects.filter(connection=row.connection_id, external_id=told["into"]).first()
            if told.get("into")
            else None,
            "written": [
                (OURS_THERE.get(name, name), say_written(name, text)) for name, text in sent.fields.items() if text
            ],
            "records": len(sent.entitlements),
            "written_age": say_age(row.written_at, at=at) if row.written_at else "",
            "acts": list(self._acts()),
            "deals": [_deal_line(deal) for deal in deals_of(row, most=MOST_DEALS)]
            if self.request.user.has_perm(VIEW_DEAL)
            else [],
            "findings": finding_lines(row, user=self.request.user, at=at),
            "history": record_url(row, "history"),
            "seen": self.seen,
        }

    def _acts(self) -> Iterator[Act]:
        row, may = self.company, self.request.user.has_perm
        if may(LINK):
            if not row.gone and row.account is None and not row.left_out:
                yield Act("Say whose it is", record_url(row, "whose"), main=True)
                yield Act("Leave it out", record_url(row, "leave_out"))
            yield Act("Look again now", record_url(row, "look"), at_once=True)
            if row.account is not None:
                yield Act("Write again", record_url(row, "write"), at_once=True)
                yield Act("It is another account", record_url(row, "whose"))
            if row.account is not None or row.left_out:
                yield Act("Take it back", record_url(row, "take_back"))
        if may(SET_UP) and row.failed:
            yield Act("Try again", sync_url(row.connection, "retry", Flow.COMPANIES.value), at_once=True)


def _deal_line(deal: Any) -> dict[str, Any]:
    state = DealState(deal.state) if deal.state else None
    return {
        "row": deal,
        "url": record_url(deal),
        "state": state.words if state else "Not looked at yet",
        "colour": DEAL_BADGES.get(state, "plain") if state else "plain",
        "came": say_came(deal),
        "contract_url": contract_url(deal.contract) if deal.contract else "",
    }


def finding_lines(record: Record, *, user: Any, at: Any) -> list[dict[str, Any]]:
    """What was found about a record, for whoever may see findings."""
    if not user.has_perm(VIEW_FINDING):
        return []
    return [
        {
            "row": one,
            "kind": CrmFindingKind(one.kind).words,
            "url": finding_url(one),
            "state": FindingState(one.state).words,
            "colour": BADGES.get(FindingState(one.state), "plain"),
            "age": say_age(one.first_at, at=at),
        }
        for one in findings_about(record)
    ]
