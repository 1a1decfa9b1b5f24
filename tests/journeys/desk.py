"""A desk of its own in other processes, with a folder that goes when the test ends."""

import atexit
import functools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "desk.sqlite3"


@dataclass(frozen=True)
class Desk:
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tally(self, *words: str) -> dict[str, Any]:
        return json.loads(self.run("-m", "tests.journeys.world", "tally", *words))

    @contextmanager
    def worker(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker with the clock, in a session of its own, killed without a word at the end."""
        command = [sys.executable, "-m", "celery", "-A", "config", "--quiet", "worker", "--beat", "--concurrency", "1"]
        process = subprocess.Popen(
            [*command, "--loglevel", "ERROR", *arguments], env=self.environment, cwd=ROOT, start_new_session=True
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the worker and every child of it: no handler runs, nothing is put in order."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def desk_in(folder: Path, **environment: str) -> Desk:
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DESK_", "CELERY_"))}
    settings = {"DESK_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.journeys.settings", "DATABASE_URL": ""}
    return Desk(inherited | settings | environment)


def migrated_desk_in(folder: Path) -> Desk:
    """A desk with every table, made straight from the models; they are made once a process and copied."""
    desk = desk_in(folder)
    shutil.copy(_migrated() / DATABASE, folder / DATABASE)
    return desk


@functools.cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="desk-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    straight = desk_in(folder, DJANGO_SETTINGS_MODULE="tests.journeys.straight_settings")
    straight.run("manage.py", "migrate", "--run-syncdb", "--verbosity", "0")
    return folder


def rows_in(folder: Path, table: str) -> int:
    """How many rows are committed there, read beside the desk without disturbing it; a process to ask costs seconds."""
    # Closed at once: its `with` only ends a transaction, and of thousands left open memory and files run out.
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True, timeout=5)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def until(condition: Any, *, seconds: float, pause: float = 0.1) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause)
    return False
