"""What outlives the process, where the product wants it: the last known answers, and what waits to be counted.

A file that is broken, or that somebody else wrote, is left alone and said so in the log; it never stops a product.
"""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

logger = logging.getLogger("entitlement_client")


class Store(Protocol):
    """Somewhere to keep JSON. Several processes may share one: the last one's answers stay, and each may send what
    waits, since the desk counts an id once. None of these may raise."""

    def read(self) -> Any: ...

    def write(self, told: Any) -> None: ...

    def waiting(self) -> Iterator[Any]: ...

    def keep(self, name: str, told: Any) -> bool: ...

    def drop(self, name: str) -> None: ...


class FileStore:
    """A folder: `answers.json`, and a file for each report that waits. Files are replaced whole, never half-written,
    and only their owner may read them."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._waiting = self._folder / "waiting"

    def read(self) -> Any:
        return _read(self._folder / "answers.json")

    def write(self, told: Any) -> None:
        _write(self._folder / "answers.json", told)

    def waiting(self) -> Iterator[Any]:
        try:
            paths = sorted(self._waiting.glob("*.json"))
        except OSError:
            paths = []
        for path in paths:
            told = _read(path)
            if told is not None:
                yield told

    def keep(self, name: str, told: Any) -> bool:
        return _write(self._path(name), told)

    def drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._waiting / f"{hashlib.sha256(name.encode()).hexdigest()[:40]}.json"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as fault:
        logger.warning("%s can't be read and is left alone: %s", path, fault)
        return None


def _write(path: Path, told: Any) -> bool:
    """Whole, or not at all."""
    half = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, half = tempfile.mkstemp(dir=path.parent, suffix=".half")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except (OSError, ValueError) as fault:
        logger.warning("%s can't be written: %s", path, fault)
        with contextlib.suppress(OSError):
            if half:
                os.unlink(half)
        return False
    return True
