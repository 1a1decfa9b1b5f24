"""Policy versions → what they promise."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from entitlements.snapshots import Reader
from support.domain.case_events import CaseState
from support.domain.coverage import Promise, SeverityTarget
from support.domain.milestones import (
    Measured,
    MilestoneKind,
    MilestoneTerms,
    Offset,
    OffsetUnit,
    PolicyTerms,
    Promised,
    Recurrence,
    Step,
    Trigger,
)
from support.domain.targets import Target, TargetUnit
from support.models import Milestone, SlaPolicy, SlaPolicyVersion, SlaTarget, VersionState

SUPPORT_TIER = "support_tier"


def snapshot_target(row: SlaTarget) -> Target:
    unit = TargetUnit(row.unit)
    return Target(amount=row.amount, unit=unit, around_the_clock=unit is TargetUnit.MINUTES)


def policies_at(at: datetime) -> dict[str, SlaPolicyVersion]:
    """The version of each policy that is in force at an instant, by tier; two reads."""
    rows = Reader().rows(SlaPolicyVersion, state=VersionState.IN_FORCE)
    begun = [row for row in rows if row.in_force_from is not None and row.in_force_from <= at]
    known = {one.pk: one for one in Reader().rows(SlaPolicy, id__in=sorted({row.policy_id for row in begun}))}
    for row in begun:
        row.policy = known[row.policy_id]
    return {row.policy.tier: row for row in sorted(begun, key=lambda row: (row.in_force_from, row.number))}


def snapshot_policies(ids: Collection[int]) -> dict[int, PolicyTerms]:
    """What these versions promise, by their id; three reads. Rules are laid on targets when a case is promised them."""
    milestones: dict[int, list[MilestoneTerms]] = defaultdict(list)
    rows = Reader().rows(Milestone, version_id__in=sorted(ids))
    for row in sorted(rows, key=lambda row: (row.position, row.pk)):
        milestones[row.version_id].append(snapshot_milestone(row))
    targets: dict[int, dict[tuple[str, str, str], Promised]] = defaultdict(dict)
    targeted = SlaTarget.objects.filter(milestone__version__in=ids)
    for target in targeted.select_related("severity", "calendar", "milestone"):
        where = (target.milestone.key, target.severity.key, target.channel)
        targets[target.milestone.version_id][where] = _promised(target)
    versions = SlaPolicyVersion.objects.filter(pk__in=ids).select_related("policy")
    return {
        row.pk: PolicyTerms(
            tier=row.policy.tier,
            tier_name=row.policy.name,
            version=row.number,
            milestones=tuple(milestones[row.pk]),
            targets=targets[row.pk],
        )
        for row in versions
    }


def snapshot_milestone(row: Milestone) -> MilestoneTerms:
    return MilestoneTerms(
        key=row.key,
        name=row.name,
        kind=MilestoneKind(row.kind),
        starts=Trigger(row.starts),
        stops=Trigger(row.stops),
        pauses_while=frozenset(CaseState(state) for state in row.pauses_while),
        recurrence=Recurrence(row.recurrence),
        measured=Measured(row.measured),
        steps=tuple(snapshot_step(step) for step in row.steps),
    )


def snapshot_step(step: Mapping[str, Any]) -> Step:
    """{"amount", "unit", "tells", "raise_to"} as a milestone's row keeps it."""
    offset = Offset(int(step["amount"]), OffsetUnit(step["unit"]))
    return Step(offset, tells=tuple(step.get("tells", ())), raise_to=step.get("raise_to", ""))


def snapshot_promises(*, at: datetime) -> dict[str, Promise]:
    """Every tier's promised first response, in the order of severity, as it stands at an instant; two reads."""
    return {tier: promised[""] for tier, promised in promises_by_channel(at=at).items()}


def promises_by_channel(
    *, at: datetime, versions: Mapping[str, SlaPolicyVersion] | None = None
) -> dict[str, dict[str, Promise]]:
    """The same by tier and channel; "" is what holds on every channel without targets of its own. Two reads.

    `versions` are the policies in force, where they are at hand: one read then.
    """
    versions = policies_at(at) if versions is None else versions
    targets: dict[int, dict[str, list[SlaTarget]]] = defaultdict(lambda: defaultdict(list))
    rows = SlaTarget.objects.select_related("severity", "calendar", "milestone").filter(
        milestone__kind=MilestoneKind.FIRST_RESPONSE, milestone__version__in=[v.pk for v in versions.values()]
    )
    for row in rows.order_by("severity__position", "severity_id"):
        targets[row.milestone.version_id][row.channel].append(row)
    # Tiers in the order their policies were made: from least to most.
    held = sorted(versions.values(), key=lambda version: version.policy_id)
    return {version.policy.tier: _by_channel(version, targets[version.pk]) for version in held}


def _by_channel(version: SlaPolicyVersion, targets: Mapping[str, list[SlaTarget]]) -> dict[str, Promise]:
    """A severity without a target of the channel's own keeps the one of all channels."""
    general = targets.get("", [])
    found = {"": _promise(version, general)}
    for channel, own in targets.items():
        if channel:
            spoken = {row.severity_id for row in own}
            rows = [*own, *(row for row in general if row.severity_id not in spoken)]
            found[channel] = _promise(version, sorted(rows, key=lambda row: (row.severity.position, row.severity_id)))
    return found


def _promise(version: SlaPolicyVersion, targets: Iterable[SlaTarget]) -> Promise:
    return Promise(
        tier=version.policy.tier,
        tier_name=version.policy.name,
        targets=tuple(
            SeverityTarget(
                severity=row.severity.key,
                name=row.severity.name,
                meaning=row.severity.meaning,
                target=snapshot_target(row),
                calendar=_counts_by(row),
            )
            for row in targets
        ),
    )


def _promised(row: SlaTarget) -> Promised:
    return Promised(snapshot_target(row), calendar=_counts_by(row))


def _counts_by(row: SlaTarget) -> str | None:
    return None if row.unit == TargetUnit.MINUTES or row.calendar is None else row.calendar.key
