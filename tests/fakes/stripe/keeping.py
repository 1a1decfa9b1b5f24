"""What the counterpart remembers, kept in a file, so that one that is started again goes on where it was.

It is written before anybody is told of it: whoever listens never knows of a subscription that is not in the file.
"""

import os
import pickle
from pathlib import Path
from typing import Any

from tests.fakes.stripe.state import State

PARTS = ("tables", "deliveries", "ids", "failing")


class Keeping:
    def __init__(self, path: Path, state: State) -> None:
        self._path, self._state = path, state
        self._written: Any = None

    def read(self) -> bool:
        """Takes up what was kept. What can't be read (another version wrote it) is put aside, and nothing is known."""
        if not self._path.exists():
            return False
        try:
            kept = pickle.loads(self._path.read_bytes())
            added, parts = kept["added"], {name: kept[name] for name in PARTS}
        except Exception:
            self._path.replace(self._path.with_suffix(".unreadable"))
            return False
        for name, value in parts.items():
            setattr(self._state, name, value)
        self._state.clock.add(added)
        return True

    def write(self) -> None:
        """Writes where anything has changed since; the file is whole at any moment."""
        state = self._state
        with state.lock:
            mark = self._mark()
            if mark == self._written:
                return
            kept = {name: getattr(state, name) for name in PARTS} | {"added": state.clock.added}
            whole = pickle.dumps(kept)
        draft = self._path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(whole)
        os.replace(draft, self._path)
        self._written = mark

    def _mark(self) -> Any:
        """Cheap, and another after every change: each leaves an event, a row or a try of a delivery."""
        rows = [len(table) for table in self._state.tables.values()]
        tries = sum(len(one.attempts) + one.given_up for one in self._state.deliveries)
        return rows, tries, self._state.changes, self._state.clock.added
