"""Which kinds of long work exist, and what each does. Apps register theirs in AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Planned:
    """One unit of work to be written down: unique by `key` within its job."""

    key: str
    label: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a unit went that did not fail; a failure is raised."""

    told: str
    skipped: bool = False

    @classmethod
    def done(cls, told: str = "") -> "Outcome":
        return cls(told)

    @classmethod
    def passed_over(cls, why: str) -> "Outcome":
        return cls(why, skipped=True)


@dataclass(frozen=True, slots=True)
class JobHandler:
    """What the kind is called, who may start it, and its three callables, all taken by keyword.

    `plan(job, cursor, at)` gives (units, next cursor), and None as cursor with the last of them; it is called in a
    transaction and may be called again for a cursor whose transaction was lost.
    `act(job, item, by, at)` does one unit, in one transaction with the item's row; `by` is the one who asked, with
    what they may do today. A Refusal marks the item failed with its sentence; any other error is tried again.
    `finish(job, by, at)` is called once, after the last unit.
    `ask(job, item, cursor, at)` is for what another system has to be asked: it is called before each step's transaction
    (`item` None: before `plan`), and what it gives is taken by `plan` or `act` as `seen`. A step that was lost asks
    again. Where it, or a step, raises Later the work rests until then, and nothing has failed.
    """

    words: str
    permission: str
    plan: Callable[..., tuple[Sequence[Planned], str | None]]
    act: Callable[..., Outcome]
    finish: Callable[..., None] | None = None
    ask: Callable[..., Any] | None = None


_handlers: dict[str, JobHandler] = {}


def register(kind: str, handler: JobHandler) -> None:
    if _handlers.get(kind, handler) != handler:
        raise ValueError(f"The job kind {kind!r} is registered already.")
    _handlers[kind] = handler


def handler_of(kind: str) -> JobHandler:
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"No job kind {kind!r} is registered; register it in AppConfig.ready().") from None


def words_of(kind: str) -> str:
    found = _handlers.get(kind)
    return found.words if found else kind.replace("_", " ").capitalize()
