"""The page of one case: its clocks as they run, what happened to it, and what may be said of it now."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from journal.admin.base import refusals_shown
from journal.domain.refusal import Refusal
from support.actions.cases.noting import note
from support.admin.cases.clock_lines import ENDED, ClockLine, Reader, clock_lines
from support.admin.cases.count_block import count_block
from support.admin.cases.cover_block import cover_block
from support.admin.cases.note_forms import AssignForm, MomentForm, NoteForm
from support.admin.cases.pages import HANDLE, AboutCase, LivePage, case_url
from support.admin.cases.story import MOST, story_of
from support.admin.cases.time_block import time_block
from support.admin.cases.words import Named, say_event, state_badge
from support.admin.cases.work_block import work_block
from support.admin.intake.block import checked_block
from support.admin.intake.pages import VIEW as VIEW_INTAKE
from support.domain.case_events import Channel, EventKind, Opener
from support.models import Severity, Team
from support.queries.cases.pulse import mark_of
from support.queries.cases.shown import ShownCase, shown_case
from support.queries.cases.why import reasons_for

MOST_ENDED = 12


class CasePage(AboutCase, LivePage):
    template_name = "support/cases/case.html"
    live_template: ClassVar[str] = "support/cases/_case_live.html"

    @cached_property
    def shown(self) -> ShownCase:
        return shown_case(self.case, at=self.at)

    @cached_property
    def customer_zone(self) -> str:
        """The account's own; where nobody knows whose it is, the reader's."""
        if self.case.account is not None:
            return self.case.account.zone
        return self.zone

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.at, self.zone, self.customer_zone)

    @cached_property
    def named(self) -> Named:
        return Named(
            severities=dict(Severity.objects.values_list("key", "name")),
            teams=dict(Team.objects.values_list("key", "name")),
            milestones={key: each.name for key, each in self.shown.milestones.items()},
        )

    def mark(self) -> str:
        return mark_of(self.case, at=self.at)

    def live_context(self) -> dict[str, Any]:
        shown, standing = self.shown, self.shown.standing
        lines = clock_lines(standing.clocks, shown.alerts, reader=self.reader)
        going_on = [line for line in lines if line.clock.state not in ENDED]
        ended = [line for line in lines if line.clock.state in ENDED]
        explained = self._explained([*going_on, *ended[:MOST_ENDED]])
        return {
            "case": self.case,
            "state": state_badge(standing.state),
            "severity": self.named.severities.get(standing.severity, standing.severity),
            "team": self.named.teams.get(standing.team, standing.team),
            "assignee": standing.assignee,
            "going_on": explained[: len(going_on)],
            "ended": explained[len(going_on) :],
            "ended_more": len(ended[MOST_ENDED:]),
            "promise": shown.promise,
            "story": story_of(
                standing, shown.events, shown.promises, shown.alerts, named=self.named, reader=self.reader
            ),
            "story_most": MOST,
        }

    def _explained(self, lines: list[ClockLine]) -> list[tuple[ClockLine, tuple[str, ...]]]:
        """Each with why it is due then, by the clock on the customer's wall."""
        reasons = reasons_for(self.shown, severities=self.named.severities)
        return [(line, reasons.of(line.clock, zone=self.customer_zone, now=self.at)) for line in lines]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, account = self.case, self.case.account
        may = self.request.user.has_perm(HANDLE)
        return {
            **super().get_context_data(**kwargs),
            **(_forms(self.shown, zone=self.zone) if may else {}),
            "title": str(case),
            "may_handle": may,
            "account": account,
            "account_url": account_url(account) if account and self.request.user.has_perm(VIEW_ACCOUNTS) else "",
            "account_cases": reverse("admin:desk_account_cases", args=[account.key]) if account else "",
            "channel": Channel(case.channel).words,
            "by_us": case.opener == Opener.AGENT,
            "opened": self.reader.say_both(case.opened_at),
            "link": case.url if case.url.startswith(("https://", "http://")) else "",
            "tier": _tier_of(self.shown),
            "board": reverse("admin:support_board"),
            "cases": reverse("admin:support_case_changelist"),
            "history": reverse("admin:support_case_history", args=[case.pk]),
            "customer_zone": self.customer_zone,
            "cover": cover_block(case, self.shown.promise, at=self.at, may=may),
            "counted": kwargs.get("counted") or count_block(case, at=self.at, zone=self.zone, user=self.request.user),
            "time": kwargs.get("time") or time_block(case, at=self.at, zone=self.zone, user=self.request.user),
            "checked": checked_block(case) if self.request.user.has_perm(VIEW_INTAKE) else [],
            "work": work_block(case, at=self.at, may=self.request.user.has_perm("support.record_work")),
            **kwargs,
        }


class NotePage(CasePage):
    """Where the forms of a case's page go; a refusal shows the page again, with the form as it was filled in."""

    permission: ClassVar[str] = HANDLE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(f"{case_url(self.case)}#say")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forms = _forms(self.shown, zone=self.zone)
        name = "assign_form" if request.POST.get("act") == "assign" else "note_form"
        form = forms[name] = type(forms[name])(request.POST, shown=self.shown, zone=self.zone)
        if form.is_valid() and not self._asks_first(form):
            try:
                return self._note(form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self.render_to_response(self.get_context_data(**forms, tried=name, form=form), status=422)

    def _asks_first(self, form: MomentForm) -> bool:
        """Nobody takes a cancelling back, so it is asked for twice."""
        if not isinstance(form, NoteForm) or not form.cancels or form.cleaned_data["sure"]:
            return False
        asked = self.request.POST.copy()
        asked[form.add_prefix("sure")] = "on"
        form.data = asked
        self.extra_context = {"asks_first": True}
        return True

    def _note(self, form: MomentForm) -> HttpResponse:
        if isinstance(form, AssignForm):
            kind, to, text = EventKind.ASSIGNED, form.to, ""
        else:
            assert isinstance(form, NoteForm)
            (kind, to), text = form.event, form.cleaned_data["text"]
        given = form.cleaned_data
        note(
            case=self.case, kind=kind, to=to, text=text, name=given["token"], happened_at=given["at"], by=self.by,
            at=self.at,
        )  # fmt: skip
        self.tell(f"Noted: {say_event(kind, to, self.named)}.")
        return HttpResponseRedirect(case_url(self.case))


def _forms(shown: ShownCase, *, zone: str) -> dict[str, MomentForm]:
    return {"note_form": NoteForm(shown=shown, zone=zone), "assign_form": AssignForm(shown=shown, zone=zone)}


def _tier_of(shown: ShownCase) -> str:
    """The tier's name as the policy of that tier bears it."""
    names = {
        row.policy_version.policy.tier: row.policy_version.policy.name for row in shown.promises if row.policy_version
    }
    return names.get(shown.case.tier, shown.case.tier)
