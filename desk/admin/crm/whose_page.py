"""Saying which account a company of the CRM is, from what was found about it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms

from desk.admin.crm.choosing import NEW, WhoseForm, asked_in, candidates, link, shown
from desk.admin.crm.finding_asks import OTHERWISE, FindingAsk
from desk.admin.crm.words import page_there
from entitlements.models import Account
from journal.domain.refusal import Refusal


class WhosePage(FindingAsk):
    title = "Say whose it is"
    template_name = "desk/crm/whose.html"
    form_class = WhoseForm
    button: ClassVar[str] = "It is theirs"

    def fits(self) -> bool:
        return self.may_say_whose

    @cached_property
    def candidates(self) -> dict[str, Account]:
        proposed = [str(key) for key in self.finding.evidence.get("ours") or []]
        return candidates(proposed, asked=asked_in(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, company = kwargs["form"], self.company
        asked = asked_in(self.request)
        return {
            **super().get_context_data(**kwargs),
            "company": company,
            "told": company.told if company is not None else {},
            "company_there": page_there(company.connection, company) if company is not None else "",
            "candidates": shown(list(self.candidates.values()), user=self.request.user, at=self.at),
            "asked": asked,
            "chosen": form["account"].value() or "",
            "new": NEW,
            "may_open": True,
            "about": self.finding.words,
        }

    def settle(self, form: forms.Form) -> str:
        if self.company is None:
            raise Refusal(OTHERWISE)
        given = form.cleaned_data
        told = {"reason": given["reason"], "by": self.by, "at": self.at}
        found = link(self.company, given["account"], self.candidates, **told)
        return f"It is {found}’s from now on. Its deals are looked at again within a minute."
