"""Rows of a policy version, written from a draft. Only a draft's rows may be written; the database holds to that."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max

from journal.actions.deeds import keep, keep_many, remove
from journal.domain.deed import Deed
from journal.domain.refusal import Refusal
from support.domain.case_events import CaseState
from support.domain.milestones import MilestoneTerms, Promised, Step
from support.domain.policy_difference import Difference
from support.domain.policy_draft import Cell, DraftRule, PolicyDraft
from support.domain.target_text import write_target
from support.domain.targets import TargetUnit
from support.models import (
    BusinessCalendar,
    Milestone,
    Severity,
    SlaPolicy,
    SlaPolicyVersion,
    SlaTarget,
    TargetRule,
    VersionState,
)
from support.queries.policies import open_version


def lock_policy(policy: SlaPolicy) -> SlaPolicy:
    """One writer for all versions of a policy."""
    return SlaPolicy.objects.select_for_update().get(pk=policy.pk)


def refuse_open(policy: SlaPolicy) -> None:
    """There is one draft of a policy at a time, and nobody's is overwritten by another's."""
    version = open_version(policy)
    if version is not None and version.state == VersionState.ASKED:
        raise Refusal(f"{version} waits for a second person; withdraw that request first.")
    if version is not None:
        raise Refusal(f"{version} is still a draft; put it in force or drop it first.")


def write_version(
    policy: SlaPolicy,
    draft: PolicyDraft,
    *,
    note: str,
    deed: Deed,
    over: SlaPolicyVersion | None = None,
    source_texts: Mapping[Cell, str] | None = None,
) -> SlaPolicyVersion:
    """A draft's rows, over the open draft's or as the next version; `source_texts` are cells as a sheet wrote them."""
    version = over or SlaPolicyVersion(policy=policy, number=_next_number(policy))
    version.note, version.written_at = note, deed.at
    keep(version, deed=deed)
    for row in (*version.milestones.all(), *version.rules.all()):
        remove(row, deed=deed)
    milestones = keep_many(
        [_milestone(version, one, position) for position, one in enumerate(draft.milestones)], deed=deed
    )
    keep_many(list(_targets(draft, {row.key: row for row in milestones}, source_texts or {})), deed=deed)
    keep_many([_rule(version, rule, position) for position, rule in enumerate(draft.rules)], deed=deed)
    return version


def bring_in_force(version: SlaPolicyVersion, *, deed: Deed) -> SlaPolicyVersion:
    """From now on; its rows never change again."""
    version.state, version.in_force_from = VersionState.IN_FORCE, deed.at
    return keep(version, deed=deed)


def changes_in_words(differences: Iterable[Difference]) -> dict[str, list[str | None]]:
    """As the audit keeps them: by what changed, before and after; of several alike each is numbered."""
    changes: dict[str, list[str | None]] = {}
    for one in differences:
        label, again = one.label, 2
        while label in changes:
            label, again = f"{one.label} ({again})", again + 1
        changes[label] = [one.before or None, one.after or None]
    return changes


def _next_number(policy: SlaPolicy) -> int:
    return (policy.versions.aggregate(latest=Max("number"))["latest"] or 0) + 1


def _milestone(version: SlaPolicyVersion, one: MilestoneTerms, position: int) -> Milestone:
    return Milestone(
        version=version,
        key=one.key,
        name=one.name.strip(),
        kind=one.kind,
        starts=one.starts,
        stops=one.stops,
        pauses_while=[state.value for state in CaseState if state in one.pauses_while],
        recurrence=one.recurrence,
        measured=one.measured,
        steps=[_step(step) for step in one.steps],
        position=position,
    )


def _step(step: Step) -> dict[str, Any]:
    """As support/snapshots/policies.py reads it."""
    return {
        "amount": step.offset.amount,
        "unit": step.offset.unit.value,
        "tells": list(step.tells),
        "raise_to": step.raise_to,
    }


def _targets(
    draft: PolicyDraft, milestones: Mapping[str, Milestone], source_texts: Mapping[Cell, str]
) -> Iterable[SlaTarget]:
    severities = {row.key: row for row in Severity.objects.all()}
    calendars = {row.key: row for row in BusinessCalendar.objects.all()}
    for cell, promised in draft.targets.items():
        milestone, severity, channel = cell
        yield SlaTarget(
            milestone=milestones[milestone],
            severity=severities[severity],
            channel=channel,
            amount=promised.target.amount,
            unit=promised.target.unit,
            calendar=_counts_by(promised, calendars),
            source_text=source_texts.get(cell) or write_target(promised.target),
        )


def _counts_by(promised: Promised, calendars: Mapping[str, BusinessCalendar]) -> BusinessCalendar | None:
    """Physical time needs no calendar: 24/7 is the same everywhere."""
    by_clock = promised.target.unit is TargetUnit.MINUTES or promised.calendar is None
    return None if by_clock else calendars[str(promised.calendar)]


def _rule(version: SlaPolicyVersion, rule: DraftRule, position: int) -> TargetRule:
    return TargetRule(
        version=version,
        signal=rule.signal,
        value=rule.value,
        milestone=rule.milestone,
        percent=rule.percent,
        ends_at=rule.ends_at,
        reason=rule.reason.strip(),
        position=position,
    )
