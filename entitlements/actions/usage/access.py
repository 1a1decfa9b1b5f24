"""Who was let in and who was refused, where: noted in memory with each check, written a few seconds later.

A check must not wait for a row about itself, and must not fail for one. So `note_access` adds to counts in memory and
`flush_access` writes them, in one statement for all. A process that is killed loses the counts it hadn't written yet:
they are statistics, and nothing is decided by them.

Of refusals the whole trace is kept, up to REFUSALS_A_MINUTE of one account, feature and enforcement point in a minute;
a loop that asks a thousand times is refused for one and the same reason, and those beyond are counted only. Of what is
granted a sample is traced (`settings.DESK_TRACE_GRANTS`). All of it is bounded: what comes in while the database is away
takes no more memory than MOST_COUNTS and MOST_TRACES allow, and what was left out is said in the log.
"""

import atexit
import json
import logging
import os
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from entitlements.models import DecisionTrace
from entitlements.models.usage import LONGEST_NAME

REFUSALS_A_MINUTE = 6
MOST_TRACES = 1_000  # between two flushes
MOST_COUNTS = 10_000
OTHERS = "(others)"  # where enforcement points are counted that come when there are too many of them
EVERY = 3.0  # seconds between flushes
CHUNK = 100
HOUR, MINUTE = 3600, 60

ADD = """
INSERT INTO entitlements_accesscount (point, feature_id, hour, granted, denied) VALUES {rows}
ON CONFLICT (point, feature_id, hour) DO UPDATE
SET granted = entitlements_accesscount.granted + excluded.granted,
    denied = entitlements_accesscount.denied + excluded.denied
"""

logger = logging.getLogger("entitlements.access")

# Plain values; or what gives them, called only where the trace is kept, and then off the path of the answer.
Words: TypeAlias = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
_Place: TypeAlias = tuple[str, int, int]  # enforcement point, feature, hour since 1970


@dataclass(frozen=True, slots=True)
class _Trace:
    account_id: int
    feature_id: int
    point: str
    at: datetime
    allowed: bool
    asked_by: str
    question: Words
    answer: Words

    def row(self) -> DecisionTrace | None:
        """None where its words can't be had: that is no reason to lose the others."""
        try:
            question, answer = _plain(self.question), _plain(self.answer)
        except Exception:
            logger.exception("A trace of feature %s was left out.", self.feature_id)
            return None
        return DecisionTrace(
            account_id=self.account_id,
            feature_id=self.feature_id,
            point=self.point,
            at=self.at,
            allowed=self.allowed,
            asked_by=self.asked_by[:LONGEST_NAME],
            question=question,
            answer=answer,
        )


class AccessNotes:
    """What one process has noted and not written yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.counts: dict[_Place, list[int]] = {}
        self.traces: list[_Trace] = []
        self.left_out = 0
        self.minute = 0
        self.refused: dict[tuple[int, int, str], int] = {}

    def count(self, point: str, feature_id: int, account_id: int, allowed: bool, at: datetime) -> bool:
        """Counted; whether its trace is wanted too."""
        seconds = int(at.timestamp())
        with self.lock:
            place = (point, feature_id, seconds // HOUR)
            both = self.counts.get(place)
            if both is None:
                if len(self.counts) >= MOST_COUNTS:
                    place = (OTHERS, feature_id, seconds // HOUR)
                both = self.counts.setdefault(place, [0, 0])
            if allowed:
                both[0] += 1
                share: float = settings.DESK_TRACE_GRANTS
                return share > 0 and random.random() < share  # noqa: S311  # which ones are looked at is no secret
            both[1] += 1
            return self._told_apart((account_id, feature_id, point), seconds // MINUTE)

    def _told_apart(self, kind: tuple[int, int, str], minute: int) -> bool:
        """Whether this refusal is among the first of its kind in the minute."""
        if minute != self.minute:
            self.minute, self.refused = minute, {}
        known = self.refused.get(kind, 0)
        if known >= REFUSALS_A_MINUTE or (not known and len(self.refused) >= MOST_COUNTS):
            return False
        self.refused[kind] = known + 1
        return True

    def keep(self, trace: _Trace) -> None:
        with self.lock:
            if len(self.traces) < MOST_TRACES:
                self.traces.append(trace)
            else:
                self.left_out += 1

    def take(self) -> tuple[dict[_Place, list[int]], list[_Trace], int]:
        """All that is noted; noting begins anew."""
        with self.lock:
            taken = self.counts, self.traces, self.left_out
            self.counts, self.traces, self.left_out = {}, [], 0
            return taken

    def put_back(self, counts: Mapping[_Place, list[int]], traces: list[_Trace]) -> None:
        """What couldn't be written now, for the next time."""
        with self.lock:
            for (point, feature_id, hour), (granted, denied) in counts.items():
                full = len(self.counts) >= MOST_COUNTS
                both = self.counts.setdefault((OTHERS if full else point, feature_id, hour), [0, 0])
                both[0] += granted
                both[1] += denied
            room = MOST_TRACES - len(self.traces)
            self.left_out += max(len(traces) - room, 0)
            self.traces = traces[:room] + self.traces


