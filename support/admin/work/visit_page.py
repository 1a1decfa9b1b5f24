"""One maintenance visit: when it may take place, who goes there, and what may be said of it now."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from journal.admin.base import refusals_shown
from journal.admin.pages import Page
from journal.domain.refusal import Refusal
from support.actions.work.visits import cancel, complete, miss, schedule
from support.admin.work.pages import RECORD, VIEW_VISIT, dispatch_url, record_url, visit_url
from support.admin.work.visit_forms import CancelForm, DoneForm, MissForm, ScheduleForm
from support.admin.work.wording import visit_line, work_line
from support.domain.cover_terms import VisitState
from support.domain.visits import MOVES
from support.models import Visit
from support.queries.work.listing import listed_visit_work

ACTS = {
    "schedule": (VisitState.SCHEDULED, ScheduleForm),
    "done": (VisitState.DONE, DoneForm),
    "miss": (VisitState.MISSED, MissForm),
    "cancel": (VisitState.CANCELLED, CancelForm),
}
TOLD = {
    "schedule": "The appointment stands.",
    "done": "The visit is done, and used up.",
    "miss": "Noted: it didn’t come about.",
    "cancel": "The visit is cancelled.",
}


class VisitPage(Page):
    permission: ClassVar[str] = VIEW_VISIT
    template_name = "support/work/visit.html"

    @cached_property
    def visit(self) -> Visit:
        rows = Visit.objects.select_related("account", "cover__contract", "asset__product", "asset__location")
        return get_object_or_404(rows, pk=self.kwargs["visit"])

    def forms(self) -> dict[str, forms.Form]:
        """Those of what may still become of it."""
        state = VisitState(self.visit.state)
        return {
            name: form(visit=self.visit, zone=self.zone)
            for name, (to, form) in ACTS.items()
            if state in MOVES[to]
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        visit, user = self.visit, self.request.user
        may = user.has_perm(RECORD)
        work = [work_line(item, zone=visit.cover.zone) for item in listed_visit_work(visit)]
        return {
            **super().get_context_data(**kwargs),
            "title": f"Visit {visit.number} of {visit.cover.name}",
            "visit": visit,
            "line": visit_line(visit, at=self.at),
            "account_url": account_url(visit.account) if user.has_perm(VIEW_ACCOUNTS) else "",
            "here": dispatch_url(asset=visit.asset_id or "", account=visit.account.key),
            "work": work,
            "record": record_url(visit=visit.pk) if may and visit.state == VisitState.DONE else "",
            "record_alone": record_url(asset=visit.asset_id or "", account=visit.account.key) if may else "",
            "plan": reverse("admin:support_visits"),
            "history": reverse("admin:support_visit_history", args=[visit.pk]),
            "forms": kwargs.pop("forms", None) or (self.forms() if may else {}),
        }


class VisitActPage(VisitPage):
    """Where the forms of a visit's page go; a refusal shows the page again, with the form as it was filled in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(RECORD):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(visit_url(self.visit))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = request.POST.get("act", "")
        if act not in ACTS:
            return HttpResponseRedirect(visit_url(self.visit))
        form = ACTS[act][1](request.POST, visit=self.visit, zone=self.zone)
        if form.is_valid():
            try:
                self._act(act, form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
            else:
                self.tell(TOLD[act])
                return HttpResponseRedirect(visit_url(self.visit))
        shown = {**self.forms(), act: form}
        return self.render_to_response(self.get_context_data(forms=shown, tried=act, form=form), status=422)

    def _act(self, act: str, form: Any) -> Visit:
        given = form.cleaned_data
        told: dict[str, Any] = {"visit": self.visit, "by": self.by, "at": self.at}
        if act == "schedule":
            seen = parse_datetime(given["seen"]) if given["seen"] else None
            return schedule(scheduled_for=given["scheduled_for"], technician=given["technician"], seen=seen, **told)
        if act == "done":
            return complete(
                done_at=given["done_at"], done_by=given["done_by"], note=given["note"], items=form.used, **told
            )
        return (miss if act == "miss" else cancel)(reason=given["reason"], **told)
