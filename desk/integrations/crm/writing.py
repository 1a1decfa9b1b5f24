"""Writing to a CRM what stands here: of companies that are marked, what differs from what was written last.

A stretch of companies is worked out, noted as about to be sent, sent in one go (each CRM cuts that into its own batches)
and noted again. Whoever is killed in between writes the same once more, which is no harm. Each flow has one worker at a time.
One that was cut off for so long that another went on may have written last, and older things: what it sent is noted as
unknown again, so that it is written once more.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import Error
from django.db.models import Q

from desk.actions.crm.marking import feed, make_due
from desk.actions.crm.turns import TurnLost
from desk.actions.crm.written import Result, note_not_worked_out, note_results, note_sending
from desk.domain.crm.outgoing import Outgoing
from desk.domain.crm.sent import to_write
from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Crm
from desk.models import CrmCompany
from desk.queries.crm.rendered import Rendering, renderings
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.models import Connection

LOGGER = logging.getLogger("desk.crm")
AT_ONCE = 100  # companies
After = tuple[datetime, int]


def write_due(
    connection: Connection,
    *,
    at: datetime,
    enough: Callable[[], bool] = lambda: False,
    hold: Callable[[], None] = lambda: None,
) -> int:
    """Written to every company that is marked what differs, the longest waiting first; to how many.

    `hold` keeps the turn, or raises TurnLost. Later, LoginRefused, Declined where the CRM can't be asked: what wasn't
    noted by then is written the next time.
    """
    written, by = 0, as_actor(connection)
    after: After | None = None
    while not enough():
        companies = _due(connection, at=at, after=after)
        if not companies and not feed(connection, at=at):
            break
        if not companies:
            after = None
            continue
        last = companies[-1]
        after = (last.to_write_at or at, last.pk)
        hold()
        written += _write(connection, companies, hold=hold, by=by, at=at)
    return written


def _due(connection: Connection, *, at: datetime, after: After | None) -> Sequence[CrmCompany]:
    """Each company once in a run, however often it is marked meanwhile."""
    free = Q(write_after=None) | Q(write_after__lte=at)
    rows = CrmCompany.objects.filter(free, connection=connection, to_write_at__isnull=False)
    if after is not None:
        since, pk = after
        rows = rows.filter(Q(to_write_at__gt=since) | Q(to_write_at=since, pk__gt=pk))
    return list(rows.select_related("connection", "account").order_by("to_write_at", "pk")[:AT_ONCE])


def _write(
    connection: Connection, companies: Sequence[CrmCompany], *, hold: Callable[[], None], by: Actor, at: datetime
) -> int:
    found = _worked_out(connection, companies, at=at)
    wanted = {one.company.pk: _changed(one) for one in found}
    if sending := {pk: {row.name for row in rows} for pk, rows in wanted.items() if rows}:
        note_sending(sending)
    results = _sent(connection, [row for rows in wanted.values() for row in rows], at=at)
    try:
        hold()
    except TurnLost:
        note_sending(sending)
        make_due(CrmCompany.objects.filter(pk__in=sending), at=at)
        raise
    note_results([(one, _of(one, wanted, results)) for one in found], by=by, at=at)
    return sum(bool(rows) for rows in wanted.values())


def _worked_out(connection: Connection, companies: Sequence[CrmCompany], *, at: datetime) -> list[Rendering]:
    """Who can't be worked out is tried again alone: the others are worked out without."""
    try:
        return renderings(companies, at=at)
    except Error:
        raise
    except Exception as error:
        if len(companies) == 1:
            LOGGER.warning("%s of %s can't be worked out", companies[0].external_id, connection.key, exc_info=True)
            note_not_worked_out(companies[0], error, at=at)
            return []
    half = len(companies) // 2
    return [one for some in (companies[:half], companies[half:]) for one in _worked_out(connection, some, at=at)]


def _of(one: Rendering, wanted: Mapping[int, list[Outgoing]], results: Mapping[str, list[Result]]) -> list[Result]:
    names = {row.name for row in wanted[one.company.pk]}
    return [result for result in results.get(one.company.external_id, []) if result.outgoing.name in names]


def _changed(one: Rendering) -> list[Outgoing]:
    return to_write(one.parts, one.sent, company=one.company.external_id, others=one.others)


def _sent(connection: Connection, rows: Sequence[Outgoing], *, at: datetime) -> dict[str, list[Result]]:
    """What became of each, by the company's id; no line is opened where there is nothing to send."""
    found: dict[str, list[Result]] = defaultdict(list)
    if rows:
        with opened(connection, at=at) as crm:
            for result in _asked(crm, _ordered(rows)):
                found[result.outgoing.company].append(result)
    return found


def _ordered(rows: Sequence[Outgoing]) -> list[Outgoing]:
    """By their company, so that those that hang on one record stand together and lock it once."""
    return sorted(rows, key=lambda one: one.company)


def _asked(crm: Crm, rows: Sequence[Outgoing]) -> list[Result]:
    told = crm.write(rows)
    return [Result(row, one.fault, one.words) for row, one in zip(rows, told, strict=True)]
