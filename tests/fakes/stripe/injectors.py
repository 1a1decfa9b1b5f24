"""Faults on order: too many requests, an error before or after the write, silence, a cut line."""

import time

from tests.fakes.faults import Fault
from tests.fakes.serving import ConnectionCut
from tests.fakes.stripe.errors import Refused

KINDS = {"403", "429", "500", "503", "500_after", "timeout", "reset", "slow", "409"}


def before(fault: Fault | None) -> None:
    """What keeps the request from being carried out at all."""
    if fault is None or fault.kind in ("500_after", "timeout"):
        return
    if fault.kind == "reset":
        raise ConnectionCut
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return
    raise refused(fault)


def refused(fault: Fault) -> Refused:
    again = fault.more.get("should_retry")
    headers = {} if again is None else {"Stripe-Should-Retry": "true" if again else "false"}
    if fault.kind == "429":
        message = "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."
        headers |= {"Stripe-Rate-Limited-Reason": "global-rate", "Retry-After": "1"}
        return Refused(message, "rate_limit", status=429, headers=headers)
    if fault.kind == "403":
        right = f"rak_subscription_{'read' if fault.method in ('', 'GET') else 'write'}"
        message = f"The provided key 'rk_test_***11' does not have the required permissions for this endpoint on account 'acct_counterpart'. Having the '{right}' permission would allow this request to continue."  # fmt: skip
        return Refused(message, "more_permissions_required", status=403, headers=headers)
    if fault.kind == "409":
        message = "There is currently another in-progress request using this Stripe object. Please retry."
        return Refused(message, "lock_timeout", status=409, headers=headers)
    status = 503 if fault.kind == "503" else 500
    return Refused(
        "Sorry! There was an error while talking to one of our backends.",
        type="api_error",
        status=status,
        headers=headers,
    )
