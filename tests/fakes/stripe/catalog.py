"""What is sold: products, and their prices with lookup keys, tiers and meters."""

from decimal import Decimal
from typing import Any

from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid, unsimulated
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged, where, within
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row, State

PRODUCT_WORDS = ("name", "active", "description", "images", "shippable", "statement_descriptor", "tax_code",
                 "unit_label", "url", "marketing_features")  # fmt: skip


def product_made(state: State, given: Any) -> Row:
    now = state.clock.now()
    row: Row = {
        "id": given.get("id") or state.ids("prod_"), "object": "product", "active": True, "created": now, "images": [],
        "livemode": False, "marketing_features": [], "metadata": merged({}, given.get("metadata", {})), "type": "service",
        "updated": now, **nulls(
            "default_price description package_dimensions shippable statement_descriptor tax_code tax_details unit_label url"
        ),
    }  # fmt: skip
    if state.find("product", row["id"]):
        raise invalid(f"Product already exists: {row['id']}.", "id", "resource_already_exists")
    row.update({name: given[name] for name in PRODUCT_WORDS if name in given})
    emit(state, "product.created", state.put(row))
    return row


@route("POST", "/v1/products", "ProductCreateParams")
def create_product(call: Call) -> Row:
    row = product_made(call.state, call.params)
    if "default_price_data" in call.params:
        price = price_made(call.state, call.params["default_price_data"] | {"product": row["id"]})
        row["default_price"] = price["id"]
    return row


@route("GET", "/v1/products", "ProductListParams")
def list_products(call: Call) -> Row:
    rows = within(call.params, call.state.all("product"))
    if "ids" in call.params:
        rows = [row for row in rows if row["id"] in call.params["ids"]]
    return paged(call, where(call.params, rows, "active", "url", "shippable"))


@route("GET", "/v1/products/{id}", "ProductRetrieveParams")
def retrieve_product(call: Call) -> Row:
    return call.state.get("product", call["id"])


@route("POST", "/v1/products/{id}", "ProductUpdateParams")
def update_product(call: Call) -> Row:
    row = call.state.get("product", call["id"])
    with updating(call.state, row, "product.updated"):
        row.update(
            {
                name: call.params[name] if call.params[name] != "" else None
                for name in PRODUCT_WORDS
                if name in call.params
            }
        )
        if "default_price" in call.params:
            row["default_price"] = call.state.named("price", call.params["default_price"], "default_price")["id"]
        if "metadata" in call.params:
            row["metadata"] = merged(row["metadata"], call.params["metadata"])
        row["updated"] = call.state.clock.now()
    return row


@route("DELETE", "/v1/products/{id}", "ProductDeleteParams")
def delete_product(call: Call) -> Row:
    row = call.state.get("product", call["id"])
    if any(price["product"] == row["id"] for price in call.state.all("price")):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    call.state.drop(row)
    emit(call.state, "product.deleted", row)
    return {"id": row["id"], "object": "product", "deleted": True}


def price_made(state: State, given: Any) -> Row:
    product = _product_of(state, given)
    recurring = _recurring(state, given.get("recurring"))
    tiers = [_tier(one) for one in given.get("tiers", [])]
    unit = given.get("unit_amount")
    decimal = given.get("unit_amount_decimal", None if unit is None else Decimal(unit))
    if given.get("billing_scheme", "per_unit") == "per_unit" and decimal is None:
        raise invalid("Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.", "unit_amount")
    whole = decimal is not None and Decimal(decimal) == int(Decimal(decimal))
    row: Row = {
        "id": state.ids("price_"), "object": "price", "active": given.get("active", True), "created": state.clock.now(),
        "billing_scheme": given.get("billing_scheme", "per_unit"), "currency": given["currency"].lower(),
        "custom_unit_amount": None, "livemode": False, "lookup_key": None, "nickname": given.get("nickname"),
        "metadata": merged({}, given.get("metadata", {})), "product": product, "recurring": recurring,
        "tax_behavior": given.get("tax_behavior", "unspecified"), "tiers_mode": given.get("tiers_mode"),
        "transform_quantity": given.get("transform_quantity"), "type": "recurring" if recurring else "one_time",
        "unit_amount": int(Decimal(decimal)) if whole and decimal is not None else None,
        "unit_amount_decimal": None if decimal is None else str(decimal),
    }  # fmt: skip
    if tiers:
        row["_tiers"] = tiers
    _keyed(state, row, given)
    emit(state, "price.created", state.put(row))
    return row


