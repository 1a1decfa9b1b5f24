"""Custom objects: kinds of records that the portal adds, with properties and associations like any other's."""

import re

from tests.fakes.hubspot import associations, definitions, kinds, params, standard
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import conflict, invalid, not_found, unsimulated
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row, State

AT = "/crm-object-schemas/v3/schemas"
S = "crm.schemas:"
READ, WRITE = "crm.schemas.custom.read", "crm.schemas.custom.write"


def added(state: State, given: Row) -> kinds.Kind:
    name = given["name"]
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        raise invalid(f"Invalid object name {name!r}")
    if any(name.lower() == kind.singular for kind in state.kinds.values()):
        raise conflict(f"Object type {name} already exists")
    named = [one["name"] for one in given["properties"]]
    shown = [given.get("primaryDisplayProperty"), *(given.get("secondaryDisplayProperties") or [])]
    for one in [*given["requiredProperties"], *(given.get("searchableProperties") or []), *filter(None, shown)]:
        if one not in named:
            raise invalid(f"Property {one} is not defined in the schema")
    others = [kinds.kind_of(state, str(one)).id for one in given["associatedObjects"]]
    lowered = name.lower()
    kind = kinds.Kind(
        f"2-{state.ids('schema')}", lowered, lowered, tuple(filter(None, shown)), shown[0] or "hs_object_id",
        tuple(given.get("searchableProperties") or ()), tuple(given["requiredProperties"]),
        f"p{state.settings.portal}_{lowered}", dict(given["labels"]),
    )  # fmt: skip
    state.kinds[kind.id] = kind
    standard.prepared(state, kind.id)
    try:
        for one in given["properties"]:
            definitions.defined(state, kind.id, _whole(state, kind, one))
    except Exception:
        del state.kinds[kind.id]
        raise
    for other in others:
        number = _free(state)
        associations.define(state, kind.id, other, number, number + 1, None, category="USER_DEFINED", name=lowered)
    return kind


def _whole(state: State, kind: kinds.Kind, one: Row) -> Row:
    hints = sorted(set(one) - set(params.fields("crm.properties:PropertyCreate")))
    if hints:
        raise unsimulated(f"{hints[0]} of a property")
    return {"groupName": next(iter(state.groups[kind.id]))} | one


def _free(state: State) -> int:
    held = [row["typeId"] for rows in state.labels.values() for row in rows if row["category"] == "USER_DEFINED"]
    return max(held, default=100) + 1


def shown(state: State, kind: kinds.Kind) -> Row:
    properties = list(state.properties[kind.id].values())
    at = properties[0]["createdAt"]
    return {
        "id": kind.id, "objectTypeId": kind.id, "name": kind.singular, "fullyQualifiedName": kind.qualified,
        "labels": kind.labels, "requiredProperties": list(kind.required), "searchableProperties": list(kind.words),
        "primaryDisplayProperty": kind.named, "secondaryDisplayProperties": list(kind.shown[1:]), "archived": False,
        "properties": properties, "associations": _associations(state, kind), "createdAt": at, "updatedAt": at,
    }  # fmt: skip


def _associations(state: State, kind: kinds.Kind) -> list[Row]:
    return [
        {"id": str(row["typeId"]), "fromObjectTypeId": one, "toObjectTypeId": other, "name": row["_name"]}
        for (one, other), rows in state.labels.items()
        for row in rows
        if kind.id in (one, other)
    ]


def _kind(call: Call) -> kinds.Kind:
    for kind in call.state.kinds.values():
        if kind.custom and call["kind"] in (kind.id, kind.singular, kind.qualified):
            return kind
    raise not_found(f"Unable to infer object type from: {call['kind']}")


@route("POST", AT, takes=S + "ObjectSchemaEgg", says=S + "ObjectSchema", status=201, scope=WRITE)
def create(call: Call) -> Row:
    return shown(call.state, added(call.state, call.body))


@route("GET", AT, query=("archived",), says=S + "CollectionResponseObjectSchemaNoPaging", scope=READ)
def listed(call: Call) -> Row:
    rows = [] if call.flag("archived") else [kind for kind in call.state.kinds.values() if kind.custom]
    return {"results": [shown(call.state, kind) for kind in rows]}


@route("GET", AT + "/{kind}", says=S + "ObjectSchema", scope=READ)
def read(call: Call) -> Row:
    return shown(call.state, _kind(call))


@route("POST", AT + "/{kind}/associations", takes=S + "AssociationDefinitionEgg", says=S + "AssociationDefinition", status=201,
       scope=WRITE)  # fmt: skip
def associate(call: Call) -> Row:
    one = kinds.kind_of(call.state, call.body["fromObjectTypeId"]).id
    other = kinds.kind_of(call.state, call.body["toObjectTypeId"]).id
    number, at = _free(call.state), iso(call.state.clock.now())
    name = call.body.get("name") or ""
    associations.define(call.state, one, other, number, number + 1, None, category="USER_DEFINED", name=name)
    return {
        "id": str(number),
        "fromObjectTypeId": one,
        "toObjectTypeId": other,
        "name": name,
        "createdAt": at,
        "updatedAt": at,
    }


@route("DELETE", AT + "/{kind}", query=("archived",), status=204, scope=WRITE)
def archive(call: Call) -> None:
    """Only where no record of it is left."""
    kind = _kind(call)
    if call.state.alive(kind.id):
        raise invalid(f"Cannot delete object type {kind.singular}: it still has records")
    del call.state.kinds[kind.id]
