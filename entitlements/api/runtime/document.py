"""The runtime in the OpenAPI document, made of the Structs that read and write it."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from entitlements.api.runtime import answers, requests
from entitlements.api.runtime.cloud_events import BATCH, STRUCTURED
from entitlements.api.runtime.gating import parameters
from journal.api.problems import PROBLEMS as USUAL
from journal.api.problems import Problem

TEMPLATE = "#/components/schemas/{name}"
JSON = "application/json"
PROBLEMS: dict[int, Any] = {**USUAL, 400: Problem, 413: Problem, 503: Problem}
STRUCTS: tuple[type, ...] = (
    requests.CheckRequest,
    requests.BatchRequest,
    requests.UseRequest,
    requests.ReserveRequest,
    requests.CommitRequest,
    answers.CheckAnswer,
    answers.BatchAnswer,
    answers.UseAnswer,
    answers.ManyAnswer,
    answers.ReservationAnswer,
)
Kinds = type | tuple[type, ...] | None


def described(asked: Kinds, answered: Kinds, *, media_types: tuple[str, ...] = (JSON,)) -> dict[str, Any]:
    """The body and the answer of an operation; of several kinds, any one of them."""
    found: dict[str, Any] = {"responses": {200: {"description": "OK", "content": {JSON: {"schema": _any(answered)}}}}}
    if asked is not None:
        content = {media_type: {"schema": _any(asked)} for media_type in media_types}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _any(kinds: Kinds) -> dict[str, Any]:
    several = kinds if isinstance(kinds, tuple) else (kinds,)
    refs = [{"$ref": TEMPLATE.format(name=kind.__name__)} for kind in several if kind is not None]
    return refs[0] if len(refs) == 1 else {"oneOf": refs}


def gate_described() -> dict[str, Any]:
    """Nothing where it may pass; a problem where it may not. What else is told stands in headers."""
    text = {"schema": {"type": "string"}}
    told = {"Cache-Control": text, "Entitlement-Source": text}
    why = {"Entitlement-Why": text, "Entitlement-Because": text}
    return {
        "parameters": parameters(),
        "responses": {
            204: {"description": "It may pass.", "headers": told},
            403: {"description": "It may not.", "headers": {**told, **why}},
        },
    }


def events_described() -> dict[str, Any]:
    """CloudEvents in their three modes."""
    found = described(None, (answers.UseAnswer, answers.ManyAnswer))
    event, use = {"$ref": TEMPLATE.format(name="CloudEvent")}, {"$ref": TEMPLATE.format(name="EventData")}
    content = {STRUCTURED: event, BATCH: {"type": "array", "items": event, "maxItems": requests.MOST_EVENTS}, JSON: use}
    found["requestBody"] = {
        "required": True,
        "description": f"{JSON} is the data alone, of an event whose attributes stand in `ce-` headers.",
        "content": {kind: {"schema": schema} for kind, schema in content.items()},
    }
    return found


class EventData(Struct):
    """What the data of a usage event says; what else it holds is ignored."""

    feature: Annotated[requests.FeatureName, Meta(description="Its key; the event's `type` if left out.")] = ""
    quantity: requests.Change = 1
    subject: requests.Subject = ""
    choice: requests.ChoiceName = ""
    value: requests.Text = ""


class CloudEvent(Struct):
    """CloudEvents 1.0. `subject` is the account, by our key or any system's id; `time` is when it happened."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=200)]
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    type: Annotated[str, Meta(min_length=1, description="The feature, where the data names none.")]
    subject: Annotated[str, Meta(min_length=1, max_length=320, examples=["stripe:cus_1"])]
    time: Annotated[datetime, Meta(tz=True)] | None = None
    datacontenttype: str | None = None
    data: EventData | None = None


def declare_runtime(api: NinjaAPI) -> None:
    """Put the Structs among the document's components."""
    plain_schema = api.get_openapi_schema
    _, components = msgspec.json.schema_components((*STRUCTS, CloudEvent), ref_template=TEMPLATE)
    components["ManyRequest"] = {
        "title": "ManyRequest",
        "type": "object",
        "description": "Several at once; each is answered by itself.",
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "maxItems": requests.MOST_EVENTS,
                "items": {"$ref": TEMPLATE.format(name="UseRequest")},
            }
        },
        "required": ["events"],
        "additionalProperties": False,
    }

    def get_openapi_schema(*args: Any, **kwargs: Any) -> OpenAPISchema:
        schema = plain_schema(*args, **kwargs)
        schema.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return schema

    api.get_openapi_schema = get_openapi_schema  # type: ignore[method-assign]  # Ninja has no hook for it
