"""What a draft would do: the difference in words, the open cases it reaches; and the buttons that go on from there."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from catalog.queries.instants import say_instant
from entitlements.admin.fields import ReasonField
from journal.actions import approvals
from journal.admin.base import refusals_shown
from journal.admin.jobs import job_url
from journal.domain.refusal import Refusal
from journal.models import Approval, Job
from journal.queries.approvals import may_decide
from support.actions.cases.recomputing import PREVIEW, RECOMPUTE, RECOMPUTES, start_preview, start_recompute
from support.actions.policies import ask_for_policy, drop_policy, put_policy_in_force
from support.admin.calendars.impact import Foreseen, impact_shown
from support.admin.policies.grid import grid_of
from support.admin.policies.pages import EDIT, PolicyPage, policy_url
from support.admin.policies.show_page import difference_lines
from support.domain.impact import Impact, say_impact
from support.domain.policy_checks import faults_of
from support.models import SlaPolicyVersion, VersionState
from support.queries.cases.impact import impact_of
from support.queries.policies import changes_of, draft_of, pending_request, policy_token

SEES_JOBS = "journal.view_job"


class DecideForm(forms.Form):
    """`seen` is the policy as the page showed it; `reason` goes with the request, or with what was decided."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    quiet = forms.BooleanField(label="Tell nobody of clocks that are late at once by a recompute", required=False)
    reason = ReasonField(required=False, help_text="What whoever decides, and whoever looks later, should know.")


