"""Up to a hundred records in one request, and what HubSpot says when only some of them went well."""

from collections.abc import Callable
from typing import Any

from tests.fakes.hubspot import basic, kinds, records
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import Refused, invalid
from tests.fakes.hubspot.rendering import heeded, shown
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Record, Row

MOST = 100
READ_SCOPE, WRITE_SCOPE = "crm.objects.{kind}.read", "crm.objects.{kind}.write"


def inputs(call: Call, most: int = MOST) -> list[Row]:
    given: list[Row] = call.body["inputs"]
    if len(given) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}. Received {len(given)}.")
    if not given:
        raise invalid("Invalid input JSON: inputs must not be empty")
    return given


def once_each(keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique")


def item_error(call: Call, no: Refused, context: dict[str, list[str]]) -> Row:
    """One item that failed, in the form of the items of a 207."""
    said: Row = {"status": "error", "category": no.category, "message": no.message, "context": context}
    if call.state.settings.item_details:
        said |= {"errors": no.more.get("errors", []), "links": {}}
    return said


def answer(call: Call, results: list[Row], errors: list[Row], status: int = 200) -> tuple[int, Row]:
    now = iso(call.state.clock.now())
    said: Row = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if not errors:
        return status, said
    return 207, said | {"numErrors": len(errors), "errors": errors}


def lost(kind: kinds.Kind) -> Refused:
    return Refused(
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. Check that ids are valid.",
        "OBJECT_NOT_FOUND", 404,
    )  # fmt: skip


SPOILED = Refused("There was a problem with the request.", "INTERNAL_ERROR", 500)


@route("POST", "/crm/v3/objects/{kind}/batch/create", takes="crm.objects:BatchInputSimplePublicObjectBatchInputForCreate",
       says="crm.objects:BatchResponseSimplePublicObject", status=201, scope=WRITE_SCOPE)  # fmt: skip
def create(call: Call) -> tuple[int, Row]:
    kind = basic.kind_at(call)

    def fits(one: Row) -> dict[str, str]:
        basic.relatable(call, kind.id, one.get("associations") or [])
        return records.fit(call.state, kind.id, one["properties"])

    def made(one: Row) -> Row:
        fits(one)
        row = records.opened(call.state, kind.id, one["properties"])
        basic.related(call, row, one.get("associations") or [])
        return shown(call.state, row)

    return _each(call, made, fits, status=201)


@route("POST", "/crm/v3/objects/{kind}/batch/update", takes="crm.objects:BatchInputSimplePublicObjectBatchInput",
       says="crm.objects:BatchResponseSimplePublicObject", scope=WRITE_SCOPE)  # fmt: skip
def update(call: Call) -> tuple[int, Row]:
    kind = basic.kind_at(call)
    once_each([str(one["id"]) for one in inputs(call)])

    def there(one: Row) -> Record:
        row = basic.sought(call.state, kind, str(one["id"]), one.get("idProperty") or "")
        if row is None:
            raise lost(kind)
        return row

    def fits(one: Row) -> dict[str, str]:
        return records.fit(call.state, kind.id, one["properties"], there(one))

    def made(one: Row) -> Row:
        return shown(call.state, records.changed(call.state, there(one), one["properties"]))

    return _each(call, made, fits)


@route("POST", "/crm/v3/objects/{kind}/batch/upsert", takes="crm.objects:BatchInputSimplePublicObjectBatchInputUpsert",
       says="crm.objects:BatchResponseSimplePublicUpsertObject", scope=WRITE_SCOPE)  # fmt: skip
def upsert(call: Call) -> tuple[int, Row]:
    """By a unique property, item by item: one that is wrong keeps no other from being written."""
    kind = basic.kind_at(call)
    for one in inputs(call):
        if not one.get("idProperty"):
            raise invalid("idProperty is required for upsert")
        basic.only_once(call.state, kind, one["idProperty"])
    once_each([str(one["id"]) for one in inputs(call)])

    def made(one: Row) -> Row:
        row: Record | None = basic.sought(call.state, kind, str(one["id"]), one["idProperty"])
        given = one["properties"] | {one["idProperty"]: one["id"]}
        fresh = row is None
        row = records.opened(call.state, kind.id, given) if row is None else records.changed(call.state, row, given)
        return shown(call.state, row) | {"new": fresh}

    return _each(call, made)


def _each(
    call: Call, make: Callable[[Row], Row], fits: Callable[[Row], dict[str, str]] | None = None, status: int = 200
) -> tuple[int, Row]:
    """Item by item. Where a rehearsal is given and the items bear no trace of their own (`objectWriteTraceId`), they
    stand or fall together, save for records that are not there."""
    results: list[Row] = []
    errors: list[Row] = []
    given = inputs(call)
    if fits and not all(one.get("objectWriteTraceId") for one in given):
        _rehearsed(call, fits, given)
    for one in given:
        try:
            if call.spoiled():
                raise SPOILED
            results.append(_traced(make(one), one))
        except Refused as no:
            errors.append(item_error(call, no, _context(call, one)))
    return answer(call, results, errors, status)


def _rehearsed(call: Call, fits: Callable[[Row], dict[str, str]], given: list[Row]) -> None:
    """Where one item would be refused, none is written."""
    defined = call.state.properties[basic.kind_at(call).id]
    taken: set[tuple[str, str]] = set()
    for one in given:
        try:
            kept = fits(one)
        except Refused as no:
            if no.category != "OBJECT_NOT_FOUND":
                raise
            continue
        once = {(name, value.lower()) for name, value in kept.items() if value and defined[name]["hasUniqueValue"]}
        if once & taken:
            raise invalid(f"Duplicate values of {sorted(once & taken)[0][0]} in batch input")
        taken |= once


def _traced(said: Row, one: Row) -> Row:
    trace = one.get("objectWriteTraceId")
    return said | ({"objectWriteTraceId": trace} if trace else {})


def _context(call: Call, one: Row) -> dict[str, list[str]]:
    context = {"ids": [str(one["id"])]} if "id" in one and call.state.settings.item_ids else {}
    trace = one.get("objectWriteTraceId")
    return context | ({"objectWriteTraceId": [trace]} if trace else {})


@route("POST", "/crm/v3/objects/{kind}/batch/read", query=("archived",), scope=READ_SCOPE,
       takes="crm.objects:BatchReadInputSimplePublicObjectId", says="crm.objects:BatchResponseSimplePublicObject")  # fmt: skip
def read(call: Call) -> tuple[int, Row]:
    kind, body = basic.kind_at(call), call.body
    past = heeded(call, kind.id, body["propertiesWithHistory"])
    names = heeded(call, kind.id, body["properties"])
    gone: list[str] = []
    found: dict[str, Any] = {}
    for one in inputs(call, 50 if past else MOST):
        row = basic.sought(call.state, kind, str(one["id"]), body.get("idProperty") or "", call.flag("archived"))
        if row is None or call.spoiled():
            gone.append(str(one["id"]))
        else:
            found[row.id] = shown(call.state, row, names + past, history=past)
    errors = [item_error(call, lost(kind), {"ids": gone})] if gone else []
    return answer(call, list(found.values()), errors)


@route("POST", "/crm/v3/objects/{kind}/batch/archive", takes="crm.objects:BatchInputSimplePublicObjectId",
       status=204, scope=WRITE_SCOPE)  # fmt: skip
def archive(call: Call) -> None:
    kind = basic.kind_at(call)
    for one in inputs(call):
        row = call.state.find(kind.id, str(one["id"]))
        if row is not None:
            records.archived(call.state, row)
