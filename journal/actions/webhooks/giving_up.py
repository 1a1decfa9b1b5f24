"""Who hears that the desk has switched an endpoint off: whoever may set up webhooks."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from journal.actions.notices import tell
from journal.models import WebhookEndpoint
from journal.queries.webhooks import keepers

KIND = "webhook_switched_off"


def tell_keepers(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Told everybody who may set up webhooks that one was switched off, and why; each once."""
    for person in keepers():
        body = render_to_string(
            f"emails/{KIND}.txt", {"person": person, "endpoint": endpoint, "address": settings.DESK_URL}
        )
        tell(
            recipient=person.email,
            subject=f"Webhook switched off: {endpoint}",
            body=body,
            once_key=f"{KIND}:{endpoint.key}:{person.pk}:{at.timestamp():.0f}",
            kind=KIND,
            at=at,
            account_key=endpoint.account_key,
        )
