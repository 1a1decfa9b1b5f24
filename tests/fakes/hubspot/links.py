"""The addresses of associations, version 4: between two records, in batches, and the labels that there are."""

from typing import Any

from tests.fakes.hubspot import associations, kinds
from tests.fakes.hubspot.batches import answer, inputs, item_error
from tests.fakes.hubspot.errors import Refused, invalid
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Record, Row

OF, ONE = "/crm/v4/objects/{kind}/{id}/associations/{other}", "/crm/v4/objects/{kind}/{id}/associations/{other}/{to}"
BATCH = "/crm/v4/associations/{kind}/{other}/batch"
LINKS = "crm.associations.v4:"
READ, WRITE = "crm.objects.{kind}.read", "crm.objects.{kind}.write"


def _ends(call: Call) -> tuple[kinds.Kind, kinds.Kind]:
    return kinds.kind_of(call.state, call["kind"]), kinds.kind_of(call.state, call["other"])


def _typed(call: Call, one: str, other: str, numbers: list[int]) -> list[Row]:
    rows = [associations.type_of(call.state, one, other, number) for number in numbers]
    return [{"category": row["category"], "typeId": row["typeId"], "label": row["label"]} for row in rows]


def _targets(call: Call, row: Record, other: str) -> list[Row]:
    return [
        {"toObjectId": int(key), "associationTypes": _typed(call, row.kind, other, types)}
        for key, types in associations.of(call.state, row, other)
    ]


@route("GET", OF, query=("after", "limit"), scope=READ,
       says=LINKS + "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging")  # fmt: skip
def listed(call: Call) -> Row:
    kind, other = _ends(call)
    rows = _targets(call, call.state.get(kind.id, call["id"]), other.id)
    limit, start = call.number("limit", 500, 500), call.one("after", "0")
    if not start.isdigit():
        raise invalid(f"Invalid cursor: {start}")
    said: dict[str, Any] = {"results": rows[int(start) :][:limit]}
    if len(rows) > int(start) + limit:
        said["paging"] = {"next": {"after": str(int(start) + limit)}}
    return said


def _pair(call: Call, one: str, other: str) -> tuple[Record, Record]:
    here, there = _ends(call)
    return call.state.get(here.id, one), call.state.get(there.id, other)


def _labelled(call: Call, one: Record, other: Record, numbers: list[int]) -> Row:
    labels = [row["label"] for row in _typed(call, one.kind, other.kind, numbers) if row["label"]]
    return {
        "fromObjectTypeId": one.kind, "fromObjectId": int(one.id), "toObjectTypeId": other.kind,
        "toObjectId": int(other.id), "labels": labels,
    }  # fmt: skip


def _numbers(call: Call, one: Record, other: Record, specs: list[Row]) -> list[int]:
    for spec in specs:
        row = associations.type_of(call.state, one.kind, other.kind, spec["associationTypeId"])
        if row["category"] != spec["associationCategory"]:
            raise invalid(f"Type {row['typeId']} is of category {row['category']}, not {spec['associationCategory']}")
    return [spec["associationTypeId"] for spec in specs]


@route(
    "PUT",
    ONE,
    takes="[]crm.associations.v4:AssociationSpec",
    says=LINKS + "LabelsBetweenObjectPair",
    status=201,
    scope=WRITE,
)
def create(call: Call) -> Row:
    one, other = _pair(call, call["id"], call["to"])
    numbers = _numbers(call, one, other, call.body)
    associations.linked(call.state, one, other, numbers)
    return _labelled(call, one, other, numbers)


@route("PUT", "/crm/v4/objects/{kind}/{id}/associations/default/{other}/{to}", scope=WRITE,
       says=LINKS + "BatchResponsePublicDefaultAssociation")  # fmt: skip
def default(call: Call) -> tuple[int, Row]:
    one, other = _pair(call, call["id"], call["to"])
    return answer(call, _by_default(call, one, other), [])


