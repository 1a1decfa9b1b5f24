"""Writing to Salesforce: our fields at accounts, by their ids, and entitlements by the key that they bear.

Both go in collections of 200, each record for itself, so that one that is refused holds no other up. A record that
somebody else has locked is sent again with the others that met a lock, those of one account together, and after that is
left to the next look. Writing the same again is no harm, so what was sent and never answered may simply be sent again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, ENTITLEMENT_FIELDS, Out, Outgoing, Sort
from desk.integrations.crm.port import Declined, Written
from desk.integrations.salesforce import errors
from desk.integrations.salesforce.client import Answer, Line
from desk.integrations.salesforce.names import (
    ACCOUNT,
    OF_COMPANY,
    OF_RECORD,
    RECORD,
    RECORD_COMPANY,
    RECORD_KEY,
    SORTS,
    listed,
    rendered,
    selected,
)

MOST = 200
TRIES = 3  # of records that somebody else has locked
LONGEST = {one.name: one.longest for one in (*COMPANY_FIELDS, *ENTITLEMENT_FIELDS)}
NOT_SET_UP = (
    "{} isn’t there, or the desk’s user may not write it. Look at “What it needs there”, on the connection’s CRM page."
)
NO_FIELDS = (
    "The desk’s fields at accounts aren’t there, or its user may not write them. Look at “What it needs there”, on the "
    "connection’s CRM page."
)
Results = dict[str, Written]
Send = Callable[[list[Outgoing]], list[Answer]]


def write(line: Line, rows: Sequence[Outgoing]) -> list[Written]:
    """What became of each, in the order given."""
    ours = [one for one in rows if one.part == COMPANY]
    records = [one for one in rows if one.part != COMPANY and not one.removed]
    removed = [one for one in rows if one.part != COMPANY and one.removed]
    found = _companies(line, ours) | _records(line, records) | _removed(line, removed)
    return [found[_mark(one)] for one in rows]


def _companies(line: Line, rows: list[Outgoing]) -> Results:
    if not rows:
        return {}
    there = _writable(line, ACCOUNT)
    if not any(spelled in there for spelled in OF_COMPANY.values()):
        return _all(rows, NO_FIELDS)

    def send(some: list[Outgoing]) -> list[Answer]:
        return _sent(line, "composite/sobjects", [
            {"attributes": {"type": ACCOUNT}, "id": one.company} | _values(one.fields, OF_COMPANY, there) for one in some
        ])  # fmt: skip

    return _each(line, rows, send)


def _records(line: Line, rows: list[Outgoing]) -> Results:
    if not rows:
        return {}
    there = _writable(line, RECORD)
    for needed in (RECORD_KEY, RECORD_COMPANY):
        if needed not in there:
            return _all(rows, NOT_SET_UP.format(f"{RECORD}.{needed}"))

    def send(some: list[Outgoing]) -> list[Answer]:
        return _sent(line, f"composite/sobjects/{RECORD}/{RECORD_KEY}", [
            {"attributes": {"type": RECORD}, RECORD_COMPANY: one.company}
            | _values(one.fields, OF_RECORD, there)
            | {RECORD_KEY: one.key}
            for one in some
        ])  # fmt: skip

    return _each(line, rows, send)


def _removed(line: Line, rows: list[Outgoing]) -> Results:
    """What isn't there any more is removed already."""
    found: Results = {_mark(one): Written(one.key) for one in rows}
    if not rows or RECORD_KEY not in (line.fields(RECORD) or {}):
        return found
    ids: dict[str, str] = {}
    for some in _some(rows):
        where = f"{RECORD_KEY} IN {listed(one.key for one in some)}"
        ids |= {
            one[RECORD_KEY].casefold(): one["Id"]
            for one in line.query(selected(["Id", RECORD_KEY], RECORD, where=where))
        }
    there = [one for one in rows if one.key.casefold() in ids]

    def send(some: list[Outgoing]) -> list[Answer]:
        asked = ",".join(ids[one.key.casefold()] for one in some)
        answers = line.ask("composite/sobjects", method="DELETE", params={"ids": asked, "allOrNone": "false"})
        return list(answers or [])

    gone = _each(line, there, send)
    return found | {
        mark: Written(one.key, one.id) if one.fault is FaultKind.GONE else one for mark, one in gone.items()
    }


