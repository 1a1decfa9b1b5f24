"""What the door adds to the OpenAPI document: the headers it takes and gives, and the answers it gives by itself."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from journal.api.idempotency import HEADER, REPLAYED, WRITES
from journal.api.problems import MEDIA_TYPE, Problem
from journal.domain.idempotency import LONGEST

_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "A name of your own for this request, a random UUID for instance. Sent again with the same name, the same "
        "request acts once and gets its first answer, for a day at least."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST + 2, "pattern": "^[!-~]+$"},
    "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
}
_HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit-Policy": {
        "description": "How many requests (q) this key may make in how many seconds (w) of this process.",
        "schema": {"type": "string"},
        "example": '"minute";q=6000;w=60',
    },
    "RateLimit": {
        "description": "How many more fit now (r), and in how many seconds more will (t).",
        "schema": {"type": "string"},
        "example": '"minute";r=5999;t=61',
    },
    "Retry-After": {
        "description": "In how many seconds another request fits.",
        "schema": {"type": "integer", "minimum": 1},
    },
    REPLAYED: {
        "description": "true: nothing was done again; this is the first answer under this Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
}
_LIMITS = ("RateLimit-Policy", "RateLimit")


def declare(api: NinjaAPI) -> None:
    plain_schema = api.get_openapi_schema

    def get_openapi_schema(*args: Any, **kwargs: Any) -> Any:
        schema = plain_schema(*args, **kwargs)
        parts = schema.setdefault("components", {})
        parts.setdefault("headers", {}).update(_HEADERS)
        parts.setdefault("parameters", {})["IdempotencyKey"] = _KEY
        parts.setdefault("schemas", {}).setdefault(
            "Problem", Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        )
        for method, operation in _operations(schema):
            _declare_operation(operation, writes=method.upper() in WRITES)
        return schema

    api.get_openapi_schema = get_openapi_schema  # type: ignore[method-assign]  # Ninja has no hook for it


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operations in schema["paths"].values():
        yield from operations.items()


def _declare_operation(operation: dict[str, Any], *, writes: bool) -> None:
    responses = operation["responses"]
    if not operation.get("security"):
        return
    responses.setdefault(429, _problem("Too Many Requests", "Retry-After"))
    if writes:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
        responses.setdefault(400, _problem("Bad Request"))
        responses.setdefault(413, _problem("Content Too Large"))
    for status, response in responses.items():
        if int(status) == 401:
            continue
        replayed = (REPLAYED,) if writes and int(status) < 400 else ()
        response.setdefault("headers", {}).update(_refs(*_LIMITS, *replayed))
    operation["responses"] = dict(sorted(responses.items(), key=lambda pair: int(pair[0])))


def _problem(words: str, *headers: str) -> dict[str, Any]:
    body = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": words, "content": body, **({"headers": _refs(*headers)} if headers else {})}


def _refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
