"""Which audited verbs have an inverse. Never one for approvals, ledgers or published rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from journal.domain.verbs import checked


@dataclass(frozen=True, slots=True)
class Inverse:
    """`words` name the button ("Revoke this override"); `act(event, by, at)` is an action with its own guards."""

    words: str
    permission: str
    act: Callable[..., Any]


_inverses: dict[str, Inverse] = {}


def register(verb: str, inverse: Inverse) -> None:
    if _inverses.get(checked(verb), inverse) != inverse:
        raise ValueError(f"The verb {verb!r} has an inverse already.")
    _inverses[verb] = inverse


def inverse_of(verb: str) -> Inverse | None:
    return _inverses.get(verb)
