"""The support promise: severities, and what each support tier promises for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import Feature
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Stale
from support.domain.targets import Target, TargetUnit, words
from support.models import BusinessCalendar, CalendarWindow, Severity, SlaPolicy, SlaTarget
from support.snapshots import SUPPORT_TIER, snapshot_target

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
    def columns(self) -> dict[str, object]:
        """Physical time needs no calendar: 24/7 is the same everywhere."""
        by_clock = self.target.unit is TargetUnit.MINUTES
        return {
            "amount": self.target.amount,
            "unit": self.target.unit,
            "calendar_id": None if by_clock or self.calendar is None else self.calendar.pk,
            "source_text": self.source_text,
        }


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
    """The promise of a support tier was set as a whole; without targets it is cover without a promised time."""
    by.require(PERMISSION)
    promised = _one_per_severity(targets)
    _refuse_closed_calendars(promised.values())
    _refuse_unknown_tier(tier)
    policy = SlaPolicy.objects.select_for_update().filter(tier=tier).first() or SlaPolicy(tier=tier)
    said = {"name": name, "note": note}
    before = {column: getattr(policy, column) if policy.pk else None for column in said}
    standing = {row.severity_id: row for row in _targets_of(policy)}
    changes = {column: [before[column], value] for column, value in said.items() if before[column] != value}
    changes |= _target_changes(standing, promised)
    if not changes and _written_alike(standing, promised):
        return policy
    deed = begin(by=by, at=at)
    policy.name, policy.note = name, note
    keep(policy, deed=deed)
    _bring_into_line(policy, standing, promised, deed)
    record(deed, "promise:set", subject=policy, changes=changes)
    return policy


@transaction.atomic
def change_target(*, target: SlaTarget, promised: Promised, token: str, by: Actor, at: datetime) -> SlaTarget:
    """One response target was changed by a person who saw how it stood."""
    by.require(PERMISSION)
    target = SlaTarget.objects.select_for_update(of=("self",)).select_related("severity", "policy").get(pk=target.pk)
    if token != target_token(target):
        raise Stale
    if promised.severity.pk != target.severity_id:
        raise Invalid("A target stays with its severity; set the promise as a whole to move it.", field="severity")
    _refuse_closed_calendars([promised])
    before = target_words(target)
    deed = begin(by=by, at=at)
    _write(target, promised, deed)
    changes = {str(target.severity): [before, words(promised.target)]}
    record(deed, "promise:change_target", subject=target.policy, changes=changes)
    return target


def target_token(target: SlaTarget) -> str:
    """What stood on the screen, in short: a form carries it back, so that nobody overwrites what they never saw."""
    return f"{target.amount}.{target.unit}.{target.calendar_id or 0}.{target.source_text}"


def target_words(target: SlaTarget) -> str:
    return words(snapshot_target(target))


def _one_per_severity(targets: Iterable[Promised]) -> dict[int, Promised]:
    promised: dict[int, Promised] = {}
    for each in targets:
        if each.severity.pk in promised:
            raise Invalid(f"{each.severity} is promised twice; keep one target for each severity.", field="targets")
        promised[each.severity.pk] = each
    return promised


def _refuse_closed_calendars(promised: Iterable[Promised]) -> None:
    """A calendar without open hours would leave the promise without any due time."""
    named = {each.calendar.pk: each.calendar for each in promised if each.calendar is not None}
    opening = set(CalendarWindow.objects.filter(calendar__in=named).values_list("calendar_id", flat=True))
    for pk, calendar in named.items():
        if pk not in opening:
            raise Invalid(f"{calendar} is never open; set its open hours first.", field="calendar")


def _refuse_unknown_tier(tier: str) -> None:
    """A promise for a tier that nobody can hold would never be kept; before the catalog is filled, any may be set."""
    feature = Feature.objects.filter(key=SUPPORT_TIER).first()
    if feature is None or any(choice.key == tier for choice in feature.shape.choices):
        return
    choices = ", ".join(choice.key for choice in feature.shape.choices)
    raise Invalid(f"{tier!r} is not a choice of {feature.name}; it has {choices}.", field="tier")


def _targets_of(policy: SlaPolicy) -> list[SlaTarget]:
    return list(policy.targets.select_related("severity")) if policy.pk else []


def _target_changes(standing: Mapping[int, SlaTarget], promised: Mapping[int, Promised]) -> dict[str, list[str | None]]:
    changes: dict[str, list[str | None]] = {}
    for severity, row in standing.items():
        if severity not in promised:
            changes[str(row.severity)] = [target_words(row), None]
    for severity, each in promised.items():
        before = standing.get(severity)
        said = [target_words(before) if before else None, words(each.target)]
        if said[0] != said[1]:
            changes[str(each.severity)] = said
    return changes


def _written_alike(standing: Mapping[int, SlaTarget], promised: Mapping[int, Promised]) -> bool:
    return all(
        getattr(standing[severity], column) == value
        for severity, each in promised.items()
        for column, value in each.columns.items()
    )


def _bring_into_line(
    policy: SlaPolicy, standing: Mapping[int, SlaTarget], promised: Mapping[int, Promised], deed: Deed
) -> None:
    for severity in standing.keys() - promised.keys():
        remove(standing[severity], deed=deed)
    for severity, each in promised.items():
        row = standing.get(severity)
        if row is None or not _written_alike({severity: row}, {severity: each}):
            _write(row or SlaTarget(policy=policy, severity=each.severity), each, deed)


def _write(row: SlaTarget, promised: Promised, deed: Deed) -> None:
    for column, value in promised.columns.items():
        setattr(row, column, value)
    keep(row, deed=deed)
