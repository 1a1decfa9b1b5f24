"""Opening a contract, and giving it another name."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from entitlements.actions.contracts import open_contract, rename
from entitlements.admin.contracts.forms import OpenForm, RenameForm
from entitlements.admin.contracts.pages import TAB, WRITE, ContractFormPage, contract_url
from entitlements.admin.pages import AccountFormPage, account_url
from entitlements.queries.contracts.token import contract_token


class OpenContractPage(AccountFormPage):
    """The number and the name first; what is agreed is drafted on the next page."""

    permission = WRITE
    template_name = "entitlements/contracts/form.html"
    title = "Draft a contract"

    def form(self, *, data: Any = None) -> OpenForm:
        return OpenForm(data)

    def act(self, form: OpenForm) -> HttpResponse:
        contract = open_contract(account=self.account, **form.cleaned_data, by=self.by, at=self.at)
        self.tell(f"{contract.key} is drafted. It gives nothing before it is signed.")
        return HttpResponseRedirect(contract_url(contract, "draft"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tab = account_url(self.account, part=TAB)
        intro = "A contract gives nothing before it is signed. First its name; then its terms and its lines."
        told = {"back": tab, "tab_url": tab, "button": "Begin the draft", "leave": "Leave it", "intro": intro}
        return {**super().get_context_data(**kwargs), **told}


class RenamePage(ContractFormPage):
    title = "Rename the contract"

    def form(self, *, data: Any = None) -> RenameForm:
        return RenameForm(data, initial=self._as_it_is())

    def _as_it_is(self) -> dict[str, str]:
        return {"name": self.contract.name, "link": self.contract.link, "seen": contract_token(self.contract)}

    def act(self, form: RenameForm) -> HttpResponse:
        contract = rename(contract=self.contract, **form.cleaned_data, by=self.by, at=self.at)
        return self.done(f"It is called {contract.name} from now on.")
