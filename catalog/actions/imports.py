"""Imports: a file is staged, every row of it checked and rehearsed, and only then is anything written, by a job.

Staging rows are the import's own record and under no history; what an import does to the catalog it does through the
actions of each record, so that no guard is passed by and everything has its audit event.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.domain.files import read_file
from catalog.domain.tables import Line, TableRefused
from catalog.imports.judging import Judged, guess_mapping, judge, missing_columns
from catalog.imports.table import Hand, Table
from catalog.imports.tables import known_tables, table_of
from catalog.imports.writing import rehearse
from catalog.models import ImportRow, ImportRun
from catalog.models.import_run import Stage, Verdict
from catalog.queries.imports import headings_digest, remembered_mapping
from journal.actions.jobs import start
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Job

IMPORT = "catalog.import_catalog"
APPLY, UNDO = "catalog_import", "catalog_import_undo"
REHEARSED_AT_MOST = 500  # changes; more of them would keep everybody else from writing for too long
CHUNK = 500


@transaction.atomic
def upload(*, kind: str, file_name: str, data: bytes, by: Actor, at: datetime) -> ImportRun:
    """A file of records was brought. Nothing but the file itself was written."""
    if kind not in known_tables():
        raise Invalid("Choose what the file holds.", field="kind")
    table = table_of(kind, at=at)
    by.require(table.permission)
    try:
        read = read_file(data, preferring=table.title)
    except TableRefused as refused:
        raise Invalid(str(refused), field="file") from refused
    digest = headings_digest(read.header)
    run = ImportRun.objects.create(
        kind=kind,
        file_name=_plain_name(file_name),
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        form=read.form,
        header=list(read.header),
        header_digest=digest,
        notes=list(read.notes),
        mapping=remembered_mapping(kind=kind, digest=digest) or guess_mapping(table, read.header),
        asked_at=at,
        asked_by_key=by.key,
        asked_by_name=by.name,
    )
    _stage(ImportRow(run=run, number=ln.number, cells=list(ln.cells), problems=list(ln.problems)) for ln in read.lines)
    return run


@transaction.atomic
def check(*, run: ImportRun, mapping: Mapping[str, int], by: Actor, at: datetime) -> ImportRun:
    """The columns of the file were named and every row was checked. The catalog is as it was."""
    table = _require(run, by=by, at=at)
    held = _take(run, Stage.UPLOADED, Stage.CHECKED, Stage.REFUSED)
    _refuse_mapping(table, mapping, width=len(held.header))
    judged = judge(table, _lines(held), mapping)
    changes = [row for row in judged if row.verdict in {Verdict.NEW, Verdict.CHANGED}]
    held.rehearsed = len(changes) <= REHEARSED_AT_MOST
    if held.rehearsed:
        rehearse(table, changes, Hand(by, at, reason_of(held)))
    _restage(held, judged)
    counts = {verdict: sum(row.verdict is verdict for row in judged) for verdict in Verdict}
    held.new, held.changed = counts[Verdict.NEW], counts[Verdict.CHANGED]
    held.same, held.wrong = counts[Verdict.SAME], counts[Verdict.ERROR]
    held.mapping, held.tokens, held.stage, held.summary = dict(mapping), table.tokens(), Stage.CHECKED, ""
    held.save()
    return held


@transaction.atomic
def apply(*, run: ImportRun, whole: bool, by: Actor, at: datetime) -> Job:
    """An import was let loose: all of its rows or none, or, by choice, all but the wrong ones."""
    table = _require(run, by=by, at=at)
    held = _take(run, Stage.CHECKED)
    if held.wrong and whole:
        raise Refusal(
            f"{_count(held.wrong, 'row')} can't be imported as they stand. Correct the file, or choose to leave them out."
        )
    if not held.new + held.changed:
        raise Refusal(f"There is nothing to write: {table.where} says all of this already.")
    title = f"Import of {held.file_name}"
    job = start(kind=job_kind(APPLY, table), title=title, payload={"run": held.pk}, by=by, at=at)
    held.whole, held.stage, held.job = whole and not table.singly, Stage.APPLYING, job
    held.save()
    return job


@transaction.atomic
def discard(*, run: ImportRun, by: Actor, at: datetime) -> ImportRun:
    """A staged file was put away; the catalog never saw it."""
    _require(run, by=by, at=at)
    held = _take(run, Stage.UPLOADED, Stage.CHECKED, Stage.REFUSED)
    held.stage, held.summary = Stage.DISCARDED, f"Discarded by {by.name}. Nothing was written."
    held.rows.all().delete()
    held.save()
    return held


@transaction.atomic
def undo(*, run: ImportRun, by: Actor, at: datetime) -> Job:
    """An import was taken back, row by row as far as nothing has been built on it since."""
    table = _require(run, by=by, at=at)
    held = _take(run, Stage.APPLIED)
    job = start(
        kind=job_kind(UNDO, table),
        title=f"Undo of the import of {held.file_name}",
        payload={"run": held.pk},
        by=by,
        at=at,
    )
    held.stage, held.undo_job = Stage.UNDOING, job
    held.save()
    return job


def job_kind(work: str, table: type[Table] | Table) -> str:
    """Long work is started by whoever may import that sort of record, so each permission has its own kind of it."""
    return work if table.permission == IMPORT else f"{work}_{table.slug}"


def _require(run: ImportRun, *, by: Actor, at: datetime) -> Table:
    """The table of the import, for somebody who may import such records."""
    table = table_of(run.kind, at=at)
    by.require(table.permission)
    return table


def reason_of(run: ImportRun) -> str:
    """What the audit says of everything an import does."""
    return f"Import {run.pk}: {run.file_name}"


def _take(run: ImportRun, *stages: Stage) -> ImportRun:
    """The import, held; of two people who press at once, one is told that it has moved on."""
    held = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if held.stage not in stages:
        raise Stale(f"This import is “{Stage(held.stage).words.lower()}” by now. Reload to see how it stands.")
    return held


def _refuse_mapping(table: Table, mapping: Mapping[str, int], *, width: int) -> None:
    if any(name not in table.columns or not 0 <= place < width for name, place in mapping.items()):
        raise Stale()
    places = list(mapping.values())
    twice = next((name for name, place in mapping.items() if places.count(place) > 1), None)
    if twice is not None:
        raise Invalid("Two of our columns can't both be read from the same column of the file.", field=twice)
    missing = missing_columns(table, mapping)
    if missing:
        name = next(name for name, column in table.columns.items() if column is missing[0])
        raise Invalid(f"Say which column holds “{missing[0].heading}”: rows are found by it.", field=name)
    if not set(mapping) - set(table.identity):
        raise Invalid("Name at least one column besides those by which rows are found.")


def _lines(run: ImportRun) -> list[Line]:
    rows = run.rows.values_list("number", "cells", "problems").order_by("number")
    return [Line(number, tuple(cells), tuple(problems)) for number, cells, problems in rows]


def _restage(run: ImportRun, judged: Sequence[Judged]) -> None:
    """The rows anew with their verdicts; staged rows have no identity worth keeping."""
    run.rows.all().delete()
    _stage(
        ImportRow(
            run=run,
            number=row.line.number,
            cells=list(row.line.cells),
            problems=list(row.line.problems),
            key=row.key,
            before=row.before,
            after=row.after,
            verdict=row.verdict,
            told=row.told,
        )
        for row in judged
    )


def _stage(rows: Iterable[ImportRow]) -> None:
    waiting: list[ImportRow] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) >= CHUNK:
            ImportRow.objects.bulk_create(waiting)
            waiting = []
    ImportRow.objects.bulk_create(waiting)


def _plain_name(file_name: str) -> str:
    """The name as people read it: no folders, no characters that can't be seen."""
    bare = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in bare if character.isprintable())[:200] or "file"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def changes_of(run: ImportRun) -> dict[str, Any]:
    """What the audit tells of an import as a whole."""
    return {"rows": (None, f"{run.new} new, {run.changed} changed, {run.same} as they were, {run.wrong} left out")}
