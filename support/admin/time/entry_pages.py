"""One time entry withdrawn or corrected: what comes back, and what the customer's ledger will say."""

from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from journal.admin.base import version_of
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal, Stale
from support.actions.time_afterwards import leave_out
from support.actions.time_entries import correct_time, withdraw_time
from support.actions.time_handling import PERMISSION
from support.actions.time_taking import MoreBeyond
from support.admin.cases.pages import case_url
from support.admin.cases.time_page import said_of
from support.admin.time.forms import PICKER, CorrectForm, LeaveOutForm, WithdrawForm
from support.admin.time.words import EXEMPT, VIEW, EntryLine, entry_line
from support.domain.time_entries import say_minutes
from support.models import TimeEntry
from support.queries.allowances.foreseen import time_lines


class AboutEntry(FormPage):
    """Who may not look at entries is turned away before learning whether there is one."""

    permission: ClassVar[str] = PERMISSION

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def entry(self) -> TimeEntry:
        rows = TimeEntry.objects.select_related("case__account", "account", "allowance__feature")
        return get_object_or_404(rows, pk=self.kwargs["entry"])

    @property
    def shown(self) -> EntryLine:
        return entry_line(self.entry, zone=self.zone, whose=self.entry.case.account_id)

    @property
    def back(self) -> str:
        return f"{case_url(self.entry.case)}#time"

    def refuse_stale(self) -> None:
        """The page showed an entry that somebody has counted or withdrawn meanwhile."""
        if self.request.POST.get("version_token", "") != version_of(self.entry):
            raise Stale

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = self.entry
        return {
            **super().get_context_data(**kwargs),
            "entry": entry,
            "shown": self.shown,
            "case": entry.case,
            "comes_back": say_minutes(entry.counted_minutes) if entry.counted_minutes else "",
            "not_billed": say_minutes(entry.beyond_minutes) if entry.beyond_minutes else "",
            "over": entry.withdrawn_at is not None,
            "version": version_of(entry),
            "back": self.back,
        }


class WithdrawPage(AboutEntry):
    template_name = "support/time/withdraw.html"
    title = "Withdraw a time entry"

    def form(self, *, data: Any = None) -> WithdrawForm:
        return WithdrawForm(data)

    def act(self, form: WithdrawForm) -> HttpResponse:
        self.refuse_stale()
        withdraw_time(entry=self.entry, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        self.tell(f"Withdrawn: {say_minutes(self.entry.minutes)} of {self.entry.worked_by}.")
        return HttpResponseRedirect(self.back)


class LeaveOutPage(AboutEntry):
    """What comes back to the customer, who reads why; a colleague of whoever entered it decides."""

    permission: ClassVar[str] = EXEMPT
    template_name = "support/time/leave_out.html"
    title = "Leave time out"

    def form(self, *, data: Any = None) -> LeaveOutForm:
        return LeaveOutForm(data)

    def act(self, form: LeaveOutForm) -> HttpResponse:
        self.refuse_stale()
        leave_out(entry=self.entry, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        self.tell(f"Left out: {say_minutes(self.entry.minutes)} of {self.entry.worked_by}.")
        return HttpResponseRedirect(self.back)


class CorrectPage(AboutEntry):
    """The entry as it stands, to be written as it should have been."""

    template_name = "support/time/correct.html"
    title = "Correct a time entry"

    def form(self, *, data: Any = None) -> CorrectForm:
        entry = self.entry
        lines = [] if entry.case.account is None else time_lines(entry.case.account, at=self.at)
        began = entry.worked_at.astimezone(ZoneInfo(self.zone)).strftime(PICKER)
        initial = {
            "minutes": say_minutes(entry.minutes), "channel": entry.channel, "worked_at": began, "worked_by": entry.worked_by,
            "note": entry.note,
            "allowance": entry.allowance.feature.key if entry.allowance else "",
        }  # fmt: skip
        return CorrectForm(data, zone=self.zone, lines=lines, initial=initial)

    def act(self, form: CorrectForm) -> HttpResponse:
        self.refuse_stale()
        given = form.cleaned_data
        told = {
            **form.said,
            "worked_at": self._began(form),
            "worked_by": form.said["worked_by"] or self.entry.worked_by,
        }
        try:
            entry = correct_time(
                entry=self.entry, reason=given["reason"], name=given["token"], most_beyond=given["seen"] or 0,
                by=self.by, at=self.at, **told,
            )  # fmt: skip
        except MoreBeyond as refusal:
            return self._asks_first(form, refusal)
        self.tell(said_of(entry))
        return HttpResponseRedirect(self.back)

    def _began(self, form: CorrectForm) -> Any:
        """A picker shows no seconds: where nobody touched it, the moment stays to the second."""
        touched = "worked_at" in form.changed_data
        return form.said["worked_at"] if touched else self.entry.worked_at

    def _asks_first(self, form: CorrectForm, refusal: Refusal) -> HttpResponse:
        told = self.request.POST.copy()
        told[form.add_prefix("seen")] = str(24 * 60)
        form.data = told
        return self.render_to_response(self.get_context_data(form=form, asks_first=refusal.message), status=422)
