"""How prepaid help is used up: which credits, by cases or by time, when, in which steps, and what follows at zero."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.domain.units import Family, unit_of
from catalog.domain.values import Kind
from catalog.models import Feature
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from support.domain.cover_terms import AtZero, CountedOn, Counts
from support.models import Allowance
from support.queries.allowances.concerned import allowance_token
from support.queries.policy_history import tier_choices

PERMISSION = "support.edit_allowance"
LONGEST_UNIT = 24 * 60


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of an allowance. `unit_minutes`: each entry of time is rounded up to so many, 0 to the minute;
    `default_tier` is the tier that some of it left gives by itself, empty: none."""

    counts: Counts
    counted_on: CountedOn = CountedOn.OPENING
    unit_minutes: int = 0
    at_zero: AtZero = AtZero.BLOCK
    default_tier: str = ""


@transaction.atomic
def set_up_allowance(*, feature: Feature, rule: Rule, by: Actor, at: datetime) -> Allowance:
    """A credits feature became prepaid help: from now on cases, or time, use it up."""
    by.require(PERMISSION)
    feature = Feature.objects.select_for_update(no_key=True).get(pk=feature.pk)
    if feature.kind != Kind.CREDIT:
        raise Invalid(
            f"{feature} is no credits, so nothing of it can be prepaid. Make a feature of that kind first.",
            field="feature",
        )
    if Allowance.objects.filter(feature=feature).exists():
        raise Invalid(f"{feature} is prepaid help already; change how it is used up there.", field="feature")
    row = Allowance(feature=feature)
    _write(row, rule)
    return _kept(row, "allowance:set_up", by=by, at=at)


@transaction.atomic
def edit_allowance(*, allowance: Allowance, rule: Rule, by: Actor, at: datetime, seen: str | None = None) -> Allowance:
    """How prepaid help is used up was changed; what was taken of it stays taken."""
    by.require(PERMISSION)
    row = _lock(allowance, seen=seen)
    if rule.counts != row.counts and (row.case_counts.exists() or row.time_entries.exists()):
        raise Invalid(
            f"{Counts(row.counts).value.capitalize()} were counted on it already. Retire it, and sell another feature.",
            field="counts",
        )
    _write(row, rule)
    return _kept(row, "allowance:edit", by=by, at=at)


@transaction.atomic
def retire_allowance(*, allowance: Allowance, by: Actor, at: datetime, seen: str | None = None) -> Allowance:
    """Nothing is counted on it from now on; what customers have left of it stays theirs."""
    by.require(PERMISSION)
    row = _lock(allowance, seen=seen)
    if row.retired_at is not None:
        raise Refusal(f"{row} was retired already; nothing was changed.")
    row.retired_at = at
    return _kept(row, "allowance:retire", by=by, at=at)


@transaction.atomic
def bring_allowance_back(*, allowance: Allowance, by: Actor, at: datetime, seen: str | None = None) -> Allowance:
    """Cases, or time, are counted on it again; what happened meanwhile stays uncounted."""
    by.require(PERMISSION)
    row = _lock(allowance, seen=seen)
    if row.retired_at is None:
        raise Refusal(f"{row} is in use; nothing was changed.")
    row.retired_at = None
    return _kept(row, "allowance:bring_back", by=by, at=at)


def _lock(allowance: Allowance, *, seen: str | None) -> Allowance:
    rows = Allowance.objects.select_for_update(of=("self",), no_key=True).select_related("feature")
    row = rows.get(pk=allowance.pk)
    if seen is not None and seen != allowance_token(row):
        raise Stale
    return row


def _write(row: Allowance, rule: Rule) -> None:
    _refuse_unfit(row.feature, rule)
    said: dict[str, Any] = {
        "counts": rule.counts,
        "counted_on": rule.counted_on,
        "unit_minutes": rule.unit_minutes,
        "at_zero": rule.at_zero,
        "default_tier": rule.default_tier,
    }
    for column, value in said.items():
        setattr(row, column, value)


def _kept(row: Allowance, verb: str, *, by: Actor, at: datetime) -> Allowance:
    changes = pending_changes(row)
    if not changes:
        return row
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, verb, subject=row, changes=changes)
    return row


def _refuse_unfit(feature: Feature, rule: Rule) -> None:
    """Each where it was typed, with what to do instead."""
    of_time = unit_of(feature.shape).family is Family.TIME
    if rule.counts is Counts.TIME and not of_time:
        unit = feature.unit or "units"
        raise Invalid(f"{feature} is sold by {unit}; only hours or minutes are used up by time.", field="counts")
    if rule.counts is Counts.CASES and of_time:
        raise Invalid(f"{feature} is sold by the {feature.unit}; a case takes one whole unit of it.", field="counts")
    if rule.counts is Counts.CASES and rule.unit_minutes:
        raise Invalid("Cases are counted one by one, so nothing is rounded. Leave it at 0.", field="unit_minutes")
    if not 0 <= rule.unit_minutes <= LONGEST_UNIT:
        raise Invalid(f"Round up to 0 to {LONGEST_UNIT:,} minutes.", field="unit_minutes")
    if rule.counts is Counts.TIME and rule.counted_on is CountedOn.RESOLVING:
        raise Invalid("Time counts when it is entered, whatever becomes of the case.", field="counted_on")
    known = tier_choices()
    if rule.default_tier and rule.default_tier not in known:
        there = ", ".join(known) or "none yet"
        raise Invalid(f"There is no support tier {rule.default_tier!r}; there are: {there}.", field="default_tier")
