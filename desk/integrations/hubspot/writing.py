"""Writing what the desk knows to companies, and one record for each entitlement beside them.

Companies are written by their ids; records of entitlements by their keys, so that one is never made twice, whatever came
of the answer. Each item bears its place as a trace: of a batch of which only a part went through (207, which the client
returns like any other answer) the answer names those that didn't by that alone. A record belongs to one company: where it
belongs to another, it is moved.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, Outgoing
from desk.integrations.crm.port import Declined, Written
from desk.integrations.hubspot import errors
from desk.integrations.hubspot.client import Answer, Line, NotAllowed, NotThere
from desk.integrations.hubspot.fetching import BATCH, links
from desk.integrations.hubspot.names import COMPANIES, PREFIX, RECORD_KEY, RECORDS_WORDS, record_type, rendered, theirs
from desk.integrations.hubspot.portal import properties_of

NO_RECORDS = (
    f"Not written: “{RECORDS_WORDS}” are no object of this portal, which its plan has to include. What stands at the company "
    "itself is written all the same. “What the desk needs in HubSpot” says what is missing."
)
NO_FIELDS = (
    "HubSpot has none of the properties that the desk writes to companies. Make them under “What the desk needs in HubSpot”, or "
    "by the list there."
)
Row = dict[str, Any]


def write(line: Line, rows: Sequence[Outgoing]) -> list[Written]:
    """In the order in which they were given; companies first, since records stand beside them."""
    done: dict[int, Written] = {}
    companies = [place for place, one in enumerate(rows) if one.part == COMPANY]
    records = [place for place, one in enumerate(rows) if one.part != COMPANY and not one.removed]
    removed = [place for place, one in enumerate(rows) if one.part != COMPANY and one.removed]
    there = _company_fields(line) if companies else None
    for part in _parts(companies):
        done |= _update(line, rows, part, there)
    of_records = record_fields(line) if records or removed else frozenset()
    if not of_records:
        done |= {place: Written(rows[place].key, words=NO_RECORDS) for place in (*records, *removed)}
        records, removed = [], []
    for part in _parts(records):
        done |= _upsert(line, rows, part, of_records)
    for part in _parts(removed):
        done |= _archive(line, rows, part)
    return [done[place] for place in range(len(rows))]


def _company_fields(line: Line) -> frozenset[str] | None:
    """Which of ours there are: a portal may want only some. None: nobody may see them, and HubSpot says what is wrong."""
    try:
        found = ours_among(properties_of(line, COMPANIES))
        if len(found) < len(COMPANY_FIELDS):
            found = ours_among(properties_of(line, COMPANIES, anew=True))  # they may have been made since
    except NotAllowed:
        return None
    if not found:
        raise Declined(NO_FIELDS)
    return found


def record_fields(line: Line) -> frozenset[str]:
    """Which properties the records have; empty where the portal has no such object, or the desk may not see it."""

    def ask() -> frozenset[str]:
        try:
            told = line.ask(line.parts.schemas.get_by_id, record_type(line.portal))
        except (NotThere, NotAllowed):
            return frozenset()
        found = ours_among(str(one["name"]) for one in told.get("properties") or [])
        return found if RECORD_KEY in found else frozenset()

    there: frozenset[str] = line.parts.known("records", ask, at=line.at)
    if not there:
        line.parts.forget("records")  # it may be made any moment
    return there


def ours_among(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(PREFIX))


def _update(
    line: Line, rows: Sequence[Outgoing], places: Sequence[int], there: frozenset[str] | None
) -> dict[int, Written]:
    """NotAllowed is for the whole flow: one right that is missing is no fault of fifty thousand rows."""
    inputs = [{"id": rows[place].company, **_item(rows, place, there)} for place in places]
    named = {rows[place].company: place for place in places}
    return _settled(rows, places, named, lambda: line.ask(line.parts.batch.update, COMPANIES, {"inputs": inputs}))


def _upsert(line: Line, rows: Sequence[Outgoing], places: Sequence[int], there: frozenset[str]) -> dict[int, Written]:
    kind = record_type(line.portal)
    inputs = [{"id": rows[place].key, "idProperty": RECORD_KEY, **_item(rows, place, there)} for place in places]
    named = {rows[place].key: place for place in places}
    new: set[str] = set()
    try:
        done = _settled(rows, places, named, lambda: line.ask(line.parts.batch.upsert, kind, {"inputs": inputs}), new)
        return done | _placed(line, rows, {one.id: place for place, one in done.items() if one.id}, new)
    except NotAllowed as refused:
        return {place: Written(rows[place].key, words=f"Not written: {refused}") for place in places}


def _item(rows: Sequence[Outgoing], place: int, there: frozenset[str] | None) -> Row:
    values = {theirs(name): rendered(value) for name, value in rows[place].fields.items()}
    known = {name: value for name, value in values.items() if there is None or name in there}
    return {"properties": known, "objectWriteTraceId": str(place)}


def _settled(
    rows: Sequence[Outgoing],
    places: Sequence[int],
    named: Mapping[str, int],
    ask: Callable[[], Answer],
    new: set[str] | None = None,
) -> dict[int, Written]:
    """What became of each item. One that the answer is silent about counts as not heard of, and is sent again.

    `named` are the places by the ids that were sent, where an answer bears no trace; `new` takes the ids of what was
    made by it.
    """
    try:
        told = ask()
    except Declined as refused:
        alone = new is None and len(places) == 1  # else nobody knows which of them it isn't
        fault = FaultKind.GONE if alone and isinstance(refused, NotThere) else FaultKind.INVALID
        return {place: Written(rows[place].key, fault=fault, words=str(refused)) for place in places}
    silent = "HubSpot’s answer doesn’t say what became of it."
    done = {place: Written(rows[place].key, fault=FaultKind.AWAY, words=silent) for place in places}
    for result in told.get("results") or []:
        key = str((result.get("properties") or {}).get(RECORD_KEY) or result["id"])
        place = _place(result.get("objectWriteTraceId"), named.get(key))
        if place is not None:
            done[place] = Written(rows[place].key, id=str(result["id"]))
        if new is not None and result.get("new"):
            new.add(str(result["id"]))
    for error in told.get("errors") or []:
        traces = errors.context(error, "objectWriteTraceId")
        found = [int(one) for one in traces] or [named[key] for key in errors.context(error, "ids") if key in named]
        for place in found:
            done[place] = Written(rows[place].key, fault=errors.fault_of(error), words=errors.words_of(error))
    return done


def _place(trace: object, named: int | None) -> int | None:
    return int(str(trace)) if trace else named


# Whose a record is --------------------------------------------------------------------------------------------------
def _placed(line: Line, rows: Sequence[Outgoing], written: Mapping[str, int], new: set[str]) -> dict[int, Written]:
    """Each beside its company and no other; those for which that failed. A new one stands beside none yet."""
    if not written:
        return {}
    kind, older = record_type(line.portal), [key for key in written if key not in new]
    held = links(line, kind, COMPANIES, older) if older else {}
    beside = {key: {to for to, _ in held.get(key, ())} for key in written}
    missing = [(key, place) for key, place in written.items() if rows[place].company not in beside[key]]
    failed = _joined(line, rows, missing)
    others = {key: beside[key] - {rows[place].company} for key, place in written.items()}
    _parted(line, {key: companies for key, companies in others.items() if companies})
    return failed


def _joined(line: Line, rows: Sequence[Outgoing], missing: Sequence[tuple[str, int]]) -> dict[int, Written]:
    if not missing:
        return {}
    kind, places = record_type(line.portal), dict(missing)
    pairs = [{"from": {"id": key}, "to": {"id": rows[place].company}} for key, place in missing]
    try:
        told = line.ask(line.parts.links.create_default, kind, COMPANIES, {"inputs": pairs})
    except Declined as refused:
        return {
            place: Written(rows[place].key, fault=FaultKind.INVALID, words=str(refused)) for place in places.values()
        }
    failed: dict[int, Written] = {}
    for error in told.get("errors") or []:
        for key in errors.context(error, "fromObjectId"):
            if key in places:
                words = f"It stands beside no company: {errors.words_of(error)}"
                fault = errors.fault_of(error)  # the record itself is there
                fault = FaultKind.AWAY if fault is FaultKind.GONE else fault
                failed[places[key]] = Written(rows[places[key]].key, fault=fault, words=words)
    return failed


def _parted(line: Line, others: dict[str, set[str]]) -> None:
    if others:
        inputs = [{"from": {"id": key}, "to": [{"id": to} for to in sorted(rest)]} for key, rest in others.items()]
        line.ask(line.parts.links.archive, record_type(line.portal), COMPANIES, {"inputs": inputs})


def _archive(line: Line, rows: Sequence[Outgoing], places: Sequence[int]) -> dict[int, Written]:
    """By their keys; what isn't there any more, though it was asked for twice, is as it should be."""
    kind = record_type(line.portal)
    try:
        ids = _ids_of(line, kind, [rows[place].key for place in places])
        if ids:
            line.ask(line.parts.batch.archive, kind, {"inputs": [{"id": one} for one in ids.values()]})
    except NotAllowed as refused:
        return {place: Written(rows[place].key, words=f"Not removed: {refused}") for place in places}
    return {place: Written(rows[place].key, id=ids.get(rows[place].key.lower(), "")) for place in places}


def standing(line: Line, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
    """Of these keys those whose records stand there; None where there is no such object, or the desk may not see it."""
    if not record_fields(line):
        return None
    kind, ids = record_type(line.portal), dict[str, str]()
    asked = [key for some in keys.values() for key in some]
    try:
        for start in range(0, len(asked), BATCH):
            ids |= _ids_of(line, kind, asked[start : start + BATCH])
    except NotAllowed:
        return None
    return frozenset(key for key in asked if key.lower() in ids)


def _ids_of(line: Line, kind: str, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(2):
        missing = [{"id": key} for key in keys if key.lower() not in found]
        if not missing:
            break
        asked = {"inputs": missing, "idProperty": RECORD_KEY, "properties": [RECORD_KEY], "propertiesWithHistory": []}
        told = line.ask(line.parts.batch.read, kind, asked)
        found |= {str(row["properties"][RECORD_KEY]).lower(): str(row["id"]) for row in told.get("results") or []}
    return found


def _parts(places: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(places)
    while part := list(islice(rest, BATCH)):
        yield part
