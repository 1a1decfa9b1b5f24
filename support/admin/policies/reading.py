"""What was typed into the table → a policy's draft, with everything that can't be read said at its place.

A place is named as the checks name it: "targets/<milestone>/<severity>/<channel>", "milestones/<key>/steps",
"rules/<number>".
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from django.utils.text import slugify

from catalog.domain.window import end_through
from support.admin.policies.typed import TypedMilestone, TypedPolicy, TypedRule
from support.domain.case_events import CaseState
from support.domain.milestones import (
    InvalidPolicy,
    Measured,
    MilestoneKind,
    MilestoneTerms,
    Promised,
    Recurrence,
    Signal,
    Step,
    Trigger,
)
from support.domain.policy_draft import USUAL_TRIGGERS, Cell, DraftRule, PolicyDraft
from support.domain.step_text import UnreadableStep, read_steps
from support.domain.target_text import read_cell
from support.domain.targets import InvalidTarget, UnreadableTarget

Chosen = TypeVar("Chosen", bound=Enum)
LONGEST_KEY = 60
# Their rules name both ends themselves.
FIXED_ENDS = {MilestoneKind.FIRST_RESPONSE, MilestoneKind.NEXT_RESPONSE}


@dataclass(slots=True)
class Read:
    """`draft` is whole only without `errors`; those are by place."""

    draft: PolicyDraft = field(default_factory=PolicyDraft)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read_policy(typed: TypedPolicy, *, severities: Mapping[str, str], zone: str) -> Read:
    """Days are those of `zone`: a rule lasts through its day there."""
    read = Read()
    kept = [each for each in typed.milestones if not each.removed]
    _name_new_keys(kept)
    milestones = [_milestone(each, severities, read) for each in sorted(kept, key=_place)]
    targets = {cell: promised for each in kept for cell, promised in _targets(each, read)}
    rules = [
        rule
        for number, each in enumerate(each for each in typed.rules if not each.blank)
        if (rule := _rule(number, each, zone, read)) is not None
    ]
    read.draft = PolicyDraft(tuple(milestones), targets, tuple(rules))
    return read


def key_of_name(name: str, *, taken: Iterable[str]) -> str:
    """ "Root cause report" → "root_cause_report"; with a number behind it where that is taken."""
    plain = re.sub(r"^[^a-z]+", "", slugify(name).replace("-", "_"))[:LONGEST_KEY] or "milestone"
    known = set(taken)
    numbered = (f"{plain}_{number}" for number in range(2, len(known) + 3))
    return next(key for key in (plain, *numbered) if key not in known)


def _name_new_keys(milestones: list[TypedMilestone]) -> None:
    for each in milestones:
        if not each.key:
            each.unsaved = True
            each.key = key_of_name(each.name, taken=(one.key for one in milestones))


def _place(milestone: TypedMilestone) -> float:
    return float(milestone.place) if milestone.place.isdecimal() else float("inf")


def _milestone(typed: TypedMilestone, severities: Mapping[str, str], read: Read) -> MilestoneTerms:
    where = f"milestones/{typed.key}"
    if not typed.name:
        read.errors[where].append("Give the milestone a name.")
    kind = _chosen(MilestoneKind, typed.kind, where, read, MilestoneKind.OWN)
    starts, stops = USUAL_TRIGGERS[kind]
    if kind not in FIXED_ENDS:
        starts = _chosen(Trigger, typed.starts, f"{where}/starts", read, starts)
        stops = _chosen(Trigger, typed.stops, f"{where}/stops", read, stops)
    return MilestoneTerms(
        key=typed.key,
        name=typed.name[:120],
        kind=kind,
        starts=starts,
        stops=stops,
        pauses_while=frozenset(state for state in CaseState if state.value in typed.pauses),
        recurrence=_chosen(Recurrence, typed.recurrence, f"{where}/recurrence", read, Recurrence.NONE),
        measured=_chosen(Measured, typed.measured, f"{where}/measured", read, Measured.FROM_START),
        steps=_steps(typed, severities, f"{where}/steps", read),
    )


def _chosen(choices: type[Chosen], text: str, where: str, read: Read, usual: Chosen) -> Chosen:
    try:
        return choices(text)
    except ValueError:
        read.errors[where].append("Choose one of those offered.")
        return usual


def _steps(typed: TypedMilestone, severities: Mapping[str, str], where: str, read: Read) -> tuple[Step, ...]:
    try:
        return read_steps(typed.steps, severities=severities)
    except (UnreadableStep, InvalidPolicy) as error:
        read.errors[where].append(str(error))
        return ()


def _targets(typed: TypedMilestone, read: Read) -> Iterable[tuple[Cell, Promised]]:
    for (severity, channel), cell in typed.cells.items():
        try:
            target = read_cell(cell.text)
        except (UnreadableTarget, InvalidTarget) as error:
            read.errors[f"targets/{typed.key}/{severity}/{channel}"].append(str(error))
            continue
        if target is not None:
            calendar = None if target.around_the_clock else cell.calendar or typed.calendar or None
            yield (typed.key, severity, channel), Promised(target, calendar)


def _rule(number: int, typed: TypedRule, zone: str, read: Read) -> DraftRule | None:
    where = f"rules/{number}"
    signal = _chosen(Signal, typed.signal, where, read, Signal.RENEWAL_WITHIN)
    percent = typed.percent.removesuffix("%").strip()
    ends_at = _through(typed.through, zone)
    if not percent.isdecimal() or len(percent) > 4:
        read.errors[where].append("Write how many percent of the target are left, such as 50.")
    if ends_at is None:
        read.errors[where].append("Choose the last day on which the rule holds.")
    if where in read.errors or ends_at is None:
        return None
    return DraftRule(signal, typed.value, int(percent), ends_at, typed.reason, typed.milestone)


def _through(text: str, zone: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return end_through(day, zone) if 1970 <= day.year <= 2200 else None
