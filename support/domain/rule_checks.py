"""What is wrong with the rules that move targets, and with targets they move too far.

However many rules may hold at once, what they come to must still be a time somebody can wait for: no target longer
than a year as a number, and none that its opening hours would take more than ten years to pass.
"""

from collections.abc import Iterator

from support.domain.case_events import Health
from support.domain.milestones import MilestoneKind, MilestoneTerms, OffsetUnit, Promised, Signal
from support.domain.policy_draft import DraftRule, PolicyDraft
from support.domain.policy_faults import Fault, Known, at_cell, at_milestone, at_rule, say_cell
from support.domain.promised_times import FAR, PromisedTimes, weeks_of
from support.domain.step_text import write_offset
from support.domain.targets import LONGEST_DAYS, LONGEST_MINUTES, Target, TargetUnit, words

LEAST, MOST = 1, 1000
LONGEST_AHEAD = 366


def faulty_rules(draft: PolicyDraft, *, known: Known) -> Iterator[Fault]:
    for number, rule in enumerate(draft.rules):
        for message in _wrong(rule, draft, known):
            yield Fault(at_rule(number), f"Rule {number + 1}: {message}")
    yield from _shorter_than_the_answer(draft)


def _wrong(rule: DraftRule, draft: PolicyDraft, known: Known) -> Iterator[str]:
    if not LEAST <= rule.percent <= MOST:
        yield f"{rule.percent} % is not between {LEAST} and {MOST:,} %; 50 is half the time, 200 is twice."
    elif rule.percent == 100:
        yield "100 % changes nothing; write less to be sooner, more to be later."
    if rule.ends_at <= known.at:
        yield f"it ended on {rule.ends_at:%d.%m.%Y}; give it a later end, or take it out."
    if not rule.reason.strip():
        yield "say why; whoever reads a due time that it moved will ask."
    if rule.milestone and draft.milestone(rule.milestone) is None:
        yield f"there is no milestone {rule.milestone!r}; choose one of this policy, or all of them."
    if why := _unknown_value(rule, known):
        yield why


def _unknown_value(rule: DraftRule, known: Known) -> str:
    match rule.signal:
        case Signal.RENEWAL_WITHIN:
            days = int(rule.value) if rule.value.isascii() and rule.value.isdigit() else 0
            return "" if 1 <= days <= LONGEST_AHEAD else "say how many days before a renewal it begins, from 1 to 366."
        case Signal.HEALTH:
            return "" if rule.value in set(Health) else "choose how the account is doing: good, at risk or critical."
        case Signal.MARKET:
            return (
                "" if rule.value in known.markets else f"there is no market {rule.value!r}; choose one that is there."
            )


def _shorter_than_the_answer(draft: PolicyDraft) -> Iterator[Fault]:
    """A rule that shortens the resolution alone may bring it before the first response."""
    end = draft.of_kind(MilestoneKind.RESOLUTION)
    for number, rule in enumerate(draft.rules):
        if end is not None and rule.milestone == end.key and 0 < rule.percent < 100:
            for cell, promised in draft.targets_of(end.key).items():
                answer = _answer_to(draft, cell[1], cell[2])
                lifted = promised.target.amount * rule.percent / 100
                if answer and answer.target.unit is promised.target.unit and lifted < answer.target.amount:
                    said = f"Rule {number + 1}: it would bring {end.name} before the first response"
                    yield Fault(at_rule(number), f"{said}. Let it move every milestone, or by less.", caution=True)
                    break


def _answer_to(draft: PolicyDraft, severity: str, channel: str) -> Promised | None:
    first = draft.of_kind(MilestoneKind.FIRST_RESPONSE)
    return None if first is None else draft.promised(first.key, severity=severity, channel=channel)


def faulty_reach(draft: PolicyDraft, *, known: Known, times: PromisedTimes) -> Iterator[Fault]:
    """Targets, with all rules that lengthen them, and steps, that lie further away than anybody waits."""
    for cell, promised in draft.targets.items():
        milestone = draft.milestone(cell[0])
        amount = longest_amount(draft, promised.target, cell[0])
        said = say_cell(cell, draft=draft, known=known)
        if amount > _limit(promised.target):
            yield Fault(
                at_cell(cell),
                f"{said}: {words(promised.target)}, moved by every rule that lengthens it, is more than a year. "
                "Promise it sooner, or let the rules lengthen it less.",
            )
        elif (weeks := weeks_of(amount, promised, times)) > FAR:
            yield Fault(
                at_cell(cell),
                f"{said}: by those opening hours it would take more than ten years. Choose a shorter target, or longer hours.",
            )
        elif milestone is not None:
            yield from _far_steps(milestone, promised, weeks, times)


def _far_steps(one: MilestoneTerms, promised: Promised, weeks: float, times: PromisedTimes) -> Iterator[Fault]:
    for step in one.steps:
        offset = step.offset
        far = (
            weeks * offset.amount / 100
            if offset.unit is OffsetUnit.PERCENT
            else 0
            if offset.unit is OffsetUnit.BUSINESS_DAYS
            else weeks_of(abs(offset.amount), _in_minutes(promised), times)
        )
        if far > FAR:
            said = f"{one.name}: by its opening hours “{write_offset(offset)}” is more than ten years away"
            yield Fault(at_milestone(one.key, "steps"), f"{said}; choose less.")


def _in_minutes(promised: Promised) -> Promised:
    around = promised.target.around_the_clock
    unit = TargetUnit.MINUTES if around else TargetUnit.BUSINESS_MINUTES
    return Promised(Target(1, unit, around_the_clock=around), calendar=promised.calendar)


def longest_amount(draft: PolicyDraft, target: Target, milestone: str) -> float:
    """What a target comes to if every rule that lengthens it holds at once."""
    amount = float(target.amount)
    for rule in draft.rules:
        if rule.percent > 100 and rule.milestone in ("", milestone):
            amount = amount * rule.percent / 100 + 1
    return amount


def _limit(target: Target) -> int:
    in_days = target.unit in {TargetUnit.BUSINESS_DAYS, TargetUnit.END_OF_DAY}
    return LONGEST_DAYS if in_days else LONGEST_MINUTES
