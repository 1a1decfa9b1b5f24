"""What one version of a policy says otherwise than another, in words; what makes a promise less is named a lowering."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from support.domain.milestones import Measured, MilestoneTerms, Promised, Recurrence
from support.domain.policy_draft import DraftRule, PolicyDraft
from support.domain.policy_faults import Known, at_cell, at_milestone, at_rule, say_cell
from support.domain.policy_words import say_promised, say_rule, say_states
from support.domain.promised_times import PromisedTimes
from support.domain.step_text import write_step

LONGER = "That is longer, so less is promised."
MIXED = "That is later for some cases and sooner for others, so for some less is promised."
SHORTER = "That is sooner."


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing said otherwise. `before` and `after` are empty where it isn't there; `words` are the whole sentence."""

    where: str
    label: str
    before: str
    after: str
    words: str
    lowers: bool = False


def difference(before: PolicyDraft | None, after: PolicyDraft, *, known: Known) -> tuple[Difference, ...]:
    """Targets first, then milestones, then rules; without a version before, everything is new."""
    was = before or PolicyDraft()
    return (
        *_targets(was, after, known, known.times()),
        *_milestones(was, after, known),
        *_rules(was, after, known),
    )


def say_lowerings(differences: Iterable[Difference]) -> tuple[str, ...]:
    """The sentences of what makes the promise less."""
    return tuple(one.words for one in differences if one.lowers)


def _targets(was: PolicyDraft, becomes: PolicyDraft, known: Known, times: PromisedTimes) -> Iterator[Difference]:
    for cell in _cells(was, becomes, known):
        milestone, severity, channel = cell
        before = was.promised(milestone, severity=severity, channel=channel)
        after = becomes.promised(milestone, severity=severity, channel=channel)
        if before == after:
            continue
        draft = becomes if becomes.milestone(milestone) else was
        label = say_cell(cell, draft=draft, known=known)
        theirs, ours = (say_promised(one, known=known) if one else "" for one in (before, after))
        verdict, lowers = _verdict(before, after, times)
        words = f"{label}: {_said(theirs, ours)} {verdict}".rstrip()
        yield Difference(at_cell(cell), label, theirs, ours, words, lowers)


def _cells(was: PolicyDraft, becomes: PolicyDraft, known: Known) -> list[tuple[str, str, str]]:
    """Every cell of either, in the order of the table."""
    milestones = list(dict.fromkeys(one.key for draft in (becomes, was) for one in draft.milestones))
    severities = list(known.severities)
    found = {*was.targets, *becomes.targets}

    def place(cell: tuple[str, str, str]) -> tuple[int, int, str]:
        milestone, severity, channel = cell
        return (
            severities.index(severity) if severity in severities else len(severities),
            milestones.index(milestone) if milestone in milestones else len(milestones),
            channel,
        )

    return sorted(found, key=place)


def _said(before: str, after: str) -> str:
    if not before:
        return f"{after} is promised."
    return f"{before} becomes {after}." if after else f"{before} is no longer promised."


def _verdict(before: Promised | None, after: Promised | None, times: PromisedTimes) -> tuple[str, bool]:
    if before is None or after is None:
        return "", after is None
    longer, sooner = times.earlier(before, after) is not None, times.earlier(after, before) is not None
    if longer:
        return (MIXED if sooner else LONGER), True
    return (SHORTER if sooner else ""), False


def _milestones(was: PolicyDraft, becomes: PolicyDraft, known: Known) -> Iterator[Difference]:
    for after in becomes.milestones:
        before = was.milestone(after.key)
        if before is not None:
            yield from _milestone(before, after, known)


def _milestone(before: MilestoneTerms, after: MilestoneTerms, known: Known) -> Iterator[Difference]:
    for part, was, becomes, lowers in (
        ("name", before.name, after.name, False),
        ("kind", _plain(before.kind), _plain(after.kind), True),
        ("starts", f"when {before.starts.words}", f"when {after.starts.words}", True),
        ("stops", f"when {before.stops.words}", f"when {after.stops.words}", True),
        ("pauses_while", _pauses(before), _pauses(after), not after.pauses_while <= before.pauses_while),
        ("recurrence", _plain(before.recurrence), _plain(after.recurrence), after.recurrence is Recurrence.NONE),
        ("measured", _measured(before), _measured(after), after.measured is Measured.FROM_CHANGE),
        ("steps", _steps(before, known), _steps(after, known), False),
    ):
        if was != becomes:
            label = f"{after.name}, {WORDS[part]}"
            less = " Less may be promised by that." if lowers else ""
            words = f"{label}: {was or 'nothing'} becomes {becomes or 'nothing'}.{less}"
            yield Difference(at_milestone(after.key, part), label, was, becomes, words, lowers)


WORDS = {
    "name": "name",
    "kind": "kind",
    "starts": "start",
    "stops": "end",
    "pauses_while": "pauses",
    "recurrence": "recurrence",
    "measured": "after a change of severity",
    "steps": "warnings and escalations",
}


def _pauses(one: MilestoneTerms) -> str:
    return f"while {say_states(one.pauses_while)}" if one.pauses_while else "never"


def _measured(one: MilestoneTerms) -> str:
    return "counted from its start" if one.measured is Measured.FROM_START else "counted from the change"


def _steps(one: MilestoneTerms, known: Known) -> str:
    return "; ".join(write_step(step, severities=known.severities) for step in one.steps)


def _plain(choice: str) -> str:
    return {"none": "once", "independent": "anew with each start", "sequential": "one after the other"}.get(
        choice, choice.replace("_", " ")
    )


def _rules(was: PolicyDraft, becomes: PolicyDraft, known: Known) -> Iterator[Difference]:
    for number, rule in enumerate(becomes.rules):
        if rule not in was.rules:
            said = say_rule(rule, draft=becomes, known=known)
            lowers = rule.percent > 100
            yield Difference(at_rule(number), "New rule", "", said, f"New rule. {said}", lowers)
    for rule in was.rules:
        if rule not in becomes.rules:
            said = say_rule(rule, draft=was, known=known)
            yield Difference("rules", "Rule that goes", said, "", f"No longer a rule. {said}", _helped(rule, known))


def _helped(rule: DraftRule, known: Known) -> bool:
    """Whether a rule that goes still gave somebody something."""
    return rule.percent < 100 and rule.ends_at > known.at
