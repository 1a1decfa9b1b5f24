"""What HubSpot says when it refuses: one exception, rendered in HubSpot's own form."""

import json
from dataclasses import dataclass, field
from typing import Any

SCOPES = "https://developers.hubspot.com/scopes"


@dataclass
class Refused(Exception):
    """An answer other than 2xx, as HubSpot words it."""

    message: str
    category: str = "VALIDATION_ERROR"
    status: int = 400
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    html: str = ""  # what a gateway says instead

    def __str__(self) -> str:
        return self.message

    def body(self, correlation: str) -> dict[str, Any]:
        said = {"status": "error", "message": self.message, "correlationId": correlation}
        return said | ({"category": self.category} if self.category else {}) | self.more


def invalid(message: str, **more: Any) -> Refused:
    return Refused(message, more=more)


def not_found(message: str = "resource not found") -> Refused:
    return Refused(message, "OBJECT_NOT_FOUND", 404)


def conflict(message: str, **more: Any) -> Refused:
    return Refused(message, "CONFLICT", 409, more)


@dataclass(frozen=True)
class Wrong:
    """One value that does not fit its property."""

    message: str
    code: str
    name: str


def wrong_values(found: list[Wrong], portal: int) -> Refused:
    """Both forms at once, as HubSpot does: a list inside the message, and `errors`."""
    listed = [
        {"isValid": False, "message": one.message, "error": one.code, "name": one.name,
         "localizedErrorMessage": one.message, "portalId": portal}
        for one in found
    ]  # fmt: skip
    errors = [{"message": one.message, "code": one.code, "context": {"propertyName": [one.name]}} for one in found]
    message = f"Property values were not valid: {json.dumps(listed, separators=(',', ':'))}"
    return invalid(message, errors=errors)


def missing_scopes(scopes: list[str]) -> Refused:
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES}."
    )
    one = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": scopes},
    }
    return Refused(message, "MISSING_SCOPES", 403, {"errors": [one], "links": {"scopes": SCOPES}})


def unauthenticated() -> Refused:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Refused(message, "INVALID_AUTHENTICATION", 401, headers={"X-HubSpot-Auth-Failure": "401 Unauthorized"})


POLICIES = {"TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "SECONDLY": "secondly", "DAILY": "daily"}


def rate_limited(policy: str, request: str, retry_after: int | None = None) -> Refused:
    more = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": request.replace("-", "")}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refused(f"You have reached your {POLICIES[policy]} limit.", "RATE_LIMITS", 429, more, headers)


def unsimulated(what: str) -> Refused:
    """Said plainly, so that no test rests on what this counterpart does not do."""
    return Refused(f"This counterpart does not simulate {what}.", "COUNTERPART_UNSIMULATED")
