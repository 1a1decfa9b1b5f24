"""Checking a ticket before anything happens: what is understood, what the customer has, what will follow and why."""

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from journal.admin.base import refusals_shown
from journal.admin.pages import Page
from journal.domain.refusal import Refusal
from support.actions.intake.recording import check_ticket
from support.admin.cases.pages import HANDLE, case_url
from support.admin.intake import reading
from support.admin.intake.check_form import CheckForm
from support.admin.intake.happens import answer_if_agreed, say_happens, say_short
from support.admin.intake.pages import REVIEW, VIEW, decision_url, number_typed
from support.admin.intake.shown import shown_ticket
from support.admin.intake.taking import OtherNow, mark_of, route_of, take_checked, taken_before
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.domain.intake.tickets import Attachment
from support.models import IntakeDecision, Severity


class CheckPage(Page):
    """Looking at a check writes nothing; checking logs one row, and taking it opens the case."""

    permission: ClassVar[str] = HANDLE
    template_name = "support/intake/check.html"
    title = "Check a ticket"

    @cached_property
    def checked(self) -> IntakeDecision | None:
        """The check in the address, as it was shown."""
        number = number_typed(self.request.GET.get("check", ""))
        rows = IntakeDecision.objects.select_related(
            "account__owner", "given_feature", "given_severity", "version", "case"
        )
        return rows.filter(pk=number, stage=Stage.ASKED).first() if number is not None else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=self._form()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") in ("open", "anyway", "log"):
            return self._take(request.POST["step"])
        form = CheckForm(request.POST, request.FILES, kept=self._kept())
        if form.is_valid():
            try:
                told = form.told()
                return self._shown_at(check_ticket(told, reading.read(told), by=self.by, at=self.at))
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _shown_at(self, row: IntakeDecision) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:check_ticket')}?{urlencode({'check': row.number})}#what-follows")

    def _take(self, step: str) -> HttpResponse:
        asked = self.checked
        if asked is None:
            self.refuse(Refusal("That check isn’t there any more. Paste the ticket again."))
            return HttpResponseRedirect(reverse("admin:check_ticket"))
        try:
            if step == "anyway":
                self.by.require(REVIEW)
            shown = self.request.POST.get("shown", "")
            taken = take_checked(asked, shown=shown, anyway=step == "anyway", by=self.by, at=self.at)
        except OtherNow as changed:
            self.refuse(changed)
            again = check_ticket(reading.told_of(asked), reading.read_of(asked), by=self.by, at=self.at)
            return self._shown_at(again)
        except Refusal as refusal:
            self.refuse(refusal)
            return self._shown_at(asked)
        if taken.case is None:
            self.tell(f"{taken.decision.number} is logged as blocked; no case was opened.")
            may = self.request.user.has_perm(VIEW)
            return HttpResponseRedirect(decision_url(taken.decision) if may else reverse("admin:check_ticket"))
        self.tell(f"{taken.case.number} is open: {_small(Outcome(taken.decision.outcome).words)}.")
        return HttpResponseRedirect(case_url(taken.case))

    def _kept(self) -> list[Attachment]:
        """Attachments of the check before that were left ticked: a browser can't send a file twice by itself."""
        if self.checked is None:
            return []
        wanted = set(self.request.POST.getlist("keep"))
        return [one for place, one in enumerate(reading.attachments_of(self.checked)) if str(place) in wanted]

    def _form(self) -> CheckForm:
        row = self.checked
        if row is None:
            asked = {
                name: self.request.GET.get(name, "").replace("\x00", "")[:320] for name in ("account", "requester")
            }
            return CheckForm(initial={"customer": asked["account"], "requester": asked["requester"]})
        return CheckForm(
            initial={
                "requester": row.requester, "customer": row.account.key if row.account else "", "channel": row.channel,
                "subject": row.subject, "text": row.text,
                "feature": row.given_feature.key if row.given_feature else None,
                "severity": row.given_severity.key if row.given_severity else None,
            }
        )  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, may = self.checked, self.request.user.has_perm
        context = {
            **super().get_context_data(**kwargs),
            "row": row,
            "may_review": may(REVIEW),
            "may_see": may(VIEW),
            "more": kwargs["form"].says_more,
        }
        if row is None or row.forgotten_at is not None:
            return {**context, "row": None}
        before, route = taken_before(row), route_of(row)
        severity = row.given_severity or Severity.objects.order_by("position", "pk").last()
        return {
            **context,
            "ticket": shown_ticket(row),
            "short": say_short(row),
            "if_agreed": answer_if_agreed(row),
            "route": route,
            "happens": say_happens(row, route=route, severity=severity),
            "mark": mark_of(row),
            "blocked": row.outcome == Outcome.BLOCK,
            "checked_at": say_instant(row.at, zone=self.zone),
            "kept": list(enumerate(one.name for one in reading.attachments_of(row))),
            "account": row.account,
            "account_url": account_url(row.account) if row.account and may(VIEW_ACCOUNTS) else "",
            "taken": before,
            "taken_case": before.case if before is not None else None,
            "taken_url": _taken_url(before) if before is not None else "",
        }


def _taken_url(row: IntakeDecision) -> str:
    return case_url(row.case) if row.case is not None else decision_url(row)


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
