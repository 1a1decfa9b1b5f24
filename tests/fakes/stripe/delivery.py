"""Telling whoever listens: at least once, in no promised order, again after a failure, for days."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from tests.fakes.stripe import signing
from tests.fakes.stripe.state import Row, State

Choice = float | Collection[str] | Callable[[Row], bool]  # a share of all, types of events, or a rule
PATIENCE = 10


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


@dataclass
class Manner:
    """How the next round of deliveries misbehaves."""

    drop: Choice = ()
    duplicate: Choice = ()
    delay: Choice = ()
    shuffle: bool = False
    delay_seconds: int = 600


def deliver(
    state: State,
    manner: Manner,
    drawn: random.Random,
    signs_at: Callable[[], float],
) -> list[Delivery]:
    """One round over all that is due: what was tried, in the order in which it was."""
    with state.lock:
        now = state.clock.now()
        due = [one for one in state.deliveries if not one.settled and not one.lost and one.due <= now]
        due = _misbehaved(due, manner, drawn, now)
    for one in due:
        _attempt(state, one, int(signs_at()))
    return due


def _misbehaved(due: list[Delivery], manner: Manner, drawn: random.Random, now: int) -> list[Delivery]:
    going: list[Delivery] = []
    for one in due:
        if _chosen(manner.drop, one, drawn):
            one.lost = True
        elif not one.attempts and _chosen(manner.delay, one, drawn):
            one.due = now + manner.delay_seconds
        else:
            going += [one, one] if _chosen(manner.duplicate, one, drawn) else [one]
    if manner.shuffle:
        drawn.shuffle(going)
    return going


def _chosen(choice: Choice, one: Delivery, drawn: random.Random) -> bool:
    if isinstance(choice, int | float):
        return drawn.random() < choice
    return choice(one.row) if callable(choice) else one.type in choice


def _attempt(state: State, one: Delivery, at: int) -> None:
    from tests.fakes.stripe.events import body_of

    with state.lock:
        endpoint = state.tables["webhook_endpoint"].get(one.endpoint)
        if endpoint is None or endpoint["status"] == "disabled":
            one.given_up = True
            return
        body, url = body_of(one.row), endpoint["url"]
        secrets = [secret for secret, until in endpoint["_secrets"] if until is None or until > state.clock.now()]
    status = _post(url, body, signing.header(body, secrets, at))
    with state.lock:
        one.attempts.append(status)
        _plan(state, one)


def _plan(state: State, one: Delivery) -> None:
    if one.delivered:
        return
    waits = state.settings.delivery_retries
    failed = len(one.attempts)
    if failed > len(waits):
        one.given_up = True
    else:
        one.due = state.clock.now() + waits[failed - 1]


def _post(url: str, body: bytes, signature: str) -> int:
    where = urlsplit(url)
    line = HTTPConnection(where.hostname or "", where.port or 80, timeout=PATIENCE)
    headers = {
        "Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature, "Connection": "close",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "Accept": "*/*; q=0.5, application/xml",
    }  # fmt: skip
    try:
        line.request("POST", where.path + (f"?{where.query}" if where.query else ""), body, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    except (OSError, HTTPException):
        return 0
    finally:
        line.close()
