"""The delivery loop: claim a row, send it with no transaction open, write down how it went."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from journal.actions.outbound import claim_next, expire_leases, mark_doubtful, mark_failed, mark_later, mark_sent
from journal.domain.receiving import Later
from journal.models import Outbound
from journal.senders import Doubtful, sender_of

logger = logging.getLogger("journal.delivery")
MOST = 200  # then the next tick goes on, so that a worker can be stopped in between
BUDGET = timedelta(seconds=45)  # far below the task's hard limit, which would kill it in the middle of a send


def deliver(*, clock: Callable[[], datetime], jitter: Callable[[], float], most: int = MOST) -> int:
    """Send what is due, oldest first, and return how many messages were tried. No send begins after the budget."""
    started = clock()
    expire_leases(at=started)
    for tried in range(most):
        at = clock()
        if at - started >= BUDGET:
            return tried
        row = claim_next(at=at)
        if row is None:
            return tried
        _send(row, clock=clock, jitter=jitter)
    return most


def _send(row: Outbound, *, clock: Callable[[], datetime], jitter: Callable[[], float]) -> None:
    try:
        sender_of(row.kind)(row)
    except Doubtful as error:
        logger.warning("Nobody knows whether message %s went out: %s", row.message_id, error)
        mark_doubtful(row, error=str(error))
    except Later as later:
        logger.info("Message %s waits: %s", row.message_id, later.why)
        mark_later(row, later, at=clock())
    except Exception as error:  # whatever a sender raises, the row must say so and the others must go on
        logger.warning("Message %s was not sent: %s", row.message_id, error)
        mark_failed(row, error=f"{type(error).__name__}: {error}"[:2000], jitter=jitter(), at=clock())
    else:
        mark_sent(row, at=clock())
