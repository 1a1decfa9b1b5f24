"""Telling whoever listens: at least once, in no promised order, again after a failure, for days."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.pushing import Manner, going, posted, wait
from tests.fakes.stripe import signing
from tests.fakes.stripe.state import Row, State

SAID = {
    "Content-Type": "application/json; charset=utf-8", "Connection": "close", "Accept": "*/*; q=0.5, application/xml",
    "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
}  # fmt: skip


@dataclass
class Delivery:
    """One event for one endpoint."""

    event: str
    type: str
    endpoint: str
    row: Row
    due: int
    attempts: list[int] = field(default_factory=list)  # the status of each; 0 where none came back
    lost: bool = False
    given_up: bool = False

    @property
    def delivered(self) -> bool:
        return any(200 <= status < 300 for status in self.attempts)

    @property
    def settled(self) -> bool:
        return self.delivered or self.given_up


def enqueue(state: State, event: Row, twins: list[Row]) -> None:
    """One delivery for each endpoint that listens to the event, or to one of its thin twins."""
    from tests.fakes.stripe.endpoints import listening

    for row in (event, *twins):
        for endpoint in listening(state, row):
            state.deliveries.append(Delivery(event["id"], row["type"], endpoint["id"], row, due=state.clock.now()))
            event["pending_webhooks"] += 1


def deliver(state: State, manner: Manner, drawn: random.Random, signs_at: Callable[[], float]) -> list[Delivery]:
    """One round over all that is due: what was tried, in the order in which it was."""

    def later(one: Delivery) -> None:
        one.due = state.clock.now() + manner.delay_seconds

    with state.lock:
        now = state.clock.now()
        due = [one for one in state.deliveries if not one.settled and not one.lost and one.due <= now]
        due = going(due, manner, drawn, known=lambda one: (one.row, one.type), put_off=later)
    for one in due:
        _attempt(state, one, int(signs_at()))
    return due


def _attempt(state: State, one: Delivery, at: int) -> None:
    from tests.fakes.stripe.events import body_of

    with state.lock:
        endpoint = state.tables["webhook_endpoint"].get(one.endpoint)
        if endpoint is None or endpoint["status"] == "disabled":
            one.given_up = True
            return
        body, url = body_of(one.row), endpoint["url"]
        secrets = [secret for secret, until in endpoint["_secrets"] if until is None or until > state.clock.now()]
    status, _ = posted(url, body, SAID | {"Stripe-Signature": signing.header(body, secrets, at)})
    with state.lock:
        one.attempts.append(status)
        _plan(state, one)


def _plan(state: State, one: Delivery) -> None:
    if one.delivered:
        return
    seconds = wait(one.attempts, state.settings.delivery_retries)
    if seconds is None:
        one.given_up = True
    else:
        one.due = state.clock.now() + seconds
