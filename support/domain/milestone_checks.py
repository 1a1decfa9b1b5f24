"""What is wrong with milestones by themselves, whatever their targets.

The four kinds have rules of their own for when they begin and are met (support/domain/clocks); a draft that says
otherwise would be read otherwise than it is written, so it is refused.
"""

import re
from collections import Counter
from collections.abc import Iterator

from support.domain.milestones import CaseState, MilestoneKind, MilestoneTerms, Recurrence, Trigger
from support.domain.policy_draft import KIND_NAMES, USUAL_TRIGGERS, PolicyDraft
from support.domain.policy_faults import Fault, at_milestone

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
LONGEST_NAME = 120
# In these a milestone is met or called off, so there is nothing left that could stand still.
OVER = (CaseState.RESOLVED, CaseState.CLOSED, CaseState.CANCELLED)
LIVE = frozenset({CaseState.OPEN, CaseState.WAITING, CaseState.ON_HOLD})
FIXED = (MilestoneKind.FIRST_RESPONSE, MilestoneKind.NEXT_RESPONSE)


def faulty_milestones(draft: PolicyDraft) -> Iterator[Fault]:
    yield from _twice(draft)
    for one in draft.milestones:
        yield from _unnamed(one)
        yield from _triggers(one)
        yield from _pauses(one)
        yield from _recurrence(one)


def _twice(draft: PolicyDraft) -> Iterator[Fault]:
    """The same key or name twice, or a second one of a kind that has rules of its own."""
    keys = Counter(one.key for one in draft.milestones)
    names = Counter(one.name.strip().lower() for one in draft.milestones)
    kinds = Counter(one.kind for one in draft.milestones)
    for one in {one.key: one for one in draft.milestones}.values():
        if keys[one.key] > 1:
            yield Fault(at_milestone(one.key), f"{one.name} is there twice; keep one, or give the other its own key.")
        elif names[one.name.strip().lower()] > 1:
            yield Fault(at_milestone(one.key), f"Two milestones are called {one.name}; give each its own name.")
        elif one.kind is not MilestoneKind.OWN and kinds[one.kind] > 1:
            kind = KIND_NAMES[one.kind].lower()
            yield Fault(at_milestone(one.key), f"{one.name} is one of two of the kind {kind}; make it one of your own.")


def _unnamed(one: MilestoneTerms) -> Iterator[Fault]:
    if not KEY.fullmatch(one.key):
        yield Fault(
            at_milestone(one.key),
            f"{one.key!r} can't be a key; write small letters, digits and underscores, beginning with a letter.",
        )
    if not 0 < len(one.name.strip()) <= LONGEST_NAME:
        yield Fault(at_milestone(one.key), f"Give {one.key} a name of up to {LONGEST_NAME} letters.")


def _triggers(one: MilestoneTerms) -> Iterator[Fault]:
    usual = USUAL_TRIGGERS[one.kind]
    if one.kind in FIXED and (one.starts, one.stops) != usual:
        starts, stops = usual
        yield Fault(
            at_milestone(one.key, "starts"),
            f"{one.name} always starts when {starts.words} and is met when {stops.words}; "
            "choose these, or make it a milestone of your own.",
        )
    elif one.kind is MilestoneKind.RESOLUTION and one.stops is not Trigger.RESOLVED:
        yield Fault(at_milestone(one.key, "stops"), f"{one.name} is met when {Trigger.RESOLVED.words}; choose that.")
    elif one.starts is one.stops and one.starts is not Trigger.BY_HAND:
        yield Fault(
            at_milestone(one.key, "stops"),
            f"{one.name} starts and is met when {one.starts.words}, so it would be met at once; choose another end.",
        )
    elif one.stops is Trigger.OPENED:
        yield Fault(
            at_milestone(one.key, "stops"),
            f"{one.name} could never be met: a case is opened once, before all else. Choose another end.",
        )
    elif one.starts is Trigger.RESOLVED:
        yield Fault(
            at_milestone(one.key, "starts"),
            f"{one.name} would be over as it starts, since a resolved case owes nothing more; choose another start.",
        )


def _pauses(one: MilestoneTerms) -> Iterator[Fault]:
    for state in OVER:
        if state in one.pauses_while:
            yield Fault(
                at_milestone(one.key, "pauses_while"),
                f"{one.name} is over once the case is {state.words.lower()}, so it can't pause then; take that state out.",
            )
    if one.pauses_while >= LIVE:
        yield Fault(
            at_milestone(one.key, "pauses_while"),
            f"{one.name} would pause in every state of an open case, and never run; leave at least one out.",
        )


def _recurrence(one: MilestoneTerms) -> Iterator[Fault]:
    if why := _why_never_again(one):
        yield Fault(at_milestone(one.key, "recurrence"), f"{one.name} {why}")


def _why_never_again(one: MilestoneTerms) -> str:
    again = one.recurrence
    if again is Recurrence.NONE:
        return ""
    if one.kind is MilestoneKind.FIRST_RESPONSE:
        return "happens once, so it can't recur; choose once, or add a next response."
    if again is Recurrence.SEQUENTIAL and one.kind in (MilestoneKind.NEXT_RESPONSE, MilestoneKind.RESOLUTION):
        return "can't follow itself at once; it can only begin anew when its start comes again."
    if again is Recurrence.SEQUENTIAL and one.stops is Trigger.RESOLVED:
        return "can't follow itself at once: a resolved case owes nothing more. Choose once, or another end."
    if again is Recurrence.INDEPENDENT and one.starts is Trigger.OPENED and one.kind is not MilestoneKind.RESOLUTION:
        return "can't begin anew, since a case is opened only once; choose once, one after the other, or another start."
    return ""
