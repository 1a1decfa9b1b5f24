"""What was done for a customer, or on one of its devices, up to an instant: the newest first, and only so many."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from entitlements.models import Account
from support.domain.case_events import CaseState
from support.domain.cover_terms import VisitState, WorkKind
from support.models import Asset, Case, Visit, WorkItem
from support.queries.answers import HistoryLine
from support.queries.instants import say_instant

MOST = 10


def service_history(
    account: Account, *, asset: Asset | None, at: datetime, most: int = MOST
) -> tuple[HistoryLine, ...]:
    """Cases, visits, and parts and work, each from one bounded read."""
    lines = [
        *_cases(_about(Case.objects.filter(opened_at__lte=at), account, asset)[:most], account, at=at),
        *_visits(_about(Visit.objects.filter(settled_at__lte=at), account, asset).order_by("-settled_at", "-pk")[:most],
                 account, at=at),
        *_work(_about(WorkItem.objects.filter(done_at__lte=at), account, asset)[:most], account, at=at),
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (line.at, line.number), reverse=True)[:most])


def _about(rows: QuerySet[Any], account: Account, asset: Asset | None) -> QuerySet[Any]:
    return rows.filter(account=account) if asset is None else rows.filter(account=account, asset=asset)


def _cases(rows: Iterable[Case], account: Account, *, at: datetime) -> Iterator[HistoryLine]:
    for row in rows:
        yield HistoryLine(
            kind="case", number=row.pk, at=row.opened_at, when=_when(row.opened_at, account, at),
            words=f"{row.number}: {row.subject}", state=CaseState(row.state).words, case=row.pk,
        )  # fmt: skip


def _visits(rows: Iterable[Visit], account: Account, *, at: datetime) -> Iterator[HistoryLine]:
    for row in rows:
        settled = row.settled_at or at
        by = f" by {row.technician}" if row.technician else ""
        yield HistoryLine(
            kind="visit", number=row.pk, at=settled, when=_when(settled, account, at),
            words=f"Maintenance visit {row.number}{by}", state=VisitState(row.state).value.capitalize(),
        )  # fmt: skip


def _work(rows: Iterable[WorkItem], account: Account, *, at: datetime) -> Iterator[HistoryLine]:
    for row in rows:
        kind = WorkKind(row.kind)
        amount = f"{row.quantity} × {row.description}" if kind is WorkKind.PARTS else row.description
        spent = "" if kind is WorkKind.PARTS else f" ({row.quantity} min)"
        paid = f"Customer pays {row.customer_percent} %" if row.customer_percent else "Covered"
        yield HistoryLine(
            kind=kind.value, number=row.pk, at=row.done_at, when=_when(row.done_at, account, at),
            words=f"{amount}{spent}", state=paid, case=row.case_id,
        )  # fmt: skip


def _when(instant: datetime, account: Account, at: datetime) -> str:
    return say_instant(instant, now=at, zone=account.zone)