def _by_default(call: Call, one: Record, other: Record) -> list[Row]:
    associations.linked(call.state, one, other, [])
    there = associations.plain_type(call.state, one.kind, other.kind)
    ends = ((one, other, there["typeId"]), (other, one, there["_inverse"]))
    return [
        {"from": {"id": here.id}, "to": {"id": to.id},
         "associationSpec": {"associationCategory": there["category"], "associationTypeId": number}}
        for here, to, number in ends
    ]  # fmt: skip


@route("DELETE", ONE, status=204, scope=WRITE)
def archive(call: Call) -> None:
    here, there = _ends(call)
    one, other = call.state.find(here.id, call["id"]), call.state.find(there.id, call["to"])
    if one and other:
        associations.unlinked(call.state, one, other)


@route("POST", BATCH + "/read", takes=LINKS + "BatchInputPublicFetchAssociationsBatchRequest", scope=READ,
       says=LINKS + "BatchResponsePublicAssociationMultiWithLabel")  # fmt: skip
def read(call: Call) -> tuple[int, Row]:
    kind, other = _ends(call)
    results: list[Row] = []
    errors: list[Row] = []
    for one in inputs(call, 1000):
        row = call.state.find(kind.id, str(one["id"]))
        targets = _targets(call, row, other.id) if row else []
        if targets and not call.spoiled():
            results.append({"from": {"id": str(one["id"])}, "to": targets})
        else:
            errors.append(_nobody(call, kind, other, str(one["id"])))
    return answer(call, results, errors)


def _nobody(call: Call, kind: kinds.Kind, other: kinds.Kind, key: str) -> Row:
    no = Refused(f"No {other.singular} is associated with {kind.singular} {key}.", "OBJECT_NOT_FOUND")
    context = {"fromObjectId": [key], "fromObjectType": [kind.singular], "toObjectType": [other.singular]}
    return item_error(call, no, context) | {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}


def _each(call: Call, make: Any, status: int) -> tuple[int, Row]:
    results: list[Row] = []
    errors: list[Row] = []
    for item in inputs(call, 2000):
        try:
            results += make(*_pair(call, str(item["from"]["id"]), str(item["to"]["id"])), item)
        except Refused as no:
            ends = {"fromObjectId": [str(item["from"]["id"])], "toObjectId": [str(item["to"]["id"])]}
            errors.append(item_error(call, no, ends))
    return answer(call, results, errors, status)


@route("POST", BATCH + "/create", takes=LINKS + "BatchInputPublicAssociationMultiPost", status=201, scope=WRITE,
       says=LINKS + "BatchResponseLabelsBetweenObjectPair")  # fmt: skip
def create_many(call: Call) -> tuple[int, Row]:
    def made(one: Record, other: Record, item: Row) -> list[Row]:
        numbers = _numbers(call, one, other, item["types"])
        associations.linked(call.state, one, other, numbers)
        return [_labelled(call, one, other, numbers)]

    return _each(call, made, 201)


@route("POST", BATCH + "/associate/default", takes=LINKS + "BatchInputPublicDefaultAssociationMultiPost", scope=WRITE,
       says=LINKS + "BatchResponsePublicDefaultAssociation")  # fmt: skip
def default_many(call: Call) -> tuple[int, Row]:
    return _each(call, lambda one, other, item: _by_default(call, one, other), 200)


@route("POST", BATCH + "/archive", takes=LINKS + "BatchInputPublicAssociationMultiArchive", status=204, scope=WRITE)
def archive_many(call: Call) -> None:
    here, there = _ends(call)
    for item in inputs(call, 2000):
        one = call.state.find(here.id, str(item["from"]["id"]))
        for to in item["to"]:
            other = call.state.find(there.id, str(to["id"]))
            if one and other:
                associations.unlinked(call.state, one, other)


@route("POST", BATCH + "/labels/archive", takes=LINKS + "BatchInputPublicAssociationMultiPost", status=204, scope=WRITE)
def archive_labels(call: Call) -> None:
    for item in inputs(call, 2000):
        one, other = _pair(call, str(item["from"]["id"]), str(item["to"]["id"]))
        associations.unlabelled(call.state, one, other, _numbers(call, one, other, item["types"]))
