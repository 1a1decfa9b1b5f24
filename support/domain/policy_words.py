"""A policy as sentences: what is promised for each severity, how each milestone runs, and what moves it."""

from collections.abc import Iterable

from support.domain.case_events import Health
from support.domain.milestones import (
    CaseState,
    Measured,
    MilestoneKind,
    MilestoneTerms,
    Offset,
    OffsetUnit,
    Promised,
    Recurrence,
    Signal,
    Step,
)
from support.domain.policy_draft import KIND_NAMES, DraftRule, PolicyDraft
from support.domain.policy_faults import Known, say_channel
from support.domain.step_text import ROLE_WORDS
from support.domain.targets import TargetUnit, words

PHRASES = {
    MilestoneKind.FIRST_RESPONSE: "a first response",
    MilestoneKind.NEXT_RESPONSE: "a next response",
    MilestoneKind.UPDATE: "an update",
    MilestoneKind.RESOLUTION: "a resolution",
}
NO_TARGETS = "Help is covered, with no promised time."


def say(draft: PolicyDraft, *, known: Known) -> tuple[str, ...]:
    """Each severity, each milestone that has a target, each rule: one sentence or a few for each."""
    if not draft.targets:
        return (NO_TARGETS,)
    owed = [one for one in draft.milestones if draft.targets_of(one.key)]
    return (
        *(said for key in known.severities if (said := say_severity(draft, key, known=known))),
        *(say_milestone(one, known=known) for one in owed),
        *(say_rule(rule, draft=draft, known=known) for rule in draft.rules),
    )


def say_severity(draft: PolicyDraft, severity: str, *, known: Known) -> str:
    """ "Urgent: a first response within 1 hour, around the clock. By phone: …"; what no cell speaks of is left out."""
    lines = []
    for channel in draft.channels:
        cells = [(one, draft.targets.get((one.key, severity, channel))) for one in draft.milestones]
        promised = [f"{_phrase(one)} {say_promised(each, known=known)}" for one, each in cells if each is not None]
        if promised:
            head = say_channel(channel).strip().capitalize() if channel else known.severity(severity)
            lines.append(f"{head}: {'; '.join(promised)}.")
    if lines and not lines[0].startswith(known.severity(severity)):
        lines[0] = f"{known.severity(severity)}: only {lines[0][0].lower()}{lines[0][1:]}"
    return " ".join(lines)


def say_promised(promised: Promised, *, known: Known) -> str:
    """ "within 4 business hours (Business hours)"."""
    said = words(promised.target)
    if promised.target.unit is TargetUnit.MINUTES or promised.calendar is None:
        return said
    calendar = known.calendars.get(promised.calendar)
    return f"{said} ({calendar.name if calendar else promised.calendar})"


def say_milestone(milestone: MilestoneTerms, *, known: Known) -> str:
    """When it begins and is met, whether it pauses and recurs, and who is told."""
    parts = [
        f"{milestone.name} counts from when {milestone.starts.words} until {milestone.stops.words}.",
        say_pauses(milestone),
        say_recurrence(milestone),
        say_measured(milestone),
        say_steps(milestone, known=known),
    ]
    return " ".join(part for part in parts if part)


def say_pauses(milestone: MilestoneTerms) -> str:
    if not milestone.pauses_while:
        return "It does not pause."
    return f"It pauses while the case is {say_states(milestone.pauses_while)}."


def say_states(states: Iterable[CaseState]) -> str:
    """ "waiting for the customer or on hold", in the order in which cases come to them."""
    named = set(states)
    return _listed([state.words.lower() for state in CaseState if state in named], last="or")


def say_recurrence(milestone: MilestoneTerms) -> str:
    match milestone.kind, milestone.recurrence:
        case MilestoneKind.FIRST_RESPONSE, _:
            return ""
        case MilestoneKind.NEXT_RESPONSE, _:
            return "It begins anew with the customer’s next message."
        case MilestoneKind.RESOLUTION, Recurrence.INDEPENDENT:
            return "When the case is reopened, it begins anew."
        case MilestoneKind.RESOLUTION, _:
            return "When the case is reopened, it goes on; the time between does not count."
        case _, Recurrence.SEQUENTIAL:
            return "One follows the other until the case is resolved."
        case _, Recurrence.INDEPENDENT:
            return f"It begins anew whenever {milestone.starts.words}."
    return "It is owed once."


def say_measured(milestone: MilestoneTerms) -> str:
    if milestone.measured is Measured.FROM_START:
        return ""
    return "When the severity changes, its new target counts from that moment."


def say_steps(milestone: MilestoneTerms, *, known: Known) -> str:
    """ "After 80 % of its time the team is told; 2 hours after it is due the case is raised to Urgent."."""
    said = [say_step(step, known=known) for step in milestone.steps]
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def say_step(step: Step, *, known: Known) -> str:
    acts = []
    if step.tells:
        told = _listed([ROLE_WORDS.get(one, one) for one in step.tells], last="and")
        acts.append(f"{told} {'is' if len(step.tells) == 1 else 'are'} told")
    if step.raise_to:
        acts.append(f"the case is raised to {known.severity(step.raise_to)}")
    return f"{say_offset(step.offset)} {' and '.join(acts)}"


def say_offset(offset: Offset) -> str:
    """ "after 80 % of its time", "30 minutes before it is due", "when it is due"."""
    if offset.unit is OffsetUnit.PERCENT:
        return f"after {offset.amount} % of its time"
    if not offset.amount:
        return "when it is due"
    side = "before" if offset.amount < 0 else "after"
    amount = abs(offset.amount)
    if offset.unit is OffsetUnit.BUSINESS_DAYS:
        return f"{_counted(amount, 'business day')} {side} it is due"
    hours, rest = divmod(amount, 60)
    return f"{_counted(amount, 'minute') if rest else _counted(hours, 'hour')} {side} it is due"


def say_rule(rule: DraftRule, *, draft: PolicyDraft, known: Known) -> str:
    """ "While a renewal is within 60 days, every target is 50 % of its time, until 1 January 2027: …"."""
    milestone = draft.milestone(rule.milestone) if rule.milestone else None
    what = f"the target of {milestone.name if milestone else rule.milestone}" if rule.milestone else "every target"
    until = f"{rule.ends_at.day} {rule.ends_at:%B %Y}"
    return f"{_while(rule, known)}, {what} is {rule.percent} % of its time, until {until}: {_sentence(rule.reason)}"


def _while(rule: DraftRule, known: Known) -> str:
    match rule.signal:
        case Signal.RENEWAL_WITHIN:
            return f"While a renewal is within {rule.value} days"
        case Signal.HEALTH:
            return f"While the account’s health is {say_health(rule.value)}"
        case Signal.MARKET:
            return f"In the market {known.markets.get(rule.value, rule.value)}"


def say_health(level: str) -> str:
    """ "good", "at risk", "critical"."""
    return Health(level).value.replace("_", " ") if level in set(Health) else repr(level)


def _phrase(milestone: MilestoneTerms) -> str:
    usual = milestone.name == KIND_NAMES[milestone.kind]
    return PHRASES.get(milestone.kind, milestone.name) if usual else milestone.name


def _listed(names: list[str], *, last: str) -> str:
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


def _sentence(text: str) -> str:
    said = text.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _counted(amount: int, noun: str) -> str:
    return f"{amount} {noun}{'' if amount == 1 else 's'}"
