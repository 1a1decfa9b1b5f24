"""The inbox of what waits for a second pair of eyes."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime, now
from unfold.decorators import display

from journal.actions import approvals
from journal.admin.base import Button, DeskModelAdmin, actor_of
from journal.admin.question import NoteForm, Question, ask
from journal.approvals import account_page, handler_of, kinds
from journal.domain.waiting import say_age
from journal.models import Approval
from journal.queries import approvals as queries

WAITING_FIRST = Case(When(state=Approval.State.PENDING, then=Value(0)), default=Value(1))
COLOURS = {"Waiting": "warning", "Approved": "success", "Rejected": "danger", "Withdrawn": "info"}


def waiting_for(request: HttpRequest) -> str:
    """How many requests wait for this reader to decide; nothing beside the link while there is none."""
    return str(queries.waiting_for(request.user).count() or "")


def outdated(approval: Approval) -> str:
    """Why a request that waits can't be approved any more; empty while it can."""
    if approval.state != Approval.State.PENDING or approval.kind not in kinds():
        return ""
    told = handler_of(approval.kind).outdated
    return "" if told is None else told(approval)


class ByReader(admin.SimpleListFilter):
    """Whoever decides anything sees first what waits for them; everybody else, everything."""

    title = "whom it concerns"
    parameter_name = "whom"
    ME, MINE, WAITING, ALL = "me", "mine", "waiting", "all"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.user = request.user
        narrowed = any(name in request.GET for name in ("state__exact", "kind", "q"))
        self.unsaid = self.ME if queries.decides_anything(request.user) and not narrowed else self.ALL

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = {self.ME: "Waits for me", self.MINE: "Asked by me", self.WAITING: "Waits for anybody"}
        return [*words.items(), (self.ALL, "Everything")]

    @property
    def chosen(self) -> str:
        return self.value() or self.unsaid

    def choices(self, changelist: Any) -> Any:
        for key, words in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key})
            yield {"selected": self.chosen == key, "query_string": query, "display": words}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.chosen:
            case self.ME:
                return queryset.filter(pk__in=queries.waiting_for(self.user).order_by().values("pk"))
            case self.MINE:
                own = f"staff:{self.user.pk}"
                return queryset.filter(Q(requested_by_key=own) | Q(requested_for_key=own))
            case self.WAITING:
                return queryset.filter(state=Approval.State.PENDING)
        return queryset


@admin.register(Approval)
class ApprovalAdmin(DeskModelAdmin):
    list_display = ("what", "standing", "who_decides", "account", "asker", "asked_when", "decided")
    list_filter = (ByReader, "state", "kind")
    list_before_template = "journal/approvals_head.html"
    ordering = (WAITING_FIRST, "-requested_at", "-pk")
    search_fields = ("account_key__exact",)
    search_help_text = "The key of an account, as a whole."
    fields = (
        "said", "standing", "who_decides", "subject_label", "account", "reason", "asker", "asked_when",
        "decided", "note",
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

    @display(description="who decides")
    def who_decides(self, approval: Approval) -> str:
        return approval.approver_role.capitalize() or "Whoever may"

    @display(description="account", ordering="account_key")
    def account(self, approval: Approval) -> str:
        address = account_page(approval.account_key)
        return format_html('<a href="{}" class="text-link">{}</a>', address, approval.account_key) if address else "–"

    @display(description="asked by", ordering="requested_by_name")
    def asker(self, approval: Approval) -> str:
        return approval.asked_by

    @display(description="asked", ordering="requested_at")
    def asked_when(self, approval: Approval) -> str:
        asked = date_format(localtime(approval.requested_at), "DATETIME_FORMAT")
        waits = approval.state == Approval.State.PENDING
        return f"{asked}, waits {say_age(approval.requested_at, at=now())}" if waits else asked

    @display(description="decided", ordering="decided_at")
    def decided(self, approval: Approval) -> str:
        if approval.decided_at is None:
            return "–"
        return f"{approval.decided_by_name}, {date_format(localtime(approval.decided_at), 'DATETIME_FORMAT')}"

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
        by = actor_of(request)
        mine, handler = by.key == row.requested_by_key, handler_of(row.kind)
        decides = queries.may_decide(row, user=request.user, roles=by.roles)
        offered = [] if handler.review is None else [Button("See what it does", handler.review(row))]
        if decides:
            offered.append(Button("Approve", self.address("approve", row.pk), "primary"))
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
        then = "" if mine else self._next(request, approval)
        follows = then and then != self.address("changelist")
        question = Question(
            title=f"{button} this request?",
            button=button,
            done=f"The request was {done}.{' This is the next one that waits for you.' if follows else ''}",
            back_to=self.address("change", approval.pk),
            then=then,
            facts=[
                ("What will happen", linebreaksbr(approval.summary)),
                ("About", approval.subject_label),
                ("Who decides", self.who_decides(approval)),
                ("Asked by", approval.asked_by),
                ("Asked", approval.requested_at),
                ("Why", approval.reason or "No reason was given."),
            ],
            warning=outdated(approval),
            danger=button != "Approve",
        )
        return ask(self, request, question, act, form_class=NoteForm, approval=approval)

    def _next(self, request: HttpRequest, decided: Approval) -> str:
        """The request that has waited longest for this reader once this one is decided, else the inbox."""
        following = queries.waiting_for(request.user).exclude(pk=decided.pk).first()
        return self.address("changelist") if following is None else self.address("change", following.pk)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        waiting = queries.waiting_for(request.user)
        oldest = waiting.first()
        inbox = {
            "waiting": waiting.count(),
            "oldest": self.address("change", oldest.pk) if oldest is not None else "",
            "decides": queries.decides_anything(request.user),
        }
        return super().changelist_view(request, {"title": "Approvals", **inbox, **(extra_context or {})})
