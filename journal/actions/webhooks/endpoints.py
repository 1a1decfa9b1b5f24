"""Endpoints set up, edited, paused and removed, and the secrets that their messages are signed with."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from journal.actions.deeds import begin, keep, pending_changes, record
from journal.actions.deeds import remove as take_away
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.domain.webhooks.addresses import Network, parse_networks
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.schedule import WHOLE
from journal.domain.webhooks.signing import BYTES, spelled
from journal.domain.webhooks.url import UnusableUrl, parse_url
from journal.models import Outbound, WebhookEndpoint, WebhookHealth, WebhookSecret
from journal.vault import seal
from journal.webhook_events import PING
from journal.webhook_events import events as known_events

PERMISSION = "journal.manage_webhooks"
SCOPE = "webhooks:write"
OVERLAP = timedelta(hours=24)  # so long a former secret goes on signing
MOST_SECRETS = 3
OF_ANOTHER = "The endpoint is told of another account now."


@transaction.atomic
def set_up(
    *,
    url: str,
    by: Actor,
    at: datetime,
    description: str = "",
    events: Collection[str] = (),
    account_key: str = "",
    key: str = "",
) -> tuple[WebhookEndpoint, str]:
    """Set up a webhook endpoint. Its secret is returned to be shown; it is kept sealed.

    `key` is made unless the edge brings one, so that a request sent twice sets up one endpoint.
    """
    require_keeper(by)
    endpoint = WebhookEndpoint(
        key=key or f"we_{secrets.token_hex(12)}",
        url=usable(url),
        description=_text(description),
        events=_known(events),
        account_key=_text(account_key),
        state_since=at,
        created_at=at,
        created_by=by.name,
    )
    deed = begin(by=by, at=at)
    keep(endpoint, deed=deed)
    WebhookHealth.objects.create(endpoint=endpoint)
    plain = _new_secret(endpoint, deed=deed)
    told = {
        "address": endpoint.url,
        "events": endpoint.events or "every event",
        "account": endpoint.account_key or "all",
    }
    _recorded(endpoint, "webhook:set_up", deed=deed, changes={word: [None, value] for word, value in told.items()})
    return endpoint, plain


@transaction.atomic
def edit(
    *,
    endpoint: WebhookEndpoint,
    by: Actor,
    at: datetime,
    url: str | None = None,
    description: str | None = None,
    events: Collection[str] | None = None,
    account_key: str | None = None,
) -> WebhookEndpoint:
    """Changed where messages go or which ones; what is None stays. What waits goes to the new address, but for what it
    tells of other accounts than the endpoint is told of from now on: that is given up, and never sent there.
    """
    require_keeper(by)
    held = held_for_change(endpoint)
    if url is not None:
        held.url = usable(url)
    if description is not None:
        held.description = _text(description)
    if events is not None:
        held.events = _known(events)
    if account_key is not None:
        held.account_key = _text(account_key)
    changes = pending_changes(held)
    if not changes:
        return held
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    if "url" in changes:
        _forget_health(held)  # it was another server's
    if held.account_key:
        _give_up_others(held)
    _recorded(held, "webhook:edit", deed=deed, changes=changes)
    return held


@transaction.atomic
def pause(*, endpoint: WebhookEndpoint, by: Actor, at: datetime, reason: str = "") -> WebhookEndpoint:
    """Paused an endpoint: its messages wait, new ones too, until somebody lets it go on."""
    require_keeper(by)
    held = held_for_change(endpoint)
    if held.state != EndpointState.ACTIVE:
        raise Refusal("Only an active endpoint can be paused.")
    return _stand(held, EndpointState.PAUSED, verb="webhook:pause", reason=reason, deed=begin(by=by, at=at))


@transaction.atomic
def resume(*, endpoint: WebhookEndpoint, by: Actor, at: datetime) -> WebhookEndpoint:
    """Let an endpoint go on: what waits is sent, except what is older than the desk would have tried to send it.

    The tries of messages that waited at an endpoint which the desk had switched off begin anew.
    """
    require_keeper(by)
    held = held_for_change(endpoint)
    if held.state == EndpointState.ACTIVE:
        raise Refusal("This endpoint is active already.")
    if held.state == EndpointState.DISABLED:
        waiting = Outbound.objects.filter(kind=WEBHOOK, destination=held.key, state=DeliveryState.PENDING)
        old = waiting.filter(created_at__lt=at - WHOLE)
        old.update(state=DeliveryState.DEAD, last_error="It waited for longer than the desk tries to send a message.")
        waiting.update(due_at=at, attempts=0)
    _forget_health(held)
    return _stand(held, EndpointState.ACTIVE, verb="webhook:resume", reason="", deed=begin(by=by, at=at))


@transaction.atomic
def remove(*, endpoint: WebhookEndpoint, by: Actor, at: datetime, reason: str = "") -> None:
    """Removed an endpoint with its secrets and messages; what waits is not sent."""
    require_keeper(by)
    held = held_for_change(endpoint)
    deed = begin(by=by, at=at)
    _recorded(held, "webhook:remove", deed=deed, reason=reason, changes={"address": [held.url, None]})
    Outbound.objects.filter(kind=WEBHOOK, destination=held.key).delete()
    take_away(held, deed=deed)


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, by: Actor, at: datetime) -> str:
    """Renewed an endpoint's secret, returned to be shown. The former one goes on signing for 24 hours beside it.

    Of several renewals within that time the newest three sign.
    """
    require_keeper(by)
    held = held_for_change(endpoint)
    deed = begin(by=by, at=at)
    WebhookSecret.objects.filter(endpoint=held, ends_at__lte=at).delete()
    WebhookSecret.objects.filter(endpoint=held, ends_at=None).update(ends_at=at + OVERLAP)
    former = held.secrets.order_by("-created_at", "-pk").values_list("pk", flat=True)
    WebhookSecret.objects.filter(pk__in=list(former)[MOST_SECRETS - 1 :]).delete()
    plain = _new_secret(held, deed=deed)
    _recorded(held, "webhook:rotate_secret", deed=deed, changes={"the former secret signs until": [None, at + OVERLAP]})
    return plain


def switch_off(endpoint: WebhookEndpoint, *, reason: str, by: Actor, at: datetime) -> WebhookEndpoint:
    """Switched an endpoint off, inside the caller's transaction; its messages wait, new ones aren't written."""
    return _stand(endpoint, EndpointState.DISABLED, verb="webhook:disable", reason=reason, deed=begin(by=by, at=at))


def networks() -> tuple[Network, ...]:
    """The private networks that webhooks may be sent to."""
    return parse_networks(settings.DESK_WEBHOOK_NETWORKS)


def usable(url: str) -> str:
    """The address in its one spelling; Invalid where nothing may be sent to it."""
    try:
        return str(parse_url(url.strip(), networks=networks()))
    except UnusableUrl as error:
        raise Invalid(str(error), field="url") from error


def require_keeper(by: Actor) -> None:
    if not by.may(SCOPE):
        by.require(PERMISSION)


def held_for_change(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """The row as it stands, locked; Stale where it was removed meanwhile."""
    held = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    if held is None:
        raise Stale("This endpoint was removed.")
    return held


def _forget_health(held: WebhookEndpoint) -> None:
    WebhookHealth.objects.filter(endpoint=held).update(failing_since=None, failures=0, resume_at=None)


def _give_up_others(held: WebhookEndpoint) -> None:
    """Also what is under way: should that try fail, there is no other."""
    unfinished = Outbound.objects.filter(
        kind=WEBHOOK, destination=held.key, state__in=(DeliveryState.PENDING, DeliveryState.SENDING)
    )
    unfinished.exclude(account_key=held.account_key).update(
        state=DeliveryState.DEAD, lease_until=None, lease_token=None, last_error=OF_ANOTHER
    )


def _text(typed: str) -> str:
    """As it is kept."""
    return typed.replace("\x00", "").strip()


def _known(events: Collection[str]) -> list[str]:
    unknown = sorted(set(events) - known_events().keys() | set(events) & {PING})
    if unknown:
        raise Invalid(f"There is no such event: {', '.join(unknown)}. Choose from the list of events.", field="events")
    return sorted(set(events))


def _new_secret(endpoint: WebhookEndpoint, *, deed: Deed) -> str:
    plain = spelled(secrets.token_bytes(BYTES))
    keep(WebhookSecret(endpoint=endpoint, sealed=seal(plain), created_at=deed.at), deed=deed)
    return plain


def _stand(held: WebhookEndpoint, state: EndpointState, *, verb: str, reason: str, deed: Deed) -> WebhookEndpoint:
    was, held.state = held.state, state.value
    held.state_reason, held.state_since = _text(reason)[:500], deed.at
    keep(held, deed=deed)
    _recorded(held, verb, deed=deed, reason=reason.strip(), changes={"state": [was, held.state]})
    return held


def _recorded(held: WebhookEndpoint, verb: str, *, deed: Deed, changes: Mapping[str, Any], reason: str = "") -> None:
    record(deed, verb, subject=held, account_key=held.account_key, reason=reason, changes=changes, label=str(held))
