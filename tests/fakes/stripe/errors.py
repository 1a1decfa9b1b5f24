"""What Stripe says when it refuses: one exception, rendered in Stripe's own form."""

from dataclasses import dataclass, field
from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


@dataclass
class Refused(Exception):
    """An answer other than 2xx, as Stripe words it."""

    message: str
    code: str = ""
    param: str = ""
    type: str = "invalid_request_error"
    status: int = 400
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def body(self, request_id: str = "") -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.type}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        if request_id:
            error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error | self.more}


NOUNS = {
    "payment_method": "PaymentMethod", "test_helpers.test_clock": "test clock", "subscription_item": "subscription item",
    "subscription_schedule": "subscription schedule", "webhook_endpoint": "webhook endpoint",
    "checkout.session": "checkout.session", "entitlements.feature": "entitlement feature",
    "entitlements.active_entitlement": "active entitlement", "billing.meter": "billing meter",
    "product_feature": "product feature", "invoice_payment": "invoice payment",
}  # fmt: skip


def missing(kind: str, key: str, param: str = "id", status: int = 404) -> Refused:
    noun = NOUNS.get(kind, kind)
    return Refused(f"No such {noun}: '{key}'", "resource_missing", param, status=status)


def invalid(message: str, param: str = "", code: str = "") -> Refused:
    return Refused(message, code, param)


def declined(
    message: str = "Your card was declined.", code: str = "card_declined", reason: str = "generic_decline"
) -> Refused:
    more = {"decline_code": reason} if code == "card_declined" else {}
    return Refused(message, code, type="card_error", status=402, more=more)


def unsimulated(what: str, param: str = "") -> Refused:
    """Said plainly, so that no test rests on what this counterpart does not do."""
    return Refused(f"This counterpart does not simulate {what}.", "counterpart_unsimulated", param)
