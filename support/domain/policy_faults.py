"""What is known beside a policy when it is judged, and what is told of what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from support.domain.calendar import Calendar
from support.domain.case_events import Channel
from support.domain.policy_draft import Cell, PolicyDraft
from support.domain.promised_times import PromisedTimes, plain_week


@dataclass(frozen=True, slots=True)
class KnownCalendar:
    """A calendar by name; `hours` None: no version of them is in force yet."""

    name: str
    hours: Calendar | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Severities by key, the worst first, with their names; calendars and markets by key; and the moment of judging."""

    at: datetime
    severities: Mapping[str, str] = field(default_factory=dict, hash=False)
    calendars: Mapping[str, KnownCalendar] = field(default_factory=dict, hash=False)
    markets: Mapping[str, str] = field(default_factory=dict, hash=False)

    def times(self) -> PromisedTimes:
        return PromisedTimes({key: plain_week(one.hours) for key, one in self.calendars.items()})

    def severity(self, key: str) -> str:
        return self.severities.get(key, key)

    def worse_or_same(self, key: str) -> frozenset[str]:
        """The severity itself and every worse one."""
        order = list(self.severities)
        return frozenset(order[: order.index(key) + 1]) if key in order else frozenset()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and how to mend it. A caution may be meant; an error can't.

    `where` is "targets/<milestone>/<severity>/<channel>", "milestones/<key>", perhaps with "/steps", "/pauses_while",
    "/recurrence", "/starts" or "/stops", or "rules/<number from 0>".
    """

    where: str
    message: str
    caution: bool = False


def at_cell(cell: Cell) -> str:
    return "/".join(("targets", *cell))


def at_milestone(key: str, part: str = "") -> str:
    return f"milestones/{key}/{part}" if part else f"milestones/{key}"


def at_rule(number: int) -> str:
    return f"rules/{number}"


def say_cell(cell: Cell, *, draft: PolicyDraft, known: Known) -> str:
    """ "Urgent, First response by e-mail"."""
    milestone, severity, channel = cell
    found = draft.milestone(milestone)
    return f"{known.severity(severity)}, {found.name if found else milestone}{say_channel(channel)}"


def say_channel(channel: str) -> str:
    """ " by phone"; empty for every channel."""
    if not channel:
        return ""
    if channel not in set(Channel):
        return f" by {channel}"
    words = Channel(channel).words
    return {Channel.IN_PERSON: " in person", Channel.API: " through the API", Channel.WEB: " by web form"}.get(
        Channel(channel), f" by {words[0].lower()}{words[1:]}"
    )
