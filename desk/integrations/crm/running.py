"""The flows, each in its turn: what one meets is written at it in words, and the others go on.

Threads beside a worker's other duties, so that a first reading of many thousands, or a CRM that hangs, holds up neither
those nor the flows of other connections. A tick of the clock only wakes them.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from desk.actions.crm.marking import mark_changed
from desk.actions.crm.turns import Ran, TurnLost, end_troubled, end_turn, hold_on, next_turn, take_turn
from desk.domain.crm.flows import AFTER_REFUSAL, AFTER_TROUBLE, RUN_EVERY, Flow
from desk.integrations.crm.looking import Clock
from desk.integrations.crm.opening import opened
from desk.integrations.crm.polling import read_on
from desk.integrations.crm.port import Declined, LoginRefused
from desk.integrations.crm.writing import write_due
from desk.models import CrmFlow
from desk.queries.crm.budgets import budget_of
from journal.domain.body_shown import without
from journal.domain.receiving import Later
from journal.integrations.crew import Crew
from journal.models import Connection
from journal.queries.connections import opened as opened_secrets
from journal.vendors import vendor_of

LOGGER = logging.getLogger("desk.crm")
MOST_AT_ONCE = 3  # flows of one process
LONGEST_RUN = 20.0  # seconds; then the flows that wait longer have their turn
ONCE_MORE = timedelta(0)


def run_due(*, clock: Clock, enough: Callable[[], bool] = lambda: False) -> int:
    """Give each flow that is due its turn, the longest waiting first; how many had one."""
    ran = 0
    while not enough() and (row := next_turn(at=clock())) is not None:
        run(row, clock=clock, enough=enough)
        ran += 1
    return ran


def run_flow(connection: Connection, flow: Flow, *, clock: Clock, enough: Callable[[], bool] = lambda: False) -> bool:
    """Give this one its turn now; False where it rests, or has it elsewhere."""
    row = take_turn(connection=connection, flow=flow, at=clock())
    if row is None:
        return False
    run(row, clock=clock, enough=enough)
    return True


def run(row: CrmFlow, *, clock: Clock, enough: Callable[[], bool]) -> None:
    """One turn, and how it went. Whatever it meets, the flow says so and the others go on."""
    end = monotonic() + LONGEST_RUN
    try:
        ran = _ran(row, clock=clock, enough=lambda: enough() or monotonic() > end)
    except TurnLost:
        LOGGER.info("%s of %s went on without this worker", row.flow, row.connection.key)
    except Later as later:
        at = clock()
        end_troubled(row, later.why, at=at, next_run_at=at + later.after)
    except LoginRefused as refused:
        at = clock()
        end_troubled(row, str(refused), at=at, next_run_at=at + AFTER_TROUBLE)
    except Declined as declined:
        at = clock()
        end_troubled(row, str(declined), at=at, next_run_at=at + AFTER_REFUSAL, anew=True)
    except Exception as error:
        at = clock()
        end_troubled(row, _words_of(error, row, at=at), at=at, next_run_at=at + AFTER_TROUBLE)
    else:
        at = clock()
        wait = ONCE_MORE if ran.unfinished else budget_of(row.connection, at=at).pace(RUN_EVERY)
        end_turn(row, ran, at=at, next_run_at=at + wait)


def _ran(row: CrmFlow, *, clock: Clock, enough: Callable[[], bool]) -> Ran:
    if Flow(row.flow).comes_in:
        with opened(row.connection, at=clock()) as crm:
            return read_on(crm, row, clock=clock, enough=enough)
    mark_changed(row.connection, at=clock())
    hold_on(row, at=clock())
    moved = write_due(row.connection, at=clock(), enough=enough, hold=lambda: hold_on(row, at=clock()))
    return Ran(moved=moved, unfinished=enough())


def _words_of(error: Exception, row: CrmFlow, *, at: datetime) -> str:
    """What went wrong, without any of the connection's secrets, which an error may repeat."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    vendor = vendor_of(row.connection.vendor)
    purposes = [kind.purpose for kind in vendor.secrets] if vendor else []
    told = f"{type(error).__name__}: {error}".replace("\x00", "")
    words = without(told, opened_secrets(row.connection, purposes, at=at))
    LOGGER.warning("%s of %s stopped: %s (%s:%s)", row.flow, row.connection.key, words, place.filename, place.lineno)
    return words


class Movers:
    """The threads of one process that move what is due."""

    def __init__(self, *, most: int = MOST_AT_ONCE) -> None:
        self._crew = Crew("desk.crm", most=most)
        self._ending = threading.Event()

    def wake(self, *, clock: Clock) -> bool:
        """See that somebody looks; whether there was room for one more. Each that finds something calls another."""
        return self._crew.start(lambda found: self._move(clock, found))

    def end(self, *, seconds: float) -> bool:
        """Begin nothing more; whether all of them came to an end in so many seconds."""
        self._ending.set()
        return self._crew.wait(seconds)

    def _move(self, clock: Clock, found: Callable[[], object]) -> None:
        enough = self._ending.is_set
        while not enough() and (row := next_turn(at=clock())) is not None:
            found()
            run(row, clock=clock, enough=enough)


movers = Movers()
