"""The long work of imports: rows into the catalog, and out of it again where nothing was built on them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from catalog.actions.imports import APPLY, IMPORT, UNDO, changes_of, job_kind, reason_of
from catalog.imports.table import Entry, Hand, Table, Written
from catalog.imports.tables import register_table, table_of
from catalog.imports.writing import undo_each, write_all, write_each
from catalog.models import ImportRow, ImportRun
from catalog.models.import_run import RowOutcome, Stage, Verdict
from catalog.queries.imports import outcomes_of
from journal import jobs
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job, JobItem

ALL = "all"
TO_WRITE = (Verdict.NEW, Verdict.CHANGED)
OVER = (Job.State.STOPPED, Job.State.FAILED, Job.State.DONE)


def register_import_jobs() -> None:
    """Called once, when the app is ready."""
    _register(APPLY, UNDO, permission=IMPORT)


def register_imports_of(table: type[Table]) -> None:
    """An app above has records to import: its table, and the long work for those who may import such records."""
    register_table(table)
    _register(job_kind(APPLY, table), job_kind(UNDO, table), permission=table.permission)


def _register(apply: str, undo: str, *, permission: str) -> None:
    jobs.register(apply, JobHandler("Import", permission, plan=plan_import, act=act_import, finish=finish_import))
    jobs.register(undo, JobHandler("Undo of an import", permission, plan=plan_undo, act=act_undo, finish=finish_undo))


def plan_import(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    """All rows as one unit where it is all or nothing, else some rows to each unit, in the order they can be written."""
    run = _run(job)
    table = table_of(run.kind, at=at)
    if run.whole or table.together:
        return [Planned(ALL, f"{_rows(run.new + run.changed)}, all of them or none")], None
    return _in_steps(table.in_order(_entries(run.rows.filter(verdict__in=TO_WRITE))), table.step), None


def act_import(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """One unit of an import: every row or none, or some rows each by itself."""
    run = _run(job)
    _refuse_past_work(run, job)
    table, hand = table_of(run.kind, at=at), Hand(by, at, reason_of(run))
    if item.key == ALL:
        entries = _entries(run.rows.filter(verdict__in=TO_WRITE))
        done = Written(told=write_all(table, entries, hand, run.tokens))
    else:
        done = write_each(table, _of(run, item), hand)
    _note(run, done, RowOutcome.WRITTEN, RowOutcome.FAILED)
    return Outcome.done(f"{_rows(len(done.told))} written" + (f", {len(done.refused)} failed" if done.refused else ""))


def finish_import(*, job: Job, by: Actor, at: datetime) -> None:
    """An import was applied."""
    run = _run(job)
    if not _at_work(run, job):
        return
    refused = job.items.filter(state=JobItem.State.FAILED).first()
    if not run.rows.filter(outcome=RowOutcome.WRITTEN).exists():
        why = refused.told if refused else job.error or "No row could be written; each says why."
        run.stage, run.summary = Stage.REFUSED, f"Nothing was written. {why}"
        run.save()
        return
    left_out = {row.number: row.told for row in run.rows.filter(verdict=Verdict.ERROR)}
    _note(run, Written(refused=left_out), RowOutcome.WRITTEN, RowOutcome.LEFT_OUT)
    run.stage, run.applied_at, run.summary = Stage.APPLIED, at, _summary(run)
    run.save()
    record(begin(by=by, at=at), "import:apply", subject=run, changes=changes_of(run) | {"result": (None, run.summary)})


def plan_undo(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    """The rows that were written, the last written first."""
    run = _run(job)
    table = table_of(run.kind, at=at)
    if table.together:
        return [Planned(ALL, "Every cell this import wrote")], None
    return _in_steps(list(reversed(table.in_order(_entries(_written(run))))), table.step), None


def act_undo(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Some rows taken back, or kept with the reason why."""
    run = _run(job)
    _refuse_past_work(run, job)
    table, hand = table_of(run.kind, at=at), Hand(by, at, f"Undo of import {run.pk}: {run.file_name}")
    if item.key == ALL:
        done = table.undo_together(_entries(_written(run)), hand)
    else:
        done = undo_each(table, _of(run, item), hand)
    _note(run, done, RowOutcome.UNDONE, RowOutcome.KEPT)
    return Outcome.done(f"{_rows(len(done.told))} undone, {len(done.refused)} kept")


