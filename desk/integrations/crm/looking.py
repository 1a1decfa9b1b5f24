"""Going to look at records of a CRM: asked for as they stand now, whole, and followed one by one.

Whoever was told of a change, by a push or by the clock, only knows that there was one. A ticket is taken before asking
(and committed), so that of two who looked the one who asked later wins. Nothing is open while the CRM is asked. A record
that can't be followed is tried again by itself and holds up no other one.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeAlias

from desk.actions.crm import companies, deals, tickets
from desk.actions.crm.applied import Applied
from desk.actions.crm.failing import note_failed
from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.told import Company, Deal, DealState
from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Crm, Declined, FieldsRead, Kind, LoginRefused
from desk.integrations.crm.taken_out import ask_what_stands
from desk.models import CrmCompany, CrmDeal, CrmFlow
from desk.queries.crm import mapping
from desk.queries.crm.due import due
from desk.queries.crm.holding import holds
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.domain.receiving import Later
from journal.domain.refusal import Stale
from journal.models import Connection

LOGGER = logging.getLogger("desk.crm")
AT_ONCE = 100
FLOWS = {Kind.COMPANY: Flow.COMPANIES, Kind.DEAL: Flow.DEALS}
MODELS: Mapping[Kind, type[CrmCompany] | type[CrmDeal]] = {Kind.COMPANY: CrmCompany, Kind.DEAL: CrmDeal}
NOTHING_SAID = "The CRM said nothing of it when it was asked for it."
Clock: TypeAlias = Callable[[], datetime]
Told: TypeAlias = Company | Deal
Found: TypeAlias = Mapping[str, Told | Exception]


@dataclass(slots=True)
class Looked:
    """What came of a look at several records; `failed` are those that are tried again."""

    applied: list[Applied] = field(default_factory=list)
    failed: int = 0

    def add(self, other: "Looked") -> None:
        self.applied += other.applied
        self.failed += other.failed

    @property
    def moved(self) -> int:
        return sum(one.moved for one in self.applied)

    @property
    def skipped(self) -> int:
        return len(self.applied) - self.moved


def look_at(connection: Connection, kind: Kind, ids: Collection[str], *, at: datetime) -> list[Applied]:
    """Looked now, since word of a change came by a push. Later, LoginRefused, Declined where the CRM can't be asked.

    While that flow is not on nothing is looked at: what was passed over is found once it goes on.
    """
    if not _is_on(connection, kind):
        return [Applied(f"“{FLOWS[kind].words}” is not switched on here; it is read once it is.")]
    wanted = list(dict.fromkeys(ids))
    with opened(connection, at=at) as crm:
        looked = Looked()
        for begin in range(0, len(wanted), AT_ONCE):
            looked.add(look(crm, connection, kind, wanted[begin : begin + AT_ONCE], clock=lambda: at))
    again = [Applied("It couldn’t be followed, and is tried again by itself.")] * looked.failed
    return [*looked.applied, *again]


def drain(connection: Connection, kind: Kind, *, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Looked at all that is due, each once; how many were followed."""
    with opened(connection, at=at) as crm:
        return len(look_at_due(crm, connection, kind, clock=lambda: at, enough=enough).applied)


def look_at_due(
    crm: Crm,
    connection: Connection,
    kind: Kind,
    *,
    clock: Clock,
    enough: Callable[[], bool],
    held: Callable[[], object] = lambda: None,
) -> Looked:
    """All that is due by now, over a line that is open; what becomes due meanwhile is left to the next time.

    `held` is told before each question: whoever has a turn holds it on.
    """
    looked, until, last = Looked(), clock(), None
    while not enough():
        batch = due(MODELS[kind], connection, at=until, after=last, most=AT_ONCE)
        if not batch:
            break
        held()
        last = batch[-1]
        looked.add(look(crm, connection, kind, [one.id for one in batch], clock=clock))
    return looked


