"""Switching a flow on, pausing it, letting it go on, having it run now, and trying again what failed."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse

from desk.actions.crm import flows
from desk.admin.crm.pages import CrmAsk, CrmPage, answered
from desk.admin.crm.words import SET_UP, record_url
from desk.domain.crm.flows import Flow
from desk.models import CrmCompany, CrmDeal
from entitlements.admin.fields import ReasonField

READS_ALL = {
    Flow.COMPANIES: "Every company there is read, page by page, and linked with its account by the rules that were chosen. "
    "After that what changes there is followed. Nothing is written there by this.",
    Flow.DEALS: "Every deal there is read, and each that is won and that the mapping is about becomes what the mapping says. "
    "After that what changes there is followed: deals amended, reopened or deleted amend or end what they made.",
    Flow.ENTITLEMENTS: "Plan, phase, dates, limits and use of every linked account are written to its company there, and one "
    "record for each of its entitlements. After that what changes here is written.",
}
UNDER_WAY = "It begins within a few seconds; this page keeps itself right."


class FlowPart(CrmPage):
    """Something done with one flow of a CRM."""

    permission: ClassVar[str] = SET_UP

    @cached_property
    def flow(self) -> Flow:
        try:
            return Flow(self.kwargs["flow"])
        except ValueError:
            raise Http404("There is no such flow.") from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "flow": self.flow.words}


class SwitchOnPage(FlowPart, CrmAsk):
    button: ClassVar[str] = "Switch it on"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Switch on: {self.flow.words}"

    def lead(self) -> str:
        return READS_ALL[self.flow]

    def act(self, form: forms.Form) -> HttpResponse:
        flows.switch_on(connection=self.connection, flow=self.flow, by=self.by, at=self.at)
        return self.done(f"“{self.flow.words}” is on. {UNDER_WAY}")


class WhyForm(forms.Form):
    reason = ReasonField(help_text="It stands on the page of the CRM until somebody lets it go on.")


class PausePage(FlowPart, CrmAsk):
    form_class = WhyForm
    button: ClassVar[str] = "Pause it"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Pause: {self.flow.words}"

    def lead(self) -> str:
        if self.flow.comes_in:
            return "What changes there meanwhile waits there, and is read once somebody lets it go on: nothing is lost."
        return "What changes here meanwhile isn’t written there before somebody lets it go on. Nothing is lost."

    def act(self, form: Any) -> HttpResponse:
        told = {"flow": self.flow, "reason": form.cleaned_data["reason"]}
        flows.pause(connection=self.connection, **told, by=self.by, at=self.at)
        return self.done(f"“{self.flow.words}” is paused.")


class ResumePage(FlowPart, CrmAsk):
    button: ClassVar[str] = "Let it go on"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Let it go on: {self.flow.words}"

    def lead(self) -> str:
        return "It goes on where it was: what changed meanwhile is taken now."

    def act(self, form: forms.Form) -> HttpResponse:
        flows.resume(connection=self.connection, flow=self.flow, by=self.by, at=self.at)
        return self.done(f"“{self.flow.words}” goes on.")


class RunPage(FlowPart):
    """A button of its own on the page of the flows."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(self, self._due, back=self.back)

    def _due(self) -> str:
        flows.run_now(connection=self.connection, flow=self.flow, by=self.by, at=self.at)
        return f"“{self.flow.words}” runs within a few seconds."


class RetryPage(FlowPart):
    """All that failed, or the one record that was named; from the page of a record the reader stays on it."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return answered(self, self._tried, back=self._return_to())

    @property
    def asked(self) -> list[int] | None:
        given = self.request.POST.get("record", "")
        return [int(given)] if given.isdecimal() and len(given) < 19 else None

    def _tried(self) -> str:
        number = flows.retry(connection=self.connection, flow=self.flow, ids=self.asked, by=self.by, at=self.at)
        return f"{number:,} {'is' if number == 1 else 'are'} tried again within a few seconds."

    def _return_to(self) -> str:
        if "stay" not in self.request.POST or self.asked is None:
            return self.back
        model = CrmDeal if self.flow is Flow.DEALS else CrmCompany
        row = model.objects.filter(connection=self.connection, pk=self.asked[0]).first()
        return record_url(row) if row is not None else self.back
