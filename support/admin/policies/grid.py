"""What a policy promises, as one table: a column for each milestone, a row for each severity, anew for each channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.domain.case_events import Channel
from support.domain.milestones import MilestoneTerms, PolicyTerms, Promised
from support.domain.policy_draft import PolicyDraft
from support.domain.target_text import write_target
from support.domain.targets import TargetUnit, words
from support.models import Severity

AROUND_THE_CLOCK = "24/7"
EVERY = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """`calendar` names the hours it counts by; `lifts` are why it isn't the usual target.

    `usual`: the channel has no target of its own here, so the one for every channel is shown.
    """

    milestone: str
    words: str = ""
    calendar: str = ""
    lifts: tuple[str, ...] = ()
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    severity: str
    meaning: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one channel; the first is for every channel without rows of its own.

    Of a further one only severities with a target of their own stand there; `rest`: there are others.
    """

    channel: str
    words: str
    rows: tuple[Row, ...]
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    milestones: tuple[MilestoneTerms, ...]
    blocks: tuple[Block, ...]

    @property
    def by_channel(self) -> bool:
        return len(self.blocks) > 1


def grid_of(policy: PolicyDraft | PolicyTerms, *, severities: Sequence[Severity], calendars: Mapping[str, str]) -> Grid:
    """`calendars` are names by key. A severity for which nothing is promised has a row of empty cells."""
    channels = channels_of(policy)
    blocks = (_block(policy, channel, severities, calendars, alone=len(channels) == 1) for channel in channels)
    return Grid(tuple(policy.milestones), tuple(blocks))


def channels_of(policy: PolicyDraft | PolicyTerms) -> tuple[str, ...]:
    """Every channel first, then those with a target of their own, in the order channels have everywhere."""
    own = {channel for _, _, channel in policy.targets}
    return (EVERY, *(channel.value for channel in Channel if channel.value in own))


def channel_words(channel: str, *, alone: bool = False) -> str:
    if channel:
        return Channel(channel).words
    return "Every channel" if alone else "Every channel, unless said below"


def _block(
    policy: PolicyDraft | PolicyTerms,
    channel: str,
    severities: Sequence[Severity],
    calendars: Mapping[str, str],
    *,
    alone: bool,
) -> Block:
    own = {severity for _, severity, of in policy.targets if of == channel}
    named = [severity for severity in severities if not channel or severity.key in own]
    rows = tuple(_row(policy, severity, channel, calendars) for severity in named)
    return Block(channel, channel_words(channel, alone=alone), rows, rest=len(named) < len(severities))


def _row(policy: PolicyDraft | PolicyTerms, severity: Severity, channel: str, calendars: Mapping[str, str]) -> Row:
    cells = (_cell(policy, milestone, severity.key, channel, calendars) for milestone in policy.milestones)
    return Row(severity.name, severity.meaning, tuple(cells))


def _cell(
    policy: PolicyDraft | PolicyTerms,
    milestone: MilestoneTerms,
    severity: str,
    channel: str,
    calendars: Mapping[str, str],
) -> Cell:
    promised = policy.promised(milestone.key, severity=severity, channel=channel)
    if promised is None:
        return Cell(milestone.name)
    return Cell(
        milestone.name,
        words=say_target(promised),
        calendar=AROUND_THE_CLOCK if promised.calendar is None else calendars.get(promised.calendar, promised.calendar),
        lifts=tuple(f"{percent} %: {why}" for percent, why in promised.lifts),
        usual=bool(channel) and (milestone.key, severity, channel) not in policy.targets,
    )


def say_target(promised: Promised) -> str:
    """ "1 hour", "4 business hours", "end of next business day": what `words` says, as short as a cell wants it."""
    if promised.target.unit is TargetUnit.END_OF_DAY:
        return write_target(promised.target)
    return words(promised.target).removeprefix("within ").removesuffix(", around the clock")
