"""Records as HubSpot shows them: only what was asked for, and always the id and the two times."""

from collections.abc import Iterable
from typing import Any

from tests.fakes.hubspot import associations, kinds
from tests.fakes.hubspot.clock import instant, iso
from tests.fakes.hubspot.routes import Call
from tests.fakes.hubspot.state import Record, Row, State


def heeded(call: Call, kind: str, names: Iterable[str]) -> list[str]:
    """The names that are properties. HubSpot leaves others out in silence; here they are noted."""
    known, wanted = call.state.properties[kind], []
    for name in names:
        if name in known and not known[name]["archived"]:
            wanted.append(name)
        else:
            call.unheeded.append(name)
    return wanted


def shown(
    state: State, row: Record, names: list[str] | None = None, *, values: dict[str, str] | None = None,
    history: list[str] | None = None,
) -> Row:  # fmt: skip
    """`names` is None: everything that has a value, as after a write; empty: what the kind shows unasked."""
    kind, held = kinds.known(state, row.kind), row.values if values is None else values
    always = ("createdate", kind.stamp, "hs_object_id")
    defined = state.properties[row.kind]
    everything = [name for name, value in held.items() if value and not defined[name]["archived"]]
    wanted = everything if names is None else (*(names or kind.shown), *always)
    said: Row = {
        "id": row.id,
        "properties": {name: held.get(name) or None for name in sorted(set(wanted))},
        "createdAt": iso(row.created),
        "updatedAt": iso(row.updated if values is None else _stamp(values, kind.stamp, row)),
        "archived": row.archived is not None,
    }
    if row.archived is not None:
        said["archivedAt"] = iso(row.archived)
    if history:
        said["propertiesWithHistory"] = {name: past(row, name) for name in history}
    return said


def _stamp(values: dict[str, str], name: str, row: Record) -> int:
    return instant(values.get(name, "")) or row.updated


def past(row: Record, name: str) -> list[Row]:
    """Every value that it has had, the newest first."""
    return [
        {"value": one.value, "timestamp": iso(one.at), "sourceType": one.source, "sourceId": "counterpart"}
        for one in reversed(row.history.get(name, []))
    ]


def with_associations(state: State, row: Record, said: Row, others: list[str]) -> Row:
    """As the older API shows them: each type of an association is a line of its own."""
    found: dict[str, Any] = {}
    for other in others:
        kind = kinds.kind_of(state, other)
        lines = [
            {"id": key, "type": associations.name_of(state, row.kind, kind.id, number)}
            for key, types in associations.of(state, row, kind.id)
            for number in types
        ]
        if lines:
            found[kind.qualified or kind.plural.replace("_", " ")] = {"results": lines}
    return said | ({"associations": found} if found else {})
