"""Settling a finding: looking again, keeping it as it is with a reason, leaving a company out."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from desk.actions.crm.asked_looks import ask_for_write
from desk.actions.crm.findings import keep_as_is
from desk.actions.crm.linking import leave_out
from desk.admin.crm.finding_page import FindingPage
from desk.admin.crm.looks import look_now
from desk.admin.crm.words import LINK, VIEW_FINDING
from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmCompany
from entitlements.admin.billed.pages import shown_anew
from entitlements.admin.fields import ReasonField
from journal.admin.base import version_of
from journal.admin.pages import AskPage
from journal.domain.refusal import Refusal, Stale

SETTLED = "Somebody settled this since you opened it. This is how it stands now."
OTHERWISE = "That is not how this one is settled."


class SeenForm(forms.Form):
    """`seen` is the finding as the page showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class WhyForm(SeenForm):
    reason = ReasonField()


class FindingAsk(FindingPage, AskPage):
    """A page that says what will happen and asks; afterwards the reader is back on the finding."""

    permission: ClassVar[str] = LINK
    template_name = "desk/crm/finding_ask.html"
    form_class: ClassVar[type[forms.Form]] = SeenForm
    button: ClassVar[str] = "Look again"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may = request.user.has_perm(VIEW_FINDING) and request.user.has_perm(self.permission)
        if may and not (self.is_open and self.fits()):
            self.refuse(Refusal(OTHERWISE if self.is_open else SETTLED))
            return HttpResponseRedirect(self.back)
        return super().dispatch(request, *args, **kwargs)

    def fits(self) -> bool:
        """Whether this is how such a finding is settled."""
        return True

    @property
    def token(self) -> str:
        return version_of(self.finding)

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data, initial={"seen": self.token})

    def act(self, form: forms.Form) -> HttpResponse:
        if form.cleaned_data["seen"] != self.token:
            raise Stale
        return self.done(self.settle(form))

    def settle(self, form: forms.Form) -> str:
        """Do it, and say what came of it."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown_anew(kwargs["form"], self.token)
        return super().get_context_data(**kwargs)


class LookPage(FindingAsk):
    """How it stands there now; or, where the CRM wouldn't take something, writing it once more."""

    title = "Look again"

    def fits(self) -> bool:
        return self.record is not None

    def lead(self) -> str:
        if self.kind is CrmFindingKind.NOT_WRITTEN:
            return "It is written once more within moments; what the CRM still refuses is found again."
        return "The CRM is asked how it stands there now, and what the desk has follows it."

    def settle(self, form: forms.Form) -> str:
        record = self.record
        if record is None:
            raise Refusal(OTHERWISE)
        if self.kind is CrmFindingKind.NOT_WRITTEN and isinstance(record, CrmCompany):
            ask_for_write(company=record, by=self.by, at=self.at)
            return "It is written again within moments."
        return look_now(record, by=self.by, at=self.at)


class KeepPage(FindingAsk):
    title = "Keep it as it is"
    form_class = WhyForm
    button: ClassVar[str] = "Keep it as it is"

    def fits(self) -> bool:
        return not self.may_say_whose

    def lead(self) -> str:
        return "It is left as it is, and isn’t found again as long as it says the same. Nothing is changed by it."

    def settle(self, form: forms.Form) -> str:
        keep_as_is(finding=self.finding, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return "It is kept as it is."


class LeaveOutPage(FindingAsk):
    title = "Leave it out"
    form_class = WhyForm
    button: ClassVar[str] = "Leave it out"

    def fits(self) -> bool:
        return self.may_say_whose

    def lead(self) -> str:
        return (
            "It is no customer of ours: nobody is asked about it again, its deals become nothing, and nothing is written "
            "to it. It can be taken back on the page of the company."
        )

    def settle(self, form: forms.Form) -> str:
        if self.company is None:
            raise Refusal(OTHERWISE)
        leave_out(company=self.company, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return f"{self.company} is left out."