def standing(line: Line, keys: Mapping[str, Collection[str]]) -> frozenset[str] | None:
    """Of these keys, by their accounts, those whose records hang there; None where there is no such object, or the user
    doesn't see it. Asked by the accounts, since that is a tenth of the questions."""
    there = line.fields(RECORD) or {}
    if not {RECORD_KEY, RECORD_COMPANY} <= there.keys():
        return None
    accounts, found = list(keys), set[tuple[str, str]]()
    for start in range(0, len(accounts), MOST):
        where = f"{RECORD_COMPANY} IN {listed(accounts[start : start + MOST])}"
        told = line.query(selected([RECORD_COMPANY, RECORD_KEY], RECORD, where=where))
        found |= {(one[RECORD_COMPANY], (one[RECORD_KEY] or "").casefold()) for one in told}
    return frozenset(key for id, some in keys.items() for key in some if (id, key.casefold()) in found)


def _each(line: Line, rows: list[Outgoing], send: Send) -> Results:
    """By company, so that what touches one account stands in one request; what met a lock again, up to three times."""
    found: Results = {}
    left = sorted(rows, key=lambda one: (one.company, one.key))
    for _ in range(TRIES):
        for some in _some(left):
            try:
                answers = send(some)
            except Declined as error:  # all of it, such as for a field that was taken away a moment ago
                line.forget()
                found |= _all(some, str(error))
                continue
            found |= {_mark(one): _became(one, told) for one, told in zip(some, answers, strict=True)}
        left = [one for one in left if found[_mark(one)].fault is FaultKind.LOCKED]
    if any(one.fault is FaultKind.INVALID for one in found.values()):
        line.forget()  # each record may be refused for a field that was taken away a moment ago
    return found


def _became(row: Outgoing, told: Answer) -> Written:
    if told.get("success"):
        return Written(row.key, told.get("id") or row.company)
    kind, words = errors.worst(errors.refusals(told.get("errors")))
    return Written(row.key, row.company if row.part == COMPANY else "", kind, words)


def _sent(line: Line, path: str, records: list[Answer]) -> list[Answer]:
    answers = line.ask(path, method="PATCH", json={"allOrNone": False, "records": records})
    return list(answers or [])


def _writable(line: Line, kind: str) -> dict[str, Answer]:
    return {name: one for name, one in (line.fields(kind) or {}).items() if one["updateable"] or one["createable"]}


def _values(fields: Mapping[str, Out], spelled: Mapping[str, str], there: Mapping[str, Answer]) -> Answer:
    """What of it the organisation has a field for, cut to what fits there."""
    return {
        spelled[name]: rendered(_fitting(name, value, there[spelled[name]]))
        for name, value in fields.items()
        if spelled.get(name) in there
    }


def _fitting(name: str, value: Out, field: Answer) -> Out:
    """A text that is too long ends in "…"; a number that has too many digits for its field is left out, for the text
    beside it says it."""
    if SORTS[name] in {Sort.NUMBER, Sort.PERCENT} and isinstance(value, int | Decimal) and not isinstance(value, bool):
        digits = int(field["precision"] or 18) - int(field["scale"] or 0)
        return value if abs(value) < 10**digits else None
    longest = min(LONGEST[name], int(field["length"] or LONGEST[name]))
    if isinstance(value, str) and SORTS[name] is not Sort.KEY and len(value) > longest:
        return value[: longest - 1] + "…"
    return value


def _all(rows: list[Outgoing], words: str) -> Results:
    return {_mark(one): Written(one.key, fault=FaultKind.INVALID, words=words) for one in rows}


def _mark(row: Outgoing) -> str:
    return f"{row.part}\x00{row.key}"


def _some(rows: list[Outgoing]) -> Iterator[list[Outgoing]]:
    for start in range(0, len(rows), MOST):
        yield rows[start : start + MOST]
