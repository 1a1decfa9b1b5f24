"""Faults on order: too many requests, an error before or after the write, silence, a cut line."""

from dataclasses import dataclass, field

from tests.fakes.stripe.errors import Refused

KINDS = {"403", "429", "500", "503", "500_after", "timeout", "reset", "slow", "409"}


@dataclass
class Fault:
    kind: str
    left: int
    path: str = ""  # only where the path contains this
    method: str = ""
    seconds: float = 0.2
    should_retry: bool | None = None  # what `Stripe-Should-Retry` says, where it says anything


@dataclass
class Injectors:
    faults: list[Fault] = field(default_factory=list)

    def add(
        self,
        kind: str,
        *,
        next: int = 1,
        path: str = "",
        method: str = "",
        seconds: float = 0.2,
        should_retry: bool | None = None,
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is none of {', '.join(sorted(KINDS))}.")
        self.faults.append(Fault(kind, next, path, method, seconds, should_retry))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, used up by it."""
        for fault in self.faults:
            if fault.left and fault.path in path and fault.method in ("", method):
                fault.left -= 1
                return fault
        return None


def refused(fault: Fault) -> Refused:
    headers = {} if fault.should_retry is None else {"Stripe-Should-Retry": "true" if fault.should_retry else "false"}
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
