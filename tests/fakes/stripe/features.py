"""Features, and which product carries which."""

from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row

KIND = "entitlements.feature"


@route("POST", "/v1/entitlements/features", "entitlements.FeatureCreateParams")
def create_feature(call: Call) -> Row:
    params = call.params
    if any(row["active"] and row["lookup_key"] == params["lookup_key"] for row in call.state.all(KIND)):
        key = params["lookup_key"]
        raise invalid(
            f"An active feature already uses the lookup key '{key}'.", "lookup_key", "resource_already_exists"
        )
    return call.state.put({
        "id": call.state.ids("feat_test_"), "object": KIND, "active": True, "livemode": False, "name": params["name"],
        "lookup_key": params["lookup_key"], "metadata": merged({}, params.get("metadata", {})),
    })  # fmt: skip


@route("GET", "/v1/entitlements/features", "entitlements.FeatureListParams")
def list_features(call: Call) -> Row:
    rows = call.state.all(KIND)
    if "lookup_key" in call.params:
        rows = [row for row in rows if row["lookup_key"] == call.params["lookup_key"]]
    if "archived" in call.params:
        rows = [row for row in rows if row["active"] is not call.params["archived"]]
    return paged(call, rows)


@route("GET", "/v1/entitlements/features/{id}", "entitlements.FeatureRetrieveParams")
def retrieve_feature(call: Call) -> Row:
    return call.state.get(KIND, call["id"])


@route("POST", "/v1/entitlements/features/{id}", "entitlements.FeatureUpdateParams")
def update_feature(call: Call) -> Row:
    row = call.state.get(KIND, call["id"])
    if not row["active"]:
        raise invalid("Archived features cannot be updated.")
    row.update({name: call.params[name] for name in ("name", "active") if name in call.params})
    if "metadata" in call.params:
        row["metadata"] = merged(row["metadata"], call.params["metadata"])
    return row


@route("POST", "/v1/products/{product}/features", "ProductFeatureCreateParams")
def attach_feature(call: Call) -> Row:
    product = call.state.get("product", call["product"], "product")
    feature = call.state.named(KIND, call.params["entitlement_feature"], "entitlement_feature")
    if not feature["active"]:
        raise invalid("Archived features cannot be attached to a product.", "entitlement_feature")
    held = features_of(call.state.all("product_feature"), product["id"])
    if any(row["entitlement_feature"] is feature for row in held):
        raise invalid(
            "This feature is already attached to the product.", "entitlement_feature", "resource_already_exists"
        )
    return call.state.put({
        "id": call.state.ids("prodft_"), "object": "product_feature", "entitlement_feature": feature, "livemode": False,
        "_product": product["id"],
    })  # fmt: skip


def features_of(rows: list[Row], product: str) -> list[Row]:
    return [row for row in rows if row["_product"] == product]


@route("GET", "/v1/products/{product}/features", "ProductFeatureListParams")
def list_product_features(call: Call) -> Row:
    product = call.state.get("product", call["product"], "product")
    return paged(call, features_of(call.state.all("product_feature"), product["id"]))


@route("GET", "/v1/products/{product}/features/{id}", "ProductFeatureRetrieveParams")
def retrieve_product_feature(call: Call) -> Row:
    return call.state.get("product_feature", call["id"])


@route("DELETE", "/v1/products/{product}/features/{id}", "ProductFeatureDeleteParams")
def detach_feature(call: Call) -> Row:
    row = call.state.get("product_feature", call["id"])
    call.state.drop(row)
    return {"id": row["id"], "object": "product_feature", "deleted": True}
