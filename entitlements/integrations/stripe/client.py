"""Asking Stripe: a client for each connection, and what its refusals mean here.

The key is unsealed when a connection is asked, stands in no log, no error and no row, and is remembered by the client
alone, so that one line to Stripe serves many questions.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from journal.actions.receiving import end_rest, let_rest
from journal.domain.connection import ConnectionState, Mode
from journal.domain.receiving import Later
from journal.models import Connection, ConnectionHealth
from journal.queries.connections import SecretMissing, secret_of

LOGGER = logging.getLogger("entitlements.stripe")
SYSTEM = "stripe"  # how the vendor, the billing system and ids of it are called in rows
API_KEY, SIGNING, SIGNING_THIN = "api_key", "signing", "signing_thin"
BASE, ACCOUNT, PUSH, PUSH_PLANS = "base", "account", "push", "push_plans"
ON_THIS_MACHINE = r"http://(127\.0\.0\.1|localhost)(:\d+)?/?"
TIME_OUT = (3.05, 8.0)  # seconds: until a line stands, and until something comes over it
TRIES = 2  # more than the first, by the client itself under one Idempotency-Key: never longer than a handler's lease
PAGE = 100
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)


class NotThere(LookupError):
    """Stripe has nothing by this id at this account: it was removed, or is of another account or mode."""


class Declined(Exception):
    """Stripe refuses what was asked for, and would again: a person has to look. The words say why."""


class KeyRefused(Exception):
    """The key is no longer good, or may not do this; the words say what to do."""


def connections() -> list[Connection]:
    """Those with Stripe that are at work."""
    return list(Connection.objects.filter(vendor=SYSTEM, state=ConnectionState.ACTIVE).order_by("pk"))


def client_of(connection: Connection, *, at: datetime) -> stripe.StripeClient:
    """SecretMissing where the connection has no key that can be opened."""
    base = _base(connection)
    return _client(secret_of(connection, API_KEY, at=at), base)


@contextmanager
def asking(connection: Connection, *, at: datetime) -> Iterator[stripe.StripeClient]:
    """The client of a connection. What Stripe can't answer now is Later: nothing is lost, and it counts as no try.

    While the connection rests nobody asks, so that one who waits for an answer in vain is enough.
    """
    rested = _refuse_resting(connection, at=at)
    try:
        yield client_of(connection, at=at)
    except stripe.StripeError as error:
        meant = _meant(error, connection, at=at)
        if isinstance(meant, Later):
            let_rest(connection, meant, at=at)
        raise meant from None  # the client's own error carries what was sent
    if rested:
        end_rest(connection)


@contextmanager
def left_for_now(connection: Connection) -> Iterator[None]:
    """A connection that can't be asked holds up no other one: what was wanted of it is left to the next look."""
    try:
        yield
    except Later:
        pass
    except (KeyRefused, Declined, SecretMissing) as error:
        LOGGER.warning("%s was passed over: %s", connection.key, error)


def every(page: Any) -> Iterator[Any]:
    """All objects of a list, whatever its length; a page is fetched when it is come to."""
    yield from page.auto_paging_iter()


def plain(told: Any) -> dict[str, Any]:
    """What Stripe told as plain values: no class of the client's goes any further."""
    said: dict[str, Any] = told.to_dict(for_json=True)
    return said


def _base(connection: Connection) -> str:
    """Where Stripe is pretended; empty: Stripe itself. A key goes nowhere else, whatever stands in the row."""
    base = str(connection.settings.get(BASE, "")).rstrip("/")
    if not base:
        return ""
    if settings.PRODUCTION or connection.mode != Mode.TEST or not re.fullmatch(ON_THIS_MACHINE, base):
        raise Declined(
            f"This connection would ask {base}, a pretended Stripe: that is for trying out on one’s own machine. Clear the "
            "address of the API on its page."
        )
    return base


@lru_cache(maxsize=16)
def _client(key: str, base: str) -> stripe.StripeClient:
    wire = stripe.RequestsClient(timeout=TIME_OUT)
    told: Any = {"base_addresses": {"api": base}} if base else {}
    return stripe.StripeClient(key, max_network_retries=TRIES, http_client=wire, **told)


def _meant(error: stripe.StripeError, connection: Connection, *, at: datetime) -> Exception:
    words = (error.user_message or str(error) or type(error).__name__)[:500]
    match error:
        case stripe.RateLimitError():
            return Later("Stripe asks to be asked less often", after=_rest(connection, error, at=at))
        case stripe.APIConnectionError():
            return Later("Stripe can’t be reached", after=_rest(connection, error, at=at))
        case stripe.AuthenticationError():
            return KeyRefused("Stripe refuses the key. Enter a new one on the page of the connection.")
        case stripe.PermissionError():
            return KeyRefused(f"The key may not do this; give it the rights that docs/stripe.md lists. Stripe: {words}")
        case stripe.InvalidRequestError() if error.code == "resource_missing":
            return NotThere(words)
        case stripe.APIError():  # 409 and 5xx, after the client's own tries
            return Later(
                f"Stripe can’t answer ({error.http_status or 'nothing came'})", after=_rest(connection, error, at=at)
            )
    return Declined(words)


def _refuse_resting(connection: Connection, *, at: datetime) -> bool:
    """Whether it rested until now, so that an answer is what ends that."""
    until = ConnectionHealth.objects.filter(connection=connection).values_list("resume_at", flat=True).first()
    if until is not None and until > at:
        raise Later("Stripe was away a moment ago", after=until - at)
    return until is not None


def _rest(connection: Connection, error: stripe.StripeError, *, at: datetime) -> timedelta:
    """As long again as it has been failing, so that waits double; what Stripe asks for is kept where that is longer."""
    since = ConnectionHealth.objects.filter(connection=connection).values_list("failing_since", flat=True).first()
    failing = at - since if since else timedelta(0)
    asked = str((error.headers or {}).get("Retry-After", ""))
    wanted = timedelta(seconds=int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else timedelta(0)
    return max(wanted, min(max(failing, SHORTEST_REST), LONGEST_REST))
