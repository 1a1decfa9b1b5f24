"""What every page about one contract has in common, and the two that only show: the contract, and a version on paper."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.models import Account, Contract, ContractVersion
from entitlements.models.contract import ContractState
from journal.domain.refusal import Refusal

VIEW, WRITE = "entitlements.view_contract", "entitlements.write_contract"
TAB = "contracts"


def contract_url(contract: Contract, page: str = "page", *args: Any) -> str:
    """The address of one of the contract's own pages."""
    return reverse(f"admin:entitlements_contract_{page}", args=[contract.pk, *args])


class ContractPage(AccountPage):
    """A page about one contract, reached by its row; the customer follows from it."""

    permission: ClassVar[str] = VIEW

    @cached_property
    def contract(self) -> Contract:
        rows = Contract.objects.select_related("account__market", "account__owner", "account__parent", "subscription")
        return get_object_or_404(rows, pk=self.kwargs["contract"])

    @cached_property
    def account(self) -> Account:
        return self.contract.account

    @cached_property
    def draft(self) -> ContractVersion | None:
        """What is being drafted and nobody has signed or asked for."""
        return self._open(ContractState.DRAFT)

    @cached_property
    def requested(self) -> ContractVersion | None:
        return self._open(ContractState.REQUESTED)

    def _open(self, state: ContractState) -> ContractVersion | None:
        return self.contract.versions.select_related("reason_code").filter(state=state).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "contract": self.contract,
            "back": contract_url(self.contract),
            "tab_url": account_url(self.account, part=TAB),
            "may_write": self.request.user.has_perm(WRITE),
        }


class ContractFormPage(ContractPage, AccountFormPage):
    """A form about one contract; after it the reader is back on the contract."""

    permission = WRITE
    template_name = "entitlements/contracts/form.html"
    button: ClassVar[str] = "Save"
    leave: ClassVar[str] = "Leave it"
    danger: ClassVar[bool] = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {"button": self.button, "leave": self.leave, "danger": self.danger}
        return {**super().get_context_data(**kwargs), **told}

    def done(self, message: str, *, part: str = "page") -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(contract_url(self.contract, part))

    def gone(self, refusal: Refusal) -> HttpResponse:
        self.refuse(refusal)
        return HttpResponseRedirect(contract_url(self.contract))


class DraftFormPage(ContractFormPage):
    """A form about the draft; without one there is nothing to fill in, and the contract says why."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.has_perm(self.permission) and request.user.has_perm(VIEW) and self.draft is None:
            return self.gone(Refusal(self._nothing_to_draft()))
        return super().dispatch(request, *args, **kwargs)

    def _nothing_to_draft(self) -> str:
        if self.requested is not None:
            return f"{self.requested} waits for approval. Withdraw the request to change it."
        return f"Nothing is drafted of {self.contract.key}. Amend it first."

    @property
    def version(self) -> ContractVersion:
        """The draft: `dispatch` has seen that there is one."""
        if self.draft is None:
            raise Http404
        return self.draft

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafted = {"version": self.version, "back": contract_url(self.contract, "draft")}
        return {**super().get_context_data(**kwargs), **drafted}

    def done(self, message: str, *, part: str = "draft") -> HttpResponse:
        return super().done(message, part=part)
