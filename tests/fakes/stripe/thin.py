"""Thin events: each snapshot told without its object, and the finer types that only thin events have."""

from tests.fakes.stripe.clock import iso
from tests.fakes.stripe.state import Row, State

# Where an object is read again. What stands not here has no `related_object` in the client either: a thin event of a
# summary of entitlements names no customer, and only its snapshot says whose it is.
ADDRESSES = {
    "subscription": "/v1/subscriptions/", "customer": "/v1/customers/", "invoice": "/v1/invoices/", "price": "/v1/prices/",
    "product": "/v1/products/", "checkout.session": "/v1/checkout/sessions/", "billing.meter": "/v1/billing/meters/",
    "payment_method": "/v1/payment_methods/", "invoice_payment": "/v1/invoice_payments/",
    "subscription_schedule": "/v1/subscription_schedules/", "test_helpers.test_clock": "/v1/test_helpers/test_clocks/",
    "billing_portal.configuration": "/v1/billing_portal/configurations/",
}  # fmt: skip
SUMMARY = "entitlements.active_entitlement_summary"
STATUSES = {"active", "incomplete", "incomplete_expired", "past_due", "trialing", "unpaid"}


def told(state: State, event: Row) -> list[Row]:
    """The twin of a snapshot, and after it what it says in more detail."""
    twin = _row(state, event, event["type"], snapshot=event["id"])
    return [twin] + [_row(state, event, kind) for kind in finer(event)]


def _row(state: State, event: Row, kind: str, *, snapshot: str | None = None) -> Row:
    request = event["request"]
    cause = {"id": request["id"], "idempotency_key": request["idempotency_key"] or ""}
    return {
        "id": state.ids("evt_test_"), "object": "v2.core.event", "type": f"v1.{kind}", "livemode": False,
        "created": iso(event["created"]), "context": None, "changes": None, "snapshot_event": snapshot,
        "reason": {"type": "request", "request": cause} if request["id"] else None,
        "related_object": _related(event["data"]["object"]),
    }  # fmt: skip


def _related(row: Row) -> Row | None:
    address = ADDRESSES.get(row["object"])
    return {"id": row["id"], "type": row["object"], "url": address + row["id"]} if address else None


def finer(event: Row) -> list[str]:
    """What changed, one type for each kind of change."""
    before, now = event["data"].get("previous_attributes") or {}, event["data"]["object"]
    match event["type"]:
        case "customer.subscription.updated":
            return [f"customer.subscription.{one}" for one in _of_subscription(before, now)]
        case "entitlements.active_entitlement_summary.updated":
            had = {one["feature"] for one in before["entitlements"]["data"]}
            has = {one["feature"] for one in now["entitlements"]["data"]}
            told = [("entitlement_added", has - had), ("entitlement_removed", had - has)]
            return [f"{SUMMARY}.{name}" for name, features in told if features]
    return []


def _of_subscription(before: Row, now: Row) -> list[str]:
    found = [now["status"]] if "status" in before and now["status"] in STATUSES else []
    found += [f"{name}_changed" for name in ("cancel_at", "default_payment_method") if name in before]
    if "items" in before:
        had = {one["id"]: one for one in before["items"]["data"]}
        has = {one["id"]: one for one in now["items"]["data"]}
        both = [(had[key], has[key]) for key in has if key in had]
        found += ["item_added"] * bool(has.keys() - had.keys()) + ["item_removed"] * bool(had.keys() - has.keys())
        found += ["item_price_changed"] * any(old["price"]["id"] != new["price"]["id"] for old, new in both)
        found += ["item_quantity_changed"] * any(old.get("quantity") != new.get("quantity") for old, new in both)
    return found
