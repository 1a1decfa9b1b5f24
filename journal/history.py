"""Every version of every row that feeds an answer, and how to read what was known at an instant.

A model under `History` is written only by a deed (see actions/deeds.py), which leaves its moment and its id on the
history row: the id of the audit event leads to who and why. A save or delete without a deed is refused before it
reaches the database, so that stock forms, revert pages, fixtures and shells cannot write silently.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.signals import pre_save
from simple_history.models import HistoricalRecords

from journal.domain.deed import Deed

_DEED = "_deed"


class UnattributedChange(Exception):
    """Someone tried to write a row under history without saying whose deed it is."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(
            f"{row._meta.label} is under history: write it with keep(), remove() or keep_many() of a deed, "
            "so that the change has an author."
        )


@contextmanager
def attributed(row: models.Model, *, deed: Deed) -> Iterator[None]:
    """Saves and deletes of this row inside the block are the deed's."""
    setattr(row, _DEED, deed)
    try:
        yield
    finally:
        delattr(row, _DEED)


class History(HistoricalRecords):
    """django-simple-history, without its user column and without its ways round."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("history_id_field", models.BigAutoField())
        super().__init__(**options)

    def add_extra_methods(self, cls: type[models.Model]) -> None:
        """No `save_without_historical_record`."""

    def finalize(self, sender: type[models.Model], **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if self.cls is sender or (self.inherit and issubclass(sender, self.cls)):
            # The library looks after the row is written, which is too late outside a transaction.
            pre_save.connect(self.refuse_without_deed, sender=sender, weak=False)

    def refuse_without_deed(self, instance: models.Model, **_: Any) -> None:
        if not hasattr(instance, _DEED):
            raise UnattributedChange(instance)

    def pre_delete(self, instance: models.Model, **kwargs: Any) -> None:
        self.refuse_without_deed(instance)
        super().pre_delete(instance, **kwargs)

    def post_save(self, instance: models.Model, created: bool, using: str | None = None, **_: Any) -> None:
        self.create_historical_record(instance, "+" if created else "~", using=using)

    def post_delete(self, instance: models.Model, using: str | None = None, **_: Any) -> None:
        self.create_historical_record(instance, "-", using=using)

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:
        deed: Deed = getattr(instance, _DEED)
        instance._history_date = deed.at if history_type == "+" else self._landed(instance, at=deed.at)
        instance._change_reason = str(deed.id)
        try:
            super().create_historical_record(instance, history_type, using=using)
        finally:
            del instance._history_date, instance._change_reason

    def _landed(self, instance: models.Model, *, at: datetime) -> datetime:
        """The moment, or just after the row's version before: a deed that waited for its lock lands behind the other.

        Otherwise the version that was overwritten would be believed for ever.
        """
        latest: datetime | None = getattr(instance, self.manager_name).values_list("history_date", flat=True).first()
        return at if latest is None or latest <= at else latest + timedelta(microseconds=1)

    def get_history_user(self, instance: models.Model) -> None:
        """Nobody: the audit event knows."""

    def _get_history_user_fields(self) -> dict[str, Any]:
        # The library assigns the name wherever it makes a history row, so it must exist; it is no column.
        return {"history_user": property(lambda self: None, lambda self, value: None)}

    def _get_history_change_reason_field(self) -> models.Field:
        return models.CharField(max_length=36, db_index=True)

    @property
    def _date_indexing(self) -> bool:
        return False

    def copy_fields(self, model: type[models.Model]) -> dict[str, models.Field]:
        fields = super().copy_fields(model)
        fields[model._meta.pk.name].db_index = False  # the index below begins with it
        return fields

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        options = super().get_meta_options(model)
        by_row = models.Index(fields=[model._meta.pk.name, "-history_date", "-history_id"])
        return {**options, "indexes": (by_row,), "default_permissions": ()}


def as_known(
    model: type[models.Model], *, known_at: datetime, ids: Collection[Any] | None = None, **filters: Any
) -> list[Any]:
    """The rows of `model` as they were known at an instant, in order of their primary key.

    Per row it is the greatest (history_date, history_id) up to and including `known_at`; rows deleted by then are left
    out. `filters` are lookups on the row's own columns and hold for the version found, not for any earlier one.
    Relations of what comes back lead to today's rows: join by id instead.
    """
    history = model.history.model._default_manager  # type: ignore[attr-defined]  # simple_history adds it
    key = model._meta.pk.name
    lookups = {_without_pk(name, key): value for name, value in filters.items()}
    upto = history.filter(history_date__lte=known_at)
    latest = upto.filter(**{key: OuterRef(key)}).order_by("-history_date", "-history_id").values("history_id")[:1]
    rows = upto.filter(history_id=Subquery(latest), **lookups).exclude(history_type="-").order_by(key)
    if ids is not None:
        rows = rows.filter(**{f"{key}__in": list(ids)})
    return [row.instance for row in rows]


def _without_pk(lookup: str, key: str) -> str:
    """On the history table `pk` is the version's own key."""
    return key + lookup.removeprefix("pk") if lookup == "pk" or lookup.startswith("pk__") else lookup
