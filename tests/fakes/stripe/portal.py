"""The billing portal: sessions for a customer, and what that customer may change there."""

from typing import Any

from tests.fakes.stripe import changes, lifecycle, payment_methods, schedules
from tests.fakes.stripe.clock import HOUR
from tests.fakes.stripe.endpoints import merged
from tests.fakes.stripe.errors import invalid
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.listing import paged
from tests.fakes.stripe.rendering import nulls
from tests.fakes.stripe.routes import Call, Params, route
from tests.fakes.stripe.state import Row, State

SESSION = "billing_portal.session"
CONFIGURATION = "billing_portal.configuration"


def configured(state: State, features: Any, *, default: bool, params: Any) -> Row:
    profile = dict(params.get("business_profile") or {})
    now = state.clock.now()
    return state.put({
        "id": state.ids("bpc_"), "object": CONFIGURATION, "active": True, "application": None, "created": now,
        "business_profile": {name: profile.get(name) for name in ("headline", "privacy_policy_url", "terms_of_service_url")},
        "default_return_url": params.get("default_return_url"), "features": _features(features), "is_default": default,
        "livemode": False, "login_page": {"enabled": False, "url": None}, "metadata": merged({}, params.get("metadata", {})),
        "name": params.get("name"), "updated": now,
    })  # fmt: skip


