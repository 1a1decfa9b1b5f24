"""Records by their ids, and who belongs to whom, in batches.

Whatever is said to be missing is asked for once more: half an answer must not end what a deal gave.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.integrations.hubspot import parsing
from desk.integrations.hubspot.client import Line, NotThere

BATCH, LINKED_AT_ONCE = 100, 1000
NOBODY = "1"  # an id that no record has: what is asked about it is answered, and changes nothing
Row = Mapping[str, Any]
Targets = list[tuple[str, frozenset[int]]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What ids led to: the records by them, `into` the id that a merged one lives on under, and `deleted` those that
    HubSpot says were. Of the rest nobody knows whether they were deleted for good, or can't be seen."""

    rows: dict[str, Row] = field(default_factory=dict)
    into: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def fetch(line: Line, kind: str, ids: Sequence[str], names: Iterable[str]) -> Fetched:
    """By their ids; those that a batch says are missing each by itself, which also says what they were merged into."""
    wanted, names = set(ids), tuple(dict.fromkeys(names))
    fetched = Fetched()
    for part in _parts(ids, BATCH):
        for row in line.rows(line.parts.batch.read, kind, wanted_of(part, names)):
            _take(fetched, row, wanted)
    for key in ids:
        if key in fetched.rows or key in fetched.into:
            continue
        try:
            row = line.ask(line.parts.basic.get_by_id, kind, key, properties=list(names))
        except NotThere:
            if _was_deleted(line, kind, key):
                fetched.deleted.add(key)
            continue
        if str(row["id"]) == key:
            fetched.rows[key] = row
        else:
            fetched.into[key] = str(row["id"])
    return fetched


def _was_deleted(line: Line, kind: str, key: str) -> bool:
    """Whether HubSpot keeps it among what was deleted, as it does for a while."""
    try:
        return bool(line.ask(line.parts.basic.get_by_id, kind, key, archived=True).get("archived"))
    except NotThere:
        return False


def _take(fetched: Fetched, row: Row, wanted: set[str]) -> None:
    key = str(row["id"])
    if key in wanted:
        fetched.rows[key] = row
    for former in parsing.merged_ids(row) & wanted - {key}:
        fetched.into[former] = key


def links(line: Line, kind: str, other: str, ids: Collection[str]) -> dict[str, Targets]:
    """Who belongs to each, with the types by which; those of whom it says that there is nobody are asked about again."""
    found = _linked(line, kind, other, list(ids))
    nobody = [key for key in ids if key not in found]
    return found | (_linked(line, kind, other, nobody) if nobody else {})


def _linked(line: Line, kind: str, other: str, ids: Sequence[str]) -> dict[str, Targets]:
    found: dict[str, Targets] = {}
    inputs = [{"id": key} for key in ids]
    while inputs:
        part, inputs = inputs[:LINKED_AT_ONCE], inputs[LINKED_AT_ONCE:]
        for result in line.rows(line.parts.links.get_page, kind, other, {"inputs": part}):
            key = str(result["from"]["id"])
            found.setdefault(key, []).extend(_target(one) for one in result["to"])
            after = after_of(result)
            inputs += [{"id": key, "after": after}] if after else []
    return found


def _target(one: Row) -> tuple[str, frozenset[int]]:
    return str(one["toObjectId"]), frozenset(int(type_["typeId"]) for type_ in one.get("associationTypes") or [])


def after_of(told: Row) -> str:
    """Where the next page begins; empty with the last."""
    return str(((told.get("paging") or {}).get("next") or {}).get("after") or "")


def wanted_of(ids: Sequence[str], names: Iterable[str]) -> dict[str, Any]:
    return {"inputs": [{"id": key} for key in ids], "properties": list(names), "propertiesWithHistory": []}


def _parts(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + most] for start in range(0, len(ids), most))
