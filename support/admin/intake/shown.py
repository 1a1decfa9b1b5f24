"""A checked ticket for a reader: what was understood, what the customer has, what follows and why. From its row alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Feature
from support.admin.intake.marking import Piece, pieces
from support.admin.intake.words import (
    MAKERS,
    Badge,
    outcome_badge,
    say_by,
    say_percent,
    say_reason,
    say_sure,
    say_took,
    say_wanted,
)
from support.domain.case_events import Channel
from support.models import IntakeDecision, Severity

NONE_OF_THESE = "None of these"
MOST_CHOICES = 9  # as many as there are digits


@dataclass(frozen=True, slots=True)
class Guess:
    """A feature that may be meant, with its key on the keyboard."""

    key: str
    name: str
    sure: str
    percent: str
    width: int
    quote: str
    digit: int = 0


@dataclass(frozen=True, slots=True)
class ShownRequest:
    number: int
    index: int
    text: tuple[Piece, ...]
    where: str
    given: str
    failed: str
    guesses: tuple[Guess, ...]
    follows: Badge | None
    proposed: Badge | None
    reason: str
    words: str
    article: Mapping[str, Any] | None
    offers: tuple[Mapping[str, Any], ...]
    asks: tuple[str, ...]
    presumed: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class ShownFeature:
    name: str
    badge: Badge
    why: str
    article: Mapping[str, Any] | None
    offers: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ShownTicket:
    row: IntakeDecision
    outcome: Badge
    reason: str
    proposed: Badge | None
    requests: tuple[ShownRequest, ...]
    subject: tuple[Piece, ...]
    text: tuple[Piece, ...]
    attachments: tuple[Mapping[str, Any], ...]
    channel: str
    by: str
    help: Mapping[str, Any]
    known: bool
    features: tuple[ShownFeature, ...]
    article: Mapping[str, Any] | None
    offers: tuple[Mapping[str, Any], ...]
    figures: tuple[tuple[str, str], ...]
    settled: Badge | None = None
    learnt: tuple[str, ...] = field(default_factory=tuple)


def shown_ticket(row: IntakeDecision) -> ShownTicket:
    """Two reads, whatever it says; a ticket whose words were let go shows what is left."""
    names, severities = _names(row), dict(Severity.objects.values_list("key", "name"))
    requests = tuple(_requests(row, names, severities))
    owed = row.engine.get("help") or {}
    quotes = [(one["number"], one["text"], one["quote"]) for one in _quotes(row)]
    parts = [part for part in row.parts if part["outcome"] == row.outcome]
    decided: Mapping[str, Any] = row.engine.get("decision") or {}
    proposed = next((part["proposed"] for part in parts if part["proposed"]), None)
    would: Mapping[str, Any] = next((part for part in parts if part["proposed"]), {})
    return ShownTicket(
        row=row, outcome=outcome_badge(row.outcome), reason=say_reason(row.reason),
        proposed=outcome_badge(proposed) if proposed else None, requests=requests,
        subject=tuple(pieces(row.subject, quotes)), text=tuple(pieces(row.text, quotes)),
        attachments=tuple(_attachments(row, quotes)), channel=Channel(row.channel).words, by=say_by(row.channel), help=owed,
        known=bool(row.engine.get("account")), features=tuple(_features(row)), article=decided.get("article") or would.get("article"),
        offers=tuple(decided.get("offers") or would.get("offers") or ()), figures=tuple(_figures(row)),
        settled=outcome_badge(row.settled_outcome) if row.settled_outcome else None,
        learnt=tuple(_learnt(row, names)),
    )  # fmt: skip


def _names(row: IntakeDecision) -> dict[str, str]:
    keys = {one[0] for reading in row.readings for one in reading["candidates"]}
    keys |= {reading["given"] for reading in row.readings} | {label for label in row.labels or () if label}
    found = dict(Feature.objects.filter(key__in=keys - {""}).values_list("key", "name"))
    return {**{key: key for key in keys}, **found, "": NONE_OF_THESE}


def _quotes(row: IntakeDecision) -> Iterator[dict[str, Any]]:
    """The words of the surest candidate of each request."""
    for number, reading in enumerate(row.readings, start=1):
        quote = next((one[2] for one in reading["candidates"] if one[0] and one[2]), "")
        yield {"number": number, "text": reading["text"], "quote": quote, "where": reading["where"]}


def _requests(row: IntakeDecision, names: Mapping[str, str], severities: Mapping[str, str]) -> Iterator[ShownRequest]:
    for index, reading in enumerate(row.readings):
        part: Mapping[str, Any] = row.parts[index] if index < len(row.parts) else {}
        number, guesses = index + 1, tuple(_guesses(reading, names))
        quotes = [(number, reading["text"], guess.quote) for guess in guesses if guess.key][:1]
        yield ShownRequest(
            number=number, index=index, text=tuple(pieces(reading["text"], quotes)), where=_where(reading["where"]),
            given=names[reading["given"]] if reading["given"] else "", failed=reading["failed"], guesses=guesses,
            follows=outcome_badge(part["outcome"]) if part else None,
            proposed=outcome_badge(part["proposed"]) if part.get("proposed") else None,
            reason=say_reason(part["reason"]) if part else "", words=part.get("words", ""),
            article=part.get("article"), offers=tuple(part.get("offers") or ()),
            asks=tuple(_asks(reading, severities)), presumed=_presumed(reading),
            label=row.labels[index] if row.labels and index < len(row.labels) else None,
        )  # fmt: skip


def _guesses(reading: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Guess]:
    digit = 0
    for key, confidence, quote in reading["candidates"]:
        digit += bool(key)
        yield Guess(
            key, names[key], say_sure(confidence), say_percent(confidence), round(confidence * 100), quote,
            digit if key and digit <= MOST_CHOICES else 0,
        )  # fmt: skip


def _presumed(reading: Mapping[str, Any]) -> str | None:
    """What is chosen beforehand for the reviewer: what a field named, never what was read.

    Each label is then what somebody said. A guess that stands unless somebody objects would be its own proof.
    """
    return str(reading["given"]) or None


def _where(where: str) -> str:
    return {"text": "", "subject": "in the subject"}.get(where, f"in {where}")


def _asks(reading: Mapping[str, Any], severities: Mapping[str, str]) -> Iterator[str]:
    if reading["channel_asked"]:
        yield f"They ask for an answer {say_by(reading['channel_asked'])}"
    if asked := reading["severity_asked"]:
        yield f"Their words sound like “{severities.get(asked, asked)}”"


def _attachments(row: IntakeDecision, quotes: list[tuple[int, str, str]]) -> Iterator[Mapping[str, Any]]:
    for name, text, unreadable in row.attachments:
        yield {"name": name, "text": pieces(text, quotes), "unreadable": unreadable, "length": len(text)}


def _features(row: IntakeDecision) -> Iterator[ShownFeature]:
    """Those that may be meant, in the order of the readings."""
    said = [reading["given"] for reading in row.readings if reading["given"]]
    said += [one[0] for reading in row.readings for one in reading["candidates"]]
    known: Mapping[str, Any] = row.engine.get("features") or {}
    for key in [key for key in dict.fromkeys(said) if key in known]:
        one = known[key]
        yield ShownFeature(
            one["name"], _standing(one), one.get("why", ""), one.get("article"), tuple(one.get("offers") or ())
        )


def _standing(one: Mapping[str, Any]) -> Badge:
    if not one["granted"]:
        return Badge("Not included", "red", "close")
    return (
        Badge("Limit reached", "amber", "hourglass_empty")
        if one["limit_reached"]
        else Badge("Included", "green", "check")
    )


def _figures(row: IntakeDecision) -> Iterator[tuple[str, str]]:
    if row.read_by:
        version = f" {row.version.number}" if row.version is not None else ""
        yield "Read by", f"{MAKERS.get(row.read_by, row.read_by)}{version}, in {say_took(row.read_us)}"
    yield "Decided in", say_took(row.took_us)
    wanted = row.wanted
    for key, words in (("accept", "To accept"), ("redirect", "To redirect"), ("suggest", "To suggest an upgrade")):
        if key in wanted:
            yield words, say_wanted(wanted[key])
    if wanted:
        yield "By words alone", "it may act" if wanted["acting"] else "it only suggests yet, and a person decides"


def _learnt(row: IntakeDecision, names: Mapping[str, str]) -> Iterator[str]:
    for label in row.labels or ():
        yield "not said" if label is None else names[label]
