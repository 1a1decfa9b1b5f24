"""Systems that are told what happens: one hears everything, one has failed for two days, one customer's is paused.

Nothing is ever sent for it: the tries are written down as if they had been made. The addresses are reserved for
examples and never resolve; so whatever the desk sends later of these few events fails within milliseconds, ever more
rarely, and after five days it switches the endpoint off, as it would any other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.demo.customers import Customer
from desk.demo.purchases import holding
from journal.actions.webhooks import endpoints, replaying
from journal.domain.actor import Actor
from journal.domain.delivery import WEBHOOK, DeliveryState
from journal.domain.webhooks.outcomes import Outcome
from journal.domain.webhooks.schedule import DELAYS, MOST_TRIES
from journal.models import Outbound, WebhookAttempt, WebhookEndpoint, WebhookHealth

SHOP, SEATS, CUSTOMER = "Provisioning of the shop", "Directory of seats", "The customer's own system"
# Of what people do alone, so that a demo left to itself sends nothing.
OF_THE_SHOP = (
    "account.opened", "bundle.sold", "contract.signed", "licence.issued", "plan.published", "plan.rolled_out",
    "subscription.started",
)  # fmt: skip
OF_SEATS = ("override.granted", "override.revoked", "seat.assigned", "seat.released", "seat.transferred")
FAILS_FOR = timedelta(days=2, hours=3)


def set_up(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Three systems want to know; the customer's hears of that customer alone."""
    account = holding(customers, "team")[0]
    for description, url, events, key in (
        (SHOP, "https://hooks.acme.example/entitlement-desk", OF_THE_SHOP, ""),
        (SEATS, "https://directory.acme.example/hooks/seats?team=4711", OF_SEATS, ""),
        (CUSTOMER, "https://status.customer.example/entitlements", (), account.key),
    ):
        endpoints.set_up(url=url, description=description, events=events, account_key=key, by=by, at=at)


def renew_secret(*, by: Actor, at: datetime) -> None:
    """Somebody left who knew the shop's secret."""
    endpoints.rotate_secret(endpoint=_called(SHOP), by=by, at=at)


def pause(*, by: Actor, at: datetime) -> None:
    """The customer asked for quiet while its own system moves."""
    endpoints.pause(endpoint=_called(CUSTOMER), reason="Their system moves until Monday, says Ana.", by=by, at=at)


def try_all(*, by: Actor, at: datetime) -> None:
    """Whoever set them up tries them now and then."""
    for endpoint in WebhookEndpoint.objects.order_by("pk"):
        replaying.ping(endpoint=endpoint, by=by, at=at)


def deliver(*, at: datetime) -> None:
    """Every message that would have been tried by now was: what the receivers said stands in the log."""
    failing_since = at - FAILS_FOR
    for endpoint in WebhookEndpoint.objects.order_by("pk"):
        quiet = endpoint.state_since if endpoint.description == CUSTOMER else at
        breaks = failing_since if endpoint.description == SEATS else at
        for message in Outbound.objects.filter(kind=WEBHOOK, destination=endpoint.key).order_by("seq"):
            if message.created_at < min(breaks, quiet):
                _accepted(message, endpoint)
            elif message.created_at < quiet:
                _failed(message, endpoint, at=at)
        _heal(endpoint)


def _accepted(message: Outbound, endpoint: WebhookEndpoint) -> None:
    """At once, but for one in five, which a busy receiver took the second time."""
    at, number = message.created_at + timedelta(milliseconds=400), 1
    if message.seq % 5 == 0:
        _try(message, endpoint, number, at, Outcome.THROTTLED, 503, "It answered 503 (Service Unavailable).")
        at, number = at + DELAYS[1], 2
    _try(message, endpoint, number, at, Outcome.OK, 204)
    message.state, message.sent_at, message.attempts = DeliveryState.SENT, at, number
    message.save()


def _failed(message: Outbound, endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Tried by the schedule, and still to be tried."""
    when, number = message.created_at, 0
    while number < MOST_TRIES and when + DELAYS[number] <= at:
        when, number = when + DELAYS[number], number + 1
        said = '{"error": "relation \\"seats\\" does not exist"}'
        error = "It answered 500 (Internal Server Error)."
        _try(message, endpoint, number, when, Outcome.FAILED, 500, error, said)
    message.attempts, message.last_error = number, "It answered 500 (Internal Server Error)."
    message.due_at = when + DELAYS[number]
    message.save()


def _try(
    message: Outbound,
    endpoint: WebhookEndpoint,
    number: int,
    at: datetime,
    outcome: Outcome,
    status: int,
    error: str = "",
    response: str = "",
) -> None:
    WebhookAttempt.objects.create(
        outbound=message,
        endpoint=endpoint,
        number=number,
        at=at,
        took_ms=80 + message.seq * 37 % 240,
        status=status,
        outcome=outcome,
        error=error,
        response=response,
    )


def _heal(endpoint: WebhookEndpoint) -> None:
    """What its tries come to."""
    tries = WebhookAttempt.objects.filter(endpoint=endpoint)
    good = tries.filter(outcome=Outcome.OK).order_by("at").last()
    failed = tries.exclude(outcome=Outcome.OK).order_by("at")
    if good is not None:
        failed = failed.filter(at__gt=good.at)
    first = failed.first()
    WebhookHealth.objects.filter(endpoint=endpoint).update(
        last_ok_at=good and good.at, failing_since=first and first.at, failures=failed.count()
    )


def _called(description: str) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get(description=description)
