"""The loop that takes what arrived: claim a row, let the vendor's handler take it with no transaction open, write down
how it went. At least once: a worker killed anywhere leaves a lease, and when that runs out the row is taken again.
"""

import logging
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from journal.actions.receiving import claim_next, expire_leases, mark_done, mark_failed, mark_later, mark_set_aside
from journal.domain.body_shown import without
from journal.domain.receiving import Later
from journal.integrations.crew import Crew
from journal.models import Inbound
from journal.queries.connections import opened
from journal.vendors import handler_of, vendor_of

logger = logging.getLogger("journal.arrivals")
MOST = 500  # then the next tick goes on
BUDGET = timedelta(seconds=45)
MOST_TAKERS = 4
LONGEST_ERROR = 2000
LOOK_EVERY = 0.25  # seconds
NOBODY = "Nobody handles this type."

Clock = Callable[[], datetime]
Jitter = Callable[[], float]


def take(
    *,
    clock: Clock,
    jitter: Jitter,
    most: int = MOST,
    found: Callable[[], object] = lambda: None,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Take what is due, the longest waiting first, and return how many arrivals were tried. None begins after the budget.

    `found` is told once, when there was something: then there may be work for one more.
    """
    started = clock()
    for tried in range(most):
        at = clock()
        if at - started >= BUDGET or enough():
            return tried
        row = claim_next(at=at)
        if row is None:
            return tried
        if not tried:
            found()
        _take(row, clock=clock, jitter=jitter)
    return most


class Takers:
    """The threads of one process that take what arrived: one that watches, and those it calls when there is something.

    Whoever watches looks four times a second, so that what arrives is taken at once even while the worker's other duties
    take long. It ends by itself; a tick of the clock starts the next.
    """

    def __init__(self, *, most: int = MOST_TAKERS) -> None:
        self._watching = Crew("journal.arrivals", most=1)
        self._taking = Crew("journal.arrivals", most=most - 1)
        self._ending = threading.Event()

    def wake(self, *, clock: Clock, jitter: Jitter) -> bool:
        """Take back what dead workers left, and see that somebody watches; whether nobody did."""
        expire_leases(at=clock())
        return self._watching.start(lambda _found: self._watch(clock, jitter))

    def end(self, *, seconds: float) -> bool:
        """Begin nothing more; whether all of them came to an end in so many seconds."""
        self._ending.set()
        return self._watching.wait(seconds) and self._taking.wait(seconds)

    def _watch(self, clock: Clock, jitter: Jitter) -> None:
        until = clock() + BUDGET
        while clock() < until and not self._ending.is_set():
            self._take(clock, jitter, lambda: self._taking.start(lambda found: self._take(clock, jitter, found)))
            self._ending.wait(LOOK_EVERY)

    def _take(self, clock: Clock, jitter: Jitter, found: Callable[[], object]) -> None:
        take(clock=clock, jitter=jitter, found=found, enough=self._ending.is_set)


takers = Takers()


def _take(row: Inbound, *, clock: Clock, jitter: Jitter) -> None:
    """Whatever a handler raises, the row says so and the others go on."""
    handler = handler_of(row.connection.vendor, row.type)
    if handler is None:
        words = NOBODY if vendor_of(row.connection.vendor) else "The desk no longer knows this system."
        mark_set_aside(row, words=words, at=clock())
        return
    began = clock()
    try:
        outcome = handler(row)
    except Later as later:
        logger.info("%s of %s: later, %s", row.external_id, row.connection.key, later.why)
        mark_later(row, later, took_ms=_ms(clock() - began), at=clock())
    except Exception as error:
        words = _words_of(error, row, at=clock())
        place = traceback.extract_tb(error.__traceback__)[-1]
        logger.warning(
            "%s of %s was not taken: %s (%s:%s)",
            row.external_id,
            row.connection.key,
            words,
            place.filename,
            place.lineno,
        )
        mark_failed(row, error=words, jitter=jitter(), took_ms=_ms(clock() - began), at=clock())
    else:
        mark_done(row, outcome, took_ms=_ms(clock() - began), at=clock())


def _words_of(error: Exception, row: Inbound, *, at: datetime) -> str:
    """What went wrong, without any of the connection's secrets, which an error of a vendor's may repeat."""
    vendor = vendor_of(row.connection.vendor)
    purposes = [kind.purpose for kind in vendor.secrets] if vendor else []
    words = f"{type(error).__name__}: {error}".replace("\x00", "")
    return without(words, opened(row.connection, purposes, at=at))[:LONGEST_ERROR]


def _ms(took: timedelta) -> int:
    return max(int(took.total_seconds() * 1000), 0)
