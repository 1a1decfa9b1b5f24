"""Keeps a handful of processes alive: starts them, restarts what dies, and ends all of them together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

PATIENCE = 15.0  # seconds a process has to end by itself
PAUSE = 0.2


@dataclass
class Program:
    """One command that should always be running, or be done once."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    once: bool = False  # it has something to do and ends; only where it failed is it started again

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 — our own words
            self.command, env=os.environ | self.environment, start_new_session=True
        )

    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def is_done(self) -> bool:
        return self.once and self.process is not None and self.process.poll() == 0

    def rested(self) -> bool:
        """A program that dies at once is started again only after a second."""
        return time.monotonic() - self.started_at > 1.0

    def signal(self, number: signal.Signals) -> None:
        """To the program and whatever it has started: what that is may outlive it, as a worker's clock does."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the machine asks us to end."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def keep_alive(programs: Sequence[Program]) -> None:
    """Run until told to stop; whatever dies is started again."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        while True:
            for program in programs:
                if program.is_dead() and program.rested() and not program.is_done():
                    if program.process is not None:
                        say(f"{program.name} ended with {program.process.returncode}; starting it again.")
                        program.signal(signal.SIGKILL)
                    program.start()
            time.sleep(PAUSE)
    except Stopped:
        say("Ending …")
    finally:
        end(programs)


def end(programs: Sequence[Program]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for program in programs:
        program.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not all(program.is_dead() for program in programs):
        time.sleep(PAUSE)
    for program in programs:
        program.signal(signal.SIGKILL)


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def web(*, port: int, workers: int) -> Program:
    # A worker that is killed is started again by granian itself; without that flag one dead worker ends the server.
    return Program(
        "web",
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            str(workers),
            "--respawn-failed-workers",
            "--no-ws",
            "--log-level",
            "warning",
            "config.asgi:application",
        ],
        {"DESK_WEB_PROCESSES": str(workers)},  # among whom the limit on requests is divided
    )


def celery(name: str, *arguments: str) -> Program:
    return Program(name, [sys.executable, "-m", "celery", "-A", "config", "--quiet", *arguments])


def worker(number: int, *arguments: str) -> Program:
    return celery(
        f"worker {number}",
        "worker",
        "--hostname",
        f"desk{number}-{os.getpid()}@%h",
        "--concurrency",
        "1",
        "--loglevel",
        "WARNING",
        *arguments,
    )


def clock() -> Program:
    """A program of its own: one that a worker has started within itself is missed by nobody once it has died."""
    return celery("clock", "beat", "--loglevel", "WARNING")
