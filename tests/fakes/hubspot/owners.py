"""The people of the portal, whom records belong to."""

from typing import Any

from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import invalid, not_found
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row, State

SCOPE = "crm.objects.owners.read"


def employed(state: State, first: str, last: str, email: str) -> Row:
    at, user = iso(state.clock.now()), state.ids.number("user")
    row: Row = {
        "id": state.ids("owner"), "email": email, "firstName": first, "lastName": last, "userId": user,
        "userIdIncludingInactive": user, "type": "PERSON", "teams": [], "archived": False, "createdAt": at, "updatedAt": at,
    }  # fmt: skip
    state.owners[row["id"]] = row
    return row


@route("GET", "/crm/v3/owners/", query=("email", "after", "limit", "archived"), scope=SCOPE,
       says="crm.owners:CollectionResponsePublicOwnerForwardPaging")  # fmt: skip
def listed(call: Call) -> Row:
    limit, start = call.number("limit", 100, 500), call.one("after", "0")
    if not start.isdigit():
        raise invalid(f"Invalid cursor: {start}")
    rows = [row for row in call.state.owners.values() if row["archived"] == call.flag("archived")]
    if call.one("email"):
        rows = [row for row in rows if row["email"].lower() == call.one("email").lower()]
    said: dict[str, Any] = {"results": rows[int(start) :][:limit]}
    if len(rows) > int(start) + limit:
        said["paging"] = {"next": {"after": str(int(start) + limit)}}
    return said


@route("GET", "/crm/v3/owners/{id}", query=("idProperty", "archived"), says="crm.owners:PublicOwner", scope=SCOPE)
def read(call: Call) -> Row:
    by = call.one("idProperty", "id")
    if by not in ("id", "userId"):
        raise invalid(f"Invalid idProperty: {by}")
    for row in call.state.owners.values():
        if str(row[by]) == call["id"] and row["archived"] == call.flag("archived"):
            return row
    raise not_found()
