"""Holds what the counterpart says against the shapes of the current API: every field, its type, and nothing beside."""

import ast
import inspect
import json
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import stripe

FACTS = Path(__file__).resolve().parents[2] / "vectors" / "stripe_shapes.json"
# Fields that Stripe leaves out unless asked for, or that only other products have.
OPTIONAL = {
    "customer": {"cash_balance", "deleted", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids"},
    "price": {"currency_options", "deleted", "tiers"},
    "product": {"deleted"},
    "product_feature": {"deleted"},
    "subscription_item": {"deleted", "quantity"},
    "invoice": {"confirmation_secret", "deleted", "payments"},
    "invoiceitem": {"deleted"},
    "checkout.session": {"line_items"},
    "test_helpers.test_clock": {"deleted"},
    "webhook_endpoint": {"deleted", "secret"},
    "plan": {"deleted", "tiers"},
    "item": {"adjustable_quantity", "discounts", "taxes", "tax_calculation_reference", "deleted"},
    "v2.core.event": {"changes"},
    "v2.core.event_destination": {"amazon_eventbridge", "azure_event_grid"},
}
INNER_OPTIONAL = {
    "previous_attributes",
    "breakdown",
    "signing_secret",
    "url",
    "account",
    "description",
    "iin",
    "issuer",
}
BESIDE = {"v2.core.event": {"related_object"}}  # what only the class of each event's own type has
CLASSES = {
    "payment_method": "PaymentMethod", "plan": "Plan", "item": "LineItem", "billing_portal.session": "billing_portal.Session",
    "billing_portal.configuration": "billing_portal.Configuration", "v2.core.event": "v2.core.Event",
    "billing.meter_event_summary": "billing.MeterEventSummary", "account": None,
    "billing.meter_event_adjustment": "billing.MeterEventAdjustment", "v2.core.event_destination": "v2.core.EventDestination",
}  # fmt: skip
OPEN = {"payment_method", "account", "item"}  # whose every other kind of payment is left out


@cache
def facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FACTS.read_text())
    return found


@cache
def shape(kind: str) -> dict[str, Any] | None:
    known = facts()["resources"].get(kind)
    if known:
        return known
    name = CLASSES[kind]
    return derived(name) if name else None


def derived(name: str) -> dict[str, Any]:
    """The shape of a class of the installed client, in the vector's own form."""
    found: Any = stripe
    for part in name.split("."):
        found = getattr(found, part)
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(found))).body
    return _fields(tree)


@cache
def parsed(said: str) -> ast.expr:
    return ast.parse(said, mode="eval").body


def _fields(tree: Any) -> dict[str, Any]:
    fields = {
        node.target.id: {"type": (said := ast.unparse(node.annotation)), "nullable": said.startswith("Optional[")}
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and not ast.unparse(node.annotation).startswith("ClassVar")
    }
    nested = {
        node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef) and "Params" not in node.name
    }
    return {"fields": fields, "nested": nested}


def wrong(value: Any, where: str = "") -> list[str]:
    """All that is not as Stripe has it in an object that names its own kind."""
    kind = value["object"]
    here = f"{where}<{kind}>"
    if value.get("deleted") is True:
        return [f"{here}: {set(value)}"] if set(value) != {"id", "object", "deleted"} else []
    if kind == "list":
        return _list(value, here)
    known = shape(kind)
    return _whole(value, known, here, OPTIONAL.get(kind, set()), kind in OPEN) if known else []


def _list(value: dict[str, Any], here: str) -> list[str]:
    found = [f"{here} lacks {name}" for name in ("data", "has_more", "url") if name not in value]
    return found + [one for place, row in enumerate(value["data"]) for one in wrong(row, f"{here}[{place}]")]


def _whole(
    value: dict[str, Any], known: dict[str, Any], here: str, optional: set[str], loose: bool = False
) -> list[str]:
    fields, nested = known["fields"], known.get("nested", {})
    missing = set(fields) - set(value) - optional
    if loose:
        missing = {name for name in missing if not fields[name]["nullable"] and name in ("id", "object", "created")}
    found = [f"{here} lacks {name}" for name in sorted(missing)]
    beside = BESIDE.get(str(value.get("object")), set())
    if not loose:
        found += [f"{here} has {name}, which Stripe has not" for name in sorted(set(value) - set(fields) - beside)]
    for name in value.keys() & fields.keys():
        found += _typed(value[name], parsed(fields[name]["type"]), nested, f"{here}.{name}")
    return found


def _typed(value: Any, said: ast.expr, nested: dict[str, Any], here: str) -> list[str]:
    match said:
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return [] if value is None else _typed(value, inner, nested, here)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=options)):
            literal = [one for one in options if ast.unparse(one).startswith("Literal")]
            tried = [_typed(value, one, nested, here) for one in literal or options]
            return [] if any(not one for one in tried) else tried[0]
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            words = [one.value for one in inner.elts] if isinstance(inner, ast.Tuple) else [inner.value]  # type: ignore[attr-defined]
            return [] if value in words else [f"{here}: {value!r} is none of {words}"]
        case ast.Subscript(value=ast.Name(id="List"), slice=inner):
            if not isinstance(value, list):
                return [f"{here}: {value!r} is no list"]
            return [one for place, row in enumerate(value) for one in _typed(row, inner, nested, f"{here}[{place}]")]
        case ast.Subscript(value=ast.Name(id="ListObject")):
            return wrong(value, here)
        case ast.Subscript(value=ast.Name(id="ExpandableField")):
            return [] if isinstance(value, str) else wrong(value, here)
        case ast.Subscript(value=ast.Name(id="UntypedStripeObject" | "Dict"), slice=inner):
            strings = ast.unparse(inner) in ("str", "(str, str)")
            return (
                []
                if isinstance(value, dict) and (not strings or all(isinstance(v, str) for v in value.values()))
                else [f"{here}: {value!r}"]
            )
        case ast.Constant():
            return wrong(value, here) if isinstance(value, dict) else [f"{here}: {value!r} is no object"]
        case ast.Name(id=name):
            return _plain(value, name, nested, here)
    return [f"{here}: no rule for {ast.unparse(said)}"]


PLAIN = {"int": int, "str": str, "bool": bool, "float": (int, float), "Decimal": str}


def _plain(value: Any, name: str, nested: dict[str, Any], here: str) -> list[str]:
    if name == "Any":
        return []
    if name in PLAIN:
        fits = isinstance(value, PLAIN[name]) and (name == "bool" or not isinstance(value, bool))
        return [] if fits else [f"{here}: {value!r} is no {name}"]
    if not isinstance(value, dict):
        return [f"{here}: {value!r} is no {name}"]
    known = nested.get(name)
    return _whole(value, known, here, INNER_OPTIONAL) if known else []
