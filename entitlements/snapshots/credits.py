"""Rows of credits as values of the engine, and back: the only bridge between the two."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from entitlements.domain.credits.burning import Checkpoint
from entitlements.domain.credits.grants import Grant
from entitlements.domain.credits.recurrence import Interval, Recurrence
from entitlements.domain.credits.spelling import parse
from entitlements.models.credit import CreditBalance, CreditGrant, Recurs

INTERVALS = {
    Recurs.DAY: Interval(days=1),
    Recurs.WEEK: Interval(days=7),
    Recurs.MONTH: Interval(months=1),
    Recurs.YEAR: Interval(months=12),
}


def snapshot_grant(row: Any) -> Grant:
    """One row of a grant, today's or one as history had it."""
    return Grant(
        id=str(row.pk),
        amount=Decimal(row.amount),
        effective_at=row.effective_at,
        expires_at=row.expires_at,
        voided_at=row.voided_at,
        priority=row.priority,
        created_at=row.granted_at,
        recurrence=recurrence_of(row),
        min_rollover=Decimal(row.min_rollover),
        max_rollover=None if row.max_rollover is None else Decimal(row.max_rollover),
    )


def recurrence_of(row: Any) -> Recurrence | None:
    """When the grant is filled again, by the calendar of its zone; None: never."""
    if not row.recurs:
        return None
    one, every = INTERVALS[Recurs(row.recurs)], row.recurs_every
    return Recurrence(Interval(one.months * every, one.days * every), row.recurs_from, row.zone)


def snapshot_grants(rows: Iterable[CreditGrant]) -> list[Grant]:
    return [snapshot_grant(row) for row in rows]


def snapshot_marks(row: CreditBalance) -> list[Checkpoint]:
    """From where a balance can be told again, earliest first."""
    return [parse(mark) for mark in row.marks]


def snapshot_checkpoint(row: CreditBalance) -> Checkpoint | None:
    return None if row.checkpoint is None else parse(row.checkpoint)
