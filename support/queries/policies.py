"""SLA policies and their versions as people edit them: what stands, what is drafted, and what that would change."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from catalog.models import Feature, Market
from journal.domain.refusal import Invalid
from journal.models import Approval
from support.domain.calendar import Calendar, CalendarError
from support.domain.milestones import Signal
from support.domain.policy_checks import errors_of
from support.domain.policy_difference import Difference, difference
from support.domain.policy_draft import DraftRule, PolicyDraft, draft_from
from support.domain.policy_faults import Known, KnownCalendar
from support.models import (
    BusinessCalendar,
    CalendarVersion,
    Milestone,
    Severity,
    SlaPolicy,
    SlaPolicyVersion,
    SlaTarget,
    TargetRule,
    VersionState,
)
from support.snapshots.hours import hours_of, versions_at
from support.snapshots.policies import SUPPORT_TIER, snapshot_policies

KIND = "sla_policy"
OPEN = (VersionState.DRAFT, VersionState.ASKED)


def read_known(*, at: datetime) -> Known:
    """What a policy may name at this moment: severities, calendars with their hours, markets; four reads."""
    hours = versions_at(at)
    return Known(
        at=at,
        severities=dict(Severity.objects.values_list("key", "name")),
        calendars={
            row.key: KnownCalendar(row.name, _week_of(hours.get(row.key))) for row in BusinessCalendar.objects.all()
        },
        markets=dict(Market.objects.values_list("key", "name")),
    )


def _week_of(version: CalendarVersion | None) -> Calendar | None:
    """Hours of a desk in the customer's zone are judged as those of a customer in UTC: only the week matters."""
    try:
        return None if version is None else hours_of(version, zone="UTC")
    except CalendarError:
        return None


def draft_of(version: SlaPolicyVersion | None) -> PolicyDraft:
    """What a version says, to be written on; without one, nothing."""
    if version is None:
        return PolicyDraft()
    rows = TargetRule.objects.filter(version=version).order_by("position", "pk")
    return draft_from(snapshot_policies([version.pk])[version.pk], rules=map(rule_of, rows))


def rule_of(row: TargetRule) -> DraftRule:
    return DraftRule(
        signal=Signal(row.signal),
        value=row.value,
        percent=row.percent,
        ends_at=row.ends_at,
        reason=row.reason,
        milestone=row.milestone,
    )


def in_force(policy: SlaPolicy, *, at: datetime) -> SlaPolicyVersion | None:
    """The version by which cases that open at the moment are promised something."""
    rows = policy.versions.filter(state=VersionState.IN_FORCE, in_force_from__lte=at)
    return rows.select_related("policy").order_by("in_force_from", "number").last()


def open_version(policy: SlaPolicy) -> SlaPolicyVersion | None:
    """The one that is drafted, or waits for a second person; never more than one."""
    return policy.versions.filter(state__in=OPEN).select_related("policy").first()


def changes_of(version: SlaPolicyVersion, *, at: datetime, known: Known | None = None) -> tuple[Difference, ...]:
    """What a version says otherwise than the one in force."""
    stands = in_force(version.policy, at=at)
    before = None if stands is None else draft_of(stands)
    return difference(before, draft_of(version), known=known or read_known(at=at))


def pending_request(version: SlaPolicyVersion) -> Approval | None:
    """The request about it that somebody has yet to decide."""
    waiting = Approval.objects.filter(kind=KIND, subject_key=str(version.pk), state=Approval.State.PENDING)
    return waiting.first()


def refuse_faulty(draft: PolicyDraft, *, known: Known) -> None:
    """Every error at once, by where it stands."""
    faults = errors_of(draft, known=known)
    if faults:
        errors: dict[str, tuple[str, ...]] = {}
        for fault in faults:
            errors[fault.where] = (*errors.get(fault.where, ()), fault.message)
        raise Invalid(faults[0].message, field=faults[0].where, errors=errors)


def refuse_unknown_tier(tier: str) -> None:
    """A promise for a tier that nobody can hold would never be kept; before the catalog is filled, any may be set."""
    feature = Feature.objects.filter(key=SUPPORT_TIER).first()
    if feature is None or any(choice.key == tier for choice in feature.shape.choices):
        return
    choices = ", ".join(choice.key for choice in feature.shape.choices)
    raise Invalid(f"{tier!r} is not a choice of {feature.name}; it has {choices}.", field="tier")


def policy_token(policy: SlaPolicy) -> str:
    """What stood on the screen, in short: what is in force or drafted, to the last cell. A form carries it back."""
    return _digest(list(_standing(policy)))


def version_token(version: SlaPolicyVersion) -> str:
    """What was asked for, in short: this version, beside the one that was in force then, and the hours it counts by.

    Nobody else decides about hours by which no promise in force counts yet: so they may not change in between.
    """
    return _digest([_last_in_force(version.policy), *_content(version), *_hours_counted_by(version)])


def _digest(said: object) -> str:
    return sha256(repr(said).encode()).hexdigest()[:20]


def _standing(policy: SlaPolicy) -> Iterator[object]:
    yield from (policy.name, policy.note, _last_in_force(policy))
    version = open_version(policy)
    if version is not None:
        yield from (version.number, str(version.state), version.note, *_content(version))


def _last_in_force(policy: SlaPolicy) -> int | None:
    rows = policy.versions.filter(state=VersionState.IN_FORCE).order_by("in_force_from", "number")
    return rows.values_list("number", flat=True).last()


def _hours_counted_by(version: SlaPolicyVersion) -> list[tuple[int, int]]:
    """Each calendar that a target names, with its latest hours."""
    named = SlaTarget.objects.filter(milestone__version=version, calendar__isnull=False).values("calendar")
    rows = CalendarVersion.objects.filter(calendar__in=named, state=VersionState.IN_FORCE)
    return sorted(dict(rows.order_by("in_force_from", "number").values_list("calendar_id", "pk")).items())


def _content(version: SlaPolicyVersion) -> list[object]:
    """Every cell of a version as it is stored, but for the rows' own numbers."""
    milestones = Milestone.objects.filter(version=version).order_by("position", "pk")
    targets = SlaTarget.objects.filter(milestone__version=version).order_by("milestone__key", "severity", "channel")
    rules = TargetRule.objects.filter(version=version).order_by("position", "pk")
    return [
        *milestones.values_list(
            "key", "name", "kind", "starts", "stops", "pauses_while", "recurrence", "measured", "steps"
        ),
        *targets.values_list("milestone__key", "severity_id", "channel", "amount", "unit", "calendar_id"),
        *rules.values_list("signal", "value", "milestone", "percent", "ends_at", "reason"),
    ]
