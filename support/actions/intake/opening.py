"""Tickets as they come in by any door: checked first where their channel is, else opened as a case and nothing more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journal.domain.actor import Actor
from support.actions.cases.handling import require
from support.actions.cases.opening import open_case
from support.actions.intake.recording import blocked_before, known_ticket, opening_of, take_ticket
from support.domain.case_events import Opener
from support.models import Case, IntakeDecision
from support.queries.intake.deciding import Read, Told

# How a ticket is read, or None: those of its channel aren't checked. What it returns is called outside of any transaction
# of ours, for it may take seconds; an edge says who does it.
Reads = Callable[[Told], Callable[[], Read] | None]


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a ticket. Without a decision it wasn't checked; without a case it was blocked."""

    case: Case | None
    decision: IntakeDecision | None = None


def take_told(
    told: Told,
    *,
    opening: Mapping[str, Any],
    keeps: bool,
    reads: Reads | None,
    by: Actor,
    at: datetime,
    by_hand: bool = False,
) -> Came:
    """A ticket came in. One that was told of before is read by nobody: it has its case, or stays blocked.

    `opening`, `keeps` and `by_hand` are what `take_ticket` takes them for. Nobody asked for what staff open by themselves,
    so that isn't checked; one that had been blocked has its case then.
    """
    require(by)
    read = reads(told) if reads is not None and opening.get("opener") != Opener.AGENT else None
    if read is None and blocked_before(told) is None:
        return Came(open_case(**opening_of(told, opening), by=by, at=at))
    what = Read(()) if read is None or known_ticket(told) is not None else read()
    taken = take_ticket(told, what, opening=opening, keeps=keeps or read is None, by=by, at=at, by_hand=by_hand)
    return Came(taken.case, taken.decision)
