"""Exports: which records left the desk, in whose hands."""

from datetime import datetime

from django.db import transaction

from catalog.imports.rendering import Form, exported, render
from catalog.imports.tables import known_tables, table_of
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound


@transaction.atomic
def export(*, kind: str, form: Form, by: Actor, at: datetime) -> bytes:
    """Records of the catalog were written to a file and handed out."""
    if kind not in known_tables():
        raise NotFound("There are no such records.")
    table = table_of(kind, at=at)
    by.require(table.view)
    dataset = exported(table)
    data = render(dataset, form)
    label = f"{table.title}, {len(dataset):,} rows as {form.upper()}"
    record(begin(by=by, at=at), "catalog:export", subject=table.model(pk=0), label=label)
    return data
