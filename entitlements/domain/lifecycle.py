"""The life of one subscription: where it stands at an instant, and what may be done with it there.

A state is read from dates, as the resolver reads them, and is never stored: nothing has to be switched over when its
time comes. Of several that could be said, the one that decides what the customer has is: not begun and ended before
all; then unpaid, which gives nothing; then, as the phases are ordered, paused, winding down, in grace, in trial; then a
trial that is over without having become a sale. Each subscription of an account stands for itself: what befalls one
leaves the others as they are.

`PERMITTED` is the one table of moves. An action asks it first, so that no screen, program or import goes round it, and
a screen shows exactly the buttons that it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.window import Window
from entitlements.domain.facts import Phase


class State(StrEnum):
    TO_COME = "to_come"
    TRIAL = "trial"
    TRIAL_OVER = "trial_over"  # it ended and nobody made it a sale; it gives what its plan names for afterwards
    ACTIVE = "active"
    GRACE = "grace"
    PAST_DUE = "past_due"  # the grace is over and nobody has paid: it gives nothing
    PAUSED = "paused"
    WINDING_DOWN = "winding_down"  # it was cancelled; access goes on for some days
    ENDED = "ended"

    @property
    def words(self) -> str:
        """As a badge says it: "In grace"."""
        return _STATES[self][0]

    @property
    def said(self) -> str:
        """As a sentence says it after the name: "is in grace after a failed payment"."""
        return _STATES[self][1]


class Move(StrEnum):
    EXTEND_TRIAL = "extend_trial"
    UNDO_EXTENSION = "undo_extension"
    CONVERT_TRIAL = "convert_trial"
    REACTIVATE_TRIAL = "reactivate_trial"
    FAIL_PAYMENT = "fail_payment"
    RESTORE = "restore"
    PAUSE = "pause"
    RESUME = "resume"
    CHANGE = "change"
    CANCEL = "cancel"
    KEEP = "keep"
    END = "end"

    @property
    def words(self) -> str:
        """As a button says it: "Extend the trial"."""
        return _MOVES[self][0]

    @property
    def refused(self) -> str:
        """What can't be done, as the end of a sentence: "its trial can't be extended"."""
        return _MOVES[self][1]


_STATES: Mapping[State, tuple[str, str]] = {
    State.TO_COME: ("To come", "has not begun yet"),
    State.TRIAL: ("In trial", "is in trial"),
    State.TRIAL_OVER: ("Trial over", "has a trial that is over"),
    State.ACTIVE: ("Active", "is active"),
    State.GRACE: ("In grace", "is in grace after a failed payment"),
    State.PAST_DUE: ("Past due", "was not paid within its grace"),
    State.PAUSED: ("Paused", "is paused"),
    State.WINDING_DOWN: ("Winding down", "is winding down"),
    State.ENDED: ("Ended", "has ended"),
}

_MOVES: Mapping[Move, tuple[str, str]] = {
    Move.EXTEND_TRIAL: ("Extend the trial", "its trial can't be extended"),
    Move.UNDO_EXTENSION: ("Undo the extension", "the extension of its trial can't be undone"),
    Move.CONVERT_TRIAL: ("Convert the trial", "it has no trial to convert"),
    Move.REACTIVATE_TRIAL: ("Reactivate the trial", "its trial can't be reactivated"),
    Move.FAIL_PAYMENT: ("Payment failed", "no failed payment can be recorded for it"),
    Move.RESTORE: ("Payment came", "there is no payment to wait for"),
    Move.PAUSE: ("Pause", "it can't be paused"),
    Move.RESUME: ("Resume", "it can't be resumed"),
    Move.CHANGE: ("Change", "what it holds can't be changed"),
    Move.CANCEL: ("Cancel", "it can't be cancelled"),
    Move.KEEP: ("Keep it going", "there is no cancellation to take back"),
    Move.END: ("End", "it can't be ended"),
}

