"""What other pages show of webhooks: the page of an account, and the list of deliveries."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from journal.admin.base import Button
from journal.admin.webhooks.message_pages import lines_of
from journal.admin.webhooks.pages import MANAGE, VIEW, endpoint_url
from journal.admin.webhooks.words import COLOURS, STATES, called, say_events, say_health, shown_url
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import Outbound, WebhookEndpoint
from journal.queries.webhook_log import doing, latest_about
from journal.queries.webhooks import endpoints, webhook_id

LATELY = 5


def webhooks_block(account_key: str, *, user: Any, at: datetime) -> dict[str, Any] | None:
    """The endpoints that hear of this account alone, and the last messages about it to any; None for who may see none."""
    if not user.has_perm(VIEW):
        return None
    own = list(endpoints(account_key=account_key))
    how = doing(own, at=at)
    told = latest_about(account_key, most=LATELY)
    of = {row.key: row for row in WebhookEndpoint.objects.filter(key__in={one.destination for one in told})}
    return {
        "own": [_line(row, say_health(row.state, how[row.pk], at=at), user=user) for row in own],
        "lines": [
            {**line, "to": called(of[message.destination], whole=user.has_perm(MANAGE))}
            for message in told
            if message.destination in of
            for line in lines_of([message], endpoint=of[message.destination], at=at)
        ],
    }


def to_its_page(request: HttpRequest, row: Outbound) -> list[Button]:
    """Where the tries of a webhook message stand, and it is sent again."""
    endpoint = WebhookEndpoint.objects.filter(key=row.destination).first()
    if endpoint is None or not request.user.has_perm(VIEW):
        return []
    return [Button("Its tries, and sending it again", endpoint_url(endpoint, "message", webhook_id(row)), "primary")]


def _line(row: WebhookEndpoint, health: Any, *, user: Any) -> dict[str, Any]:
    state = STATES[EndpointState(row.state)]
    return {
        "row": row,
        "url": endpoint_url(row),
        "called": called(row, whole=user.has_perm(MANAGE)),
        "address": shown_url(row, whole=user.has_perm(MANAGE)),
        "state": state,
        "colour": COLOURS[state],
        "events": say_events(row.events),
        "health": health,
    }
