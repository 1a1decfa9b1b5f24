"""The table of addresses: which function answers, and which of the SDK's typed parameters it takes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.stripe.state import Row, State


class Params(Mapping[str, Any]):
    """The checked parameters; it notes which were looked at, so that none is ignored in silence."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        self.seen: set[str] = {"expand"}

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return name in self._given

    def unseen(self) -> list[str]:
        return sorted(set(self._given) - self.seen)


@dataclass
class Call:
    state: State
    params: Params
    path: dict[str, str]
    url: str

    def __getitem__(self, name: str) -> str:
        return self.path[name]


Answering = Callable[[Call], Row]


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    params: str
    answer: Answering

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.template) + r"\Z")


ROUTES: list[Route] = []
_LITERAL: dict[tuple[str, str], Route] = {}
_SHAPED: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}


def route(method: str, template: str, params: str) -> Callable[[Answering], Answering]:
    def registered(answer: Answering) -> Answering:
        one = Route(method, template, params, answer)
        ROUTES.append(one)
        if "{" in template:
            _SHAPED.setdefault((method, template.count("/")), []).append((one.pattern, one))
        else:
            _LITERAL[method, template] = one
        return answer

    return registered


def found(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    literal = _LITERAL.get((method, path))
    if literal:
        return literal, {}
    for pattern, one in _SHAPED.get((method, path.count("/")), ()):
        match = pattern.match(path)
        if match:
            return one, match.groupdict()
    return None
