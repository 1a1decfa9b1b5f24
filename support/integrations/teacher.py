"""The teacher: a thread beside the worker’s other duties, for learning takes a minute and nothing may wait for it.

A tick of the clock only wakes it, and holds its turn on while it is at it.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connections

from support.actions.intake.turns import begin_teaching, hold_teaching, teach_in_turn
from support.models import Teaching

logger = logging.getLogger("support.intake")
Clock = Callable[[], datetime]


class Teacher:
    """The one of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._turn: Teaching | None = None

    def wake(self, *, clock: Clock, folder: Path) -> bool:
        """Begin what was asked for, or hold on what is under way here; whether anything is."""
        with self._lock:
            if self._turn is not None and self._thread is not None and self._thread.is_alive():
                hold_teaching(self._turn, at=clock())
                return True
            self._turn = begin_teaching(at=clock())
            if self._turn is None:
                return False
            self._thread = threading.Thread(
                target=self._teach, args=(self._turn, clock, folder), name="desk-teacher", daemon=True
            )
            self._thread.start()
            return True

    def wait(self, seconds: float) -> bool:
        """Whether it came to an end in so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def _teach(self, turn: Teaching, clock: Clock, folder: Path) -> None:
        try:
            teach_in_turn(turn, clock=clock, folder=folder)
        except Exception:  # the database was away; the turn comes free by itself
            logger.exception("The teacher stopped")
        finally:
            connections.close_all()


teacher = Teacher()
