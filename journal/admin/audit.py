"""The audit as auditors read it: who did what to what, when and why."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from journal.admin.base import Button, DeskModelAdmin
from journal.admin.question import Question, ask
from journal.domain.actor import ActorKind
from journal.domain.instants import said_in
from journal.domain.verbs import in_words
from journal.models import ApiKey, AuditEvent, AuditSeal, Staff
from journal.queries.audit import verbs_in_use
from journal.reverts import inverse_of


class ByActor(admin.SimpleListFilter):
    title = "who"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = [
            (f"staff:{person.pk}", person.name()) for person in Staff.objects.order_by("first_name", "username")[:200]
        ]
        keys = [(f"key:{key.prefix}", f"API key {key.name}") for key in ApiKey.objects.order_by("name")[:100]]
        return [("desk", "The desk itself"), *staff, *keys]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(actor_key=self.value()) if self.value() else queryset


class ByVerb(admin.SimpleListFilter):
    title = "what was done"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(verb, in_words(verb)) for verb in verbs_in_use()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(DeskModelAdmin):
    list_display = ("at", "who", "what", "subject_label", "account", "reason")
    list_display_links = ("at", "what")
    list_filter = (ByActor, ByVerb)
    date_hierarchy = "at"
    ordering = ("-seq",)
    search_fields = ("account_key__exact",)
    search_help_text = "The key of an account, as a whole."
    fields = ("seq", "at", "who", "what", "subject_label", "account", "reason", "what_changed", "digest_shown")
    row_pages = ("revert",)

    @admin.display(description="who", ordering="actor_name")
    def who(self, event: AuditEvent) -> str:
        if event.actor_kind in (ActorKind.STAFF, ActorKind.SYSTEM):
            return event.actor_name
        return f"{event.get_actor_kind_display()} {event.actor_name}"

    @admin.display(description="what was done", ordering="verb")
    def what(self, event: AuditEvent) -> str:
        return event.verb_in_words()

    @admin.display(description="account", ordering="account_key")
    def account(self, event: AuditEvent) -> str:
        if not event.account_key:
            return "–"
        url = f"{self.address('changelist')}?account_key__exact={event.account_key}"
        return format_html('<a href="{}" class="text-primary-600">{}</a>', url, event.account_key)

    @admin.display(description="what changed")
    def what_changed(self, event: AuditEvent) -> str:
        if not event.changes:
            return "Nothing that could be listed."
        lines = [
            (name.replace("_", " "), _shown(before), _shown(after)) for name, (before, after) in event.changes.items()
        ]
        return format_html_join("", "<p>{}: {} → {}</p>", lines)

    @admin.display(description="digest")
    def digest_shown(self, event: AuditEvent) -> str:
        return format_html('<span class="break-all">{}</span>', event.digest)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"account_key__exact", "account_key", "subject_type", "subject_key"} or super().lookup_allowed(
            lookup, value, request
        )

    def buttons(self, request: HttpRequest, row: AuditEvent) -> tuple[Button, ...]:
        inverse = inverse_of(row.verb)
        if inverse is None or not request.user.has_perm(inverse.permission):
            return ()
        return (Button(inverse.words, self.address("revert", row.pk)),)

    def revert_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event: AuditEvent = self.found(request, object_id)
        inverse = inverse_of(event.verb)
        if inverse is None:
            raise Http404
        if not request.user.has_perm(inverse.permission):
            raise PermissionDenied
        question = Question(
            title=f"{inverse.words}?",
            button=inverse.words,
            done="Done. It stands in the audit as a new event.",
            back_to=self.address("changelist"),
            facts=[
                ("What was done", f"{self.what(event)}: {event.subject_label}"),
                ("Who did it", self.who(event)),
                ("When", event.at),
                ("Why", event.reason or "No reason was given."),
                ("What changed", self.what_changed(event)),
            ],
            warning="Nothing is erased: the event stays, and a new one follows it.",
            danger=True,
        )
        return ask(self, request, question, inverse.act, event=event)


@admin.register(AuditSeal)
class AuditSealAdmin(DeskModelAdmin):
    list_display = ("seq_to", "count", "sealed_at", "digest")
    ordering = ("-seq_to",)


def _shown(value: object) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_shown(item) for item in value) or "nothing"
    return said_in(str(value), lambda instant: date_format(localtime(instant), "DATETIME_FORMAT"))
