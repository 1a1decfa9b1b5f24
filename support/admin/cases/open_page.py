"""Opening a case by hand: whose it is, what it is, then what would be promised and when that is due, then the button."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from entitlements.models import Account
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from support.actions.cases.about import named, refuse_unfit_cover
from support.actions.intake.opening import take_told
from support.admin.cases.check_before import OF_TICKET, checked, told_of
from support.admin.cases.clock_lines import Reader, clock_lines
from support.admin.cases.cover_block import candidate_lines
from support.admin.cases.finding import Meant, meant
from support.admin.cases.open_form import OpenCaseForm
from support.admin.cases.pages import HANDLE, case_url
from support.domain.case_events import EventKind
from support.integrations.door import reads
from support.models import Asset, CaseEvent
from support.queries.cases.foreseen import foreseen
from support.queries.policy_history import tier_choices

LONGEST_SERIAL, MOST_DEVICES = 200, 100


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
        asset = self.request.GET.get("asset", "")[:LONGEST_SERIAL]
        return OpenCaseForm(data, zone=self.zone, requester=self.meant.email, asset=asset)

    def act(self, form: OpenCaseForm) -> HttpResponse:
        step, given = self.request.POST.get("step", ""), form.given()
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if step != "open":
            with cover_said_above(form):
                preview = self._preview(form)
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        known = CaseEvent.objects.filter(kind=EventKind.OPENED, name=given["name"]).select_related("case").first()
        if known is not None:  # the button was pressed twice
            return HttpResponseRedirect(case_url(known.case))
        with cover_said_above(form):
            opening = {name: value for name, value in given.items() if name not in OF_TICKET}
            came = take_told(
                told_of(given, self.whose),
                opening=opening,
                keeps=True,
                reads=reads(),
                by=self.by,
                at=self.at,
                by_hand=True,
            )
        assert came.case is not None  # opened by hand, it has one
        self.tell(f"{came.case.number} is open.")
        return HttpResponseRedirect(case_url(came.case))

    def _preview(self, form: OpenCaseForm) -> dict[str, Any]:
        said, given = form.cleaned_data, form.given()
        opened_at = said["opened_at"] or self.at
        about = named(
            self.whose, product=given["product"], asset=said["asset"], cover=said["cover"], at=opened_at
        )  # fmt: skip
        asked = about.about(self.whose, requester=said["requester"], channel=given["channel"])
        found = foreseen(
            self.whose, severity=said["severity"], channel=given["channel"], opener=given["opener"],
            opened_at=opened_at, at=self.at, about=asked,
        )  # fmt: skip
        if found.choice is not None:
            refuse_unfit_cover(found.choice, said["cover"])
        reader = Reader(self.at, self.zone, self.whose.zone if self.whose else self.zone)
        return {
            "found": found,
            "lines": clock_lines(found.clocks, (), reader=reader),
            "severity": said["severity"],
            "about": about,
            "covers": list(candidate_lines(found.choice, chosen=said["cover"], tiers=tier_choices())),
            "check": checked(told_of(given, self.whose), opener=given["opener"], about=asked, at=self.at),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "meant": self.meant,
            "account": self.whose,
            "chosen": self.chosen,
            "unknown": self.whose is None,
            "devices": self._devices(),
        }

    def _devices(self) -> list[Asset]:
        """What the customer has in service, to choose from while typing."""
        return devices_in_service(self.whose)


def devices_in_service(account: Account | None) -> list[Asset]:
    """The first of them; none where nobody knows whose the case is."""
    if account is None:
        return []
    rows = Asset.objects.filter(account=account, retired_at__isnull=True).select_related("product", "location")
    return list(rows.order_by("product__name", "serial")[:MOST_DEVICES])


@contextmanager
def cover_said_above(form: OpenCaseForm) -> Iterator[None]:
    """The cover is chosen beside what it promises, where there is no field to say it at: it is said above them all."""
    try:
        yield
    except Refusal as refusal:
        if refusal.field != "cover":
            raise
        form.data = {**form.data.dict(), "cover": ""}  # type: ignore[attr-defined]  # a form posted has a QueryDict
        raise Refusal(refusal.message) from refusal