def finish_undo(*, job: Job, by: Actor, at: datetime) -> None:
    """An import was undone as far as it could be."""
    run = _run(job)
    if not _at_work(run, job):
        return
    counted = outcomes_of(run)
    undone, kept = counted.get(RowOutcome.UNDONE, 0), counted.get(RowOutcome.KEPT, 0)
    still = counted.get(RowOutcome.WRITTEN, 0)
    parts = [f"{_rows(undone)} undone"] + ([f"{kept:,} kept, each says why"] if kept else [])
    parts += [f"{still:,} not looked at, because the work was stopped"] if still else []
    run.stage, run.undone_at, run.summary = Stage.UNDONE, at, ", ".join(parts) + "."
    run.save()
    record(begin(by=by, at=at), "import:undo", subject=run, changes={"result": (None, run.summary)})


@transaction.atomic
def conclude(*, run: ImportRun, by: Actor, at: datetime) -> ImportRun:
    """What came of an import whose work was stopped half-way was written down."""
    by.require(table_of(run.kind, at=at).permission)
    held = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    job = held.undo_job if held.stage == Stage.UNDOING else held.job
    if held.stage not in {Stage.APPLYING, Stage.UNDOING} or job is None or job.state not in OVER:
        raise Refusal("This import is still at work. Stop its work first.")
    (finish_undo if held.stage == Stage.UNDOING else finish_import)(job=job, by=by, at=at)
    held.refresh_from_db()
    return held


def _at_work(run: ImportRun, job: Job) -> bool:
    """Whether this job is the one the import waits for: an old one can be tried again from its own page."""
    working = {Stage.APPLYING: run.job_id, Stage.UNDOING: run.undo_job_id}
    return working.get(Stage(run.stage)) == job.pk


def _refuse_past_work(run: ImportRun, job: Job) -> None:
    if not _at_work(run, job):
        raise Refusal(f"This import is “{Stage(run.stage).words.lower()}” by now, so there is nothing left to do here.")


def _summary(run: ImportRun) -> str:
    counted = outcomes_of(run)
    parts = [f"{_rows(counted.get(RowOutcome.WRITTEN, 0))} written"]
    parts += [f"{run.same:,} said so already"] if run.same else []
    parts += [f"{counted[RowOutcome.LEFT_OUT]:,} left out"] if counted.get(RowOutcome.LEFT_OUT) else []
    parts += [f"{counted[RowOutcome.FAILED]:,} failed"] if counted.get(RowOutcome.FAILED) else []
    return ", ".join(parts) + "."


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _run(job: Job) -> ImportRun:
    return ImportRun.objects.get(pk=job.payload["run"])


def _written(run: ImportRun) -> Iterable[ImportRow]:
    return run.rows.filter(outcome=RowOutcome.WRITTEN)


def _entries(rows: Iterable[ImportRow]) -> list[Entry]:
    return [Entry(row.number, row.key, row.before, row.after or {}) for row in rows]


def _of(run: ImportRun, item: JobItem) -> list[Entry]:
    """The rows of one unit, in its own order."""
    numbers: list[int] = item.payload["rows"]
    found = {entry.number: entry for entry in _entries(run.rows.filter(number__in=numbers))}
    return [found[number] for number in numbers]


def _in_steps(entries: Sequence[Entry], size: int) -> list[Planned]:
    steps = [entries[start : start + size] for start in range(0, len(entries), size)]
    return [
        Planned(f"from {step[0].number}", f"{_rows(len(step))}, from row {step[0].number} on",
                {"rows": [entry.number for entry in step]})
        for step in steps
    ]  # fmt: skip


def _note(run: ImportRun, done: Written, well: RowOutcome, badly: RowOutcome) -> None:
    """What came of rows; the staged rows are the import's own record."""
    outcomes: Mapping[int, tuple[RowOutcome, str]] = {
        **{number: (well, told) for number, told in done.told.items()},
        **{number: (badly, told) for number, told in done.refused.items()},
    }
    for row in run.rows.filter(number__in=list(outcomes)):
        outcome, row.outcome_told = outcomes[row.number]
        row.outcome = outcome.value
        row.save(update_fields=["outcome", "outcome_told"])
