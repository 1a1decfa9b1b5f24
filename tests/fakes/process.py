"""A counterpart as a process of its own: it works until a signal comes, whatever its thread holds just then."""

import argparse
import json
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fakes.keeping import Keeping

SOON = (2, 5, 15, 60, 300, 1800, 7200)  # a person who tries it out does not wait for hours
PAUSE = 0.5


class Turns:
    """Takes one turn after the other; `wake` begins the next one at once.

    A signal may come while this very thread holds the lock of `wake`: so it only leaves a word, and touches no event.
    """

    def __init__(self) -> None:
        self.wake, self.over = threading.Event(), False
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._told)

    def _told(self, *_: Any) -> None:
        self.over = True

    def take(self, turn: Callable[[], None]) -> None:
        while not self.over:
            turn()
            self.wake.wait(PAUSE)
            self.wake.clear()


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every counterpart of a CRM takes."""
    parser.add_argument(
        "--records", type=Path, metavar="FILE", help="which companies, products and deals to begin with"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="where all that happens is kept, for the next start")
    parser.add_argument("--quiet", action="store_true", help="don't say the keys")


def kept_in(path: Path | None, fake: Any, parts: tuple[str, ...]) -> Keeping | None:
    return Keeping(path, fake.state, parts, lambda: fake.state.changes) if path else None


def run(fake: Any, turns: Turns, kept: Keeping | None, said: dict[str, Any]) -> None:
    """Says how to speak to it, where there is something to say; then works until it is told to end."""

    def turn() -> None:
        if kept:
            kept.write()
        fake.deliver()

    fake.start()
    if said:
        print(json.dumps(said), flush=True)
    turns.take(turn)
    fake.stop()
    if kept:
        kept.write()
