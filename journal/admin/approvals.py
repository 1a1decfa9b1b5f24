"""The inbox of what waits for a second pair of eyes."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import display

from journal.actions import approvals
from journal.admin.base import Button, DeskModelAdmin, actor_of
from journal.admin.question import NoteForm, Question, ask
from journal.approvals import handler_of, kinds
from journal.models import Approval

WAITING_FIRST = Case(When(state=Approval.State.PENDING, then=Value(0)), default=Value(1))
COLOURS = {"Waiting": "warning", "Approved": "success", "Rejected": "danger", "Withdrawn": "info"}


def waiting_for(request: HttpRequest) -> str:
    """How many requests wait for this reader to decide; nothing beside the link while there is none."""
    decides = [kind for kind in kinds() if request.user.has_perm(handler_of(kind).permission)]
    waiting = Approval.objects.filter(state=Approval.State.PENDING, kind__in=decides)
    return str(waiting.exclude(requested_by_key=f"staff:{request.user.pk}").count() or "")


def outdated(approval: Approval) -> str:
    """Why a request that waits can't be approved any more; empty while it can."""
    if approval.state != Approval.State.PENDING or approval.kind not in kinds():
        return ""
    told = handler_of(approval.kind).outdated
    return "" if told is None else told(approval)


@admin.register(Approval)
class ApprovalAdmin(DeskModelAdmin):
    list_display = ("what", "standing", "requested_by_name", "requested_at", "decided_by_name", "decided_at")
    list_filter = ("state", "kind")
    ordering = (WAITING_FIRST, "-requested_at", "-pk")
    search_fields = ("account_key__exact",)
    search_help_text = "The key of an account, as a whole."
    fields = (
        "said", "standing", "subject_label", "account_key", "reason", "requested_by_name", "requested_at",
        "decided_by_name", "decided_at", "note",
    )  # fmt: skip
    row_pages = ("approve", "reject", "withdraw")

    @display(description="what will happen")
    def what(self, approval: Approval) -> str:
        return Truncator(approval.summary).chars(70)

    @display(description="what will happen")
    def said(self, approval: Approval) -> SafeString:
        return linebreaksbr(approval.summary)

    @display(description="state", label=COLOURS)
    def standing(self, approval: Approval) -> str:
        return approval.get_state_display()

    @display(description="since then")
    def since_then(self, approval: Approval) -> str:
        return outdated(approval)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        said, *others = self.fields
        return (said, "since_then", *others) if obj is not None and outdated(obj) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def buttons(self, request: HttpRequest, row: Approval) -> list[Button]:
        if row.state != Approval.State.PENDING:
            return []
        mine = actor_of(request).key == row.requested_by_key
        handler = handler_of(row.kind)
        may_decide = request.user.has_perm(handler.permission)
        offered = [] if handler.review is None else [Button("See what it does", handler.review(row))]
        if may_decide and not mine:
            offered.append(Button("Approve", self.address("approve", row.pk), "primary"))
        if may_decide and not mine:
            offered.append(Button("Reject", self.address("reject", row.pk), "danger"))
        if mine:
            offered.append(Button("Withdraw", self.address("withdraw", row.pk)))
        return offered

    def approve_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, approvals.approve, "Approve", "approved")

    def reject_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, approvals.reject, "Reject", "rejected")

    def withdraw_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._decide(request, object_id, approvals.withdraw, "Withdraw", "withdrawn")

    def _decide(self, request: HttpRequest, object_id: str, act: Any, button: str, done: str) -> HttpResponse:
        approval: Approval = self.found(request, object_id)
        mine = actor_of(request).key == approval.requested_by_key
        may = mine if act is approvals.withdraw else request.user.has_perm(handler_of(approval.kind).permission)
        if not may:
            raise PermissionDenied
        question = Question(
            title=f"{button} this request?",
            button=button,
            done=f"The request was {done}.",
            back_to=self.address("changelist"),
            facts=[
                ("What will happen", linebreaksbr(approval.summary)),
                ("About", approval.subject_label),
                ("Asked by", approval.requested_by_name),
                ("Asked", approval.requested_at),
                ("Why", approval.reason or "No reason was given."),
            ],
            warning=outdated(approval),
            danger=button != "Approve",
        )
        return ask(self, request, question, act, form_class=NoteForm, approval=approval)
