"""Asking a CRM by the clock what changed: page by page, what was heard is written down with how far was read, then looked
at before the next page is asked for. So one that is killed anywhere goes on where it was, a first reading of many
thousands holds no more than a page, and nothing waits long for its turn.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from desk.actions.crm.hearing import hear
from desk.actions.crm.turns import Ran, hold_on
from desk.domain.crm.flows import Flow
from desk.domain.crm.watermark import Reading, mark_after, reading_of
from desk.integrations.crm.looking import MODELS, Clock, Looked, look_at_due
from desk.integrations.crm.port import Crm, Kind, Page
from desk.models import CrmFlow

KINDS = {Flow.COMPANIES: Kind.COMPANY, Flow.DEALS: Kind.DEAL}


class Circling(LookupError):
    """The CRM sends from page to page in a circle."""


def read_on(crm: Crm, row: CrmFlow, *, clock: Clock, enough: Callable[[], bool]) -> Ran:
    """Read what changed since the mark, or go on where the last run ended, and look at all that is due."""
    kind, looked = KINDS[Flow(row.flow)], Looked()
    _look(crm, row, kind, looked, clock=clock, enough=enough)
    if enough():
        return _ran(looked, unfinished=True)
    reading, latest = _reading(crm, row, kind, clock=clock), None
    while True:
        page = crm.changed(kind, since=reading.since, until=reading.until, after=row.after)
        if page.after and page.after == row.after:
            raise Circling("The CRM’s next page is the one that it has just told.")
        latest = max([hint.changed_at for hint in page.hints] + ([latest] if latest else []), default=None)
        read = _read(page, reading, latest)
        hear(row, model=MODELS[kind], hints=page.hints, settled=reading.settled, at=clock(), **read)
        _look(crm, row, kind, looked, clock=clock, enough=enough)
        if not page.after or enough():
            return _ran(looked, unfinished=bool(page.after))


def _reading(crm: Crm, row: CrmFlow, kind: Kind, *, clock: Clock) -> Reading:
    """The one under way, or the next: its end is kept for all of its pages."""
    if row.until_at is not None:
        return reading_of(row.mark_at, row.until_at)
    reading = reading_of(row.mark_at, crm.now())
    told: dict[str, Any] = {"until_at": reading.until, "after": ""}
    if row.mark_at is None:
        told["expected"] = crm.count(kind)
    hold_on(row, at=clock(), **told)
    return reading


def _read(page: Page, reading: Reading, latest: datetime | None) -> dict[str, Any]:
    """How far was read with this page. A run that goes on for another knows only the stamps that it saw itself, and a mark
    that is too early only reads again what is known."""
    if page.after:
        return {"after": page.after}
    return {"after": "", "until_at": None, "mark_at": mark_after(reading, [latest] if latest else [])}


def _look(crm: Crm, row: CrmFlow, kind: Kind, looked: Looked, *, clock: Clock, enough: Callable[[], bool]) -> None:
    looked.add(
        look_at_due(crm, row.connection, kind, clock=clock, enough=enough, held=lambda: hold_on(row, at=clock()))
    )


def _ran(looked: Looked, *, unfinished: bool) -> Ran:
    return Ran(looked.moved, looked.skipped, looked.failed, unfinished)
