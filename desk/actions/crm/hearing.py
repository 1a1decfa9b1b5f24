"""What was heard of records of a CRM is written down before anybody looks, together with how far was read."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from django.db import transaction

from desk.actions.crm.turns import hold_on
from desk.domain.crm.watermark import Stamped, news
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.models import Connection

Model: TypeAlias = type[CrmCompany] | type[CrmDeal]
BATCH = 200


@transaction.atomic
def hear(row: CrmFlow, *, model: Model, hints: Sequence[Stamped], settled: datetime, at: datetime, **read: Any) -> int:
    """Noted who has to be looked at, and how far was read, both or neither; of how many there was news.

    `settled`: what is stamped before it, by the CRM's clock, is no news a second time. `at` is later than the CRM's
    answer: whoever asked before that doesn't take the word of it away.
    """
    hold_on(row, at=at, **read)
    ids = sorted({hint.id for hint in hints})
    new: list[Any] = [model(connection=row.connection, external_id=id) for id in ids]
    model.objects.bulk_create(new, ignore_conflicts=True)
    rows = {one.external_id: one for one in _held(model, row.connection, ids)}
    found = news(hints, {id: [_read(stamp) for stamp in one.heard] for id, one in rows.items()}, settled=settled)
    for id, stamps in found.items():
        one = rows[id]
        one.heard, one.due_at, one.tries = [_spelled(stamp) for stamp in stamps], at, 0
    changed: list[Any] = [rows[id] for id in found]
    model.objects.bulk_update(changed, ["heard", "due_at", "tries"], batch_size=BATCH)
    return len(found)


def make_due(*, model: Model, connection: Connection, ids: Collection[str], at: datetime) -> int:
    """Had these looked at again though nothing was heard of them; of how many. What failed is tried anew."""
    rows = model.objects.filter(connection=connection, external_id__in=list(ids))
    return rows.update(due_at=at, tries=0)


def _held(model: Model, connection: Connection, ids: Collection[str]) -> list[CrmCompany | CrmDeal]:
    """In the order in which tickets are taken, so that nobody waits for whom waits for them."""
    rows = model.objects.filter(connection=connection, external_id__in=list(ids)).order_by("external_id")
    return list(rows.select_for_update(of=("self",)).only("external_id", "heard", "due_at", "tries"))


def _spelled(stamp: datetime) -> str:
    return stamp.astimezone(UTC).isoformat()


def _read(spelled: str) -> datetime:
    return datetime.fromisoformat(spelled)
