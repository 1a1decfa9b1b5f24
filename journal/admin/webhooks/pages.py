"""What every page about one webhook endpoint has in common, and the page that asks before something is done with it."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from journal.account_names import named
from journal.actions.webhooks import endpoints, replaying
from journal.admin.pages import AskPage, Page
from journal.admin.webhooks.words import COLOURS, STATES, called, say_health, shown_url
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import WebhookEndpoint
from journal.queries.webhook_log import Doing, doing

VIEW = "journal.view_webhookendpoint"
MANAGE = endpoints.PERMISSION
REPLAY = replaying.PERMISSION
LIST = "admin:journal_webhookendpoint_changelist"


def endpoint_url(endpoint: WebhookEndpoint, page: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:journal_webhookendpoint_{page}", args=[endpoint.pk, *arguments])


def whose(endpoint: WebhookEndpoint, *, user: Any) -> dict[str, str]:
    """Of which account it is told, with the address of its page where the reader may open that; empty for all."""
    if not endpoint.account_key:
        return {}
    found = named([endpoint.account_key]).get(endpoint.account_key)
    if found is None:
        return {"key": endpoint.account_key, "name": endpoint.account_key, "url": "", "went_to": ""}
    url = found.url if user.has_perm(found.permission) else ""
    return {"key": found.key, "name": found.name, "url": url, "went_to": found.went_to}


class EndpointPage(Page):
    """A page about one endpoint. Who may not look at endpoints is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def endpoint(self) -> WebhookEndpoint:
        return get_object_or_404(WebhookEndpoint, pk=self.kwargs["endpoint"])

    @cached_property
    def doing(self) -> Doing:
        return doing([self.endpoint], at=self.at)[self.endpoint.pk]

    @property
    def keeps(self) -> bool:
        """Whether the reader may set up endpoints, and so read what receivers answered."""
        return bool(self.request.user.has_perm(MANAGE))

    @property
    def back(self) -> str:
        return endpoint_url(self.endpoint)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        state = STATES[EndpointState(self.endpoint.state)]
        return {
            **super().get_context_data(**kwargs),
            "endpoint": self.endpoint,
            "called": called(self.endpoint, whole=self.keeps),
            "address": shown_url(self.endpoint, whole=self.keeps),
            "standing": state,
            "colour": COLOURS[state],
            "health": say_health(self.endpoint.state, self.doing, at=self.at),
            "whose": whose(self.endpoint, user=self.request.user),
            "keeps": self.keeps,
            "may_replay": self.request.user.has_perm(REPLAY),
            "back": self.back,
            "list": reverse(LIST),
        }


class EndpointAsk(EndpointPage, AskPage):
    """A page that says what will happen and asks; afterwards the reader is back on the endpoint."""

    template_name = "journal/webhooks/ask.html"
    permission: ClassVar[str] = MANAGE
