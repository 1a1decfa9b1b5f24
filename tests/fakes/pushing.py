"""Pushes of any vendor: one attempt over HTTP, and how a round of them may misbehave."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from tests.fakes.serving import LOOPBACK

Choice = float | Collection[str] | Callable[[Any], bool]  # a share of all, kinds by name, or a rule
PATIENCE = 10


@dataclass
class Manner:
    """How the next round of deliveries misbehaves."""

    drop: Choice = ()
    duplicate: Choice = ()
    delay: Choice = ()
    shuffle: bool = False
    delay_seconds: int = 600


class Push(Protocol):
    """One thing for one listener, whatever the vendor calls it."""

    attempts: list[int]  # the status of each; 0 where none came back
    lost: bool


P = TypeVar("P", bound=Push)


def going(
    due: list[P], manner: Manner, drawn: random.Random, *, known: Callable[[P], tuple[Any, str]],
    put_off: Callable[[P], None],
) -> list[P]:  # fmt: skip
    """What goes out in this round, and in which order; `known` says what a rule looks at, and its kind."""
    found: list[P] = []
    for one in due:
        if _chosen(manner.drop, known(one), drawn):
            one.lost = True
        elif not one.attempts and _chosen(manner.delay, known(one), drawn):
            put_off(one)
        else:
            found += [one, one] if _chosen(manner.duplicate, known(one), drawn) else [one]
    if manner.shuffle:
        drawn.shuffle(found)
    return found


def _chosen(choice: Choice, known: tuple[Any, str], drawn: random.Random) -> bool:
    if isinstance(choice, int | float):
        return drawn.random() < choice
    return choice(known[0]) if callable(choice) else known[1] in choice


def wait(attempts: list[int], waits: tuple[int, ...]) -> int | None:
    """Seconds until it is tried again; None: it is given up."""
    return waits[len(attempts) - 1] if len(attempts) <= len(waits) else None


def posted(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status and body that came back; status 0 where none did. Only this machine is ever told anything."""
    where = urlsplit(url)
    if where.hostname not in LOOPBACK:
        return 0, b""
    line = HTTPConnection(where.hostname or "", where.port or 80, timeout=PATIENCE)
    try:
        line.request("POST", where.path + (f"?{where.query}" if where.query else ""), body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        line.close()
