"""The list of webhook endpoints, and the page of one: what it is told of, how it does, what was sent to it last."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from journal.account_names import named
from journal.admin.base import Button, DeskModelAdmin
from journal.admin.webhooks.addresses import WEBHOOKS
from journal.admin.webhooks.message_pages import lines_of
from journal.admin.webhooks.pages import MANAGE, REPLAY, endpoint_url, whose
from journal.admin.webhooks.words import COLOURS, STATES, called, grouped, say_events, say_health, say_share, shown_url
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import WebhookEndpoint
from journal.queries.webhook_log import Doing, doing, log_of
from journal.queries.webhooks import live_secrets
from journal.webhook_events import events

LATELY = 8


class EndpointList(ChangeList):
    """Reads how the endpoints of one page do at once, and what their accounts are called."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = doing(self.result_list, at=timezone.now())
        names = named([row.account_key for row in self.result_list])
        for row in self.result_list:
            row.doing, row.whose = found[row.pk], names.get(row.account_key)
            row.shown = shown_url(row, whole=request.user.has_perm(MANAGE))


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(DeskModelAdmin):
    list_before_template = "journal/webhooks/list_head.html"
    list_display = ("shown", "standing", "told_of", "account", "health_words", "share")
    list_filter = ("state",)
    search_fields = ("url", "description", "account_key__exact")
    search_help_text = "A part of the address or of what it is for, or the key of an account."
    fields = ("url", "description", "account_key", "state")
    readonly_fields = fields

    class Media:
        css: ClassVar = {"all": ["journal/webhooks.css"]}

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                route,
                self.admin_site.admin_view(page.as_view(model_admin=self)),
                name=f"journal_webhookendpoint_{name}",
            )
            for route, page, name in WEBHOOKS
        ]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EndpointList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {"title": "Webhooks", "may_set_up": request.user.has_perm(MANAGE)}
        return super().changelist_view(request, {**told, **(extra_context or {})})

    @display(description="Webhook", ordering="description")
    def shown(self, row: Any) -> SafeString:
        if not row.description:
            return format_html('<span class="webhook-cell">{}</span>', row.shown)
        return format_html('<span class="webhook-cell">{}<br>{}</span>', row.description, row.shown)

    @display(description="State", ordering="state", label=COLOURS)
    def standing(self, row: WebhookEndpoint) -> str:
        return STATES[EndpointState(row.state)]

    @display(description="Told of")
    def told_of(self, row: WebhookEndpoint) -> str:
        return say_events(row.events)

    @display(description="Account")
    def account(self, row: Any) -> str:
        return row.whose.name if row.whose else row.account_key or "All"

    @display(description="How it does")
    def health_words(self, row: Any) -> SafeString:
        said = say_health(row.state, row.doing, at=timezone.now())
        return format_html('<span class="webhook-cell is-{}">{}</span>', said.colour, said.words)

    @display(description="Accepted in 24 hours")
    def share(self, row: Any) -> str:
        return say_share(row.doing)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: what is done with an endpoint is done on pages that ask."""
        row: WebhookEndpoint = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return self.page(request, "journal/webhooks/endpoint.html", self._shown(request, row))

    def _shown(self, request: HttpRequest, row: WebhookEndpoint) -> dict[str, Any]:
        at, user = timezone.now(), request.user
        how: Doing = doing([row], at=at)[row.pk]
        state = STATES[EndpointState(row.state)]
        told = {event: words for event, words in events().items() if event in row.events}
        signing = live_secrets(row, at=at)
        return {
            "title": called(row, whole=user.has_perm(MANAGE)),
            "endpoint": row,
            "address": shown_url(row, whole=user.has_perm(MANAGE)),
            "standing": state,
            "colour": COLOURS[state],
            "health": say_health(row.state, how, at=at),
            "share": say_share(how),
            "doing": how,
            "whose": whose(row, user=user),
            "groups": grouped(told),
            "unknown": [event for event in row.events if event not in told],
            "secret": signing[0] if signing else None,
            "former": signing[1:],
            "lines": lines_of(list(log_of(row)[:LATELY]), endpoint=row, at=at),
            "keeps": user.has_perm(MANAGE),
            "may_replay": user.has_perm(REPLAY),
            "buttons": self.buttons(request, row),
            "log": endpoint_url(row, "messages"),
            "history": self.address("history", row.pk),
            "back": self.address("changelist"),
        }

    def buttons(self, request: HttpRequest, row: WebhookEndpoint) -> list[Button]:
        user, offered = request.user, []
        active, off = row.state == EndpointState.ACTIVE, row.state == EndpointState.DISABLED
        if user.has_perm(MANAGE):
            offered += [] if off else [Button("Send a test", endpoint_url(row, "test"), "primary")]
            offered.append(Button("Edit", endpoint_url(row, "edit")))
            words, page = ("Pause", "pause") if active else ("Let it go on", "resume")
            offered.append(Button(words, endpoint_url(row, page)))
        if user.has_perm(REPLAY) and not off:
            offered.append(Button("Send messages again", endpoint_url(row, "replay")))
        if user.has_perm(MANAGE):
            offered.append(Button("Remove", endpoint_url(row, "remove"), "danger"))
        return offered
