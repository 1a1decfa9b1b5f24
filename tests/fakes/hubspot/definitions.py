"""Properties as things of their own: made, listed, changed, put away; and the groups that they stand in."""

import re

from tests.fakes.hubspot import kinds
from tests.fakes.hubspot.batches import answer, inputs, item_error
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import Refused, conflict, invalid, not_found, unsimulated
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row, State

AT = "/crm/v3/properties/{kind}"
ONE, GROUPS, GROUP = AT + "/{name}", AT + "/groups", AT + "/groups/{name}"
P = "crm.properties:"
READ, WRITE = "crm.schemas.{kind}.read", "crm.schemas.{kind}.write"
FITTING = {
    "string": {"text", "textarea", "file", "html", "phonenumber", "calculation_equation"},
    "number": {"number", "calculation_equation"}, "date": {"date"}, "datetime": {"date"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
}  # fmt: skip
UNSAID = {"hidden": False, "displayOrder": -1, "description": "", "formField": False, "hasUniqueValue": False,
          "externalOptions": False}  # fmt: skip


def defined(state: State, kind: str, given: Row) -> Row:
    """A property of the portal's own; whether its values are unique is said now or never."""
    name = given["name"]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name):
        raise invalid(
            f"Property name {name!r} must begin with a letter and hold only small letters, digits and underscores."
        )
    if name.startswith("hs_"):
        raise invalid(f"Property name {name!r} must not begin with hs_.")
    if name in state.properties[kind] and not state.properties[kind][name]["archived"]:
        raise conflict(f"A property named '{name}' already exists.", subCategory="Properties.PROPERTY_ALREADY_EXISTS")
    _simulated(given)
    if given["groupName"] not in state.groups[kind]:
        raise invalid(f"Property group {given['groupName']} does not exist")
    if given["fieldType"] not in FITTING.get(given["type"], set()):
        raise invalid(f"Invalid fieldType {given['fieldType']} for type {given['type']}")
    if given.get("hasUniqueValue") and given["type"] not in ("string", "number"):
        raise invalid("hasUniqueValue is only allowed for properties of type string or number")
    at = iso(state.clock.now())
    row = UNSAID | {name: value for name, value in given.items() if value is not None} | {
        "options": _options(given), "calculated": False, "hubspotDefined": False,
        "archived": False, "createdAt": at, "updatedAt": at,
        "modificationMetadata": {
            "archivable": True, "readOnlyDefinition": False, "readOnlyOptions": False, "readOnlyValue": False,
        },
    }  # fmt: skip
    state.properties[kind][name] = row
    return row


def _simulated(given: Row) -> None:
    for name in ("calculationFormula", "externalOptions", "referencedObjectType"):
        if given.get(name):
            raise unsimulated(f"{name} of a property")


def _options(given: Row) -> list[Row]:
    options = [{"displayOrder": -1, "hidden": False, **one} for one in given.get("options") or []]
    if given["type"] == "bool" and not options:
        return [{"label": word.capitalize(), "value": word, "displayOrder": place, "hidden": False}
                for place, word in enumerate(("true", "false"))]  # fmt: skip
    if given["type"] == "enumeration" and not options:
        raise invalid("Properties of type enumeration need at least one option")
    return options


def _kind(call: Call) -> str:
    return kinds.kind_of(call.state, call["kind"]).id


def _found(call: Call, *, archived: bool = False) -> Row:
    row = call.state.properties[_kind(call)].get(call["name"])
    if row is None or row["archived"] != archived:
        raise not_found(f"The property named '{call['name']}' does not exist.")
    return row


@route("POST", AT, takes=P + "PropertyCreate", says=P + "ModelProperty", status=201, scope=WRITE)
def create(call: Call) -> Row:
    return defined(call.state, _kind(call), call.body)


@route("GET", AT, query=("archived",), says=P + "CollectionResponsePropertyNoPaging", scope=READ)
def listed(call: Call) -> Row:
    rows = call.state.properties[_kind(call)].values()
    return {"results": [row for row in rows if row["archived"] == call.flag("archived")]}


@route("GET", ONE, query=("archived",), says=P + "ModelProperty", scope=READ)
def read(call: Call) -> Row:
    return _found(call, archived=call.flag("archived"))


@route("PATCH", ONE, takes=P + "PropertyUpdate", says=P + "ModelProperty", scope=WRITE)
def change(call: Call) -> Row:
    row = _changeable(call)
    given = {name: value for name, value in call.body.items() if value is not None}
    kind, field = str(given.get("type", row["type"])), given.get("fieldType", row["fieldType"])
    if field not in FITTING.get(kind, set()):
        raise invalid(f"Invalid fieldType {field} for type {kind}")
    _simulated(given)
    if "options" in given:
        given["options"] = _options(row | given)
    row |= given | {"updatedAt": iso(call.state.clock.now())}
    return row


def _changeable(call: Call) -> Row:
    row = _found(call)
    if row["modificationMetadata"]["readOnlyDefinition"]:
        raise invalid(f"Property {row['name']} is defined by HubSpot and cannot be changed.")
    return row


@route("DELETE", ONE, status=204, scope=WRITE)
def archive(call: Call) -> None:
    _changeable(call)["archived"] = True


@route("POST", AT + "/batch/create", takes=P + "BatchInputPropertyCreate", says=P + "BatchResponseProperty", status=201,
       scope=WRITE)  # fmt: skip
def create_many(call: Call) -> tuple[int, Row]:
    results: list[Row] = []
    errors: list[Row] = []
    for one in inputs(call):
        try:
            results.append(defined(call.state, _kind(call), one))
        except Refused as no:
            errors.append(item_error(call, no, {"name": [one["name"]]}))
    return answer(call, results, errors, 201)


@route("GET", GROUPS, says=P + "CollectionResponsePropertyGroupNoPaging", scope=READ)
def groups(call: Call) -> Row:
    return {"results": list(call.state.groups[_kind(call)].values())}


@route("GET", GROUP, says=P + "PropertyGroup", scope=READ)
def group(call: Call) -> Row:
    row = call.state.groups[_kind(call)].get(call["name"])
    if row is None:
        raise not_found(f"The property group named '{call['name']}' does not exist.")
    return row


@route("POST", GROUPS, takes=P + "PropertyGroupCreate", says=P + "PropertyGroup", status=201, scope=WRITE)
def create_group(call: Call) -> Row:
    held, name = call.state.groups[_kind(call)], call.body["name"]
    if name in held:
        raise conflict(f"A property group named '{name}' already exists.")
    order = call.body.get("displayOrder")
    held[name] = {
        "name": name,
        "label": call.body["label"],
        "displayOrder": -1 if order is None else order,
        "archived": False,
    }
    return held[name]
