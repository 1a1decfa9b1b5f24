"""Promised messages: the states they pass through and how long to wait before trying again."""

from datetime import timedelta
from enum import StrEnum

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
WEBHOOK = "webhook"  # the kind of message that has a loop and a schedule of its own (domain/webhooks/)
MOST_ATTEMPTS = 10  # with the delays above, the last try comes two to four hours after the first


class DeliveryState(StrEnum):
    """pending -> sending -> sent; back to pending after a failure, `dead` after the last one.

    `doubtful` means that the sender died between taking the message and telling the outcome: it may have gone
    out, so the desk does not send it again by itself.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DOUBTFUL = "doubtful"
    DEAD = "dead"


def delay_after(attempt: int, *, jitter: float) -> timedelta:
    """How long to wait after the n-th failed attempt (counted from 1): doubling, capped, spread by `jitter`.

    `jitter` in [0, 1] is chosen by the caller; it takes up to half of the delay away, so that messages which
    failed together are not tried again together.
    """
    if attempt < 1 or not 0 <= jitter <= 1:
        raise ValueError("Attempts count from 1 and jitter lies between 0 and 1.")
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempt - 1, 20)
    delay: timedelta = min(doubled, LONGEST_DELAY) * (1 - jitter / 2)
    return delay


def is_dead(attempts: int) -> bool:
    return attempts >= MOST_ATTEMPTS
