"""Bringing a file to the desk, as tests do it: uploaded, its columns taken as guessed, checked, applied, undone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from catalog.actions.exports import export
from catalog.actions.imports import apply, check, undo, upload
from catalog.imports.rendering import Form
from catalog.models import ImportRun
from catalog.models.import_run import Verdict
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM, Actor
from tests.conftest import AT

MINUTE = timedelta(minutes=1)


def staged(
    kind: str, text: str | bytes, *, by: Actor = SYSTEM, at: datetime = AT, mapping: Mapping[str, int] | None = None
) -> ImportRun:
    """The file, uploaded and checked."""
    data = text.encode() if isinstance(text, str) else text
    run = upload(kind=kind, file_name=f"{kind}.csv", data=data, by=by, at=at)
    return check(run=run, mapping=run.mapping if mapping is None else mapping, by=by, at=at)


def applied(run: ImportRun, *, whole: bool = True, by: Actor = SYSTEM, at: datetime = AT + MINUTE) -> ImportRun:
    apply(run=run, whole=whole, by=by, at=at)
    work_off(at=at)
    run.refresh_from_db()
    return run


def undone(run: ImportRun, *, by: Actor = SYSTEM, at: datetime = AT + 2 * MINUTE) -> ImportRun:
    undo(run=run, by=by, at=at)
    work_off(at=at)
    run.refresh_from_db()
    return run


def brought(kind: str, text: str | bytes, *, by: Actor = SYSTEM, at: datetime = AT) -> ImportRun:
    return applied(staged(kind, text, by=by, at=at), by=by, at=at + MINUTE)


def verdicts(run: ImportRun) -> list[str]:
    return [Verdict(row.verdict).value for row in run.rows.all()]


def wrong(run: ImportRun) -> list[str]:
    """What is said of the rows that are wrong."""
    return [row.told for row in run.rows.filter(verdict=Verdict.ERROR)]


def outcomes(run: ImportRun) -> list[str]:
    return [row.outcome for row in run.rows.all()]


def file_of(kind: str, form: Form = Form.CSV, *, by: Actor = SYSTEM, at: datetime = AT) -> bytes:
    return export(kind=kind, form=form, by=by, at=at)


def text_of(kind: str, *, at: datetime = AT) -> str:
    return file_of(kind, at=at).decode("utf-8-sig").replace("\r\n", "\n")
