"""Search: groups of filters, one order, pages by number, an index that lags, and an end at ten thousand."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

from tests.fakes.hubspot import basic, kinds
from tests.fakes.hubspot.clock import SECOND, instant, midnight
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.rendering import heeded, shown
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Record, Row, State

GROUPS, FILTERS, TOTAL, LONGEST, PAGE = 5, 6, 18, 3000, 200
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "LT": lambda one, than: one < than, "LTE": lambda one, than: one <= than,
    "GT": lambda one, than: one > than, "GTE": lambda one, than: one >= than,
}  # fmt: skip
Seen = tuple[Record, dict[str, str]]


@route("POST", "/crm/v3/objects/{kind}/search", takes="crm.objects:PublicObjectSearchRequest",
       says="crm.objects:CollectionResponseWithTotalSimplePublicObjectForwardPaging", scope="crm.objects.{kind}.read")  # fmt: skip
def search(call: Call) -> Row:
    kind, body, state = basic.kind_at(call), call.body, call.state
    groups = _sound(body.get("filterGroups") or [])
    limit, start = _page(state, body)
    nobody = Record(kind.id, "0", 0, 0)
    for one in [one for group in groups for one in group]:
        _passed(state, kind, (nobody, {}), one)  # a filter that is wrong is so though there be nothing to find
    found = [one for one in indexed(state, kind.id) if _met(state, kind, one, groups) and _worded(kind, one, body)]
    found = _ordered(state, kind, found, body.get("sorts") or [])
    names = heeded(call, kind.id, body.get("properties") or [])
    page = found[start : start + limit]
    said: Row = {
        "total": len(found),
        "results": [shown(state, row, names, values=values) for row, values in page],
    }
    if len(found) > start + limit:
        said["paging"] = {"next": {"after": str(start + limit)}}
    return said


def indexed(state: State, kind: str) -> list[Seen]:
    """What search knows: each record as it was when the index last looked, which may be a while ago."""
    until = state.clock.now() - round(state.settings.index_lag * SECOND)
    known: list[Seen] = []
    for row in state.records[kind].values():
        if state.settings.index_lag == 0:
            known += [(row, row.values)] if row.alive else []
            continue
        past = [(values, alive) for at, values, alive in row.seen if at <= until]
        if past and past[-1][1]:
            known.append((row, past[-1][0]))
    return known


def _sound(groups: list[Row]) -> list[list[Row]]:
    sizes = [len(group["filters"]) for group in groups]
    if len(groups) > GROUPS:
        raise invalid(f"Too many filterGroups: {len(groups)}; at most {GROUPS} are allowed.")
    if max(sizes, default=0) > FILTERS:
        raise invalid(f"Too many filters in a group: {max(sizes)}; at most {FILTERS} are allowed.")
    if sum(sizes) > TOTAL:
        raise invalid(f"Too many filters: {sum(sizes)}; at most {TOTAL} are allowed.")
    return [group["filters"] for group in groups]


def _page(state: State, body: Row) -> tuple[int, int]:
    limit, after = body.get("limit", 10), str(body.get("after") or 0)
    if limit is None or not 0 <= limit <= PAGE:
        raise invalid(f"Invalid limit: {limit}. The maximum number of objects per page is {PAGE}.")
    if len(body.get("query") or "") > LONGEST:
        raise invalid(f"The query is longer than {LONGEST} characters.")
    if not after.isdigit():
        raise invalid(f"Invalid after: {after} is not a number.")
    if int(after) + limit > state.settings.search_cap:
        raise invalid(
            f"Search results are limited to {state.settings.search_cap}: offset {after} + limit {limit} is beyond it."
        )
    return limit, int(after)


def _met(state: State, kind: kinds.Kind, one: Seen, groups: list[list[Row]]) -> bool:
    """Groups are alternatives; the filters of one group hold together. Without groups everything is met."""
    return not groups or any(all(_passed(state, kind, one, row) for row in group) for group in groups)


def _passed(state: State, kind: kinds.Kind, one: Seen, row: Row) -> bool:
    name, operator = row["propertyName"], row["operator"]
    if name.startswith("associations."):
        return _associated(state, one[0], name.partition(".")[2], operator, row)
    defined = state.properties[kind.id].get(name)
    if defined is None or defined["archived"]:
        raise invalid(f"There was a problem with the request. Property {name} does not exist for {kind.plural}.")
    value = one[1].get(name, "")
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        if row.get("value") is not None or row.get("values") is not None:
            raise invalid(f"{operator} takes no value.")
        return bool(value) == (operator == "HAS_PROPERTY")
    return _compared(defined, operator, value, row)


def _compared(defined: Row, operator: str, value: str, row: Row) -> bool:
    """A property without a value meets none of these, NEQ and NOT_IN included."""
    kind = defined["type"]
    if operator in ("IN", "NOT_IN"):
        wanted = _many(row)
        mine = value.lower() if kind == "string" else value  # texts must be asked for in small letters
        among = _plain(kind, mine) in [_plain(kind, one) for one in wanted]
        return bool(value) and among == (operator == "IN")
    asked = _one(row, "value")
    if operator in ("EQ", "NEQ"):
        same = _plain(kind, value.lower()) == _plain(kind, asked.lower())
        return bool(value) and same == (operator == "EQ")
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return bool(value) and _has_word(value, asked) == (operator == "CONTAINS_TOKEN")
    if kind not in ("number", "date", "datetime"):
        raise invalid(f"Operator {operator} is not supported for property {defined['name']} of type {kind}.")
    mine_at, asked_at = _plain(kind, value), _plain(kind, asked, strict=True)
    if operator == "BETWEEN":
        high = _plain(kind, _one(row, "highValue"), strict=True)
        return bool(value) and asked_at <= mine_at <= high
    return bool(value) and SIGNS[operator](mine_at, asked_at)


def _many(row: Row) -> list[str]:
    if not isinstance(row.get("values"), list):
        raise invalid(f"{row['operator']} needs values.")
    return [str(one) for one in row["values"]]


def _one(row: Row, name: str) -> str:
    if row.get(name) is None:
        raise invalid(f"{row['operator']} needs {name}.")
    return str(row[name])


def _plain(kind: str, text: str, *, strict: bool = False) -> Any:
    """What is compared: numbers and instants as numbers, anything else as it is written."""
    try:
        if kind == "number":
            return float(text)
        if kind in ("date", "datetime"):
            at = midnight(text) if kind == "date" and not text.lstrip("-").isdigit() else instant(text.upper())
            if at is None:
                raise ValueError(text)
            return at
    except ValueError:
        if strict:
            raise invalid(f"{text} is not a valid {kind}.") from None
    return text


def _has_word(value: str, asked: str) -> bool:
    words = "".join(letter if letter.isalnum() else " " for letter in value.lower()).split()
    wanted = asked.lower()
    if "*" in wanted:
        return any(fnmatchcase(word, wanted) for word in [*words, value.lower()])
    return all(part in words for part in "".join(one if one.isalnum() else " " for one in wanted).split())


def _worded(kind: kinds.Kind, one: Seen, body: Row) -> bool:
    query = (body.get("query") or "").lower()
    held = " ".join(one[1].get(name, "") for name in (*kind.words, "hs_object_id")).lower()
    return all(part in held for part in query.split())


def _associated(state: State, row: Record, other: str, operator: str, asked: Row) -> bool:
    if operator not in ("EQ", "IN"):
        raise invalid(f"Operator {operator} is not supported for associations.{other}.")
    wanted = [_one(asked, "value")] if operator == "EQ" else _many(asked)
    kind = kinds.kind_of(state, other).id
    return any((row.id, state.resolved(kind, key)) in state.links[row.kind, kind] for key in wanted)


def _ordered(state: State, kind: kinds.Kind, found: list[Seen], sorts: list[Any]) -> list[Seen]:
    """One rule at most. Who is equal by it comes in an order that promises nothing, though the same each time."""
    if len(sorts) > 1:
        raise invalid("Only one sorting rule can be applied to any search.")
    name, backwards = _rule(sorts[0]) if sorts else ("createdate", False)
    defined = state.properties[kind.id].get(name)
    if defined is None:
        raise invalid(f"There was a problem with the request. Cannot sort by {name}: no such property.")
    found = sorted(found, key=lambda one: sha256(f"{state.seed}:{one[0].id}".encode()).digest())
    has = [one for one in found if one[1].get(name)]
    has.sort(key=lambda one: _plain(defined["type"], one[1][name]), reverse=backwards)
    return has + [one for one in found if not one[1].get(name)]


def _rule(sort: Any) -> tuple[str, bool]:
    if isinstance(sort, str):
        return sort.removeprefix("-"), sort.startswith("-")
    if not isinstance(sort, dict) or set(sort) - {"propertyName", "direction"} or "propertyName" not in sort:
        raise invalid("Invalid sort: propertyName and direction are expected.")
    if sort.get("direction", "ASCENDING") not in ("ASCENDING", "DESCENDING"):
        raise invalid(f"Invalid direction: {sort['direction']}")
    return sort["propertyName"], sort.get("direction") == "DESCENDING"