def _features(given: Any) -> Row:
    cancel, update = given.get("subscription_cancel") or {}, given.get("subscription_update") or {}
    reasons: Row = {"enabled": False, "feedback_options": None, "options": []}
    pause: Row = {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False}
    return {
        "customer_update": {"allowed_updates": [], "enabled": False} | dict(given.get("customer_update") or {}),
        "invoice_history": {"enabled": True} | dict(given.get("invoice_history") or {}),
        "payment_method_update": {"enabled": True, "payment_method_configuration": None} | dict(given.get("payment_method_update") or {}),
        "subscription_pause": pause | dict(given.get("subscription_pause") or {}),
        "subscription_cancel": {
            "cancellation_reason": reasons, "enabled": True, "mode": "at_period_end", "proration_behavior": "none",
        } | dict(cancel),
        "subscription_update": {
            "billing_cycle_anchor": None, "default_allowed_updates": ["price", "quantity"], "enabled": True, "products": None,
            "proration_behavior": "create_prorations", "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        } | dict(update),
    }  # fmt: skip


def default(state: State) -> Row:
    held = next((row for row in state.all(CONFIGURATION) if row["is_default"]), None)
    return held or configured(state, {}, default=True, params={})


@route("POST", "/v1/billing_portal/configurations", "billing_portal.ConfigurationCreateParams")
def create_configuration(call: Call) -> Row:
    row = configured(call.state, call.params["features"], default=False, params=call.params)
    emit(call.state, f"{CONFIGURATION}.created", row)
    return row


@route("GET", "/v1/billing_portal/configurations", "billing_portal.ConfigurationListParams")
def list_configurations(call: Call) -> Row:
    rows = call.state.all(CONFIGURATION)
    for name in ("active", "is_default"):
        if name in call.params:
            rows = [row for row in rows if row[name] is call.params[name]]
    return paged(call, rows)


@route("GET", "/v1/billing_portal/configurations/{id}", "billing_portal.ConfigurationRetrieveParams")
def retrieve_configuration(call: Call) -> Row:
    return call.state.get(CONFIGURATION, call["id"])


@route("POST", "/v1/billing_portal/configurations/{id}", "billing_portal.ConfigurationUpdateParams")
def update_configuration(call: Call) -> Row:
    row = call.state.get(CONFIGURATION, call["id"])
    with updating(call.state, row, f"{CONFIGURATION}.updated"):
        row.update(
            {name: call.params[name] for name in ("active", "default_return_url", "name") if name in call.params}
        )
        for name, value in (call.params.get("features") or {}).items():
            row["features"][name].update(value)
        if "metadata" in call.params:
            row["metadata"] = merged(row["metadata"], call.params["metadata"])
    return row


@route("POST", "/v1/billing_portal/sessions", "billing_portal.SessionCreateParams")
def create_session(call: Call) -> Row:
    state, params = call.state, call.params
    if "customer" not in params:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = state.named("customer", params["customer"], "customer")
    key = params.get("configuration")
    held = state.named(CONFIGURATION, key, "configuration") if key else default(state)
    session = state.ids("bps_")
    row = state.put({
        "id": session, "object": SESSION, "after_expiration": None, "configuration": held["id"], "created": state.clock.now(), "customer": customer["id"],
        "customer_account": None, "flow": _flow(params.get("flow_data")), "livemode": False, "locale": params.get("locale"),
        "on_behalf_of": None, "return_url": params.get("return_url") or held["default_return_url"],
        "url": f"{state.base}/p/session/{session}", "_until": state.clock.now() + HOUR,
    })  # fmt: skip
    emit(state, f"{SESSION}.created", row)
    return row


def _flow(given: Any) -> Row | None:
    if not given:
        return None
    parts = nulls(
        "customer_update subscription_cancel subscription_pause subscription_update subscription_update_confirm"
    )
    held = {name: dict(given[name]) if name in given else None for name in parts}
    if held["subscription_cancel"]:
        held["subscription_cancel"].setdefault("retention", None)
    after = given.get("after_completion") or {"type": "portal_homepage"}
    completion = {"hosted_confirmation": None, "redirect": None, **after}
    return {"type": given["type"], "after_completion": completion, **held}


def cards_changed(state: State, customer: Row, token: str) -> None:
    """Another card for all that follows, the subscriptions' own included."""
    method = payment_methods.attached(state, token, customer)
    with updating(state, customer, "customer.updated"):
        customer["invoice_settings"]["default_payment_method"] = method["id"]
    for row in _living(state, customer):
        if row["default_payment_method"]:
            with lifecycle.changing(state, row):
                row["default_payment_method"] = method["id"]


def _living(state: State, customer: Row) -> list[Row]:
    rows = [row for row in state.all("subscription") if row["customer"] == customer["id"]]
    return [row for row in rows if row["status"] not in lifecycle.ENDED]


def moved(state: State, session: Row, row: Row, **asked: Any) -> None:
    """Another price or quantity for the first item, billed as the portal is set to."""
    behaviour = features_of(state, session)["subscription_update"]["proration_behavior"]
    _unplanned(state, row)
    items = [{"id": row["items"]["data"][0]["id"], **asked}]
    changes.changed(state, row, {"items": items, "proration_behavior": behaviour})


def added(state: State, session: Row, row: Row, price: str) -> None:
    """One more item: an add-on."""
    behaviour = features_of(state, session)["subscription_update"]["proration_behavior"]
    changes.changed(state, row, {"items": [{"price": price}], "proration_behavior": behaviour})


def planned(state: State, row: Row, price: str) -> None:
    """From the next period on another price for the first item, by a schedule: so the portal does a downgrade."""
    _unplanned(state, row)
    made = schedules.create_schedule(Call(state, Params({"from_subscription": row["id"]}), {}, ""))
    held = [_phase_item(one) for one in row["items"]["data"]]
    running = {"items": held, "start_date": made["phases"][0]["start_date"], "end_date": made["phases"][0]["end_date"]}
    wanted = Params({"phases": [running, {"items": [held[0] | {"price": price}, *held[1:]]}]})
    schedules.update_schedule(Call(state, wanted, {"id": made["id"]}, ""))


def _phase_item(one: Row) -> Row:
    return {"price": one["price"]["id"]} | ({"quantity": one["quantity"]} if one.get("quantity") else {})


def _unplanned(state: State, row: Row) -> None:
    """What was planned for later is called off."""
    if row["schedule"]:
        schedules.release_schedule(Call(state, Params({}), {"id": row["schedule"]}, ""))


def rested(state: State, row: Row, *, rests: bool) -> None:
    """Paused as a whole, not only its collection; or going on with the period it had."""
    if rests and row["status"] in ("active", "trialing", "past_due"):
        lifecycle.paused(state, row, "pause_requested")
    elif not rests and row["status"] == "paused":
        lifecycle.resumed(state, row, anchor="unchanged", behaviour="resume_on_payment_attempt")


def ended(state: State, session: Row, row: Row, *, ends: bool) -> None:
    """At the period's end, or now where the portal is set so; or kept after all."""
    _unplanned(state, row)
    if ends and features_of(state, session)["subscription_cancel"]["mode"] == "immediately":
        lifecycle.cancelled(state, row)
    else:
        changes.changed(state, row, {"cancel_at_period_end": ends})


def features_of(state: State, session: Row) -> Row:
    held: Row = state.get(CONFIGURATION, session["configuration"])["features"]
    return held