class PreviewPage(PolicyPage):
    template_name = "support/policies/preview.html"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the version, not by the page
        return f"What {self.version} would do" if self.open_version else f"What {self.policy} does to open cases"

    @property
    def version(self) -> SlaPolicyVersion | None:
        """The draft; without one, the version in force, by which open cases may yet be recomputed."""
        return self.open_version or self.in_force

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.version is None:
            self.refuse(Refusal(f"Nothing of {self.policy} is written yet."))
            return HttpResponseRedirect(policy_url(self.policy))
        return self._show(DecideForm(initial={"seen": policy_token(self.policy)}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = self._acts().get(request.POST.get("step", ""))
        if act is None or self.version is None:
            raise PermissionDenied
        form = DecideForm(request.POST)
        if form.is_valid():
            try:
                with transaction.atomic():
                    return act(form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self._show(form, status=422)

    def _acts(self) -> dict[str, Callable[[DecideForm], HttpResponse]]:
        return {
            "ask": self._ask,
            "in_force": self._in_force,
            "in_force_recompute": self._in_force,
            "approve": self._approve,
            "approve_recompute": self._approve,
            "reject": self._reject,
            "withdraw": self._withdraw,
            "drop": self._drop,
            "count": self._count,
            "recompute": self._recompute,
        }

    # Each arm is one act, and where the reader goes after it.
    def _ask(self, form: DecideForm) -> HttpResponse:
        given = form.cleaned_data
        version = self._draft()
        ask_for_policy(version=version, reason=given["reason"], seen=given["seen"] or None, by=self.by, at=self.at)
        return self._done(f"{version} waits for a second person. Until they decide, everything goes on as it is.")

    def _in_force(self, form: DecideForm) -> HttpResponse:
        version = put_policy_in_force(
            version=self._draft(), seen=form.cleaned_data["seen"] or None, by=self.by, at=self.at
        )
        return self._begun(version, form)

    def _approve(self, form: DecideForm) -> HttpResponse:
        version, request = self._draft(), self._request()
        approvals.approve(approval=request, note=form.cleaned_data["reason"], by=self.by, at=self.at)
        version.refresh_from_db()
        return self._begun(version, form)

    def _reject(self, form: DecideForm) -> HttpResponse:
        approvals.reject(approval=self._request(), note=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self._done("It was turned down; it is a draft again.")

    def _withdraw(self, form: DecideForm) -> HttpResponse:
        approvals.withdraw(approval=self._request(), note=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self._done("The request is withdrawn; it is a draft again.", page="preview")

    def _drop(self, form: DecideForm) -> HttpResponse:
        version = drop_policy(version=self._draft(), by=self.by, at=self.at)
        return self._done(f"{version} was dropped. It can be taken up again from the list of versions.")

    def _count(self, form: DecideForm) -> HttpResponse:
        assert self.version is not None  # post has seen to it
        start_preview(policy=self.version, by=self.by, at=self.at)
        return HttpResponseRedirect(policy_url(self.policy, "preview"))

    def _recompute(self, form: DecideForm) -> HttpResponse:
        assert self.in_force is not None  # the button is there only then; the action refuses any other
        start_recompute(policy=self.in_force, quiet=form.cleaned_data["quiet"], by=self.by, at=self.at)
        return self._done("Open cases are being promised anew.", page="preview")

    def _begun(self, version: SlaPolicyVersion, form: DecideForm) -> HttpResponse:
        """It is in force: alone for new cases, or with a job that promises open ones anew."""
        told = f"{version} is in force: cases opened from now on are promised by it."
        if not self.request.POST["step"].endswith("_recompute"):
            return self._done(f"{told} Open ones keep what they were promised.")
        start_recompute(policy=version, quiet=form.cleaned_data["quiet"], by=self.by, at=self.at)
        return self._done(f"{told} Open ones are being promised anew.", page="preview")

    def _done(self, message: str, *, page: str = "") -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(policy_url(self.policy, page))

    def _draft(self) -> SlaPolicyVersion:
        if self.open_version is None:
            raise Refusal("There is no draft any more; somebody else has dealt with it.")
        return self.open_version

    def _request(self) -> Approval:
        request = pending_request(self._draft())
        if request is None:
            raise Refusal("Nothing waits for approval any more; somebody else has decided it.")
        return request

    def _show(self, form: DecideForm, *, status: int = 200) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.version is not None  # get and post have seen to it
        draft = draft_of(self.version)
        changes = changes_of(self.version, at=self.at, known=self.known) if self.open_version else ()
        request = pending_request(self.open_version) if self.open_version else None
        found = self._foreseen()
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "grid": grid_of(draft, severities=self.severities, calendars=self.calendar_names),
            "changes": difference_lines(changes),
            "lowers": sum(change.lowers for change in changes),
            "cautions": [fault.message for fault in faults_of(draft, known=self.known) if fault.caution],
            **impact_shown(found, zone=self.zone, at=self.at, sees_job=self.request.user.has_perm(SEES_JOBS)),
            "recomputing": self._recomputing(),
            "waiting": request,
            "asked_at": say_instant(request.requested_at, zone=self.zone) if request else "",
            **self._may(request),
            "edit_url": policy_url(self.policy, "edit"),
            "try_version": self.version.pk,
        }

    def _may(self, request: Approval | None) -> dict[str, bool]:
        user = self.request.user
        edits = user.has_perm(EDIT) and self.open_version is not None
        roles = set(user.groups.values_list("name", flat=True))
        drafted = self.open_version is not None and self.open_version.state == VersionState.DRAFT
        return {
            "may_ask": edits and drafted and self.in_force is not None,
            "may_begin": edits and drafted and self.in_force is None,
            "may_drop": edits and drafted,
            "may_decide": request is not None and may_decide(request, user=user, roles=roles),
            "may_withdraw": request is not None and request.requested_by_key == self.by.key,
            "may_recompute": user.has_perm(RECOMPUTES),
        }

    def _foreseen(self) -> Foreseen:
        """Counted at once where few cases are reached, else by the latest job that counted this very content."""
        assert self.version is not None
        impact = impact_of(at=self.at, policy=self.version)
        if impact.counted:
            return Foreseen(impact.affected, impact, None, say_impact(impact))
        rows = Job.objects.filter(kind=PREVIEW, payload__policy=self.version.pk, asked_at__gte=self.version.written_at)
        job = rows.order_by("asked_at", "pk").last()
        found = Impact.from_json(job.result["impact"]) if job is not None and "impact" in job.result else None
        told = say_impact(found) if found else f"{impact.affected:,} open cases would be promised anew."
        return Foreseen(impact.affected, found, job, told)

    def _recomputing(self) -> dict[str, Any] | None:
        """The latest job that promised open cases anew by this version: how far it is, and what came of it."""
        assert self.version is not None
        job = Job.objects.filter(kind=RECOMPUTE, payload__policy=self.version.pk).order_by("asked_at", "pk").last()
        if job is None:
            return None
        return {
            "job": job,
            "when": say_instant(job.asked_at, zone=self.zone),
            "words": job.result.get("words", ""),
            "url": job_url(job) if self.request.user.has_perm(SEES_JOBS) else "",
        }
