"""The types of association between two kinds, and those that a portal adds under names of its own."""

from tests.fakes.hubspot import associations, kinds
from tests.fakes.hubspot.errors import conflict, invalid
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row

LABELS = "/crm/v4/associations/{kind}/{other}/labels"
SAID = "crm.associations.v4.schema:CollectionResponseAssociationSpecWithLabelNoPaging"
TAKEN = "crm.associations.v4.schema:PublicAssociationDefinition"
READ, WRITE = "crm.objects.{kind}.read", "crm.objects.{kind}.write"


def _pair(call: Call) -> tuple[str, str]:
    return kinds.kind_of(call.state, call["kind"]).id, kinds.kind_of(call.state, call["other"]).id


def _said(rows: list[Row]) -> Row:
    return {"results": [{"category": row["category"], "typeId": row["typeId"], "label": row["label"]} for row in rows]}


@route("GET", LABELS, says=SAID, scope=READ)
def listed(call: Call) -> Row:
    return _said(call.state.labels[_pair(call)])


@route("POST", LABELS, takes=TAKEN + "CreateRequest", says=SAID, scope=WRITE)
def create(call: Call) -> Row:
    one, other = _pair(call)
    rows, label = call.state.labels[one, other], call.body["label"]
    if any(row["label"] == label for row in rows):
        raise conflict(f"An association label {label} exists already")
    before = len(rows)
    there = _next(call)
    associations.define(
        call.state, one, other, there, there + 1, label, category="USER_DEFINED",
        inverse_label=call.body.get("inverseLabel"), name=call.body["name"],
    )  # fmt: skip
    return _said(rows[before:] + (call.state.labels[other, one][-1:] if one != other else []))


def _next(call: Call) -> int:
    """Two free numbers: one each way."""
    held = [row["typeId"] for rows in call.state.labels.values() for row in rows if row["category"] == "USER_DEFINED"]
    return max(held, default=100) + 1


def _own(call: Call, number: int) -> Row:
    row = associations.type_of(call.state, *_pair(call), number)
    if row["category"] != "USER_DEFINED":
        raise invalid(f"Association type {number} is defined by HubSpot")
    return row


@route("PUT", LABELS, takes=TAKEN + "UpdateRequest", status=204, scope=WRITE)
def change(call: Call) -> None:
    row = _own(call, call.body["associationTypeId"])
    row["label"] = call.body["label"]
    if call.body.get("inverseLabel"):
        one, other = _pair(call)
        associations.type_of(call.state, other, one, row["_inverse"])["label"] = call.body["inverseLabel"]


@route("DELETE", LABELS + "/{number}", status=204, scope=WRITE)
def archive(call: Call) -> None:
    one, other = _pair(call)
    row = _own(call, int(call["number"]) if call["number"].isdigit() else 0)
    call.state.labels[one, other].remove(row)
    back = call.state.labels[other, one]
    back[:] = [twin for twin in back if twin["typeId"] != row["_inverse"]]
    for pair, number in (((one, other), row["typeId"]), ((other, one), row["_inverse"])):
        for types in call.state.links[pair].values():
            types[:] = [kept for kept in types if kept != number]
