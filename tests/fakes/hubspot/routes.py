"""The table of addresses: which function answers, which query and body it takes, in whose shape it answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.state import State


def _never() -> bool:
    return False


@dataclass
class Call:
    state: State
    path: dict[str, str]
    query: dict[str, list[str]]
    body: Any
    spoiled: Callable[[], bool] = _never  # drawn for each item of a batch
    limits: Any = None
    unheeded: list[str] = field(default_factory=list)  # accepted, and of no effect

    def __getitem__(self, name: str) -> str:
        return self.path[name]

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def many(self, name: str) -> list[str]:
        """Names that were given one by one or with commas: HubSpot takes both."""
        return [part for one in self.query.get(name, []) for part in one.split(",") if part]

    def flag(self, name: str) -> bool:
        said = self.one(name, "false").lower()
        if said not in ("true", "false"):
            raise invalid(f"Invalid boolean value for {name}: {said}")
        return said == "true"

    def number(self, name: str, default: int, most: int) -> int:
        said = self.one(name, str(default))
        if not said.isdigit() or not 1 <= int(said) <= most:
            raise invalid(f"Invalid {name}: must be between 1 and {most}, was {said}")
        return int(said)


Answering = Callable[[Call], Any]  # a body, or (status, body)


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    answer: Answering
    query: tuple[str, ...]
    takes: str  # the client's class of the body, as `crm.objects:PublicObjectSearchRequest`
    says: str  # the client's class of the answer
    status: int
    scope: str
    key: str = "token"  # or "developer": which credential opens it

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.template) + r"\Z")


ROUTES: list[Route] = []
_SHAPED: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}


def route(
    method: str, template: str, *, query: tuple[str, ...] = (), takes: str = "", says: str = "", status: int = 200,
    scope: str = "", key: str = "token",
) -> Callable[[Answering], Answering]:  # fmt: skip
    def registered(answer: Answering) -> Answering:
        one = Route(method, template, answer, query, takes, says, status, scope, key)
        ROUTES.append(one)
        held = _SHAPED.setdefault((method, template.rstrip("/").count("/")), [])
        held.append((one.pattern, one))
        held.sort(key=lambda pair: pair[1].template.count("{"))  # an address said in full goes before a pattern
        return answer

    return registered


def found(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for pattern, one in _SHAPED.get((method, path.rstrip("/").count("/")), ()):
        match = pattern.match(path)
        if match:
            return one, match.groupdict()
    return None


def methods_at(path: str) -> list[str]:
    return [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if found(method, path)]
