"""Records by their ids, and who belongs to whom, in batches.

Whatever is said to be missing is asked for once more: half an answer must not end what a deal gave.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.domain.crm.faults import FaultKind
from desk.integrations.hubspot import errors, parsing
from desk.integrations.hubspot.client import Line, NotThere

BATCH, LINKED_AT_ONCE = 100, 1000
NOBODY = "1"  # an id that no record has: what is asked about it is answered, and changes nothing
PASSING = (FaultKind.AWAY, FaultKind.QUOTA, FaultKind.LOCKED)
Row = Mapping[str, Any]
LEFT_OUT: Row = {"category": "INTERNAL_ERROR"}  # a page that was promised, and isn't there
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
        for row in line.listed(line.parts.batch.read, kind, wanted_of(part, names))["results"]:
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


def links(line: Line, kind: str, other: str, ids: Collection[str], *, whole: bool = False) -> dict[str, Targets]:
    """Who belongs to each, with the types by which. Those of whom it says that there is nobody, or doesn't say all, are
    asked about again. Later where it can't say it just now; `whole`: LookupError where it won't say it at all."""
    found, _ = _linked(line, kind, other, list(ids))
    again = [key for key in ids if key not in found]
    if not again:
        return found
    more, unsaid = _linked(line, kind, other, again)
    if any(errors.fault_of(error) in PASSING for error in unsaid.values()):
        raise line.unread()
    if whole and unsaid:
        key, error = next(iter(unsaid.items()))
        raise LookupError(f"HubSpot doesn’t say whom {key} belongs to: {errors.words_of(error)}")
    return found | more


def _linked(line: Line, kind: str, other: str, ids: Sequence[str]) -> tuple[dict[str, Targets], dict[str, Row]]:
    """Beside those that were told whole stands what was said instead of the others, or of their next page."""
    found: dict[str, Targets] = {}
    unsaid: dict[str, Row] = {}
    inputs = [{"id": key} for key in ids]
    while inputs:
        part, inputs = inputs[:LINKED_AT_ONCE], inputs[LINKED_AT_ONCE:]
        told = line.listed(line.parts.links.get_page, kind, other, {"inputs": part})
        promised = {one["id"] for one in part if "after" in one}
        for result in told["results"]:
            key = str(result["from"]["id"])
            promised.discard(key)
            found.setdefault(key, []).extend(_target(one) for one in result["to"])
            after = after_of(result)
            inputs += [{"id": key, "after": after}] if after else []
        unsaid |= dict.fromkeys(promised, LEFT_OUT)
        unsaid |= {key: error for error in errors.rows(told) if not errors.says_nobody(error) for key in _about(error)}
    return {key: targets for key, targets in found.items() if key not in unsaid}, unsaid


def _about(error: Row) -> list[str]:
    return errors.context(error, "fromObjectId") or ["them"]


def _target(one: Row) -> tuple[str, frozenset[int]]:
    return str(one["toObjectId"]), frozenset(int(type_["typeId"]) for type_ in one.get("associationTypes") or [])


def after_of(told: Row) -> str:
    """Where the next page begins; empty with the last."""
    return str(((told.get("paging") or {}).get("next") or {}).get("after") or "")


def wanted_of(ids: Sequence[str], names: Iterable[str]) -> dict[str, Any]:
    return {"inputs": [{"id": key} for key in ids], "properties": list(names), "propertiesWithHistory": []}


def _parts(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + most] for start in range(0, len(ids), most))
