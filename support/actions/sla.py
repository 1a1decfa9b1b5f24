"""The support promise: severities, and what each support tier promises for them, in versions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import SYSTEM, Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, NeedsSecondPerson
from support.actions.policy_versions import bring_in_force, changes_in_words, refuse_open, write_version
from support.domain import milestones as terms
from support.domain.milestones import MilestoneKind, MilestoneTerms
from support.domain.policy_difference import difference
from support.domain.policy_draft import PolicyDraft, usual_milestone
from support.domain.targets import Target, TargetUnit
from support.models import BusinessCalendar, CalendarVersion, Severity, SlaPolicy, VersionState
from support.queries.policies import draft_of, in_force, read_known, refuse_faulty, refuse_unknown_tier

PERMISSION = "support.edit_sla"


@dataclass(frozen=True, slots=True)
class Promised:
    """First response to one severity. A target in business time names the calendar its clock runs on."""

    severity: Severity
    target: Target
    calendar: BusinessCalendar | None = None
    source_text: str = ""

    def __post_init__(self) -> None:
        if self.target.unit is not TargetUnit.MINUTES and self.calendar is None:
            raise Invalid(f"{self.severity}: choose the calendar whose business time is meant.", field="calendar")

    @property
    def promised(self) -> terms.Promised:
        """Physical time needs no calendar: 24/7 is the same everywhere."""
        by_clock = self.target.unit is TargetUnit.MINUTES
        return terms.Promised(self.target, None if by_clock or self.calendar is None else self.calendar.key)


@transaction.atomic
def declare_severity(*, key: str, name: str, meaning: str, position: int, by: Actor, at: datetime) -> Severity:
    """A severity was declared, or its words changed; where it already stood so, nothing is written."""
    by.require(PERMISSION)
    severity = Severity.objects.select_for_update().filter(key=key).first() or Severity(key=key)
    said = {"name": name, "meaning": meaning, "position": position}
    before = {column: getattr(severity, column) if severity.pk else None for column in said}
    if before == said:
        return severity
    deed = begin(by=by, at=at)
    for column, value in said.items():
        setattr(severity, column, value)
    keep(severity, deed=deed)
    changes = {column: [before[column], value] for column, value in said.items() if before[column] != value}
    record(deed, "severity:declare", subject=severity, changes=changes)
    return severity


@transaction.atomic
def set_promise(
    *, tier: str, name: str, targets: Iterable[Promised], by: Actor, at: datetime, note: str = ""
) -> SlaPolicy:
    """The first response a support tier promises was set for every channel, in a new version in force at once.

    Other milestones, targets for one channel and rules stay as they are. Where it stood so already, nothing is written.
    """
    by.require(PERMISSION)
    targets = _one_per_severity(targets)
    _refuse_closed_calendars(targets)
    refuse_unknown_tier(tier)
    policy = SlaPolicy.objects.select_for_update().filter(tier=tier).first() or SlaPolicy(tier=tier)
    stands = None if policy.pk is None else in_force(policy, at=at)
    before = None if stands is None else draft_of(stands)
    draft = _with_first_response(before or PolicyDraft(), targets)
    if policy.pk is not None and (policy.name, policy.note, before) == (name, note, draft):
        return policy
    words = {
        column: [getattr(policy, column), said]
        for column, said in (("name", name), ("note", note))
        if getattr(policy, column) != said
    }
    deed = begin(by=by, at=at)
    policy.name, policy.note = name, note
    keep(policy, deed=deed)
    promised = {} if before == draft else _write_version(policy, before, draft, targets, deed)
    record(deed, "promise:set", subject=policy, changes=words | promised)
    return policy


def _write_version(
    policy: SlaPolicy, before: PolicyDraft | None, draft: PolicyDraft, targets: Sequence[Promised], deed: Deed
) -> dict[str, list[str | None]]:
    """What changed by it, in words. What is promised already changes by a second person, whichever way it comes."""
    refuse_open(policy)
    if before is not None and deed.by != SYSTEM:
        raise NeedsSecondPerson(
            f"{policy} promises something already. Write the change on its page: somebody else approves it there."
        )
    known = read_known(at=deed.at)
    refuse_faulty(replace(draft, rules=()), known=known)
    key = _first_response(draft).key
    sheet = {(key, each.severity.key, ""): each.source_text for each in targets}
    version = write_version(policy, draft, note=policy.note, deed=deed, source_texts=sheet)
    bring_in_force(version, deed=deed)
    return changes_in_words(difference(before, draft, known=known))


def _with_first_response(draft: PolicyDraft, targets: Sequence[Promised]) -> PolicyDraft:
    """The same policy with these first responses for every channel; a first response nobody is promised goes."""
    first = _first_response(draft)
    cells = {cell: one for cell, one in draft.targets.items() if cell[0] != first.key or cell[2]}
    cells |= {(first.key, each.severity.key, ""): each.promised for each in targets}
    others = [one for one in draft.milestones if one.key != first.key]
    if not any(cell[0] == first.key for cell in cells):
        return replace(draft, milestones=tuple(others), targets=cells)
    milestones = draft.milestones if draft.milestone(first.key) else (first, *others)
    return replace(draft, milestones=milestones, targets=cells)


def _first_response(draft: PolicyDraft) -> MilestoneTerms:
    kind = MilestoneKind.FIRST_RESPONSE
    return draft.of_kind(kind) or usual_milestone(kind)


def _one_per_severity(targets: Iterable[Promised]) -> list[Promised]:
    promised: dict[int, Promised] = {}
    for each in targets:
        if each.severity.pk in promised:
            raise Invalid(f"{each.severity} is promised twice; keep one target for each severity.", field="targets")
        promised[each.severity.pk] = each
    return sorted(promised.values(), key=lambda each: (each.severity.position, each.severity.pk))


def _refuse_closed_calendars(promised: Iterable[Promised]) -> None:
    """A calendar without open hours would leave the promise without any due time."""
    named = {each.calendar.pk: each.calendar for each in promised if each.calendar is not None}
    opening = CalendarVersion.objects.filter(calendar__in=named, state=VersionState.IN_FORCE)
    known = set(opening.values_list("calendar_id", flat=True))
    for pk, calendar in named.items():
        if pk not in known:
            raise Invalid(f"{calendar} is never open; put its hours in force first.", field="calendar")
