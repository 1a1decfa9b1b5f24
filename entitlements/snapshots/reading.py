"""One way to read rows: as they stand now, or as they were known at an instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model

from entitlements.snapshots.plain_select import select
from journal.history import as_known


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of any table under history. Relations of a past row lead to today's rows, so none is followed."""

    known_at: datetime | None = None

    def rows(self, model: type[Model], **filters: Any) -> list[Any]:
        if self.known_at is not None:
            return as_known(model, known_at=self.known_at, **filters)
        found = select(model, **filters)
        return list(model._default_manager.filter(**filters).order_by("pk")) if found is None else found
