"""Records of a CRM of which something was heard, and at which nobody has looked since."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from desk.models import CrmCompany, CrmDeal
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Due:
    """`id` is its id there."""

    pk: int
    id: str
    due_at: datetime


def due(
    model: type[CrmCompany] | type[CrmDeal],
    connection: Connection,
    *,
    at: datetime,
    after: Due | None = None,
    most: int,
) -> list[Due]:
    """So many of those that are due by then, the longest waiting first; `after` the last one of the batch before."""
    rows: QuerySet[CrmCompany] | QuerySet[CrmDeal] = model.objects.filter(connection=connection, due_at__lte=at)
    if after is not None:
        rows = rows.filter(Q(due_at__gt=after.due_at) | Q(due_at=after.due_at, pk__gt=after.pk))
    found = rows.order_by("due_at", "pk").values_list("pk", "external_id", "due_at")[:most]
    return [Due(pk, id, due_at) for pk, id, due_at in found if due_at is not None]
