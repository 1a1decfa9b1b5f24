"""Who goes to look at a record of a CRM takes a ticket first: of two who looked, the one who asked later saw what is newer."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import F

from desk.models import CrmCompany, CrmDeal
from journal.models import Connection

Kind: TypeAlias = type[CrmCompany] | type[CrmDeal]


@transaction.atomic
def take_tickets(*, connection: Connection, kind: Kind, ids: Collection[str], at: datetime) -> dict[str, int]:
    """Took the next number for looking at each record, by its id; committed before anybody looks.

    What a CRM told last keeps no versions, so the rows may be written past them: two who take the first ticket of one
    make one row. They are taken in the order of their ids, so that nobody waits for whom waits for them.
    """
    wanted = sorted({one for one in ids if one})
    new: list[Any] = [kind(connection=connection, external_id=one) for one in wanted]
    kind.objects.bulk_create(new, ignore_conflicts=True)
    rows: Any = kind.objects.filter(connection=connection, external_id__in=wanted)
    list(rows.select_for_update(of=("self",)).order_by("external_id").values_list("pk", flat=True))
    rows.update(asked=F("asked") + 1)
    return dict(rows.values_list("external_id", "asked"))


def claim(row: CrmCompany | CrmDeal, ticket: int) -> bool:
    """Whether this look may be taken in: no later one was. The row is held by then."""
    if row.applied >= ticket:
        return False
    row.applied = ticket
    return True
