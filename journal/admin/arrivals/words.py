"""Arrivals in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from journal.admin.connections.words import say_lag
from journal.admin.webhooks.words import Said, say_moment
from journal.domain.arrival import ArrivalState
from journal.domain.connection import ConnectionState
from journal.models import Inbound

COLOURS = {
    "Waiting": "info",
    "Being taken": "info",
    "Done": "success",
    "Set aside": "warning",
    "Given up": "danger",
    "Passed over": "warning",
}


def say_arrival(row: Inbound, *, at: datetime) -> Said:
    """Where an arrival stands, in a sentence without a full stop."""
    match ArrivalState(row.state):
        case ArrivalState.WAITING if row.connection.state != ConnectionState.ACTIVE:
            return Said("Waits until its connection goes on", "amber")
        case ArrivalState.WAITING if row.attempts:
            following = f"next try {say_moment(row.due_at)}" if row.due_at > at else "next try at once"
            return Said(f"Failed {row.attempts} time{'' if row.attempts == 1 else 's'}, {following}", "amber")
        case ArrivalState.WAITING | ArrivalState.WORKING as state:
            return Said(state.words, "amber")
        case ArrivalState.DONE as state:
            return Said(state.words, "green")
        case ArrivalState.GIVEN_UP as state:
            return Said(state.words, "red")
        case state:
            return Said(state.words, "amber")


def say_waited(row: Inbound, *, at: datetime) -> str:
    """How long from its arrival until it was done, or how long it has waited so far; a dash where nobody takes it."""
    if row.done_at is not None:
        return say_lag(row.done_at - row.received_at if row.state == ArrivalState.DONE else None)
    return f"{say_lag(at - row.received_at)} so far"


def what_came(row: Inbound) -> str:
    """What came of it, or what went wrong."""
    return row.outcome or row.last_error


def lines_of(rows: Iterable[Inbound], *, at: datetime) -> list[dict[str, Any]]:
    """Arrivals as a table on a page shows them."""
    return [
        {
            "row": row,
            "url": reverse("admin:journal_inbound_change", args=[row.pk]),
            "said": say_arrival(row, at=at),
            "came": what_came(row),
        }
        for row in rows
    ]
