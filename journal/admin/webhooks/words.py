"""Endpoints, their health and their messages in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as spell

from journal.domain.delivery import DeliveryState
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome
from journal.models import Outbound, WebhookEndpoint
from journal.queries.webhook_log import Doing

UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
STATES = {EndpointState.ACTIVE: "Active", EndpointState.PAUSED: "Paused", EndpointState.DISABLED: "Switched off"}
COLOURS = {"Active": "success", "Paused": "warning", "Switched off": "danger"}
# What the log is narrowed down to, by the word in its address.
PLACES: Mapping[str, tuple[str, tuple[DeliveryState, ...]]] = {
    "delivered": ("Delivered", (DeliveryState.SENT,)),
    "waiting": ("Waiting or being sent", (DeliveryState.PENDING, DeliveryState.SENDING)),
    "given_up": ("Given up", (DeliveryState.DEAD, DeliveryState.DOUBTFUL)),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and its colour: green, amber, red, or none."""

    words: str
    colour: str = ""


def say_moment(at: datetime) -> str:
    """In the reader's zone; without the year, for messages live a month."""
    return spell(timezone.localtime(at), "j F, H:i")


def ago(delta: timedelta) -> str:
    """ "2 minutes ago", "just now"."""
    for length, noun in UNITS:
        if delta >= length:
            return f"{_plural(delta // length, noun)} ago"
    return "just now"


def say_health(state: str, doing: Doing, *, at: datetime) -> Said:
    """How an endpoint does, in a sentence without a full stop."""
    if state == EndpointState.PAUSED:
        return Said(f"Sends nothing: {_waiting(doing)}", "amber")
    if state == EndpointState.DISABLED:
        return Said(f"Sends nothing and is told nothing new: {_waiting(doing)}", "red")
    if doing.failing_since is None:
        if doing.last_ok_at is None:
            return Said(f"Nothing was sent yet: {_waiting(doing)}" if doing.waiting else "Nothing was sent yet")
        return Said(f"All fine, last {ago(at - doing.last_ok_at)}", "green")
    failing = f"Failing since {say_moment(doing.failing_since)}, {_plural(doing.failures, 'time')} in a row"
    if doing.last_outcome is Outcome.THROTTLED and doing.resume_at is not None and doing.resume_at > at:
        return Said(f"Asks to be left alone until {say_moment(doing.resume_at)}; failing since "
                    f"{say_moment(doing.failing_since)}", "amber")  # fmt: skip
    if doing.next_try is None:
        return Said(f"{failing}; nothing waits to be tried again", "red")
    following = f"next try {say_moment(doing.next_try)}" if doing.next_try > at else "it is being tried again"
    return Said(f"{failing}; {following}", "red")


def say_share(doing: Doing) -> str:
    """ "98 % of 412 tries": rounded down, so that one failure never looks like none."""
    if not doing.tries:
        return "No tries"
    return f"{doing.accepted * 100 // doing.tries} % of {_plural(doing.tries, 'try')}"


def say_events(events: Iterable[str]) -> str:
    """What it is told of, as a list of endpoints says it: "entitlements.changed and 3 more"."""
    named = list(events)
    if not named:
        return "Every event"
    more = len(named) - 2
    return ", ".join(named[:2]) + (f" and {more} more" if more > 0 else "")


def shown_url(endpoint: WebhookEndpoint, *, whole: bool) -> str:
    """A query may hold a password of the receiver's: who may not set up endpoints doesn't see it."""
    address, mark, _query = endpoint.url.partition("?")
    return endpoint.url if whole or not mark else f"{address}?…"


def called(endpoint: WebhookEndpoint, *, whole: bool) -> str:
    """What a page calls it: what it is for, or else its address."""
    return endpoint.description or shown_url(endpoint, whole=whole)


def say_message(message: Outbound, *, sending: bool, at: datetime) -> Said:
    """Where a message stands. `sending`: its endpoint is active, so that something becomes of what waits."""
    state = DeliveryState(message.state)
    if state is DeliveryState.SENT:
        return Said("Delivered", "green")
    if state is DeliveryState.SENDING:
        return Said("Being sent", "amber")
    if state is not DeliveryState.PENDING:
        return Said("Given up", "red")
    if not sending:
        return Said("Waits until its endpoint goes on", "amber")
    if not message.attempts:
        return Said("Waiting to be sent", "amber")
    following = f"next try {say_moment(message.due_at)}" if message.due_at > at else "next try at once"
    return Said(f"Failed {_plural(message.attempts, 'time')}, {following}", "amber")


def grouped(events: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Events with their words by what they are about, which is the first part of their name."""
    found: dict[str, dict[str, str]] = {}
    for event, words in events.items():
        heading = event.partition(".")[0].replace("_", " ").capitalize()
        found.setdefault(heading, {})[event] = words
    return found


def _waiting(doing: Doing) -> str:
    return f"{_plural(doing.waiting, 'message')} {'waits' if doing.waiting == 1 else 'wait'}"


def _plural(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("try") else f"{number:,} {noun}s"
