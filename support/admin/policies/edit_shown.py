"""The table of a policy as fields: what was typed, with what is wrong beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from support.admin.policies.grid import channel_words
from support.admin.policies.reading import FIXED_ENDS
from support.admin.policies.typed import TypedMilestone, TypedPolicy
from support.domain.case_events import CaseState, Channel, Health
from support.domain.milestones import Measured, MilestoneKind, Recurrence, Signal, Trigger
from support.domain.policy_draft import KIND_NAMES
from support.models import Severity

Choices = list[tuple[str, str]]

RECURRENCES: Mapping[Recurrence, str] = {
    Recurrence.NONE: "once",
    Recurrence.INDEPENDENT: "anew whenever its start comes again",
    Recurrence.SEQUENTIAL: "the next follows at once",
}
MEASURES: Mapping[Measured, str] = {
    Measured.FROM_START: "from its own start",
    Measured.FROM_CHANGE: "from the change",
}
SIGNALS: Mapping[Signal, str] = {
    Signal.RENEWAL_WITHIN: "it renews within days",
    Signal.HEALTH: "its health is",
    Signal.MARKET: "its market is",
}
PAUSES = (CaseState.WAITING, CaseState.ON_HOLD, CaseState.OPEN)
HEALTHS = ", ".join(level.value for level in Health)


@dataclass(frozen=True, slots=True)
class Said:
    """What stands beside one place of the form. `anchor` is the id of its field, `name` what the reader calls it."""

    anchor: str
    name: str
    errors: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        return f"{self.anchor}_said" if self.errors or self.cautions else ""


@dataclass(slots=True)
class Telling:
    """Errors and cautions by place; what no field claimed is told on top of the form."""

    errors: Mapping[str, Sequence[str]]
    cautions: Mapping[str, Sequence[str]]
    claimed: dict[str, Said]

    @classmethod
    def of(cls, errors: Mapping[str, Sequence[str]], cautions: Mapping[str, Sequence[str]]) -> "Telling":
        return cls(errors, cautions, {})

    def beside(self, where: str, *, name: str) -> Said:
        anchor = f"id_{where.replace('/', '.')}"
        said = Said(anchor, name, tuple(self.errors.get(where, ())), tuple(self.cautions.get(where, ())))
        self.claimed[where] = said
        return said

    @property
    def summary(self) -> list[Said]:
        return [said for said in self.claimed.values() if said.errors]

    @property
    def cautioned(self) -> list[Said]:
        return [said for said in self.claimed.values() if said.cautions]

    @property
    def rest(self) -> list[str]:
        return [each for where, told in self.errors.items() if where not in self.claimed for each in told]

    @property
    def rest_cautions(self) -> list[str]:
        return [each for where, told in self.cautions.items() if where not in self.claimed for each in told]


def shown(
    typed: TypedPolicy, telling: Telling, *, severities: Sequence[Severity], calendars: Mapping[str, str],
    markets: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Everything the template lays out; rows of the table first, so that the summary of errors reads in their order."""
    numbered = list(enumerate(typed.milestones))
    table = list(_blocks(typed, telling, severities, calendars))
    return {
        "typed": typed,
        "columns": [_column(number, each, calendars) for number, each in numbered],
        "blocks": table,
        "milestones": [_panel(number, each, telling) for number, each in numbered],
        "rules": list(_rules(typed, telling)),
        "telling": telling,
        "more_channels": [(one.value, one.words) for one in Channel if one.value not in typed.channels],
        "more_milestones": [(kind.value, KIND_NAMES[kind] if kind is not MilestoneKind.OWN else "One of our own") for kind in MilestoneKind],
        "healths": HEALTHS,
        "markets": markets,
    }  # fmt: skip


def _column(number: int, milestone: TypedMilestone, calendars: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": milestone.name or "New milestone",
        "field": f"m{number}.calendar",
        "calendars": _selected(list(calendars.items()), milestone.calendar),
        "removed": milestone.removed,
    }


def _blocks(
    typed: TypedPolicy, telling: Telling, severities: Sequence[Severity], calendars: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for channel in typed.blocks:
        words = channel_words(channel, alone=not typed.channels)
        yield {
            "channel": channel,
            "words": words,
            "rows": [
                {"severity": row, "cells": list(_cells(typed, telling, row, channel, calendars))} for row in severities
            ],
        }


def _cells(
    typed: TypedPolicy, telling: Telling, severity: Severity, channel: str, calendars: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for number, milestone in enumerate(typed.milestones):
        cell = milestone.cell(severity.key, channel)
        by = f", {Channel(channel).words}" if channel else ""
        label = f"{milestone.name or 'New milestone'}, {severity.name}{by}"
        usual = milestone.cell(severity.key, "").text if channel else ""
        yield {
            "field": f"m{number}.cell.{severity.key}.{channel}",
            "text": cell.text,
            "placeholder": usual,
            "label": label,
            "said": telling.beside(f"targets/{milestone.key}/{severity.key}/{channel}", name=label),
            "calendar_field": f"m{number}.calendar.{severity.key}.{channel}",
            "calendars": _selected(list(calendars.items()), cell.calendar),
            "own_calendar": bool(cell.calendar),
        }


def _panel(number: int, milestone: TypedMilestone, telling: Telling) -> dict[str, Any]:
    """One milestone beyond its column."""
    where, name = f"milestones/{milestone.key}", milestone.name or "New milestone"
    said = {
        part: telling.beside(f"{where}/{part}", name=f"{name}: {words}")
        for part, words in (
            ("starts", "begins when"), ("stops", "met when"), ("pauses_while", "stands still while"),
            ("recurrence", "happens"), ("measured", "counted"), ("steps", "who is told"),
        )
    }  # fmt: skip
    fixed = milestone.kind in {kind.value for kind in FIXED_ENDS}
    whole = telling.beside(where, name=name)
    return {
        "number": number,
        "milestone": milestone,
        "title": name,
        "kind": KIND_NAMES.get(MilestoneKind(milestone.kind)) if milestone.kind in set(MilestoneKind) else "",
        "own": milestone.kind == MilestoneKind.OWN,
        "fixed": fixed,
        "said": said,
        "whole": whole,
        "open": bool(whole.errors or any(each.errors or each.cautions for each in said.values()) or not milestone.name),
        "starts": _selected([(one.value, one.words) for one in Trigger], milestone.starts),
        "stops": _selected([(one.value, one.words) for one in Trigger], milestone.stops),
        "pauses": [(state.value, state.words, state.value in milestone.pauses) for state in PAUSES],
        "recurrences": _selected([(one.value, words) for one, words in RECURRENCES.items()], milestone.recurrence),
        "measures": _selected([(one.value, words) for one, words in MEASURES.items()], milestone.measured),
    }


def _rules(typed: TypedPolicy, telling: Telling) -> Iterator[dict[str, Any]]:
    """Those with nothing in them are not counted where a fault names a rule by its number."""
    counted = 0
    for number, rule in enumerate(typed.rules):
        where = f"rules/{counted}" if not rule.blank else f"rules/blank/{number}"
        counted += not rule.blank
        milestones = [(each.key, each.name) for each in typed.milestones if each.key and not each.removed]
        yield {
            "number": number,
            "rule": rule,
            "said": telling.beside(where, name=f"Rule {number + 1}"),
            "signals": _selected([(one.value, words) for one, words in SIGNALS.items()], rule.signal),
            "milestones": _selected(milestones, rule.milestone),
        }


def _selected(choices: Choices, value: str) -> list[tuple[str, str, bool]]:
    return [(key, words, key == value) for key, words in choices]
