"""Connections, how they do and what to do about it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.admin.webhooks.words import Said, ago, say_moment
from journal.domain.connection import ConnectionState
from journal.domain.receiving import Reason
from journal.models import Connection, ConnectionRefusal, ConnectionSecret
from journal.queries.connections import Doing
from journal.vendors import Vendor, inside

STATES = {state: state.words for state in ConnectionState}
COLOURS = {"Active": "success", "Paused": "warning", "Turned off": "danger"}
LONG = timedelta(minutes=1)  # what waits for longer is said


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that is not as it should be, and what to do about it."""

    what: str
    to_do: str


def say_health(connection: Connection, doing: Doing, *, at: datetime) -> Said:
    """How a connection does, in a sentence without a full stop."""
    match ConnectionState(connection.state):
        case ConnectionState.PAUSED:
            return Said(f"Paused: what arrives is stored and waits; {_waiting(doing.waiting)}", "amber")
        case ConnectionState.OFF:
            return Said(f"Turned off: nothing that comes is stored; {_waiting(doing.waiting)}", "red")
    since = say_moment(doing.failing_since) if doing.failing_since else ""
    if doing.resume_at is not None and doing.resume_at > at:
        return Said(
            f"The other system asked to be left alone until {say_moment(doing.resume_at)}; since {since}", "amber"
        )
    if doing.failing_since is not None:
        return Said(f"Failing since {since}, {_times(doing.failures)} in a row; {_waiting(doing.waiting)}", "red")
    if doing.given_up:
        wait = "it waits" if doing.given_up == 1 else "they wait"
        return Said(f"{doing.given_up:,} given up: {wait} for a person", "red")
    if doing.oldest_waiting_at is not None and at - doing.oldest_waiting_at > LONG:
        return Said(f"{_waiting(doing.waiting)}, the oldest since {say_moment(doing.oldest_waiting_at)}", "amber")
    if doing.last_arrival_at is None:
        return Said("Nothing has arrived yet", "red" if doing.refused else "")
    return Said(f"All arrivals taken, last {ago(at - doing.last_arrival_at)}", "green")


def say_lag(lag: timedelta | None) -> str:
    """ "0.8 seconds", "3 minutes", "2 hours"; a dash for none."""
    if lag is None:
        return "–"
    seconds = lag.total_seconds()
    if seconds < 60:
        return f"{max(seconds, 0):.1f} seconds"
    if seconds < 3600:
        return f"{seconds // 60:.0f} minute{'' if seconds < 120 else 's'}"
    return f"{seconds // 3600:,.0f} hour{'' if seconds < 7200 else 's'}"


def say_refused(rows: Sequence[ConnectionRefusal]) -> list[dict[str, object]]:
    """What was refused in the last week, the latest first, and what to do about it."""
    return [
        {
            "row": row,
            "words": Reason(row.reason).words,
            "to_do": Reason(row.reason).what_to_do,
            "times": _times(row.count),
        }
        for row in rows
    ]


def say_secret(row: ConnectionSecret, *, at: datetime) -> str:
    """How old it is, and until when it is good."""
    days = (at - row.created_at).days
    age = "since today" if days == 0 else f"for {days:,} day{'' if days == 1 else 's'}"
    return f"The former one, good until {say_moment(row.ends_at)}" if row.ends_at else f"In use {age}"


def advice(vendor: Vendor | None, doing: Doing, *, lacking: Sequence[str]) -> list[Advice]:
    """What stands between this connection and working as it should, and what to do next."""
    found = []
    if vendor is None:
        found.append(Advice("The desk no longer knows this system.", "Turn the connection off, or bring its app back."))
    if lacking:
        what = f"It has no {', no '.join(inside(words) for words in lacking)} that can be opened."
        found.append(Advice(what, "Enter it anew below, or put the key it was sealed with back into DESK_VAULT_KEYS."))
    if doing.set_aside:
        found.append(
            Advice(
                f"{doing.set_aside:,} {'is' if doing.set_aside == 1 else 'are'} of types that nobody handles.",
                "Have the other system send fewer types, or leave them: nothing waits for them.",
            )
        )
    return found


def _waiting(number: int) -> str:
    return f"{number:,} {'waits' if number == 1 else 'wait'}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
