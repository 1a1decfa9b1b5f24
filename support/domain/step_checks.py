"""What is wrong with warnings and escalations, given the targets they stand by.

A warning is reckoned for every target of its milestone: one that comes at the start, or before it, warns of nothing.
"""

from collections import Counter
from collections.abc import Iterator

from support.domain.business_time import add_business_days, due, next_opening
from support.domain.milestones import MilestoneTerms, OffsetUnit, Promised, Step
from support.domain.policy_draft import PolicyDraft
from support.domain.policy_faults import Fault, Known, at_milestone, say_cell
from support.domain.promised_times import STARTS, PromisedTimes
from support.domain.step_text import ADDRESS, ROLES, write_offset
from support.domain.targets import LONGEST_DAYS, TargetUnit, words

PART = "steps"
BY_AMOUNT = {
    (OffsetUnit.MINUTES, TargetUnit.MINUTES),
    (OffsetUnit.MINUTES, TargetUnit.BUSINESS_MINUTES),
    (OffsetUnit.BUSINESS_DAYS, TargetUnit.BUSINESS_DAYS),
}


def faulty_steps(draft: PolicyDraft, *, known: Known, times: PromisedTimes) -> Iterator[Fault]:
    for one in draft.milestones:
        yield from _twice(one)
        for step in one.steps:
            yield from _nobody(one, step)
            yield from _too_far(one, step)
            yield from _raises(one, step, draft, known)
            yield from _at_the_start(one, step, draft, known, times)


def _twice(one: MilestoneTerms) -> Iterator[Fault]:
    for key, count in Counter(step.key for step in one.steps).items():
        if count > 1:
            said = write_offset(next(step.offset for step in one.steps if step.key == key))
            yield Fault(at_milestone(one.key, PART), f"{one.name}: “{said}” is there twice; put both into one line.")


def _nobody(one: MilestoneTerms, step: Step) -> Iterator[Fault]:
    said = f"{one.name}: “{write_offset(step.offset)}”"
    if not step.tells and not step.raise_to:
        yield Fault(at_milestone(one.key, PART), f"{said} tells nobody and raises nothing; say who is told.")
    for told in step.tells:
        if told not in ROLES.values() and not ADDRESS.fullmatch(told):
            yield Fault(
                at_milestone(one.key, PART),
                f"{said} tells {told!r}, whom nobody knows; write team, assignee, owner or an e-mail address.",
            )


def _too_far(one: MilestoneTerms, step: Step) -> Iterator[Fault]:
    if step.offset.unit is OffsetUnit.BUSINESS_DAYS and abs(step.offset.amount) > LONGEST_DAYS:
        yield Fault(
            at_milestone(one.key, PART),
            f"{one.name}: “{write_offset(step.offset)}” is more than a year away; choose fewer days.",
        )


def _raises(one: MilestoneTerms, step: Step, draft: PolicyDraft, known: Known) -> Iterator[Fault]:
    if not step.raise_to:
        return
    said = f"{one.name}: “{write_offset(step.offset)}”"
    if step.raise_to not in known.severities:
        yield Fault(
            at_milestone(one.key, PART),
            f"{said} raises to {step.raise_to!r}, which is no severity; choose {_either(list(known.severities.values()))}.",
        )
        return
    served = {severity for _, severity, _ in draft.targets_of(one.key)}
    if served and served <= known.worse_or_same(step.raise_to):
        name = known.severity(step.raise_to)
        yield Fault(
            at_milestone(one.key, PART),
            f"{said} raises to {name}, but no case it is promised to is less than {name}; choose a worse severity, "
            "or leave it out.",
        )


def _at_the_start(
    one: MilestoneTerms, step: Step, draft: PolicyDraft, known: Known, times: PromisedTimes
) -> Iterator[Fault]:
    if not step.offset.ahead or step.offset.unit is OffsetUnit.PERCENT or list(_too_far(one, step)):
        return
    for cell, promised in draft.targets_of(one.key).items():
        if _no_time_before(step, promised, times):
            yield Fault(
                at_milestone(one.key, PART),
                f"{say_cell(cell, draft=draft, known=known)}: a warning {write_offset(step.offset)} comes no later than "
                f"the start of {words(promised.target)}. Warn later, or in percent, such as 'at 80 %'.",
            )


def _no_time_before(step: Step, promised: Promised, times: PromisedTimes) -> bool:
    if (step.offset.unit, promised.target.unit) in BY_AMOUNT:
        return -step.offset.amount >= promised.target.amount
    dues, hours = times.of(promised), times.hours_of(promised)
    if dues is None or hours is None:
        return False
    if step.offset.unit is OffsetUnit.BUSINESS_DAYS:
        told = (add_business_days(hours, start=at, days=step.offset.amount) for at in dues)
    else:
        told = (due(hours, start=at, minutes=step.offset.amount) for at in dues)
    # A case that comes in while nobody works has lost no time before the next opening.
    begun = (next_opening(hours, at=start) for start in STARTS)
    return all(at <= start for at, start in zip(told, begun, strict=True))


def _either(names: list[str]) -> str:
    *others, last = names or ["a severity that is declared first"]
    return f"{', '.join(others)} or {last}" if others else last