def _product_of(state: State, given: Any) -> str:
    if "product" in given:
        return str(state.named("product", given["product"], "product")["id"])
    if "product_data" in given:
        return str(product_made(state, given["product_data"])["id"])
    raise invalid(
        "You must specify either `product` or `product_data` when creating a price.", "product", "parameter_missing"
    )


def _recurring(state: State, given: Any) -> Row | None:
    if not given:
        return None
    if given.get("meter"):
        state.named("billing.meter", given["meter"], "recurring[meter]")
    usage = given.get("usage_type", "licensed")
    if usage == "metered" and not given.get("meter"):
        raise invalid("Metered prices must be backed by a meter (`recurring[meter]`).", "recurring[meter]")
    return {
        "interval": given["interval"], "interval_count": given.get("interval_count", 1), "meter": given.get("meter"),
        "trial_period_days": None, "usage_type": usage,
    }  # fmt: skip


def _tier(given: Any) -> Row:
    unit, flat = given.get("unit_amount"), given.get("flat_amount")
    return {
        "flat_amount": flat, "flat_amount_decimal": None if flat is None else str(flat), "unit_amount": unit,
        "unit_amount_decimal": None if unit is None else str(unit), "up_to": None if given["up_to"] == "inf" else given["up_to"],
    }  # fmt: skip


def _keyed(state: State, row: Row, given: Any) -> None:
    """A lookup key belongs to one active price, unless it is taken over."""
    key = given.get("lookup_key")
    if not key:
        return
    holder = next((one for one in state.all("price") if one["lookup_key"] == key and one is not row), None)
    if holder and not given.get("transfer_lookup_key"):
        raise invalid(
            f"A price (`{holder['id']}`) already uses that lookup key.", "lookup_key", "resource_already_exists"
        )
    if holder:
        with updating(state, holder, "price.updated"):
            holder["lookup_key"] = None
    row["lookup_key"] = key


@route("POST", "/v1/prices", "PriceCreateParams")
def create_price(call: Call) -> Row:
    for name in ("currency_options", "custom_unit_amount"):
        if name in call.params:
            raise unsimulated(name, name)
    return price_made(call.state, call.params)


@route("GET", "/v1/prices", "PriceListParams")
def list_prices(call: Call) -> Row:
    rows = within(call.params, call.state.all("price"))
    if "lookup_keys" in call.params:
        rows = [row for row in rows if row["lookup_key"] in call.params["lookup_keys"]]
    for name, value in call.params.get("recurring", {}).items():
        rows = [row for row in rows if row["recurring"] and row["recurring"][name] == value]
    return paged(call, where(call.params, rows, "active", "currency", "product", "type"))


@route("GET", "/v1/prices/{id}", "PriceRetrieveParams")
def retrieve_price(call: Call) -> Row:
    return call.state.get("price", call["id"])


@route("POST", "/v1/prices/{id}", "PriceUpdateParams")
def update_price(call: Call) -> Row:
    row = call.state.get("price", call["id"])
    with updating(call.state, row, "price.updated"):
        row.update({name: call.params[name] for name in ("active", "nickname", "tax_behavior") if name in call.params})
        if "metadata" in call.params:
            row["metadata"] = merged(row["metadata"], call.params["metadata"])
        if "lookup_key" in call.params:
            row["lookup_key"] = None
            _keyed(call.state, row, call.params)
        call.params.get("transfer_lookup_key")
    return row
