"""When a message is tried again: ten tries over three days, as Standard Webhooks has it, unless the receiver says when."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Before each try, counted from the one before.
DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_TRIES = len(DELAYS)
WHOLE = sum(DELAYS, timedelta(0))  # 75 h 35 min 5 s
SPREAD = 0.1  # of a delay, added at most, so that what failed together doesn't come back together
LONGEST_REST = timedelta(hours=24)
THROTTLED = timedelta(seconds=30)  # where a receiver asks for less without saying for how long
GIVEN_UP_AFTER = timedelta(days=5)
PATIENCE = 3  # so many failures in a row without an answer, and an endpoint is tried ever more rarely
LONGEST_SILENCE = timedelta(minutes=5)


def delay_after(tries: int, *, jitter: float) -> timedelta | None:
    """How long to wait after so many failed tries; None after the last. `jitter` in [0, 1] is chosen by the caller."""
    if tries < 1 or not 0 <= jitter <= 1:
        raise ValueError("Tries count from 1 and jitter lies between 0 and 1.")
    return DELAYS[tries] * (1 + SPREAD * jitter) if tries < MOST_TRIES else None


def rest_asked(header: str, *, at: datetime) -> timedelta | None:
    """How long a `Retry-After` asks us to wait, a day at most; None where it can't be read or has passed.

    It is a number of seconds or a date (RFC 9110, 10.2.3).
    """
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:12])
        asked = LONGEST_REST if seconds >= LONGEST_REST.total_seconds() else timedelta(seconds=seconds)
    else:
        try:
            until = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        asked = (until if until.tzinfo else until.replace(tzinfo=UTC)) - at
    return min(asked, LONGEST_REST) if asked > timedelta(0) else None


def silence_after(failures: int) -> timedelta:
    """How long an endpoint that gives no answer is left alone after so many failures in a row: doubling from 4 s.

    One that hangs takes a sender for 15 seconds each time; so it soon takes hardly any.
    """
    if failures < PATIENCE:
        return timedelta(0)
    doubled = timedelta(seconds=2 << min(failures - PATIENCE + 1, 16))
    return min(doubled, LONGEST_SILENCE)


def is_given_up(failing_since: datetime | None, *, at: datetime) -> bool:
    """Whether nothing but failures for five days is enough."""
    return failing_since is not None and at - failing_since >= GIVEN_UP_AFTER
