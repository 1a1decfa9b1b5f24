"""What was promised to the outside, and what people were told."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from unfold.decorators import display

from journal.actions import outbound
from journal.admin.base import Button, DeskModelAdmin, actor_of
from journal.admin.question import Question, ask
from journal.admin.webhooks.block import to_its_page
from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.refusal import Refusal
from journal.domain.veiled import DOTS, veiled
from journal.models import Notice, Outbound

NEEDS_SOMEONE = (DeliveryState.DOUBTFUL, DeliveryState.DEAD)
NEEDY_FIRST = Case(When(state__in=NEEDS_SOMEONE, then=Value(0)), default=Value(1))
COLOURS = {"Perhaps sent": "warning", "Given up": "danger", "Sent": "success", "Waiting to be sent": "info"}
SECRET_SEALED = (
    f"It stands where the text shows {DOTS}. It is kept sealed until the message is sent, and not after that."
)
SECRET_TAKEN_OUT = (
    f"It stood where the text shows {DOTS}, and was taken out once the message had been sent. So this message can't be "
    "sent again: make a new secret instead."
)


@admin.register(Outbound)
class OutboundAdmin(DeskModelAdmin):
    list_display = (
        "destination",
        "standing",
        "subject",
        "account_key",
        "created_at",
        "sent_at",
        "attempts",
        "last_error",
    )
    list_filter = ("state", "kind")
    ordering = (NEEDY_FIRST, "-seq")
    search_fields = ("destination__exact", "account_key__exact")
    search_help_text = "An e-mail address, or the key of an account, as a whole."
    actions = ("send_again", "settle_as_sent")
    fields = (
        "destination", "standing", "subject", "body", "secret", "account_key", "created_at", "due_at", "attempts", "sent_at",
        "last_error", "message_id",
    )  # fmt: skip
    row_pages = ("resend", "settle")

    @display(description="state", label=COLOURS)
    def standing(self, row: Outbound) -> str:
        return row.get_state_display()

    @display(description="subject")
    def subject(self, row: Outbound) -> str:
        return row.payload.get("subject") or row.payload.get("type") or row.kind

    @display(description="text")
    def body(self, row: Outbound) -> str:
        text = row.payload.get("body", "–")
        return veiled(text) if outbound.SEALED in row.payload else text

    @display(description="secret in it")
    def secret(self, row: Outbound) -> str:
        if outbound.SEALED not in row.payload:
            return "None"
        return SECRET_TAKEN_OUT if outbound.secret_gone(row) else SECRET_SEALED

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(outbound.PERMISSION)

    @admin.action(description="Send again", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, outbound.resend)

    @admin.action(description="Settle as sent", permissions=["resend"])
    def settle_as_sent(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, outbound.settle)

    def buttons(self, request: HttpRequest, row: Outbound) -> list[Button]:
        if row.kind == WEBHOOK:
            return to_its_page(request, row)
        if row.state not in NEEDS_SOMEONE or not self.has_resend_permission(request):
            return []
        again = Button("Send again", self.address("resend", row.pk), "primary")
        settle = Button("Settle as sent", self.address("settle", row.pk))
        return [again, settle] if row.state == DeliveryState.DOUBTFUL else [again]

    def resend_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "If it did go out the first time, they will get it twice."
        return self._ask(request, object_id, outbound.resend, "Send again", "It will be sent within seconds.", warning)

    def settle_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "Settle it only when you know that it arrived; it is not sent again."
        return self._ask(request, object_id, outbound.settle, "Settle as sent", "It is settled as sent.", warning)

    def _ask(
        self, request: HttpRequest, object_id: str, act: Callable[..., Any], button: str, done: str, warning: str
    ) -> HttpResponse:
        row: Outbound = self.found(request, object_id)
        if not self.has_resend_permission(request):
            raise PermissionDenied
        question = Question(
            title=f"{button}?",
            button=button,
            done=done,
            back_to=self.address("changelist"),
            facts=[
                ("To", row.destination),
                ("Subject", self.subject(row)),
                ("Promised", row.created_at),
                ("Tries", row.attempts),
                ("What went wrong", row.last_error or "Nothing is known."),
            ],
            warning=warning,
        )
        return ask(self, request, question, act, outbound=row)

    def _each(self, request: HttpRequest, rows: Any, act: Callable[..., Any]) -> None:
        done = 0
        for row in rows:
            try:
                act(outbound=row, by=actor_of(request), at=now())
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{row.destination}: {refusal.message}", messages.ERROR)
        if done:
            self.message_user(request, f"Done for {done}.", messages.SUCCESS)


@admin.register(Notice)
class NoticeAdmin(DeskModelAdmin):
    list_display = ("subject", "recipient", "account_key", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("recipient__exact", "account_key__exact")
    search_help_text = "An e-mail address, or the key of an account, as a whole."
    fields = ("subject", "recipient", "body", "account_key", "kind", "created_at")
