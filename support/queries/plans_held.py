"""The plans and add-ons in force at a moment, in words: "Team v3 (trial, through 3 March)"."""

from collections.abc import Iterator
from datetime import datetime

from entitlements.domain.facts import Facts, Phase, Standing
from entitlements.domain.hearing import Live
from entitlements.domain.holdings import Holdings
from entitlements.domain.phases import standing_at
from support.queries.instants import say_end

PHASE_WORDS = {
    Phase.TRIAL: "trial",
    Phase.GRACE: "in grace after a failed payment",
    Phase.PAUSED: "paused",
    Phase.WINDING_DOWN: "winding down",
}


def plans_held(facts: Facts, *, at: datetime, zone: str) -> tuple[str, ...]:
    """Each once, as they were bought; a closed account has none."""
    if standing_at(facts, at=at) is Standing.CLOSED:
        return ()
    bought = reversed(Holdings(facts, at).live)
    return tuple(dict.fromkeys(_words_of(held, at=at, zone=zone) for held in bought))


def _words_of(held: Live, *, at: datetime, zone: str) -> str:
    quantity = f"{held.item.quantity} × " if held.item.quantity > 1 else ""
    notes = ", ".join(_notes(held, at=at, zone=zone))
    return f"{quantity}{held.version.plan_name} v{held.version.number}{f' ({notes})' if notes else ''}"


def _notes(held: Live, *, at: datetime, zone: str) -> Iterator[str]:
    if held.item.note:
        yield held.item.note
    if held.phase in PHASE_WORDS:
        yield PHASE_WORDS[held.phase]
    phases = [window.end for phase, window in held.item.phases if phase is held.phase and window.contains(at)]
    if soonest := min((end for end in (*phases, held.item.window.end) if end is not None), default=None):
        yield say_end(soonest, now=at, zone=zone)
