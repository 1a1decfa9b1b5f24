"""One decision, to read: the ticket, what followed and why, and all that it was made from."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from journal.admin.pages import Page
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.admin.cases.pages import case_url
from support.admin.intake.happens import say_short
from support.admin.intake.pages import REVIEW, VIEW
from support.admin.intake.shown import shown_ticket
from support.admin.intake.words import say_reason, say_stage
from support.models import IntakeDecision
from support.queries.intake.queue import tab_of


class DecisionPage(Page):
    permission: ClassVar[str] = VIEW
    template_name = "support/intake/decision.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Who may not look at tickets is turned away before learning whether there is one."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def row(self) -> IntakeDecision:
        rows = IntakeDecision.objects.select_related(
            "account", "case__team", "given_feature", "given_severity", "version"
        )
        return get_object_or_404(rows, pk=self.kwargs["decision"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, may = self.row, self.request.user.has_perm
        return {
            **super().get_context_data(**kwargs),
            "title": f"{row.number}: {row.subject or 'a ticket'}",
            "row": row,
            "ticket": shown_ticket(row),
            "short": say_short(row),
            "stage": say_stage(row.stage),
            "came": say_instant(row.at, zone=self.zone),
            "settled_at": say_instant(row.settled_at, zone=self.zone) if row.settled_at is not None else "",
            "resume_until": say_instant(row.resume_until, zone=self.zone) if row.resume_until is not None else "",
            "reason": say_reason(row.reason),
            "account": row.account,
            "account_url": account_url(row.account) if row.account and may(VIEW_ACCOUNTS) else "",
            "case_url": case_url(row.case) if row.case and may(VIEW_CASES) else "",
            "review_url": f"{reverse('admin:intake_review')}?ticket={row.number}" if tab_of(row) else "",
            "may_review": may(REVIEW),
            "taught": list(row.taught.select_related("feature")),
            "list": reverse("admin:support_intakedecision_changelist"),
            "history": reverse("admin:support_intakedecision_history", args=[row.pk]),
        }
