"""What is done with a company or a deal: looked at again, written again, said whose it is, left out, taken back."""

from functools import cached_property, partial
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse

from desk.actions.crm.asked_looks import ask_for_write
from desk.actions.crm.linking import leave_out, take_back
from desk.admin.crm.choosing import NEW, WhoseForm, asked_in, candidates, link, shown
from desk.admin.crm.company_page import CompanyPage
from desk.admin.crm.deal_page import DealPage
from desk.admin.crm.looks import look_now
from desk.admin.crm.pages import answered
from desk.admin.crm.words import LINK
from desk.domain.crm.told import Company
from desk.queries.crm.candidates import candidates as fitting
from desk.queries.crm.candidates import choices_of
from entitlements.admin.fields import ReasonField
from entitlements.models import Account
from journal.admin.pages import AskPage
from journal.domain.refusal import Stale


class LookAtCompanyPage(CompanyPage):
    """A button of its own on the page of the company."""

    permission: ClassVar[str] = LINK
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(self, partial(look_now, self.company, by=self.by, at=self.at), back=self.back)


class LookAtDealPage(DealPage):
    """A button of its own on the page of the deal."""

    permission: ClassVar[str] = LINK
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(self, partial(look_now, self.deal, by=self.by, at=self.at), back=self.back)


class CompanyWritePage(CompanyPage):
    """A button of its own on the page of the company."""

    permission: ClassVar[str] = LINK
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(self, self._written, back=self.back)

    def _written(self) -> str:
        ask_for_write(company=self.company, by=self.by, at=self.at)
        return "It is written again within moments."


class WhyForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class CompanyAsk(CompanyPage, AskPage):
    """A page that asks about one company; afterwards the reader is back on it."""

    permission: ClassVar[str] = LINK
    template_name = "desk/crm/ask.html"
    form_class: ClassVar[type[forms.Form]] = WhyForm

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data, initial={"seen": self.seen})

    def act(self, form: forms.Form) -> HttpResponse:
        if form.cleaned_data["seen"] != self.seen:
            raise Stale
        return self.done(self.settle(form.cleaned_data))

    def settle(self, given: dict[str, Any]) -> str:
        """Do it, and say what came of it."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back_words": str(self.company)}


class LeaveCompanyOutPage(CompanyAsk):
    title = "Leave it out"
    button: ClassVar[str] = "Leave it out"

    def lead(self) -> str:
        return "It is no customer of ours: nobody is asked about it again, its deals become nothing, and nothing is written to it."

    def settle(self, given: dict[str, Any]) -> str:
        leave_out(company=self.company, reason=given["reason"], by=self.by, at=self.at)
        return f"{self.company} is left out."


class TakeBackPage(CompanyAsk):
    title = "Take it back"
    button: ClassVar[str] = "Take it back"

    def lead(self) -> str:
        row = self.company
        if row.account is None:
            return "It is looked at again, and linked by the rules or told to a person."
        return (
            f"It is no longer {row.account}; no rule says so again, though a person may. What its deals made goes on until "
            "somebody says whose they are. It is looked at again within a minute."
        )

    def settle(self, given: dict[str, Any]) -> str:
        take_back(company=self.company, reason=given["reason"], by=self.by, at=self.at)
        return "It is taken back, and looked at again within a minute."


class CompanyWhosePage(CompanyAsk):
    title = "Say whose it is"
    template_name = "desk/crm/whose.html"
    form_class = WhoseForm
    button: ClassVar[str] = "It is theirs"

    @cached_property
    def candidates(self) -> dict[str, Account]:
        """Those that the rules find for what was told of it last, and those that are searched for."""
        row, told = self.company, self.company.told or {}
        proposed: set[str] = set()
        if row.account is None and told:
            company = Company(
                row.connection.vendor, row.external_id, row.name, row.changed_at or self.at,
                domain=told.get("domain", ""), own_key=told.get("own_key", ""), country=told.get("country", ""),
            )  # fmt: skip
            found = fitting(row.connection, company, row, choices_of(row.connection).rules)
            proposed = {key for keys in (found.by_rule or {}).values() for key in keys} | {found.linked} - {""}
        return candidates(proposed, asked=asked_in(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, row = kwargs["form"], self.company
        said = super().get_context_data(**kwargs)
        return {
            **said,
            "told": row.told or {},
            "company_there": said["there"],
            "candidates": shown(list(self.candidates.values()), user=self.request.user, at=self.at),
            "asked": asked_in(self.request),
            "chosen": form["account"].value() or "",
            "new": NEW,
            "may_open": row.account is None,
            "about": f"It is {row.account} ({row.account.key}) so far." if row.account is not None else "",
        }

    def settle(self, given: dict[str, Any]) -> str:
        told = {"reason": given["reason"], "by": self.by, "at": self.at}
        found = link(self.company, given["account"], self.candidates, **told)
        return f"It is {found}’s from now on. Its deals are looked at again within a minute."
