"""Opening a case by hand: whose it is, what it is, then what would be promised and when that is due, then the button."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from entitlements.models import Account
from journal.admin.pages import FormPage
from support.actions.cases.opening import open_case
from support.admin.cases.clock_lines import Reader, clock_lines
from support.admin.cases.finding import Meant, meant
from support.admin.cases.open_form import OpenCaseForm
from support.admin.cases.pages import HANDLE, case_url
from support.domain.case_events import EventKind
from support.models import CaseEvent
from support.queries.cases.foreseen import foreseen


class OpenCasePage(FormPage[OpenCaseForm]):
    permission: ClassVar[str] = HANDLE
    template_name = "support/cases/open.html"
    title = "Open a case"

    @cached_property
    def meant(self) -> Meant:
        return meant(self.request.GET)

    @property
    def whose(self) -> Account | None:
        return self.meant.account

    @property
    def chosen(self) -> bool:
        """Somebody was found, or the reader said that nobody knows whose it is."""
        return self.whose is not None or "unknown" in self.request.GET

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.chosen:
            return self.render_to_response(self.get_context_data())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.chosen else self.get(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> OpenCaseForm:
        return OpenCaseForm(data, zone=self.zone, requester=self.meant.email)

    def act(self, form: OpenCaseForm) -> HttpResponse:
        step, given = self.request.POST.get("step", ""), form.given()
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if step != "open":
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(form)))
        known = CaseEvent.objects.filter(kind=EventKind.OPENED, name=given["name"]).select_related("case").first()
        if known is not None:  # the button was pressed twice
            return HttpResponseRedirect(case_url(known.case))
        case = open_case(**given, account=self.whose, by=self.by, at=self.at)
        self.tell(f"{case.number} is open.")
        return HttpResponseRedirect(case_url(case))

    def _preview(self, form: OpenCaseForm) -> dict[str, Any]:
        said = form.cleaned_data
        found = foreseen(
            self.whose, severity=said["severity"], channel=form.given()["channel"], opener=form.given()["opener"],
            opened_at=said["opened_at"] or self.at, at=self.at,
        )  # fmt: skip
        reader = Reader(self.at, self.zone, self.whose.zone if self.whose else self.zone)
        return {"found": found, "lines": clock_lines(found.clocks, (), reader=reader), "severity": said["severity"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "meant": self.meant,
            "account": self.whose,
            "chosen": self.chosen,
            "unknown": self.whose is None,
        }
