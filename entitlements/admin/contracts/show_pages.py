"""The page of one contract, and a version of it on paper."""

from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_instant
from entitlements.admin.contracts.block import contract_card
from entitlements.admin.contracts.pages import ContractPage
from entitlements.admin.contracts.words import terms_facts
from entitlements.models import ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.contracts.difference import lines_of
from entitlements.queries.contracts.wording import say_line


class ShowPage(ContractPage):
    template_name = "entitlements/contracts/show.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"{self.contract.key}: {self.contract.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "card": contract_card(self.contract, at=self.at)}


class PrintPage(ContractPage):
    """One version as it was signed, for the file: plain paper, without the desk around it."""

    template_name = "entitlements/contracts/print.html"

    @cached_property
    def version(self) -> ContractVersion:
        rows = self.contract.versions.select_related("reason_code").exclude(state=ContractState.DISCARDED)
        return get_object_or_404(rows, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        signed = version.signed_at and f"{say_instant(version.signed_at, zone=version.zone)} by {version.signed_by}"
        return {
            **super().get_context_data(**kwargs),
            "title": str(version),
            "version": version,
            "facts": terms_facts(version),
            "lines": [(line.number, say_line(line), line.note) for line in lines_of(version)],
            "signed": signed or "",
            "printed": say_instant(self.at, zone=version.zone),
        }
