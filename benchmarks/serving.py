"""Servers of one process and clients for them, each on a core of its own where there are two.

The client is `wrk` (Debian and others package it): written in C, so that it takes little from what is measured. Any
answer but 2xx, and any broken connection, fails the benchmark.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from config.embedded import free_port

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


@dataclass(frozen=True)
class Load:
    """What came of a run: milliseconds, and requests a second."""

    rate: float
    p50: float
    p99: float


def database_url() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    whom = told["USER"] + (f":{told['PASSWORD']}" if told["PASSWORD"] else "")
    return f"postgresql://{whom}@{told['HOST']}:{told['PORT'] or 5432}/{told['NAME']}"


@contextmanager
def server(application: str, *, settings: str = "", wsgi: bool = False, **environment: str) -> Iterator[str]:
    """The address of an application behind granian, with one process, on the first core."""
    port = free_port()
    more = {"DATABASE_URL": database_url(), "DESK_API_RATE": "100000000", "DESK_LOG_LEVEL": "ERROR"}
    if settings:
        more["DJANGO_SETTINGS_MODULE"] = settings
    command = [
        *pinned(SERVER_CORE), sys.executable, "-m", "granian", "--interface", "wsgi" if wsgi else "asgi", "--port",
        str(port), "--workers", "1", "--no-ws", "--log-level", "error",
        *(("--blocking-threads", "4") if wsgi else ()), application,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | more | environment)
    try:
        _until_it_answers(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if len(CORES) > 1 and shutil.which("taskset") else []


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("The server ended before it answered.")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Nothing answers at {url}.")


def ask(url: str, *, body: bytes | None = None, headers: Mapping[str, str]) -> Any:
    """One request by hand: the status and the text."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.read()


def load(url: str, script: str, *, connections: int, seconds: float) -> Load:
    """So many connections that ask one after the other, by a wrk script."""
    if shutil.which("wrk") is None:
        raise SystemExit("This benchmark needs wrk (apt-get install wrk).")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        Path(file.name).write_text(script)
        command = [
            *pinned(CLIENT_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "10s", "--latency",
            "-s", file.name, url,
        ]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return _read(said)


def _read(said: str) -> Load:
    for bad in ("Non-2xx", "Socket errors"):
        if bad in said:
            raise SystemExit(f"Not every answer was 2xx:\n{said}")
    times = {
        share: float(number) * UNITS[unit]
        for share, number, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s|m)\n", said)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None or not float(rate[1]):
        raise SystemExit(f"Nothing was answered:\n{said}")
    return Load(float(rate[1]), times["50"], times["99"])


def posting(token: str, body: str) -> str:
    """A wrk script that posts one body again and again."""
    return _script(token) + f"wrk.method = 'POST'\nwrk.body = {_lua(body)}\n"


def getting(token: str) -> str:
    return _script(token)


def posting_events(token: str, *, run: str, accounts: int, together: int, feature: str) -> str:
    """A wrk script that reports events with ids of their own, of accounts in turn, one or several in a request."""
    one = (
        'string.format(\'{"account":"held-%d","feature":"' + feature + '","id":"' + run + "-%d\"}', "
        f"(n * 7919) % {accounts} + 1, n)"
    )
    many = (
        f"local t = {{}} for i = 1, {together} do n = n + 1 t[i] = {one} end "
        "return wrk.format('POST', nil, nil, '{\"events\":[' .. table.concat(t, ',') .. ']}')"
    )
    single = f"n = n + 1 return wrk.format('POST', nil, nil, {one})"
    return _script(token) + f"local n = 0\nrequest = function() {single if together == 1 else many} end\n"


def _script(token: str) -> str:
    return f"wrk.headers['Authorization'] = 'Bearer {token}'\nwrk.headers['Content-Type'] = 'application/json'\n"


def _lua(text: str) -> str:
    return "[==[" + text + "]==]"


def interleaved(runs: Mapping[str, Callable[[], Load]], *, rounds: int) -> dict[str, list[Load]]:
    """All in turn, and the turn reversed each time, so that a machine that slows down slows all."""
    found: dict[str, list[Load]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in list(runs)[:: 1 if number % 2 == 0 else -1]:
            found[name].append(runs[name]())
    return found


def median(loads: Sequence[Load]) -> Load:
    return Load(*(statistics.median(getattr(one, name) for one in loads) for name in ("rate", "p50", "p99")))


def ratio(ours: Sequence[Load], theirs: Sequence[Load]) -> float:
    """The median of the ratios of runs that followed each other."""
    return statistics.median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))
