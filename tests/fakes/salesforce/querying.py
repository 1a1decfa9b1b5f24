"""Queries over HTTP: pages with an address for the next, lists of children that may be long too."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.soql import parsed
from tests.fakes.salesforce.soql_run import Run
from tests.fakes.salesforce.state import Row, State

LASTS = timedelta(days=2)
SMALLEST, LARGEST = 200, 2000  # what a request may ask for


@dataclass
class Cursor:
    """An answer as it was found; later writes leave its pages alone."""

    records: list[Row]
    size: int
    until: datetime


@route("GET", "/query", "q")
def query(call: Call) -> Reply:
    return Reply(body=_found(call))


@route("GET", "/queryAll", "q")
def query_all(call: Call) -> Reply:
    """With what lies in the recycle bin."""
    return Reply(body=_found(call, deleted=True))


@route("GET", "/tooling/query", "q")
def tooling_query(call: Call) -> Reply:
    return Reply(body=_found(call, tooling=True))


@route("GET", "/query/{locator}")
def query_more(call: Call) -> Reply:
    return Reply(body=_more(call.state, call["locator"], call.root))


@route("GET", "/queryAll/{locator}")
def query_all_more(call: Call) -> Reply:
    return Reply(body=_more(call.state, call["locator"], call.root))


def _found(call: Call, *, deleted: bool = False, tooling: bool = False) -> dict[str, Any]:
    text = call.params.get("q")
    if not text:
        raise Refused(Wrong("MALFORMED_QUERY", "A query string has to be specified"))
    run = Run(call.state, parsed(text), call.version, deleted, tooling)
    rows = run.rows()
    if run.query.count:
        return {"totalSize": len(rows), "done": True, "records": []}
    size = batch_size(call)
    records = run.records(rows, lambda children: _paged(call.state, children, size, call.root))
    return _paged(call.state, records, size, call.root)


def batch_size(call: Call) -> int:
    """The org's own, unless the request names another; Salesforce takes it for a wish, so we do what it allows."""
    match = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    asked = max(SMALLEST, min(LARGEST, int(match[1]))) if match else LARGEST
    return min(asked, call.state.settings.batch_size)


def _paged(state: State, records: list[Row], size: int, root: str) -> dict[str, Any]:
    if len(records) <= size:
        return {"totalSize": len(records), "done": True, "records": records}
    key = state.ids("01g")
    state.cursors[key] = Cursor(records, size, state.clock.now() + LASTS)
    return _page(records, size, 0, key, root)


def _page(records: list[Row], size: int, start: int, key: str, root: str) -> dict[str, Any]:
    end = start + size
    said: dict[str, Any] = {"totalSize": len(records), "done": end >= len(records)}
    if not said["done"]:
        said["nextRecordsUrl"] = f"{root}/query/{key}-{end}"
    return said | {"records": records[start:end]}


def _more(state: State, locator: str, root: str) -> dict[str, Any]:
    key, _, start = locator.partition("-")
    cursor = state.cursors.get(key)
    if cursor is None or not start.isdigit() or cursor.until < state.clock.now():
        raise Refused(Wrong("INVALID_QUERY_LOCATOR", "invalid query locator"))
    return _page(cursor.records, cursor.size, int(start), key, root)
