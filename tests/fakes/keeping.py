"""What a counterpart remembers, kept in a file, so that one that is started again goes on where it was.

It is written before anybody is told of it: whoever listens never knows of a thing that is not in the file.
"""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Keeping:
    """`parts` are the names of what is kept of the state; `mark` is cheap, and another after every change."""

    def __init__(self, path: Path, state: Any, parts: tuple[str, ...], mark: Callable[[], Any]) -> None:
        self._path, self._state, self._parts, self._mark = path, state, parts, mark
        self._written: Any = None

    def read(self) -> bool:
        """Takes up what was kept. What can't be read (another version wrote it) is put aside, and nothing is known."""
        if not self._path.exists():
            return False
        try:
            kept = pickle.loads(self._path.read_bytes())
            parts = {name: kept[name] for name in self._parts}
        except Exception:
            self._path.replace(self._path.with_suffix(".unreadable"))
            return False
        for name, value in parts.items():
            setattr(self._state, name, value)
        return True

    def write(self) -> None:
        """Writes where anything has changed since; the file is whole at any moment."""
        with self._state.lock:
            mark = self._mark()
            if mark == self._written:
                return
            whole = pickle.dumps({name: getattr(self._state, name) for name in self._parts})
        draft = self._path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(whole)
        os.replace(draft, self._path)
        self._written = mark
