"""Collections: up to 200 records in one request, each with its own success or errors, in the order they came."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from tests.fakes.salesforce import ids, records, removal
from tests.fakes.salesforce.errors import Refused, Wrong, missing
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.schema import SObject
from tests.fakes.salesforce.sobjects import made, shown
from tests.fakes.salesforce.state import State, named

MOST = 200
CHUNKS = 10  # runs of records of the same object
ROLLED_BACK = Wrong(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header", (),
)  # fmt: skip
Work = Callable[[], dict[str, Any]]


class RolledBack(Exception):
    """Nothing of it stays."""


def each(state: State, works: Sequence[Work], all_or_none: bool) -> list[dict[str, Any]]:
    """Every record for itself, or all of them together."""
    said = []
    try:
        with state.transaction():
            said = [_one(work) for work in works]
            if all_or_none and not all(one["success"] for one in said):
                raise RolledBack
    except RolledBack:
        said = [failed(ROLLED_BACK) if one["success"] else one for one in said]
    return said


def _one(work: Work) -> dict[str, Any]:
    try:
        return work()
    except Refused as no:
        return failed(*no.wrongs)


def failed(*wrongs: Wrong) -> dict[str, Any]:
    return {"success": False, "errors": [one.of_record() for one in wrongs]}


def _few(found: list[Any]) -> list[Any]:
    if len(found) > MOST:
        message = f"record limit reached. cannot submit more than {MOST} records into this call"
        raise Refused(Wrong("EXCEEDED_ID_LIMIT", message))
    return found


def _given(call: Call) -> tuple[list[dict[str, Any]], bool]:
    form = call.form("allOrNone", need=("records",))
    if not isinstance(form["records"], list) or not all(isinstance(one, dict) for one in form["records"]):
        raise Refused(Wrong("JSON_PARSER_ERROR", "records has to be a list of objects"))
    kinds = [one["attributes"].get("type") for one in form["records"] if isinstance(one.get("attributes"), dict)]
    if sum(1 for _ in groupby(kinds)) > CHUNKS:
        message = f"Your request can process up to {CHUNKS} chunks of records of one object; order them by object"
        raise Refused(Wrong("LIMIT_EXCEEDED", message))
    return _few(form["records"]), bool(form.get("allOrNone"))


def _kind(call: Call, given: dict[str, Any]) -> SObject:
    about = given.get("attributes")
    name = about.get("type") if isinstance(about, dict) else None
    if not isinstance(name, str):
        raise Refused(Wrong("INVALID_TYPE", "Missing attributes.type of a record"))
    found = call.state.sobject(name)
    if found is None:
        raise Refused(Wrong("INVALID_TYPE", f"sObject type '{name}' is not supported."))
    return found


@route("POST", "/composite/sobjects")
def create_many(call: Call) -> Reply:
    given, whole = _given(call)

    def work(one: dict[str, Any]) -> dict[str, Any]:
        return made(records.created(call.state, _kind(call, one), one, call.by))

    return Reply(body=each(call.state, [partial(work, one) for one in given], whole))


@route("PATCH", "/composite/sobjects")
def update_many(call: Call) -> Reply:
    given, whole = _given(call)

    def work(one: dict[str, Any]) -> dict[str, Any]:
        sobject = _kind(call, one)
        key = next((value for name, value in one.items() if name.lower() == "id"), None)
        if key is None:
            raise Refused(Wrong("MISSING_ARGUMENT", "Id not specified in an update call", ()))
        row = _there(call.state, sobject, key)
        rest = {name: value for name, value in one.items() if name.lower() != "id"}
        return made(records.changed(call.state, sobject, row, rest, call.by))

    return Reply(body=each(call.state, [partial(work, one) for one in given], whole))


def _there(state: State, sobject: SObject, key: str) -> dict[str, Any]:
    row = state.find(sobject.name, key)
    if row is None:
        raise Refused(Wrong("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()))
    return row


@route("PATCH", "/composite/sobjects/{object}/{field}")
def upsert_many(call: Call) -> Reply:
    """No ids here: an external id says which record is meant, and may say so once only."""
    given, whole = _given(call)
    sobject = named(call.state, call["object"])
    field = records.external(sobject, call["field"])
    keys = [next((value for name, value in one.items() if name.lower() == field.name.lower()), None) for one in given]
    twice = {key for key, count in Counter(str(key).casefold() for key in keys if key is not None).items() if count > 1}

    def work(one: dict[str, Any], key: Any) -> dict[str, Any]:
        if _kind(call, one).name != sobject.name:
            raise Refused(Wrong("INVALID_TYPE", f"All records have to be of type {sobject.name}", ()))
        if field.name != "Id" and any(name.lower() == "id" for name in one):
            raise Refused(Wrong("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ("Id",)))
        if str(key).casefold() in twice:
            raise Refused(Wrong("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", (field.name,)))
        rest = {name: value for name, value in one.items() if name.lower() != field.name.lower()}
        row, new = records.upserted(call.state, sobject, field.name, key, rest, call.by)
        return made(row, created=new)

    works = [partial(work, one, key) for one, key in zip(given, keys, strict=True)]
    return Reply(body=each(call.state, works, whole))


@route("DELETE", "/composite/sobjects", "ids", "allOrNone")
def delete_many(call: Call) -> Reply:
    keys = _few([key for key in call.params.get("ids", "").split(",") if key])
    if not keys:
        raise Refused(Wrong("MISSING_ARGUMENT", "ids not specified"))

    def work(key: str) -> dict[str, Any]:
        if ids.whole(key) is None:
            raise Refused(Wrong("MALFORMED_ID", f"malformed id {key}", ()))
        sobject = next((one for one in call.state.schema.values() if key.startswith(one.prefix)), None)
        if sobject is None:
            raise Refused(Wrong("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()))
        row = _there(call.state, sobject, key)
        removal.removed(call.state, sobject, row, call.by)
        return made(row)

    whole = call.params.get("allOrNone", "false").lower() == "true"
    return Reply(body=each(call.state, [partial(work, key) for key in keys], whole))


@route("GET", "/composite/sobjects/{object}", "ids", "fields")
def read_many(call: Call) -> Reply:
    return _read(call, call.params.get("ids", "").split(","), call.params.get("fields", ""))


@route("POST", "/composite/sobjects/{object}")
def read_many_by_post(call: Call) -> Reply:
    form = call.form(need=("ids", "fields"))
    if not all(isinstance(one, list) and all(isinstance(part, str) for part in one) for one in form.values()):
        raise Refused(Wrong("JSON_PARSER_ERROR", "ids and fields have to be lists of words"))
    return _read(call, form["ids"], ",".join(form["fields"]))


def _read(call: Call, keys: list[str], fields: str) -> Reply:
    """Null stands where there is no such record."""
    sobject = named(call.state, call["object"])
    if not fields:
        raise missing()
    rows = [call.state.find(sobject.name, key) for key in keys]
    kept = [row if row and not row["IsDeleted"] else None for row in rows]
    return Reply(body=[shown(sobject, row, call.version, fields) if row else None for row in kept])
