"""How the teaching stands that somebody asked for, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.queries.instants import say_instant
from support.models import Teaching

LONG = timedelta(minutes=2)  # after which somebody should have begun


@dataclass(frozen=True, slots=True)
class Told:
    """`colour` is that of the notice; `open`: it isn’t done, so that looking again may say more."""

    words: str
    colour: str
    open: bool = False


def say_teaching(turn: Teaching | None, *, at: datetime, zone: str) -> Told | None:
    """None: nobody has ever asked."""
    if turn is None:
        return None
    asked = f"Teaching asked for by {turn.asked_by} on {say_instant(turn.asked_at, zone=zone)}"
    if turn.is_open and turn.begun_at is not None and turn.begun_for == turn.asked_at:
        return Told(f"{asked}. A worker is at it since {say_instant(turn.begun_at, zone=zone)}.", "blue", open=True)
    if turn.is_open:
        late = at - turn.asked_at > LONG and turn.lease_until is None
        return Told(f"{asked}. {_waits(turn, late=late)}", "red" if late else "blue", open=True)
    assert turn.ended_at is not None
    ended = say_instant(turn.ended_at, zone=zone)
    if turn.failed:
        return Told(f"{asked}. It came to nothing on {ended}: {turn.failed} What was in force stays; ask again.", "red")
    new = turn.version is not None and turn.version.taught_at >= turn.asked_at
    came = "In force since" if new else "There was nothing new to learn; looked at on"
    return Told(f"{asked}. {came} {ended}.", "green")


def _waits(turn: Teaching, *, late: bool) -> str:
    if late:
        return "No worker has taken it up yet: see whether one is running."
    return "It comes after the one that is under way." if turn.lease_until is not None else "A worker takes it up now."
