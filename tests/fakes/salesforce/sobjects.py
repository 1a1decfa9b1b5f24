"""One record by its id, or by an external id."""

from typing import Any

from tests.fakes.salesforce import records, removal
from tests.fakes.salesforce.errors import Refused, Wrong, missing, no_column
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.schema import SObject
from tests.fakes.salesforce.soql_run import attributes
from tests.fakes.salesforce.state import Row, named
from tests.fakes.salesforce.values import accepted, told


def shown(sobject: SObject, row: Row, version: str, names: str = "") -> dict[str, Any]:
    """A whole record, or these fields of it."""
    wanted = []
    for name in names.split(",") if names else [one.name for one in sobject.fields.values()]:
        one = sobject.find(name.strip())
        if one is None:
            raise Refused(no_column(name, sobject.name))
        wanted.append(one.name)
    wanted += [] if "Id" in wanted else ["Id"]
    return {"attributes": attributes(sobject, row, version)} | {name: told(row[name]) for name in wanted}


def made(row: Row, **more: Any) -> dict[str, Any]:
    return {"id": row["Id"], "success": True, "errors": []} | more


@route("POST", "/sobjects/{object}")
def create(call: Call) -> Reply:
    row = records.created(call.state, named(call.state, call["object"]), call.record(), call.by)
    return Reply(201, made(row))


@route("GET", "/sobjects/{object}/{id}", "fields")
def retrieve(call: Call) -> Reply:
    sobject = named(call.state, call["object"])
    row = records.by_key(call.state, sobject, call["id"])
    if row["IsDeleted"]:
        raise missing()
    return Reply(body=shown(sobject, row, call.version, call.params.get("fields", "")))


@route("PATCH", "/sobjects/{object}/{id}")
def update(call: Call) -> Reply:
    sobject = named(call.state, call["object"])
    row = records.by_key(call.state, sobject, call["id"])
    records.changed(call.state, sobject, row, _without_key(call.record(), "Id"), call.by)
    return Reply(204)


@route("DELETE", "/sobjects/{object}/{id}")
def delete(call: Call) -> Reply:
    sobject = named(call.state, call["object"])
    removal.removed(call.state, sobject, records.by_key(call.state, sobject, call["id"]), call.by)
    return Reply(204)


def _without_key(given: dict[str, Any], key: str) -> dict[str, Any]:
    for name in given:
        if name.lower() in (key.lower(), "id"):
            message = f"The {name} field should not be specified in the sobject data."
            raise Refused(Wrong("INVALID_FIELD", message))
    return given


def _by_external(call: Call) -> list[Row]:
    sobject = named(call.state, call["object"])
    one = records.external(sobject, call["field"])
    return call.state.by(sobject, one.name, accepted(sobject, one, call["value"]))


def _addresses(call: Call, rows: list[Row]) -> Reply:
    """More than one record has it: their addresses, with status 300."""
    name = named(call.state, call["object"]).name
    return Reply(300, [f"{call.root}/sobjects/{name}/{row['Id']}" for row in rows])


@route("GET", "/sobjects/{object}/{field}/{value}", "fields")
def retrieve_by_external(call: Call) -> Reply:
    rows = _by_external(call)
    if len(rows) > 1:
        return _addresses(call, rows)
    if not rows:
        raise missing()
    return Reply(body=shown(named(call.state, call["object"]), rows[0], call.version, call.params.get("fields", "")))


@route("PATCH", "/sobjects/{object}/{field}/{value}")
def upsert(call: Call) -> Reply:
    """201 for a new one, 200 for one that was there, 300 where several have the value."""
    sobject, given = named(call.state, call["object"]), _without_key(call.record(), call["field"])
    try:
        row, new = records.upserted(call.state, sobject, call["field"], call["value"], given, call.by)
    except Refused as no:
        if no.status == 300:
            return _addresses(call, _by_external(call))
        raise
    return Reply(201 if new else 200, made(row, created=new))


@route("DELETE", "/sobjects/{object}/{field}/{value}")
def delete_by_external(call: Call) -> Reply:
    rows = _by_external(call)
    if len(rows) > 1:
        return _addresses(call, rows)
    if not rows:
        raise missing()
    removal.removed(call.state, named(call.state, call["object"]), rows[0], call.by)
    return Reply(204)
