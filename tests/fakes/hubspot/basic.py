"""One record at a time: create, read, change, archive; and the list of all of a kind."""

from typing import Any

from tests.fakes.hubspot import associations, kinds, records
from tests.fakes.hubspot.errors import invalid, not_found
from tests.fakes.hubspot.rendering import heeded, shown, with_associations
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Record, Row, State

READ = ("properties", "propertiesWithHistory", "associations", "archived", "idProperty")


def kind_at(call: Call) -> kinds.Kind:
    return kinds.kind_of(call.state, call["kind"])


def by(state: State, kind: kinds.Kind, key: str, id_property: str = "", archived: bool = False) -> Record:
    """The record that an id names, or the value of a property that is unique."""
    found = sought(state, kind, key, id_property, archived)
    if found is None:
        raise not_found()
    return found


def sought(state: State, kind: kinds.Kind, key: str, id_property: str, archived: bool = False) -> Record | None:
    if not id_property:
        return state.find(kind.id, key, archived)
    only_once(state, kind, id_property)
    holder = state.unique[kind.id, id_property].get(key.lower())
    return state.find(kind.id, holder, archived) if holder else None


def only_once(state: State, kind: kinds.Kind, name: str) -> None:
    """Refuses a property by which nobody can be found."""
    one = state.properties[kind.id].get(name)
    if one is None or one["archived"]:
        raise invalid(f'Property "{name}" does not exist')
    if not one["hasUniqueValue"]:
        portal = state.settings.portal
        raise invalid(f"Unable to perform update/upsert by non-unique {kind.id} property {name} in portal ID {portal}")


def related(call: Call, row: Record, wanted: list[Row]) -> None:
    """The associations that a new record is born with."""
    for one in wanted:
        numbers = [spec["associationTypeId"] for spec in one["types"]]
        other = _other_kind(call.state, row.kind, numbers)
        target = call.state.find(other, str(one["to"]["id"]))
        if target is None:
            raise invalid(f"Object with id {one['to']['id']} and type {other} does not exist")
        associations.linked(call.state, row, target, numbers)


def _other_kind(state: State, kind: str, numbers: list[int]) -> str:
    for (one, other), rows in state.labels.items():
        if one == kind and numbers and {row["typeId"] for row in rows} >= set(numbers):
            return other
    raise invalid(f"Association types {numbers} are not valid for {kind}")


def relatable(call: Call, kind: str, wanted: list[Row]) -> None:
    """Refused before anything is written, so that no record is left without those it belongs to."""
    for one in wanted:
        other = _other_kind(call.state, kind, [spec["associationTypeId"] for spec in one["types"]])
        if call.state.find(other, str(one["to"]["id"])) is None:
            raise invalid(f"Object with id {one['to']['id']} and type {other} does not exist")


@route("POST", "/crm/v3/objects/{kind}", takes="crm.objects:SimplePublicObjectInputForCreate",
       says="crm.objects:SimplePublicObject", status=201, scope="crm.objects.{kind}.write")  # fmt: skip
def create(call: Call) -> Row:
    kind, wanted = kind_at(call), call.body.get("associations") or []
    relatable(call, kind.id, wanted)
    row = records.opened(call.state, kind.id, call.body["properties"])
    related(call, row, wanted)
    return shown(call.state, row)


@route("GET", "/crm/v3/objects/{kind}/{id}", query=READ, says="crm.objects:SimplePublicObjectWithAssociations",
       scope="crm.objects.{kind}.read")  # fmt: skip
def read(call: Call) -> Row:
    kind = kind_at(call)
    row = by(call.state, kind, call["id"], call.one("idProperty"), call.flag("archived"))
    return _whole(call, row)


def _whole(call: Call, row: Record) -> Row:
    past = heeded(call, row.kind, call.many("propertiesWithHistory"))
    names = heeded(call, row.kind, call.many("properties"))
    said = shown(call.state, row, names + past, history=past)
    return with_associations(call.state, row, said, call.many("associations"))


@route("PATCH", "/crm/v3/objects/{kind}/{id}", query=("idProperty",), takes="crm.objects:SimplePublicObjectInput",
       says="crm.objects:SimplePublicObject", scope="crm.objects.{kind}.write")  # fmt: skip
def change(call: Call) -> Row:
    row = by(call.state, kind_at(call), call["id"], call.one("idProperty"))
    return shown(call.state, records.changed(call.state, row, call.body["properties"]))


@route("DELETE", "/crm/v3/objects/{kind}/{id}", status=204, scope="crm.objects.{kind}.write")
def archive(call: Call) -> None:
    """What is not there is archived already: HubSpot says 204 all the same."""
    row = call.state.find(kind_at(call).id, call["id"])
    if row is not None:
        records.archived(call.state, row)


@route("GET", "/crm/v3/objects/{kind}", query=("limit", "after", *READ[:4]),
       says="crm.objects:CollectionResponseSimplePublicObjectWithAssociationsForwardPaging",
       scope="crm.objects.{kind}.read")  # fmt: skip
def listed(call: Call) -> Row:
    """By id, not by time: what is made while somebody pages comes at the end."""
    kind, limit, archived = kind_at(call), call.number("limit", 10, 100), call.flag("archived")
    if call.many("propertiesWithHistory") and limit > 50:
        raise invalid(f"limit must be 50 or less when property histories are requested, was {limit}")
    start = call.one("after", "0")
    if not start.isdigit():
        raise invalid(f"Invalid cursor: {start}")
    held = [row for row in call.state.records[kind.id].values() if not row.merged_into]
    rows = sorted((row for row in held if (row.archived is not None) == archived), key=lambda row: int(row.id))
    rows = [row for row in rows if int(row.id) > int(start)]
    said: dict[str, Any] = {"results": [_whole(call, row) for row in rows[:limit]]}
    if len(rows) > limit:
        after = rows[limit - 1].id
        link = f"{call.state.base}/crm/v3/objects/{call['kind']}?limit={limit}&after={after}"
        said["paging"] = {"next": {"after": after, "link": link}}
    return said
