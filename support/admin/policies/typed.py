"""A policy as it was typed into the table: text, word for word, so that nothing is lost when some of it is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict

from catalog.domain.window import last_day
from support.domain.case_events import Channel
from support.domain.milestones import MilestoneKind, MilestoneTerms
from support.domain.policy_draft import DraftRule, PolicyDraft, usual_milestone
from support.domain.step_text import write_steps
from support.domain.target_text import write_target

CELL_OF_COLUMN = ""  # a cell that counts by its column's calendar
MOST_MILESTONES, MOST_RULES = 24, 40
LONGEST_TEXT = 5_000


@dataclass(slots=True)
class TypedCell:
    text: str = ""
    calendar: str = CELL_OF_COLUMN


@dataclass(slots=True)
class TypedMilestone:
    """`cells` are by severity and channel. The key of a new one is made of its name with each reading, until it is saved."""

    kind: str
    key: str = ""
    name: str = ""
    starts: str = ""
    stops: str = ""
    pauses: frozenset[str] = frozenset()
    recurrence: str = "none"
    measured: str = "from_start"
    steps: str = ""
    calendar: str = ""
    place: str = ""
    removed: bool = False
    unsaved: bool = False
    cells: dict[tuple[str, str], TypedCell] = field(default_factory=dict)

    def cell(self, severity: str, channel: str) -> TypedCell:
        return self.cells.get((severity, channel)) or TypedCell()


@dataclass(slots=True)
class TypedRule:
    signal: str = ""
    value: str = ""
    milestone: str = ""
    percent: str = ""
    through: str = ""
    reason: str = ""

    @property
    def blank(self) -> bool:
        return not (self.value.strip() or self.percent.strip() or self.through.strip() or self.reason.strip())


@dataclass(slots=True)
class TypedPolicy:
    """`channels` are those with rows of their own; `seen` is the policy as the form showed it."""

    milestones: list[TypedMilestone] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    rules: list[TypedRule] = field(default_factory=list)
    note: str = ""
    seen: str = ""

    @property
    def blocks(self) -> list[str]:
        return ["", *self.channels]


def typed_from(
    draft: PolicyDraft, *, severities: Mapping[str, str], zone: str, seen: str, note: str = ""
) -> TypedPolicy:
    """What the form shows first. Days are those of `zone`."""
    channels: list[str] = [channel.value for channel in Channel if channel.value in draft.channels]
    return TypedPolicy(
        milestones=[
            _milestone(terms, draft, severities, place) for place, terms in enumerate(draft.milestones, start=1)
        ],
        channels=channels,
        rules=[_rule(rule, zone) for rule in draft.rules],
        note=note,
        seen=seen,
    )


def typed_in(posted: QueryDict) -> TypedPolicy:
    """What came back."""
    text = _Texts(posted)
    channels: list[str] = [channel.value for channel in Channel if channel.value in posted.getlist("channel")]
    numbers = [number for number in range(MOST_MILESTONES) if f"m{number}.kind" in posted]
    rules = [number for number in range(MOST_RULES) if f"r{number}.signal" in posted]
    return TypedPolicy(
        milestones=[_posted_milestone(number, text, posted) for number in numbers],
        channels=channels,
        rules=[_posted_rule(number, text) for number in rules],
        note=text["note"],
        seen=text["seen"],
    )


def added(typed: TypedPolicy, posted: QueryDict) -> TypedPolicy:
    """With what a button of the form adds: a channel's rows, a milestone, a line for a rule. Nothing is saved by it."""
    step = posted.get("step", "")
    channel, kind = posted.get("new_channel", ""), posted.get("new_milestone", "")
    if step == "add_channel" and channel in set(Channel) and channel not in typed.channels:
        typed.channels = [one.value for one in Channel if one.value in {*typed.channels, channel}]
    if step == "add_milestone" and kind in set(MilestoneKind):
        typed.milestones.append(_new_milestone(MilestoneKind(kind), typed))
    if step == "add_rule":
        typed.rules.append(TypedRule())
    return typed


def _new_milestone(kind: MilestoneKind, typed: TypedPolicy) -> TypedMilestone:
    usual = usual_milestone(kind)
    new = _milestone(usual, PolicyDraft(), {}, len(typed.milestones) + 1)
    # A key of our own is made of the name once there is one.
    taken = {one.key for one in typed.milestones}
    if kind is MilestoneKind.OWN or usual.key in taken:
        new.key = ""
    if kind is MilestoneKind.OWN:
        new.name = ""
    new.calendar = _usual_calendar(one.calendar for one in typed.milestones)
    return new


def _milestone(terms: MilestoneTerms, draft: PolicyDraft, severities: Mapping[str, str], place: int) -> TypedMilestone:
    targets = draft.targets_of(terms.key)
    column = _usual_calendar(promised.calendar or "" for promised in targets.values())
    return TypedMilestone(
        kind=terms.kind.value,
        key=terms.key,
        name=terms.name,
        starts=terms.starts.value,
        stops=terms.stops.value,
        pauses=frozenset(state.value for state in terms.pauses_while),
        recurrence=terms.recurrence.value,
        measured=terms.measured.value,
        steps=write_steps(terms.steps, severities=severities),
        calendar=column,
        place=str(place),
        cells={
            (severity, channel): TypedCell(
                write_target(promised.target), CELL_OF_COLUMN if promised.calendar in {None, column} else promised.calendar or ""
            )
            for (_, severity, channel), promised in targets.items()
        },
    )  # fmt: skip


def _usual_calendar(keys: Iterator[str] | Sequence[str]) -> str:
    """The one most of them count by."""
    counted = Counter(key for key in keys if key)
    return counted.most_common(1)[0][0] if counted else ""


def _rule(rule: DraftRule, zone: str) -> TypedRule:
    day = last_day(rule.ends_at, zone) or rule.ends_at.astimezone(ZoneInfo(zone)).date()
    return TypedRule(rule.signal.value, rule.value, rule.milestone, str(rule.percent), day.isoformat(), rule.reason)


@dataclass(slots=True)
class _Texts:
    """Texts of a form, without what no database keeps."""

    posted: QueryDict

    def __getitem__(self, name: str) -> str:
        return self.posted.get(name, "").replace("\x00", "")[:LONGEST_TEXT]


def _posted_milestone(number: int, text: _Texts, posted: QueryDict) -> TypedMilestone:
    here = f"m{number}."
    names = ("kind", "key", "name", "starts", "stops", "recurrence", "measured", "calendar", "place")
    told: dict[str, Any] = {name: text[here + name].strip() for name in names}
    return TypedMilestone(
        **told,
        steps=text[f"{here}steps"],
        pauses=frozenset(posted.getlist(f"{here}pauses")),
        removed=f"{here}removed" in posted,
        cells=dict(_posted_cells(here, text, posted)),
    )


def _posted_cells(here: str, text: _Texts, posted: QueryDict) -> Iterator[tuple[tuple[str, str], TypedCell]]:
    for name in posted:
        if name.startswith(f"{here}cell."):
            severity, _, channel = name.removeprefix(f"{here}cell.").partition(".")
            yield (severity, channel), TypedCell(text[name].strip(), text[f"{here}calendar.{severity}.{channel}"])


def _posted_rule(number: int, text: _Texts) -> TypedRule:
    names = ("signal", "value", "milestone", "percent", "through", "reason")
    return TypedRule(**{name: text[f"r{number}.{name}"].strip() for name in names})
