"""A signal ends a counterpart whatever its thread holds: tried in a process of its own, which would otherwise hang."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
INTERRUPTED = """
import signal
from tests.fakes.process import Turns
turns, taken = Turns(), []
with turns.wake._cond:  # as in the midst of waiting or waking
    signal.raise_signal(signal.{name})
turns.take(lambda: taken.append(1))
print(len(taken))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_finds_the_lock_of_waiting_held_ends_it(name: str) -> None:
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED.format(name=name)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


@pytest.mark.parametrize("vendor", ["stripe", "salesforce", "hubspot"])
def test_every_counterpart_takes_its_turns_so(vendor: str) -> None:
    words = (ROOT / "tests" / "fakes" / vendor / "__main__.py").read_text()
    assert "Turns()" in words
    assert "signal." not in words
