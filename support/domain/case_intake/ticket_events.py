"""What help desks tell by webhook, in one plain shape of our own; their own automation fills it in.

    {"source": "our_help_desk",
     "events": [{"id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z",
                 "subject": "Export stops", "severity": "high", "requester": "jo@acme.example"},
                {"id": "e-2", "ticket": "4711", "event": "public_reply", "at": "2026-03-02T09:20:00Z", "actor": "Ana"}]}

A single event may stand alone, with `source` in it. Each is read by itself: a fault in one is no fault of the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from support.domain.case_events import CaseState, Channel, EventKind, Opener
from support.domain.case_intake.fields import Fields, Unfit

MOST_EVENTS = 500
# Which field says what an event comes to.
GOALS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.STATE: ("state",),
    EventKind.SEVERITY: ("severity",),
    EventKind.ASSIGNED: ("team", "assignee"),
    EventKind.STARTED: ("milestone",),
    EventKind.MET: ("milestone",),
}


class UnfitBatch(ValueError):
    """Nothing of it can be read: it isn't one event, nor a list of them."""


class TooManyEvents(UnfitBatch):
    """More than are taken at once."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is told of a ticket when it is opened; `severity` empty: nobody has said."""

    subject: str
    channel: Channel
    severity: str
    requester: str
    account: str
    opener: Opener
    url: str
    team: str
    assignee: str
    product: str = ""
    asset: str = ""
    cover: str = ""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One event of one ticket. `opening` comes with OPENED alone."""

    source: str
    id: str
    ticket: str
    kind: EventKind
    at: datetime
    to: str
    actor: str
    text: str
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class UnreadEvent:
    """An entry that can't be used, with what is wrong by field; `id` and `ticket` as far as they could be read."""

    id: str
    ticket: str
    errors: Mapping[str, str]


def parse_ticket_events(told: Any) -> list[TicketEvent | UnreadEvent]:
    """Every entry of what was told, in its order; raises UnfitBatch."""
    if isinstance(told, Mapping) and "events" in told:
        entries, source = told["events"], told.get("source")
    else:
        entries, source = told if isinstance(told, list) else [told], None
    if not isinstance(entries, Sequence) or isinstance(entries, str | bytes):
        raise UnfitBatch("“events” has to be a list.")
    if not entries:
        raise UnfitBatch("There is no event in it.")
    if len(entries) > MOST_EVENTS:
        raise TooManyEvents(f"{len(entries):,} events are too many at once; send {MOST_EVENTS:,} at most.")
    return [_parse(entry, source) for entry in entries]


def _parse(entry: Any, source: Any) -> TicketEvent | UnreadEvent:
    if not isinstance(entry, Mapping):
        return UnreadEvent("", "", {"": "An event is an object with fields."})
    fields = Fields({"source": source, **entry})
    try:
        return _read(fields)
    except Unfit as unfit:
        named = Fields(entry)
        return UnreadEvent(named.text("id", longest=200), named.text("ticket", longest=200), unfit.errors)


def _read(fields: Fields) -> TicketEvent:
    kind = fields.choice("event", EventKind)
    at = fields.instant("at", needed=True)
    told = {
        "source": fields.text("source", longest=40, needed=True),
        "id": fields.text("id", longest=200, needed=True),
        "ticket": fields.text("ticket", longest=200, needed=True),
        "actor": fields.text("actor", longest=200),
        "text": fields.excerpt("text"),
    }
    opening = _opening(fields) if kind is EventKind.OPENED else None
    to = goal(kind, fields) if kind is not None else ""
    fields.done()
    assert kind is not None  # else `done` has raised
    assert at is not None
    return TicketEvent(kind=kind, at=at, to=to, opening=opening, **told)


def goal(kind: EventKind, fields: Fields) -> str:
    """What the event comes to, as a case keeps it: one field, or team and assignee with a slash between them."""
    match kind:
        case EventKind.STATE:
            return fields.choice("state", CaseState) or ""
        case EventKind.ASSIGNED:
            return f"{fields.text('team', longest=64)}/{fields.address('assignee')}"
        case _ if kind in GOALS:
            return fields.text(GOALS[kind][0], longest=64, needed=True)
    return ""


def _opening(fields: Fields) -> Opening:
    channel = fields.choice("channel", Channel, default=Channel.API)
    opener = fields.choice("opener", Opener, default=Opener.CUSTOMER)
    assert channel is not None
    assert opener is not None
    return Opening(
        subject=fields.text("subject", longest=2_000, needed=True)[:300],
        channel=channel,
        severity=fields.text("severity", longest=64),
        requester=fields.address("requester"),
        account=fields.text("account", longest=200),
        opener=opener,
        url=_url(fields),
        team=fields.text("team", longest=64),
        assignee=fields.address("assignee"),
        product=fields.text("product", longest=64),
        asset=fields.text("asset", longest=200),
        cover=fields.text("cover", longest=40),
    )


def _url(fields: Fields) -> str:
    url = fields.text("url", longest=500)
    if url and not url.startswith(("https://", "http://")):
        fields.errors.setdefault("url", "An address begins with https://.")
    return url