# What befalls the subscription of a contract as any other; what it holds, and how long, changes with the contract alone.
BEFALLING = frozenset({Move.FAIL_PAYMENT, Move.RESTORE, Move.PAUSE, Move.RESUME})

_LEAVING = frozenset({Move.CANCEL, Move.KEEP, Move.END})
_TRYING = frozenset({Move.EXTEND_TRIAL, Move.UNDO_EXTENSION, Move.CONVERT_TRIAL})

# What is cancelled may be kept as long as it lasts, so KEEP stands wherever a cancellation may be to come.
# A trial is not paid for, so no payment of it fails; who stops using it lets it end, and who pauses it would lose days.
# Who owes a payment settles it before buying something else, but may be helped by another plan while in grace.
# Access after leaving is a courtesy: nothing is sold in it. A payment that comes late is taken all the same.
PERMITTED: Mapping[State, frozenset[Move]] = {
    State.TO_COME: _LEAVING | {Move.CHANGE},
    State.TRIAL: _LEAVING | _TRYING | {Move.CHANGE},
    State.TRIAL_OVER: _LEAVING | {Move.REACTIVATE_TRIAL, Move.CHANGE},
    State.ACTIVE: _LEAVING | {Move.FAIL_PAYMENT, Move.PAUSE, Move.CHANGE},
    State.GRACE: _LEAVING | {Move.RESTORE, Move.CHANGE},
    State.PAST_DUE: _LEAVING | {Move.RESTORE},
    State.PAUSED: _LEAVING | {Move.RESUME, Move.CHANGE},
    State.WINDING_DOWN: frozenset({Move.KEEP, Move.END, Move.RESTORE}),
    State.ENDED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A phase with its window; `restored_at` is when payment ended a grace, or what came after it."""

    phase: Phase
    window: Window
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """The dates of a subscription. `bought_at` is when a plan was bought in it after its trial had ended."""

    starts_at: datetime
    ends_at: datetime | None = None
    converted_at: datetime | None = None
    with_card: bool = False  # at its end the trial becomes a sale by itself
    phases: tuple[Stretch, ...] = ()
    bought_at: datetime | None = None


def permitted(state: State, move: Move) -> bool:
    return move in PERMITTED[state]


def state_at(life: Life, *, at: datetime) -> State:
    """Where the subscription stands at the instant; an end is exclusive, as everywhere."""
    if at < life.starts_at:
        return State.TO_COME
    if life.ends_at is not None and life.ends_at <= at:
        return State.ENDED
    if any(_unpaid(stretch, at=at) for stretch in life.phases):
        return State.PAST_DUE
    phase = _phase(life, at=at)
    if phase is not Phase.ACTIVE:
        return State(phase.value)
    return State.TRIAL_OVER if _trial_over(life, at=at) else State.ACTIVE


def _unpaid(stretch: Stretch, *, at: datetime) -> bool:
    if stretch.phase is not Phase.GRACE or stretch.window.end is None or at < stretch.window.end:
        return False
    return stretch.restored_at is None or at < stretch.restored_at


def _phase(life: Life, *, at: datetime) -> Phase:
    running = {stretch.phase for stretch in life.phases if _runs(stretch, life, at=at)}
    return next((phase for phase in Phase if phase in running), Phase.ACTIVE)


def _runs(stretch: Stretch, life: Life, *, at: datetime) -> bool:
    """A trial is over from its conversion on, a grace from the payment on."""
    over = life.converted_at if stretch.phase is Phase.TRIAL else stretch.restored_at
    return stretch.window.contains(at) and (over is None or at < over)


def _trial_over(life: Life, *, at: datetime) -> bool:
    if life.converted_at is not None or life.with_card:
        return False
    if life.bought_at is not None and life.bought_at <= at:
        return False
    ends = (stretch.window.end for stretch in life.phases if stretch.phase is Phase.TRIAL)
    return any(end is not None and end <= at for end in ends)
