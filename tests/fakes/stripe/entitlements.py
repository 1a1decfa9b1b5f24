"""What a customer is entitled to: the features of the products of live subscriptions.

A subscription keeps the features that its products had at its start, at a change of price and at each new period:
Stripe takes a product's later changes into account at the next period only.
"""

from tests.fakes.stripe.events import emit, summary
from tests.fakes.stripe.features import features_of
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.rendering import INLINE, rendered
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

KIND = "entitlements.active_entitlement"
LIVE = {"trialing", "active", "past_due"}


def granted(state: State, item: Row) -> None:
    """Takes down what the item's product carries now."""
    held = features_of(state.all("product_feature"), item["price"]["product"])
    item["_features"] = [row["entitlement_feature"]["id"] for row in held]


def refreshed(state: State, customer: str) -> None:
    """Makes the customer's entitlements follow its subscriptions, and tells of it where they changed."""
    due: dict[str, None] = {}
    for subscription in state.tables["subscription"].values():
        if subscription["customer"] == customer and subscription["status"] in LIVE:
            for item in subscription["items"]["data"]:
                due |= dict.fromkeys(item["_features"])
    held = _of(state, customer)
    if {row["feature"] for row in held} == set(due):
        return
    before = rendered(held[:INLINE])
    for row in held:
        if row["feature"] not in due:
            state.drop(row)
    had = {row["feature"] for row in held}
    for feature in due:
        if feature not in had:
            _give(state, customer, feature)
    now = summary(state, customer, _of(state, customer))
    emit(state, "entitlements.active_entitlement_summary.updated", now, {"entitlements": {"data": before}})


def _of(state: State, customer: str) -> list[Row]:
    return [row for row in state.tables[KIND].values() if row["_customer"] == customer]


def _give(state: State, customer: str, feature: str) -> None:
    key = state.get("entitlements.feature", feature)["lookup_key"]
    state.put({
        "id": state.ids("ent_test_"), "object": KIND, "feature": feature, "livemode": False, "lookup_key": key,
        "_customer": customer,
    })  # fmt: skip


@route("GET", "/v1/entitlements/active_entitlements", "entitlements.ActiveEntitlementListParams")
def list_active(call: Call) -> Row:
    customer = call.state.get("customer", call.params["customer"], "customer", status=400)
    return paged(call, _of(call.state, customer["id"]), newest_first=False)


@route("GET", "/v1/entitlements/active_entitlements/{id}", "entitlements.ActiveEntitlementRetrieveParams")
def retrieve_active(call: Call) -> Row:
    return call.state.get(KIND, call["id"])
