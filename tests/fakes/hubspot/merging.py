"""Two records become one: values and associations move over, and the old ids lead to what is left."""

from tests.fakes.hubspot import associations, basic, events, kinds, records
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.rendering import shown
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Record, Row, State

FIXED = {"hs_object_id", "createdate", "hs_lastmodifieddate", "lastmodifieddate", "hs_merged_object_ids"}


@route("POST", "/crm/v3/objects/{kind}/merge", takes="crm.companies:PublicMergeInput",
       says="crm.objects:SimplePublicObject", scope="crm.objects.{kind}.write")  # fmt: skip
def merge(call: Call) -> Row:
    kind = basic.kind_at(call)
    if kind.id not in (kinds.CONTACT, kinds.COMPANY, kinds.DEAL):
        raise invalid(f"Merging is not supported for {kind.plural}")
    primary = call.state.get(kind.id, str(call.body["primaryObjectId"]))
    other = call.state.get(kind.id, str(call.body["objectIdToMerge"]))
    if primary.id == other.id:
        raise invalid("Cannot merge an object with itself.")
    return shown(call.state, merged(call.state, primary, other))


def merged(state: State, primary: Record, other: Record) -> Record:
    """The primary's values win; what it lacks comes from the other."""
    left = _left(state, primary) if state.settings.merge_makes_new else primary
    moved = {
        name: value for name, value in other.values.items()
        if value and name not in FIXED and not primary.values.get(name)
    }  # fmt: skip
    former = [primary.id, other.id] if left is not primary else [other.id]
    earlier = [one for row in (primary, other) for one in row.values.get("hs_merged_object_ids", "").split(";") if one]
    if left is not primary:
        moved = {name: value for name, value in primary.values.items() if value and name not in FIXED} | moved
        _leave(state, primary, left)  # first: its primary company stays the primary one
    _leave(state, other, left)
    merged_ids = ";".join(dict.fromkeys([*earlier, *former]))
    records.settled(state, left, moved | {"hs_merged_object_ids": merged_ids})
    events.told(
        state, "merge", left, primaryObjectId=int(primary.id), mergedObjectIds=[int(other.id)],
        newObjectId=int(left.id), numberOfPropertiesMoved=len(moved),
    )  # fmt: skip
    return left


def _left(state: State, primary: Record) -> Record:
    """A new record, as old as the primary one was."""
    row = Record(primary.kind, state.ids(primary.kind), primary.created, state.clock.now())
    row.values = {"hs_object_id": row.id, "createdate": primary.values["createdate"]}
    state.records[row.kind][row.id] = row
    return row


def _leave(state: State, gone: Record, left: Record) -> None:
    """The record is no more: its unique values are free, its associations are the other's."""
    for name, defined in state.properties[gone.kind].items():
        if defined["hasUniqueValue"]:
            state.unique[gone.kind, name].pop(gone.values.get(name, "").lower(), None)
    for (one, other), held in list(state.links.items()):
        if one != gone.kind:
            continue
        for (key, to), types in list(held.items()):
            target = state.find(other, to) if key == gone.id else None
            if target is not None and target is not left:
                plain = [number for number in types if number not in associations.PRIMARY]
                associations.unlinked(state, gone, target)
                associations.linked(state, left, target, plain if _has_primary(state, target, left) else types)
    gone.merged_into = left.id
    records.touched(state, gone)


def _has_primary(state: State, one: Record, other: Record) -> bool:
    owner, company = (other, one) if one.kind == kinds.COMPANY else (one, other)
    return any(set(types) & set(associations.PRIMARY) for _, types in associations.of(state, owner, company.kind))
