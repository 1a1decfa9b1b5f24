"""Everything that is wrong with a policy, all of it at once, each with where it stands and how to mend it.

Errors are what can't be kept or says nothing: a draft with one is refused. Cautions are what is hardly meant, and may
be. A draft without errors can be reckoned for any case, opened at any moment, with every rule that could hold.
"""

from collections.abc import Iterator

from support.domain.case_events import Channel
from support.domain.milestone_checks import faulty_milestones
from support.domain.milestones import InvalidPolicy, MilestoneKind, Promised
from support.domain.policy_draft import Cell, PolicyDraft
from support.domain.policy_faults import Fault, Known, KnownCalendar, at_cell, say_cell, say_channel
from support.domain.promised_times import PromisedTimes, plain_week
from support.domain.rule_checks import faulty_reach, faulty_rules
from support.domain.step_checks import faulty_steps
from support.domain.targets import TargetUnit, words

__all__ = ["Fault", "Known", "KnownCalendar", "check", "errors_of", "faults_of"]


def faults_of(draft: PolicyDraft, *, known: Known) -> tuple[Fault, ...]:
    """Errors first, then cautions; in the order of the policy."""
    times = known.times()
    found = [
        *faulty_milestones(draft),
        *_unknown_cells(draft, known),
        *_uncounted(draft, known),
        *_empty_milestones(draft),
        *_ends_before_answers(draft, known, times),
        *_outlasting(draft, known, times),
        *_worse_served(draft, known, times),
        *faulty_steps(draft, known=known, times=times),
        *faulty_rules(draft, known=known),
        *faulty_reach(draft, known=known, times=times),
    ]
    return tuple(sorted(found, key=lambda fault: fault.caution))


def errors_of(draft: PolicyDraft, *, known: Known) -> tuple[Fault, ...]:
    """Those without which it can't be put in force."""
    return tuple(fault for fault in faults_of(draft, known=known) if not fault.caution)


def check(draft: PolicyDraft, *, known: Known) -> None:
    """Raises `InvalidPolicy` for the first error."""
    for fault in errors_of(draft, known=known):
        raise InvalidPolicy(fault.message, where=fault.where)


def _unknown_cells(draft: PolicyDraft, known: Known) -> Iterator[Fault]:
    for cell in draft.targets:
        milestone, severity, channel = cell
        said = say_cell(cell, draft=draft, known=known)
        if draft.milestone(milestone) is None:
            yield Fault(at_cell(cell), f"{said}: there is no such milestone; add it, or take its targets out.")
        if severity not in known.severities:
            yield Fault(at_cell(cell), f"{said}: there is no severity {severity!r}; choose one that is declared.")
        if channel and channel not in set(Channel):
            yield Fault(at_cell(cell), f"{said}: {channel!r} is no channel; cases come in by {_channels()}.")


def _channels() -> str:
    *others, last = [channel.words for channel in Channel]
    return f"{', '.join(others)} or {last}"


def _uncounted(draft: PolicyDraft, known: Known) -> Iterator[Fault]:
    """Targets in business time that no hours can be counted for."""
    for cell, promised in draft.targets.items():
        if promised.target.unit is not TargetUnit.MINUTES and (why := _why_uncounted(promised, known)):
            yield Fault(at_cell(cell), f"{say_cell(cell, draft=draft, known=known)}: {why}")


def _why_uncounted(promised: Promised, known: Known) -> str:
    target = words(promised.target)
    if promised.calendar is None:
        return f"{target} needs business hours to count by; choose a calendar, or write a time around the clock."
    calendar = known.calendars.get(promised.calendar)
    if calendar is None:
        return f"there is no calendar {promised.calendar!r}; choose one of those that are there."
    if calendar.hours is None:
        return f"{calendar.name} has no hours in force, so nothing would ever be due; put its hours in force first."
    if plain_week(calendar.hours) is None:
        return f"{calendar.name} is never open in an ordinary week; give it opening hours for a weekday first."
    return ""


def _empty_milestones(draft: PolicyDraft) -> Iterator[Fault]:
    for one in draft.milestones:
        if not draft.targets_of(one.key):
            yield Fault(
                f"milestones/{one.key}", f"{one.name} has no target, so it is never owed; give it one.", caution=True
            )


def _pairs(
    draft: PolicyDraft, known: Known, first: MilestoneKind, second: MilestoneKind
) -> Iterator[tuple[Cell, Promised, Promised]]:
    """The targets of two milestones for the same severity and channel; told once where both are for every channel."""
    one, other = draft.of_kind(first), draft.of_kind(second)
    if one is None or other is None:
        return
    for severity in known.severities:
        for channel in draft.channels:
            own = (one.key, severity, channel) in draft.targets or (other.key, severity, channel) in draft.targets
            a = draft.promised(one.key, severity=severity, channel=channel)
            b = draft.promised(other.key, severity=severity, channel=channel)
            if own and a is not None and b is not None:
                yield (other.key, severity, channel), a, b


def _ends_before_answers(draft: PolicyDraft, known: Known, times: PromisedTimes) -> Iterator[Fault]:
    for cell, answer, end in _pairs(draft, known, MilestoneKind.FIRST_RESPONSE, MilestoneKind.RESOLUTION):
        start = times.earlier(end, answer)
        if start is None:
            continue
        example = "" if times.alike(end, answer) else f" (a case {times.say_example(start, end, answer)}, for one)"
        yield Fault(
            at_cell(cell),
            f"{say_cell(cell, draft=draft, known=known)}: it would be due {words(end.target)}, before the first "
            f"response, {words(answer.target)}{example}. Allow more time for it, or promise the response sooner.",
        )


def _outlasting(draft: PolicyDraft, known: Known, times: PromisedTimes) -> Iterator[Fault]:
    for kind in (MilestoneKind.NEXT_RESPONSE, MilestoneKind.UPDATE):
        for cell, end, other in _pairs(draft, known, MilestoneKind.RESOLUTION, kind):
            if times.earlier(end, other) is not None and times.earlier(other, end) is None:
                yield Fault(
                    at_cell(cell),
                    f"{say_cell(cell, draft=draft, known=known)}: {words(other.target)} is longer than the resolution, "
                    f"{words(end.target)}, so it will hardly ever be owed. Promise it sooner, or leave it out.",
                    caution=True,
                )


def _worse_served(draft: PolicyDraft, known: Known, times: PromisedTimes) -> Iterator[Fault]:
    """A severity that is served sooner than the next worse one which has a target."""
    for one in draft.milestones:
        for channel in draft.channels:
            worse: tuple[str, Promised] | None = None
            for severity in known.severities:
                promised = draft.promised(one.key, severity=severity, channel=channel)
                if promised is None:
                    continue
                cell = (one.key, severity, channel)
                told = cell in draft.targets or (worse is not None and (one.key, worse[0], channel) in draft.targets)
                if worse is not None and told and times.earlier(promised, worse[1]) is not None:
                    yield _served_sooner(cell, promised, worse, draft, known)
                worse = (severity, promised)


def _served_sooner(
    cell: Cell, promised: Promised, worse: tuple[str, Promised], draft: PolicyDraft, known: Known
) -> Fault:
    severity, theirs = worse
    said = (
        f"{say_cell(cell, draft=draft, known=known)}: {words(promised.target)} can be sooner than "
        f"{known.severity(severity)}{say_channel(cell[2])}, {words(theirs.target)}, though that is worse. "
        "Check that the two are not mixed up."
    )
    return Fault(at_cell(cell), said, caution=True)
