"""Pipelines of deals and their stages: what a stage's metadata says decides whether a deal is closed, and won."""

from decimal import Decimal, InvalidOperation

from tests.fakes.hubspot import kinds, records
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import invalid, not_found, unsimulated
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row, State

AT = "/crm/v3/pipelines/{kind}"
ONE, STAGES, STAGE = AT + "/{id}", AT + "/{id}/stages", AT + "/{id}/stages/{stage}"
P = "crm.pipelines:"
READ, WRITE = "crm.objects.{kind}.read", "crm.schemas.{kind}.write"


def _deals(call: Call) -> dict[str, Row]:
    if kinds.kind_of(call.state, call["kind"]).id != kinds.DEAL:
        raise unsimulated("pipelines of anything but deals")
    return call.state.pipelines[kinds.DEAL]


def _pipeline(call: Call) -> Row:
    row = _deals(call).get(call["id"])
    if row is None:
        raise not_found(f"Pipeline {call['id']} does not exist")
    return row


def _stage(call: Call) -> Row:
    for row in _pipeline(call)["stages"]:
        if row["id"] == call["stage"]:
            return row
    raise not_found(f"Stage {call['stage']} does not exist")


def stage_made(state: State, given: Row) -> Row:
    at = iso(state.clock.now())
    return {
        "id": state.ids("stage"), "label": given["label"], "displayOrder": given["displayOrder"], "archived": False,
        "createdAt": at, "updatedAt": at, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "metadata": _metadata(given.get("metadata") or {}),
    }  # fmt: skip


def _metadata(said: Row) -> Row:
    """A stage of a deal needs a probability; closed is what it says, or what 0 and 1 mean."""
    unknown = sorted(set(said) - {"probability", "isClosed"})
    if unknown:
        raise invalid(f"Unknown metadata of a deal stage: {unknown[0]}")
    try:
        probability = Decimal(str(said["probability"]))
    except (KeyError, InvalidOperation):
        raise invalid("metadata.probability must be a number between 0.0 and 1.0") from None
    if not 0 <= probability <= 1:
        raise invalid("metadata.probability must be a number between 0.0 and 1.0")
    closed = str(said.get("isClosed", probability in (0, 1))).lower()
    return {
        "probability": f"{probability.normalize():f}" if probability % 1 else f"{probability:.1f}",
        "isClosed": closed,
    }


@route("GET", AT, says=P + "CollectionResponsePipelineNoPaging", scope=READ)
def listed(call: Call) -> Row:
    return {"results": sorted(_deals(call).values(), key=lambda row: row["displayOrder"])}


@route("POST", AT, takes=P + "PipelineInput", says=P + "Pipeline", status=201, scope=WRITE)
def create(call: Call) -> Row:
    held, at = _deals(call), iso(call.state.clock.now())
    stages = [stage_made(call.state, one) for one in call.body["stages"]]
    row = {
        "id": call.state.ids("pipeline"), "label": call.body["label"], "displayOrder": call.body["displayOrder"],
        "archived": False, "createdAt": at, "updatedAt": at, "stages": stages,
    }  # fmt: skip
    held[row["id"]] = row
    return row


@route("GET", ONE, says=P + "Pipeline", scope=READ)
def read(call: Call) -> Row:
    return _pipeline(call)


@route("GET", STAGES, says=P + "CollectionResponsePipelineStageNoPaging", scope=READ)
def stages(call: Call) -> Row:
    return {"results": _pipeline(call)["stages"]}


@route("GET", STAGE, says=P + "PipelineStage", scope=READ)
def stage(call: Call) -> Row:
    return _stage(call)


@route("POST", STAGES, takes=P + "PipelineStageInput", says=P + "PipelineStage", status=201, scope=WRITE)
def create_stage(call: Call) -> Row:
    row = stage_made(call.state, call.body)
    _pipeline(call)["stages"].append(row)
    return row


@route("PATCH", STAGE, takes=P + "PipelineStagePatchInput", says=P + "PipelineStage", scope=WRITE)
def change_stage(call: Call) -> Row:
    """Another meaning of the stage is another meaning of every deal in it, at once."""
    row, given = _stage(call), {name: value for name, value in call.body.items() if value is not None}
    if given.pop("archived", False):
        raise unsimulated("stages that are put away")
    if "metadata" in given:
        given["metadata"] = _metadata(row["metadata"] | given["metadata"])
    row |= given | {"updatedAt": iso(call.state.clock.now())}
    for deal in call.state.alive(kinds.DEAL):
        if (deal.values.get("pipeline"), deal.values.get("dealstage")) == (call["id"], row["id"]):
            records.rederived(call.state, deal)
    return row


@route("DELETE", STAGE, status=204, scope=WRITE)
def archive_stage(call: Call) -> None:
    row = _stage(call)
    used = [deal.id for deal in call.state.alive(kinds.DEAL) if deal.values.get("dealstage") == row["id"]]
    if used:
        raise invalid(f"Stage ID {row['id']} is being referenced by object ID {used[0]}", subCategory="PipelineError.STAGE_ID_IN_USE")  # fmt: skip
    _pipeline(call)["stages"].remove(row)
