"""The page of one finding: what both sides say, both records, what can be done about it, and what was done."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from desk.admin.crm.mapping_pages import VIEW as VIEW_MAPPING
from desk.admin.crm.mapping_pages import mapping_url
from desk.admin.crm.words import (
    BADGES,
    LINK,
    VIEW_FINDING,
    Act,
    finding_url,
    lines_of,
    page_there,
    record_url,
    say_age,
    say_where,
    sync_url,
)
from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmCompany, CrmDeal, CrmFinding
from desk.queries.crm.listing import Record, company_of, decided_about, subject_of
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.merged import standing_for
from journal.admin.base import version_of
from journal.admin.connections.pages import vendor_words
from journal.admin.pages import Page

LIST = "admin:desk_crmfinding_changelist"
DONE = {
    "crm_finding:open": "Found",
    "crm_finding:mend": "Mended",
    "crm_finding:keep": "Kept as it is",
    "crm_finding:settle": "Gone with what it was about",
}


class FindingPage(Page):
    """A page about one finding. Who may not look at findings is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW_FINDING

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW_FINDING):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def finding(self) -> CrmFinding:
        rows = CrmFinding.objects.select_related("connection", "account__merged_into")
        return get_object_or_404(rows, pk=self.kwargs["finding"])

    @cached_property
    def record(self) -> Record | None:
        """The company or the deal that it is about."""
        return subject_of(self.finding)

    @cached_property
    def company(self) -> CrmCompany | None:
        """The company in question: of a deal, the one that it belongs to."""
        record = self.record
        return company_of(record) if isinstance(record, CrmDeal) else record

    @property
    def kind(self) -> CrmFindingKind:
        return CrmFindingKind(self.finding.kind)

    @property
    def is_open(self) -> bool:
        return self.finding.state == FindingState.OPEN

    @property
    def may_say_whose(self) -> bool:
        """Whether a person can still say which account the company is."""
        company = self.company
        return (
            self.kind is CrmFindingKind.WHOSE
            and not self.finding.about
            and company is not None
            and company.account is None
        )

    @property
    def back(self) -> str:
        return finding_url(self.finding)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, may = self.finding, self.request.user.has_perm
        whose = row.account or (self.company.account if self.company is not None else None)
        account = standing_for(whose) if whose is not None else None
        lines = lines_of(row)
        return {
            **super().get_context_data(**kwargs),
            "finding": row,
            "kind": self.kind.words,
            "to_do": self.kind.to_do,
            "is_open": self.is_open,
            "state": FindingState(row.state).words,
            "colour": BADGES.get(FindingState(row.state), "plain"),
            "where": say_where(row.connection),
            "sync_url": sync_url(row.connection),
            "vendor": vendor_words(row.connection),
            "record": self.record,
            "sort": "Deal" if row.subject.startswith("deal:") else "Company",
            "record_url": record_url(self.record) if self.record is not None else "",
            "there": page_there(row.connection, self.record) if self.record is not None else "",
            "account": account,
            "account_url": account_url(account) if account is not None and may(VIEW_ACCOUNT) else "",
            "age": say_age(row.first_at, at=self.at),
            "lines": lines,
            "both_sides": any(one.ours for one in lines),
            "may_settle": may(LINK),
            "back": self.back,
            "back_words": self.kind.words,
            "list": reverse(LIST),
        }


class FindingShownPage(FindingPage):
    template_name = "desk/crm/finding.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.kind.words

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_settle = self.request.user.has_perm(LINK)
        return {
            **super().get_context_data(**kwargs),
            "token": version_of(self.finding),
            "acts": list(self._acts()) if may_settle and self.is_open else [],
            "mapping_url": self._mapping(),
            "history": [
                {"event": event, "what": DONE.get(event.verb) or event.verb_in_words()}
                for event in decided_about(self.finding)
            ],
            "versions": finding_url(self.finding, "history"),
        }

    def _acts(self) -> Iterator[Act]:
        row = self.finding
        if self.may_say_whose:
            yield Act("Say whose it is", finding_url(row, "whose"), main=True)
            yield Act("Leave it out", finding_url(row, "leave_out"))
        if self.kind is CrmFindingKind.NOT_WRITTEN:
            yield Act("Write it again", finding_url(row, "look"), main=True, at_once=True)
        elif self.record is not None:
            yield Act("Look again", finding_url(row, "look"), at_once=True)
        if not self.may_say_whose:
            yield Act("Keep it as it is", finding_url(row, "keep"))

    def _mapping(self) -> str:
        """Where what deals become is said, for what it makes nothing of or can't read."""
        about_it = self.kind in {CrmFindingKind.UNMAPPED, CrmFindingKind.UNREAD}
        may_see = self.request.user.has_perm(VIEW_MAPPING)
        return mapping_url(self.finding.connection) if about_it and may_see and self.is_open else ""
