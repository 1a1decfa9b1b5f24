"""The table of addresses below /services/data/vXX.X: which function answers, and which parameters it knows."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.salesforce.errors import Refused, Wrong, missing
from tests.fakes.salesforce.state import Row, State

WORDS = {"object", "operation", "query", "state", "externalIdFieldName", "contentType", "columnDelimiter", "lineEnding"}


@dataclass
class Reply:
    status: int = 200
    body: Any = None  # JSON; bytes go as they are
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request that has been let in, or one part of a composite one."""

    state: State
    user: Row
    version: str
    method: str
    path: dict[str, str]
    params: dict[str, str]
    headers: dict[str, str]
    raw: bytes = b""
    inside: bool = False  # part of a composite request

    def __getitem__(self, name: str) -> str:
        return self.path[name]

    @property
    def by(self) -> str:
        return str(self.user["Id"])

    @property
    def root(self) -> str:
        return f"/services/data/v{self.version}"

    def json(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError:
            message = f"Unexpected character at [line:1, column:1]: {self.raw[:20].decode(errors='replace')}"
            raise Refused(Wrong("JSON_PARSER_ERROR", message)) from None

    def form(self, *known: str, need: tuple[str, ...] = ()) -> dict[str, Any]:
        """The body as an object of these keys and no other."""
        said = self.json()
        if not isinstance(said, dict):
            raise Refused(Wrong("JSON_PARSER_ERROR", "The request body has to be an object"))
        for name in said:
            if name not in (*known, *need):
                raise Refused(Wrong("JSON_PARSER_ERROR", f'Unrecognized field "{name}"'))
        for name in WORDS & set(said):
            if not isinstance(said[name], str):
                raise Refused(Wrong("JSON_PARSER_ERROR", f"{name} has to be a word"))
        for name in need:
            if said.get(name) is None:
                raise Refused(Wrong("MISSING_ARGUMENT", f"Missing required field: {name}"))
        return said

    def record(self) -> dict[str, Any]:
        """The body as fields of one record."""
        said = self.json()
        if not isinstance(said, dict):
            raise Refused(Wrong("JSON_PARSER_ERROR", "The request body has to be an object of fields"))
        return said


Answering = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    method: str
    parts: tuple[str, ...]
    params: frozenset[str]
    answer: Answering

    def match(self, parts: list[str]) -> dict[str, str] | None:
        if len(parts) != len(self.parts):
            return None
        found = {}
        for wanted, part in zip(self.parts, parts, strict=True):
            if wanted.startswith("{"):
                found[wanted[1:-1]] = part
            elif wanted.lower() != part.lower():
                return None
        return found


ROUTES: list[Route] = []


def route(method: str, template: str, *params: str) -> Callable[[Answering], Answering]:
    def registered(answer: Answering) -> Answering:
        ROUTES.append(Route(method, tuple(template.strip("/").split("/")), frozenset(params), answer))
        ROUTES.sort(key=lambda one: sum(part.startswith("{") for part in one.parts))  # what is spelt out goes first
        return answer

    return registered


def found(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The address without its version; a slash at the end is nothing."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    there = [(one, match) for one in ROUTES if (match := one.match(parts)) is not None]
    for one, match in there:
        if one.method == method:
            return one, match
    if there:
        allowed = ",".join(sorted({one.method for one, _ in there}))
        message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
        raise Refused(Wrong("METHOD_NOT_ALLOWED", message), status=405)
    raise missing()


def answered(call: Call, path: str) -> Reply:
    """The one way in, for whole requests and for the parts of composite ones."""
    one, call.path = found(call.method, path)
    unknown = sorted(set(call.params) - one.params)
    if unknown:
        message = f"This counterpart knows no parameter {unknown[0]!r} of {call.method} {path}"
        raise Refused(Wrong("COUNTERPART_UNSIMULATED", message))
    return one.answer(call)