_notes: Final = AccessNotes()


def note_access(
    *,
    point: str,
    feature_id: int,
    account_id: int,
    allowed: bool,
    asked_by: str,
    question: Words,
    answer: Words,
    at: datetime,
) -> None:
    """Noted that an account was let in or refused at an enforcement point; it never makes an answer fail.

    `question` and `answer` may be functions that give what was asked and answered: they are called when the trace is
    written, so that they close over values that don't change, and read no database.
    """
    try:
        if len(point) > LONGEST_NAME or "\x00" in point:
            point = point.replace("\x00", "")[:LONGEST_NAME]
        if _notes.count(point, feature_id, account_id, allowed, at):
            _notes.keep(_Trace(account_id, feature_id, point, at, allowed, asked_by, question, answer))
    except Exception:
        logger.exception("An answer about feature %s was not noted.", feature_id)


def flush_access() -> int:
    """Wrote what was noted since the last time; how many answers it counts. Called by a thread of each web process.

    While the database is away it is kept for later; what can't be written at all is given up, and said in the log.
    """
    counts, traces, left_out = _notes.take()
    if left_out:
        logger.warning(
            "%d traces of checks were left out: more than %d came between two flushes.", left_out, MOST_TRACES
        )
    if not counts:
        return 0
    try:
        with transaction.atomic():
            _add(counts)
            rows = [row for trace in traces if (row := trace.row()) is not None]
            DecisionTrace.objects.bulk_create(rows, batch_size=CHUNK)
    except (OperationalError, InterfaceError):
        _notes.put_back(counts, traces)
        raise
    return sum(granted + denied for granted, denied in counts.values())


def _add(counts: Mapping[_Place, list[int]]) -> None:
    """In one order, so that processes that write the same rows wait for each other and never both."""
    rows = sorted(counts.items())
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        values: list[Any] = []
        for (point, feature_id, hour), (granted, denied) in chunk:
            instant = connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(hour * HOUR, tz=UTC))
            values += (point, feature_id, instant, granted, denied)
        with connection.cursor() as cursor:
            cursor.execute(ADD.format(rows=", ".join(["(%s, %s, %s, %s, %s)"] * len(chunk))), values)


def _plain(words: Words) -> Any:
    """As JSON can keep it; what it has no word for, as text."""
    return _without_nul(json.loads(json.dumps(words() if callable(words) else words, default=str)))


def _without_nul(told: Any) -> Any:
    """PostgreSQL keeps no NUL in JSON."""
    match told:
        case str():
            return told.replace("\x00", "")
        case list():
            return [_without_nul(part) for part in told]
        case dict():
            return {key.replace("\x00", ""): _without_nul(part) for key, part in told.items()}
    return told


def keep_flushing() -> None:
    """Let a thread of this process write what is noted, each few seconds and once more at its end. Once a process."""
    global _flushing
    with _notes.lock:
        if _flushing == os.getpid():
            return
        _flushing = os.getpid()
    atexit.register(_flush)
    threading.Thread(target=_flush_for_ever, name="access", daemon=True).start()


_flushing = 0  # the process whose thread runs: a fork has none


def _flush_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(EVERY):
        _flush()


def _flush() -> None:
    try:
        close_old_connections()
        flush_access()
    except Exception:
        logger.exception("What was let in and refused could not be written.")
