"""Cards, by Stripe's own test tokens: each behaves in its one way, for ever."""

from tests.fakes.stripe.errors import declined, invalid, missing, unsimulated
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.listing import paged, where
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "payment_method"
# token: brand, last four digits, what happens when it is charged
TOKENS = {
    "pm_card_visa": ("visa", "4242", "ok"),
    "pm_card_mastercard": ("mastercard", "4444", "ok"),
    "pm_card_amex": ("amex", "8431", "ok"),
    "pm_card_chargeCustomerFail": ("visa", "0341", "fail"),
    "pm_card_authenticationRequired": ("visa", "3184", "action"),
    "pm_card_threeDSecure2Required": ("visa", "3220", "action"),
    "pm_card_visa_chargeDeclined": ("visa", "0002", "refused"),
    "pm_card_chargeDeclined": ("visa", "0002", "refused"),
    "pm_card_chargeDeclinedInsufficientFunds": ("visa", "9995", "refused"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("visa", "9995", "refused"),
    "pm_card_chargeDeclinedExpiredCard": ("visa", "0069", "refused"),
}


def made(state: State, token: str) -> Row:
    brand, last4, behaviour = TOKENS[token]
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}
    card = {
        "brand": brand, "checks": checks, "country": "US", "display_brand": brand, "exp_month": 12, "exp_year": 2034,
        "fingerprint": f"fp{last4}", "funding": "credit", "generated_from": None, "last4": last4, "regulated_status": None,
        "networks": {"available": [brand], "preferred": None}, "three_d_secure_usage": {"supported": True}, "wallet": None,
    }  # fmt: skip
    billing = {"address": nulls("city country line1 line2 postal_code state"), **nulls("email name phone tax_id")}
    return state.put({
        "id": state.ids("pm_"), "object": KIND, "allow_redisplay": "unspecified", "billing_details": billing, "card": card,
        "created": state.clock.now(), "customer": None, "customer_account": None, "livemode": False, "metadata": {},
        "type": "card", "_behaviour": behaviour, "_token": token,
    })  # fmt: skip


def attached(state: State, key: str, customer: Row) -> Row:
    """A token gives a card of its own; a card that is refused is refused here already."""
    row = state.find(KIND, key)
    if row is None:
        if key not in TOKENS:
            raise missing(KIND, key, "payment_method", 404)
        row = made(state, key)
    if row["_behaviour"] == "refused":
        _refuse(row["_token"])
    if row["customer"] not in (None, customer["id"]):
        raise invalid("The payment method you provided has already been attached to a customer.")
    row["customer"] = customer["id"]
    emit(state, "payment_method.attached", row)
    return row


def _refuse(token: str) -> None:
    if "Insufficient" in token:
        raise declined("Your card has insufficient funds.", reason="insufficient_funds")
    if "Expired" in token:
        raise declined("Your card has expired.", "expired_card")
    raise declined()


def owned(state: State, key: str, customer: Row, param: str) -> Row:
    row = state.find(KIND, key)
    if row is None or row["customer"] != customer["id"]:
        raise missing(KIND, key, param, 400)
    return row


def payer(state: State, customer: Row, subscription: Row | None) -> Row | None:
    """The card that is charged: the subscription's own, else the customer's default."""
    for key in (
        (subscription or {}).get("default_payment_method"),
        customer["invoice_settings"]["default_payment_method"],
    ):
        row = state.find(KIND, key) if key else None
        if row is not None and row["customer"] == customer["id"]:
            return row
    return None


@route("POST", "/v1/payment_methods", "PaymentMethodCreateParams")
def create_method(call: Call) -> Row:
    token = (call.params.get("card") or {}).get("token", "")
    name = token.replace("tok_", "pm_card_", 1)
    if call.params.get("type") != "card" or name not in TOKENS:
        raise unsimulated("payment methods other than cards by test tokens (card[token]=tok_visa)", "card")
    return made(call.state, name)


@route("POST", "/v1/payment_methods/{id}/attach", "PaymentMethodAttachParams")
def attach_method(call: Call) -> Row:
    return attached(call.state, call["id"], call.state.named("customer", call.params["customer"], "customer"))


@route("POST", "/v1/payment_methods/{id}/detach", "PaymentMethodDetachParams")
def detach_method(call: Call) -> Row:
    row = call.state.get(KIND, call["id"], "payment_method")
    owner, row["customer"] = row["customer"], None
    if owner is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    settings = call.state.get("customer", owner)["invoice_settings"]
    if settings["default_payment_method"] == row["id"]:
        settings["default_payment_method"] = None
    emit(call.state, "payment_method.detached", row, {"customer": owner})
    return row


@route("GET", "/v1/payment_methods/{id}", "PaymentMethodRetrieveParams")
def retrieve_method(call: Call) -> Row:
    return call.state.get(KIND, call["id"], "payment_method")


@route("GET", "/v1/payment_methods", "PaymentMethodListParams")
def list_methods(call: Call) -> Row:
    return paged(call, where(call.params, call.state.all(KIND), "customer", "type"))


@route("GET", "/v1/customers/{id}/payment_methods", "CustomerPaymentMethodListParams")
def list_of_customer(call: Call) -> Row:
    customer = call.state.named("customer", call["id"], "customer")
    rows = [row for row in call.state.all(KIND) if row["customer"] == customer["id"]]
    return paged(call, where(call.params, rows, "type"))
