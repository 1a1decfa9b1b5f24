"""The page of a deal of a CRM: what was told of it, what it became, what waits for somebody, and its findings."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from desk.admin.crm.company_page import finding_lines
from desk.admin.crm.words import (
    DEAL_BADGES,
    LINK,
    SET_UP,
    VIEW_COMPANY,
    VIEW_DEAL,
    Act,
    page_there,
    record_url,
    say_age,
    say_came,
    say_product,
    say_where,
    sync_url,
)
from desk.domain.crm.flows import Flow
from desk.domain.crm.kept import kept_deal
from desk.domain.crm.told import DealState
from desk.models import CrmDeal
from desk.queries.crm.listing import company_of
from desk.queries.crm.made import request_of, trial_request_of, version_made
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.queries.contracts import say_day, say_line
from entitlements.queries.contracts.difference import lines_of
from entitlements.queries.merged import standing_for
from journal.admin.connections.pages import vendor_words
from journal.admin.pages import Page
from journal.models import Approval


class DealPage(Page):
    """A page about one deal. Who may not look is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW_DEAL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW_DEAL):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def deal(self) -> CrmDeal:
        related = ("connection", "account__merged_into", "contract", "trial__subscription__account")
        return get_object_or_404(CrmDeal.objects.select_related(*related), pk=self.kwargs["deal"])

    @property
    def back(self) -> str:
        return record_url(self.deal)


class DealShownPage(DealPage):
    template_name = "desk/crm/deal.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.deal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, may = self.deal, self.request.user.has_perm
        told, company = kept_deal(row.told or {}), company_of(row)
        account = standing_for(row.account) if row.account is not None else None
        state = DealState(row.state) if row.state else None
        return {
            **super().get_context_data(**kwargs),
            "deal": row,
            "state": state.words if state else "Not looked at yet",
            "colour": DEAL_BADGES.get(state, "plain") if state else "plain",
            "came": say_came(row).rstrip("."),
            "verb": "is to be won by" if state is DealState.OPEN else "closed",
            "closed": say_day(told.closed_on) if told is not None and told.closed_on else "",
            "lines": [
                {
                    "row": one,
                    "name": say_product(one.name, deal=row.name),
                    "quantity": f"{one.quantity.normalize():f}",
                    "fields": sorted(one.fields.items()),
                }
                for one in (told.lines if told is not None else ())
            ],
            "further": [(name, text) for name, text in sorted(told.fields.items()) if text] if told is not None else [],
            "owner": told.owner if told is not None else "",
            "company": company,
            "company_url": record_url(company) if company is not None and may(VIEW_COMPANY) else "",
            "account": account,
            "account_url": account_url(account, part="contracts") if account is not None and may(VIEW_ACCOUNT) else "",
            "there": page_there(row.connection, row),
            "vendor": vendor_words(row.connection),
            "where": say_where(row.connection),
            "sync_url": sync_url(row.connection),
            "told_age": say_age(row.told_at, at=self.at) if row.told_at else "",
            "acts": list(self._acts()),
            "findings": finding_lines(row, user=self.request.user, at=self.at),
            "history": record_url(row, "history"),
            **self._made(),
        }

    def _made(self) -> dict[str, Any]:
        """The contract with what it promises, the longer trial, and what of both waits for a second person."""
        row = self.deal
        version = version_made(row)
        asked = [request_of(version) if version is not None else None, trial_request_of(row)]
        waiting = [one for one in asked if one is not None and one.state == Approval.State.PENDING]
        sees = self.request.user.has_perm("journal.view_approval")
        return {
            "contract": row.contract,
            "contract_url": contract_url(row.contract) if row.contract is not None else "",
            "version": version,
            "promises": [(line.number, say_line(line), line.note) for line in lines_of(version)] if version else [],
            "trial": row.trial,
            "trial_url": account_url(row.trial.subscription.account, part="subscriptions") if row.trial else "",
            "waiting": [
                {"row": one, "url": reverse("admin:journal_approval_change", args=[one.pk]) if sees else ""}
                for one in waiting
            ],
        }

    def _acts(self) -> Iterator[Act]:
        row, may = self.deal, self.request.user.has_perm
        if may(LINK):
            yield Act("Look again now", record_url(row, "look"), at_once=True)
        if may(SET_UP) and row.failed:
            yield Act("Try again", sync_url(row.connection, "retry", Flow.DEALS.value), at_once=True)
