"""The list of contracts: with whom, where each stands, what ends or renews soon."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from entitlements.admin.contracts.addresses import CONTRACTS
from entitlements.admin.contracts.filters import StandingFilter
from entitlements.admin.contracts.pages import TAB, contract_url
from entitlements.admin.contracts.words import capital, say_what_is_next
from entitlements.admin.pages import account_url
from entitlements.models import Contract
from entitlements.queries.contracts.standing import ContractAt, Place, contracts_at
from entitlements.queries.contracts.wording import say_term
from journal.admin.base import Button, RecordedModelAdmin

COLOURS = {
    Place.WAITING.words: "warning",
    Place.IN_FORCE.words: "success",
    Place.ENDING.words: "warning",
    Place.TO_COME.words: "info",
    Place.DRAFT.words: "warning",
    Place.ENDED.words: "danger",
    Place.DISCARDED.words: "danger",
}


class ContractList(ChangeList):
    """Reads where the contracts of one page stand at once, instead of contract by contract."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        found = contracts_at(contracts=list(self.result_list), at=now)
        for contract in self.result_list:
            contract.seen_at, contract.stands = now, found[contract.pk]


@admin.register(Contract)
class ContractAdmin(RecordedModelAdmin):
    """To find and to read; everything that can be done with a contract is done on pages of its own."""

    list_before_template = "entitlements/contracts/head.html"
    list_display = ("number", "name", "customer", "standing", "running", "next")
    list_filter = (StandingFilter,)
    list_select_related = ("account",)
    ordering = ("-created_at", "-pk")
    search_fields = ("key", "name", "account__name", "account__key__exact")
    search_help_text = "A number, what was agreed, or the name or key of a customer."
    fields = ("number", "name", "customer", "standing", "running", "next", "link")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                route,
                self.admin_site.admin_view(page.as_view(model_admin=self)),
                name=f"entitlements_contract_{name}",
            )
            for route, page, name in CONTRACTS
        ]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ContractList

    def buttons(self, request: HttpRequest, row: Contract) -> list[Button]:
        return [Button("Open the contract", contract_url(row), "primary")]

    @display(description="Number", ordering="key")
    def number(self, row: Contract) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', row.key)

    @display(description="With", ordering="account__name")
    def customer(self, row: Contract) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', account_url(row.account, part=TAB), row.account)

    @display(description="State", label=COLOURS)
    def standing(self, row: Contract) -> str:
        return _stands(row).place.words

    @display(description="Running")
    def running(self, row: Contract) -> str:
        found = _stands(row)
        return "–" if found.term is None else capital(say_term(found.term, zone=found.zone))

    @display(description="Next")
    def next(self, row: Contract) -> str:
        return say_what_is_next(_stands(row))


def _stands(row: Any) -> ContractAt:
    """Read with the page of the list, or for the one row on show."""
    if not hasattr(row, "stands"):
        row.stands = contracts_at(contracts=[row], at=timezone.now())[row.pk]
    found: ContractAt = row.stands
    return found
