"""Events by their names: those known already, and those that are written now."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db import connection

from entitlements.actions.usage.rows import Row, Statement, encoded, given, stored, whole
from entitlements.domain.usage.answers import keep_answer, parse_answer
from entitlements.domain.usage.operations import COPIES, Operation, Outcome, copy_id

Name: TypeAlias = tuple[str, str]
COLUMNS = {
    "account_id": "bigint",
    "feature_id": "bigint",
    "source": "text",
    "event_id": "text",
    "act": "text",
    "quantity": "bigint",
    "amount": "bigint",
    "subject": "text",
    "choice": "text",
    "value": "text",
    "at": "timestamptz",
    "recorded_at": "timestamptz",
    "digest": "text",
    "answer": "jsonb",
    "told_by": "text",
}
NAMES = {"source": "text", "event_id": "text"}
WRITE = f"""
INSERT INTO entitlements_usageevent ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM {{given}}
"""  # noqa: S608 — our own words
KNOWN = """
WITH given AS (SELECT source, event_id FROM {given})
SELECT one.source, one.event_id, one.account_id, one.digest, one.answer
FROM given JOIN entitlements_usageevent one ON one.source = given.source AND one.event_id = given.event_id
UNION ALL
SELECT one.source, one.event_id, one.account_id, one.digest, one.answer
FROM given JOIN entitlements_reservation one ON one.source = given.source AND one.event_id = given.event_id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What was answered under a name before, and of whom."""

    account_id: int
    digest: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event about to be written; a parent's copy names the child as its subject."""

    operation: Operation
    outcome: Outcome
    account_id: int
    feature_id: int
    amount: int
    subject: str
    name: Name


def known_events(names: Sequence[Name]) -> dict[Name, Known]:
    """Of these names, those recorded already, as events or as reservations."""
    if not names:
        return {}
    rows = [{"source": source, "event_id": event_id} for source, event_id in dict.fromkeys(names)]
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(given=given(connection.vendor, **NAMES)), [encoded(rows)])
        return {
            (source, event_id): Known(account_id, digest, parse_answer(json.loads(answer)))
            for source, event_id, account_id, digest, answer in cursor.fetchall()
        }


def events_to_write(events: Sequence[NewEvent], *, told_by: str, at: datetime) -> Statement:
    """All of them. IntegrityError where another transaction was faster with one of the names: nothing is written."""
    recorded_at = stored(at)
    return Statement(WRITE, COLUMNS, [_row(event, told_by, recorded_at) for event in events])


def _row(event: NewEvent, told_by: str, recorded_at: str) -> Row:
    operation = event.operation
    source, event_id = event.name
    return {
        "account_id": event.account_id,
        "feature_id": event.feature_id,
        "source": source,
        "event_id": event_id,
        "act": operation.act.value,
        "quantity": whole(operation.quantity),
        "amount": whole(event.amount),
        "subject": event.subject,
        "choice": operation.choice,
        "value": operation.value if event.amount else "",  # a thing of which nothing was used isn't there
        "at": stored(operation.at),
        "recorded_at": recorded_at,
        "digest": operation.digest,
        "answer": keep_answer(event.outcome),
        "told_by": told_by,
    }


def shared_name(operation: Operation, account_id: int) -> Name:
    """The name of a parent's copy."""
    return COPIES, copy_id(operation.source, operation.id, account_id)
