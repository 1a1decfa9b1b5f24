"""The preview of a draft: what it changes, what that does to open cases, and the buttons that put it in force."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from journal.admin.jobs import job_url
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from journal.models import Approval
from journal.queries.approvals import may_decide
from support.actions.calendars import KIND, ask_for_hours, needs_second_person, put_hours_in_force
from support.actions.cases.recomputing import RECOMPUTES, start_preview, start_recompute
from support.admin.calendars.impact import Foreseen, foreseen, impact_shown
from support.admin.calendars.pages import EDIT, CalendarPage, calendar_url
from support.models import CalendarVersion, VersionState
from support.models.calendar import VERSION_WORDS
from support.queries.calendars.picture import week_of
from support.queries.calendars.versions import calendar_token, counted_by, difference

KEEP, ANEW = "keep", "anew"
OPEN_CASES = [
    (KEEP, "They keep their due times; new cases count by the new hours"),
    (ANEW, "They are recomputed by the new hours, as soon as this is approved"),
]
SEES_APPROVALS, SEES_JOBS = "journal.view_approval", "journal.view_job"


class PreviewForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    quiet = forms.BooleanField(label="Tell nobody of clocks that are late at once by it", required=False)
    open_cases = forms.ChoiceField(
        label="Open cases", choices=OPEN_CASES, widget=forms.RadioSelect, initial=KEEP, required=False
    )
    reason = forms.CharField(
        label="Why", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For whoever decides; empty: what the draft says.",
    )  # fmt: skip


class PreviewPage(CalendarPage, FormPage[PreviewForm]):
    """Everybody who sees calendars may look; the buttons are for those who write them."""

    template_name = "support/calendars/preview.html"

    @cached_property
    def draft(self) -> CalendarVersion | None:
        return self.open_version

    @cached_property
    def approval(self) -> Approval | None:
        """The request that waits, while the draft does."""
        if self.draft is None or self.draft.state != VersionState.ASKED:
            return None
        rows = Approval.objects.filter(kind=KIND, subject_key=str(self.draft.pk), state=Approval.State.PENDING)
        return rows.order_by("pk").last()

    @cached_property
    def foreseen(self) -> Foreseen:
        assert self.draft is not None
        return foreseen(at=self.at, calendar=self.draft, since=self.draft.written_at)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.draft is None:
            return HttpResponseRedirect(calendar_url(self.calendar))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        if self.draft is None:
            self.refuse(Refusal("There is no draft any more; somebody put it in force or dropped it."))
            return HttpResponseRedirect(calendar_url(self.calendar))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> PreviewForm:
        return PreviewForm(data, initial={"seen": calendar_token(self.calendar), "open_cases": KEEP})

    def act(self, form: PreviewForm) -> HttpResponse:
        match self.request.POST.get("do"):
            case "force":
                return self._put_in_force(form, recompute=False)
            case "recompute":
                return self._put_in_force(form, recompute=True)
            case "ask":
                return self._ask(form)
        start_preview(calendar=self.draft, by=self.by, at=self.at)
        return HttpResponseRedirect(calendar_url(self.calendar, "preview"))

    @transaction.atomic
    def _put_in_force(self, form: PreviewForm, *, recompute: bool) -> HttpResponse:
        assert self.draft is not None
        given = form.cleaned_data
        version = put_hours_in_force(version=self.draft, by=self.by, at=self.at, seen=given["seen"])
        if not recompute:
            self.tell(f"{version} is in force: new cases count by it. Open cases keep their due times.")
            return HttpResponseRedirect(calendar_url(self.calendar))
        job = start_recompute(calendar=version, quiet=given["quiet"], by=self.by, at=self.at)
        self.tell(f"{version} is in force, and open cases are being recomputed.")
        sees = self.request.user.has_perm(SEES_JOBS)
        return HttpResponseRedirect(job_url(job) if sees else calendar_url(self.calendar))

    def _ask(self, form: PreviewForm) -> HttpResponse:
        assert self.draft is not None
        given = form.cleaned_data
        ask_for_hours(
            version=self.draft,
            reason=given["reason"],
            effect=self.foreseen.words,
            recompute=given["open_cases"] == ANEW,
            quiet=given["quiet"],
            seen=given["seen"],
            by=self.by,
            at=self.at,
        )
        self.tell("It waits for a second person now. Nothing counts by it yet.")
        return HttpResponseRedirect(calendar_url(self.calendar, "preview"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft, user = self.draft, self.request.user
        assert draft is not None
        shown = impact_shown(self.foreseen, zone=self.zone, at=self.at, sees_job=user.has_perm(SEES_JOBS))
        return {
            **super().get_context_data(**kwargs),
            "title": f"What version {draft.number} of {self.calendar} would change",
            "draft": draft,
            "state_words": VERSION_WORDS[VersionState(draft.state)],
            "differs": difference(self.in_force, draft),
            "week": week_of(draft),
            "policies": counted_by(self.calendar),
            "needs_second": needs_second_person(self.calendar, by=self.by),
            "may_recompute": user.has_perm(RECOMPUTES),
            "edit": calendar_url(self.calendar, "edit"),
            "drop": calendar_url(self.calendar, "drop"),
            **self._waiting(),
            **shown,
        }

    def _waiting(self) -> dict[str, Any]:
        approval, user = self.approval, self.request.user
        if approval is None:
            return {"approval": None}
        sees = user.has_perm(SEES_APPROVALS)
        mine = self.by.key == approval.requested_by_key
        decides = sees and may_decide(approval, user=user, roles=self.by.roles)
        return {
            "approval": approval,
            "asked": reverse("admin:journal_approval_change", args=[approval.pk]) if sees else "",
            "approve": reverse("admin:journal_approval_approve", args=[approval.pk]) if decides else "",
            "reject": reverse("admin:journal_approval_reject", args=[approval.pk]) if decides else "",
            "withdraw": reverse("admin:journal_approval_withdraw", args=[approval.pk]) if sees and mine else "",
        }
