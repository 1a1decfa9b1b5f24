"""Telling Stripe of use that a meter adds up: saying it twice counts twice, but for a day in which Stripe knows its name.

So before each try it is noted since when it may be there. Whether it is, a person finds out once Stripe has forgotten the
name; what certainly never came there is told however late.
"""

from datetime import datetime, timedelta
from typing import Any

import requests
import stripe
from urllib3.exceptions import NewConnectionError

from journal.actions.outbound import PERHAPS, doubt
from journal.domain.delivery import is_dead
from journal.domain.receiving import Later
from journal.models import Outbound
from journal.senders import Doubtful

OVERAGE, DUPLICATE = "report_overage", "duplicate_meter_event"
KNOWN_FOR = timedelta(hours=23)  # Stripe knows the name for a day; less what a try takes
TAKEN = timedelta(days=35)  # and takes what happened in that time
SURELY_REFUSED = (
    stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError, stripe.RateLimitError,
)  # fmt: skip


def tell_use(client: stripe.StripeClient, row: Outbound, at: datetime) -> None:
    """One question and no repeat by the client, so that what it says is about all that was sent.

    What Stripe says of a second one of the name is as good as a yes.
    """
    told: Any = {name: row.payload[name] for name in ("event_name", "identifier", "timestamp", "payload")}
    doubted = PERHAPS in row.payload
    if not doubted and not doubt(row, at):
        raise Later("Another worker took it", after=timedelta(seconds=1))
    try:
        client.v1.billing.meter_events.create(told, {"max_network_retries": 0})
    except stripe.StripeError as error:
        if error.code == DUPLICATE:
            return
        if not doubted and (isinstance(error, SURELY_REFUSED) or _never_left(error)):
            doubt(row, None)
        raise


def refuse_doubtful(row: Outbound, *, at: datetime) -> None:
    """Doubtful where only a person can say whether Stripe has it, or where Stripe takes it no longer."""
    if row.payload["do"] != OVERAGE:
        return
    since = row.payload.get(PERHAPS)
    if since is not None and at - datetime.fromisoformat(since) > KNOWN_FOR:
        customer = next(iter(row.payload["payload"].values()))
        raise Doubtful(
            f"It may have come to Stripe at {since[:16].replace('T', ' ')} UTC, and Stripe knows its name no longer. Compare "
            f"the meter’s use of {customer} there: if it is counted, settle it; if it isn’t, send it again."
        )
    if at.timestamp() - row.payload["timestamp"] > TAKEN.total_seconds():
        raise Doubtful("Stripe takes no use that is older than 35 days. Bill it by hand, then settle it.")


def put_to_a_person(row: Outbound, error: Exception) -> None:
    """Doubtful where use was refused at the last try: given up, it would hold up whatever comes after it."""
    if row.payload["do"] == OVERAGE and is_dead(row.attempts):
        words = f"Stripe doesn’t take it: {error} Mend that and send it again, or bill it by hand and settle it."
        raise Doubtful(words) from None


def _never_left(error: stripe.StripeError) -> bool:
    """No line to Stripe stood, so that nothing can have come there."""
    cause = error.__cause__
    if isinstance(cause, requests.exceptions.ConnectTimeout):
        return True
    told = cause.args[0] if isinstance(cause, requests.exceptions.ConnectionError) and cause.args else None
    return isinstance(getattr(told, "reason", None), NewConnectionError)
