"""Where the form for time on a case's page goes: it shows what would count, and asks before anything is billed."""

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from journal.admin.base import refusals_shown
from journal.domain.refusal import Refusal
from support.actions.time_entries import enter_time
from support.actions.time_handling import PERMISSION
from support.actions.time_taking import MoreBeyond
from support.admin.cases.case_page import CasePage
from support.admin.cases.pages import case_url
from support.admin.cases.time_block import time_block, time_form
from support.admin.time.forms import TimeForm
from support.admin.time.words import say_entry_share
from support.domain.time_entries import LONGEST, fault_of
from support.models import TimeEntry
from support.queries.allowances.foreseen import ForeseenTime, foresee_time, time_lines

PREVIEW = "preview"


class TimePage(CasePage):
    permission: ClassVar[str] = PERMISSION

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(f"{case_url(self.case)}#time")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lines = [] if self.case.account is None else time_lines(self.case.account, at=self.at)
        form = time_form(self.case, lines, zone=self.zone, data=request.POST)
        only_shown, foreseen = request.POST.get("step") == PREVIEW, None
        if form.is_valid():
            if only_shown and (foreseen := self._foreseen(form)) is not None:
                return self._again(form, foreseen=foreseen, status=200)
            try:
                return self._enter(form)
            except MoreBeyond as refusal:
                foreseen = self._foreseen(form)
                return self._again(form, foreseen=foreseen, asks_first=refusal.message, status=422)
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self._again(form, status=422)

    def _enter(self, form: TimeForm) -> HttpResponse:
        given = form.cleaned_data
        entry = enter_time(
            case=self.case, name=given["token"], most_beyond=given["seen"] or 0, by=self.by, at=self.at, **form.said
        )  # fmt: skip
        self.tell(said_of(entry))
        return HttpResponseRedirect(f"{case_url(self.case)}#time")

    def _foreseen(self, form: TimeForm) -> ForeseenTime | None:
        """None where the action would refuse it, which then says why."""
        said = form.said
        began = said["worked_at"] or self.at - timedelta(minutes=min(max(said["minutes"], 0), LONGEST))
        if self.case.account is None or fault_of(said["minutes"], worked_at=began, now=self.at) is not None:
            return None
        return foresee_time(
            self.case, said["minutes"], channel=said["channel"], at=self.at, worked_at=said["worked_at"],
            allowance=said["allowance"],
        )  # fmt: skip

    def _again(
        self, form: TimeForm, *, status: int, foreseen: ForeseenTime | None = None, asks_first: str = ""
    ) -> HttpResponse:  # fmt: skip
        if foreseen is not None:  # what the reader sees now is what may go beyond without asking again
            told = self.request.POST.copy()
            told[form.add_prefix("seen")] = str(foreseen.share.beyond)
            form.data = told
        time = time_block(
            self.case, at=self.at, zone=self.zone, user=self.request.user, form=form, foreseen=foreseen,
            asks_first=asks_first,
        )  # fmt: skip
        return self.render_to_response(self.get_context_data(time=time), status=status)


def said_of(entry: TimeEntry) -> str:
    """What was entered, for the line on top of the page."""
    on = f" on {entry.allowance}" if entry.allowance is not None and entry.counted_minutes else ""
    return f"Entered: {say_entry_share(entry)}{on}."