def look(crm: Crm, connection: Connection, kind: Kind, ids: Sequence[str], *, clock: Clock) -> Looked:
    """One question for all of them, then each followed in a transaction of its own."""
    at, looked, by = clock(), Looked(), as_actor(connection)
    taken = tickets.take_tickets(connection=connection, kind=MODELS[kind], ids=ids, at=at)
    found = _each_fetched(crm, connection, kind, ids)
    if kind is Kind.DEAL:
        _companies_of(crm, connection, found.values(), clock=clock)
    page = companies.page_of(connection, [one for one in found.values() if isinstance(one, Company)])
    for id in ids:
        try:
            looked.applied.append(_settled(partial(_followed, connection, found, id, taken[id], page, by=by, at=at)))
        except Exception as error:
            LOGGER.warning("%s %s of %s could not be followed", kind, id, connection.key, exc_info=True)
            note_failed(model=MODELS[kind], connection=connection, id=id, ticket=taken[id], error=error, at=at)
            looked.failed += 1
    if kind is Kind.COMPANY:
        ask_what_stands(crm, connection, ids, at=at)
    return looked


def _is_on(connection: Connection, kind: Kind) -> bool:
    return CrmFlow.objects.filter(connection=connection, flow=FLOWS[kind], state=FlowState.ACTIVE).exists()


def _each_fetched(crm: Crm, connection: Connection, kind: Kind, ids: Sequence[str]) -> Found:
    """Whatever of a record can't be read is that one's alone: the others are asked for without it."""
    try:
        return _fetched(crm, connection, kind, ids)
    except (Later, LoginRefused, Declined):
        raise
    except Exception as error:
        if len(ids) == 1:
            return {ids[0]: error}
    half = len(ids) // 2
    return {
        **_each_fetched(crm, connection, kind, ids[:half]),
        **_each_fetched(crm, connection, kind, ids[half:]),
    }


def _is_won(told: Told) -> bool:
    return isinstance(told, Deal) and told.state is DealState.WON


def _fetched(crm: Crm, connection: Connection, kind: Kind, ids: Collection[str]) -> Mapping[str, Told]:
    if kind is Kind.COMPANY:
        return crm.companies(ids)
    of_deal, of_line = mapping.fields_read(mapping.in_force(connection))
    return crm.deals(ids, fields=FieldsRead(of_deal, of_line))


def _companies_of(crm: Crm, connection: Connection, found: Collection[Told | Exception], *, clock: Clock) -> None:
    """A deal is whose its company is, so those that nobody has looked at yet come first, while companies come in."""
    if not _is_on(connection, Kind.COMPANY):
        return
    wanted = list(dict.fromkeys(one.company for one in found if isinstance(one, Deal) and one.company))
    known = CrmCompany.objects.filter(connection=connection, external_id__in=wanted, told_at__isnull=False)
    here = set(known.values_list("external_id", flat=True))
    if unknown := [id for id in wanted if id not in here]:
        look(crm, connection, Kind.COMPANY, unknown, clock=clock)


def _settled(follow: Callable[[], Applied]) -> Applied:
    """Whoever wrote the same between the look and the rows is let by, and it is followed once more."""
    try:
        return follow()
    except Stale:
        return follow()


def _followed(
    connection: Connection, found: Found, id: str, ticket: int, page: companies.Page, *, by: Actor, at: datetime
) -> Applied:  # fmt: skip
    told = found.get(id)
    if isinstance(told, Exception):
        raise told
    if told is not None and told.unsure and (_is_won(told) or holds(connection, told, at=at)):
        raise LookupError(told.unsure)
    match told:
        case Company() as company:
            return companies.apply_company(
                connection=connection, company=company, ticket=ticket, by=by, at=at, page=page
            )
        case Deal() as deal:
            return deals.apply_deal(connection=connection, deal=deal, ticket=ticket, by=by, at=at)
    raise LookupError(NOTHING_SAID)
