import subprocess
import sys
from pathlib import Path
from signal import SIGKILL

import psutil

from config.supervisor import Program
from tests.journeys.desk import until

CHILD = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, file=open(sys.argv[1], 'w'), flush=True)"


def test_what_a_dead_program_had_started_ends_with_it(tmp_path: Path) -> None:
    told = tmp_path / "child"
    program = Program("parent", [sys.executable, "-c", CHILD, str(told)])
    program.start()
    assert program.process is not None
    program.process.wait(20)
    child = int(told.read_text())
    assert program.is_dead()
    assert psutil.pid_exists(child)
    program.signal(SIGKILL)
    assert until(lambda: _has_ended(child), seconds=5)


def test_a_signal_to_what_has_ended_wholly_is_no_error() -> None:
    program = Program("gone", [sys.executable, "-c", ""])
    program.start()
    assert isinstance(program.process, subprocess.Popen)
    program.process.wait(20)
    program.signal(SIGKILL)


def _has_ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
