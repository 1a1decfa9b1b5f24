"""Deals by the lines that were read with them, for word of a line that its CRM no longer knows the deal of."""

from collections.abc import Collection

from desk.models import CrmDeal
from journal.models import Connection

AT_ONCE = 500


def deals_with_line(connection: Connection, ids: Collection[str]) -> list[str]:
    """The ids there of deals that had one of these lines when they were read last.

    What was told is kept as it came, so this goes through all of the connection's deals: only a line that was deleted
    is looked for.
    """
    wanted = set(ids)
    told = CrmDeal.objects.filter(connection=connection).values_list("external_id", "told__lines").order_by("pk")
    return [
        key for key, lines in told.iterator(chunk_size=AT_ONCE) if wanted & {str(line["id"]) for line in lines or ()}
    ]
