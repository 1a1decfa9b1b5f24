"""Lists in pages: newest first, a cursor that is an id, and whether there is more."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.stripe.errors import invalid, missing
from tests.fakes.stripe.routes import Call
from tests.fakes.stripe.state import Row

SIGNS = {"gt": lambda at, than: at > than, "gte": lambda at, than: at >= than,
         "lt": lambda at, than: at < than, "lte": lambda at, than: at <= than}  # fmt: skip


def within(params: Mapping[str, Any], rows: list[Row], name: str = "created") -> list[Row]:
    """Rows whose time is the one given, or within `gt`, `gte`, `lt`, `lte`."""
    if name not in params:
        return rows
    wanted = params[name]
    if isinstance(wanted, int):
        return [row for row in rows if row[name] == wanted]
    return [row for row in rows if all(SIGNS[sign](row[name], than) for sign, than in wanted.items())]


def where(params: Mapping[str, Any], rows: list[Row], *names: str) -> list[Row]:
    """Rows that have just what the parameters of these names say."""
    for name in names:
        if name in params:
            rows = [row for row in rows if row.get(name) == params[name]]
    return rows


def paged(call: Call, rows: list[Row], *, newest_first: bool = True) -> Row:
    params = call.params
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        much = limit > 100
        raise invalid(
            f"This value must be {'less than or equal to 100' if much else 'greater than or equal to 1'}.", "limit",
            "parameter_invalid_integer",
        )  # fmt: skip
    rows = rows[::-1] if newest_first else rows
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You can only specify one of these parameters: starting_after, ending_before.", "starting_after")
    if "ending_before" in params:
        before = rows[: _place(rows, params["ending_before"], "ending_before")]
        page, more = before[-limit:], len(before) > limit
    else:
        start = _place(rows, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
        page, more = rows[start : start + limit], len(rows) > start + limit
    return {"object": "list", "data": page, "has_more": more, "url": call.url, "_whole": True}


def _place(rows: list[Row], key: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == key:
            return place
    raise missing(rows[0]["object"] if rows else "object", key, param, 400)
