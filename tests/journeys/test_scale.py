"""2 web + 2 workers on PostgreSQL and Redis: one of each is killed under load, and nothing that was promised is lost."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from config.embedded import free_port, postgres_url, redis_url
from tests.journeys.desk import ROOT, Desk, desk_in, until

JOBS = 120
PASSWORD = "try-the-desk-2026"

pytestmark = pytest.mark.kill


@contextmanager
def own_database() -> Iterator[str]:
    """A database of its own on whatever PostgreSQL there is."""
    name = f"desk_scale_{free_port()}"
    with postgres_url() as url:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        head, _, query = url.partition("?")
        try:
            yield f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        finally:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running(desk: Desk, port: int) -> Iterator[psutil.Process]:
    command = [sys.executable, "-m", "config.scale", "--port", str(port), "--customers", "8"]
    process = subprocess.Popen(command, env=desk.environment, cwd=ROOT, start_new_session=True)
    try:
        assert until(lambda: answers(port) or process.poll() is not None, seconds=400), "the desk didn't start"
        assert process.poll() is None, "the desk gave up"
        yield psutil.Process(process.pid)
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(30)
        for left in psutil.wait_procs(family, timeout=5)[1]:
            left.kill()


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200
    except requests.RequestException:  # refused, or not answered in time: a busy machine starts slowly
        return False


class Clerk(threading.Thread):
    """Opens one account after another, and remembers which ones the desk said it had opened."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__(daemon=True)
        self.base, self.own_name, self.opened, self.stop = f"http://127.0.0.1:{port}/admin", name, [], threading.Event()
        self.session = requests.Session()

    def post(self, path: str, **fields: str) -> requests.Response:
        token = self.session.get(f"{self.base}/{path}", timeout=10).cookies.get("csrftoken")
        token = token or self.session.cookies.get("csrftoken")
        form = fields | {"csrfmiddlewaretoken": token or ""}
        return self.session.post(f"{self.base}/{path}", data=form, timeout=10, allow_redirects=False)

    def run(self) -> None:
        assert self.post("login/", username="sales", password=PASSWORD, next="/admin/").status_code == 302
        number = 0
        while not self.stop.is_set():
            number += 1
            key = f"{self.own_name}-{number}"
            try:
                answer = self.post("entitlements/account/open/", name=key, key=key, zone="UTC", kind="customer")
            except requests.RequestException:
                continue  # the line broke: nothing was acknowledged, so nothing is expected
            if answer.status_code == 302:
                self.opened.append(key)


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing for one that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def kill_one(family: psutil.Process, *words: str) -> None:
    """SIGKILL to one process whose command line has these words, chosen from the leaves that do the work."""
    found = [p for p in family.children(recursive=True) if all(word in command_of(p) for word in words)]
    victims = [p for p in found if p.parent() in found] or found
    victims[0].kill()


def test_killing_one_web_and_one_worker_loses_nothing_and_service_goes_on(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as stack:
        url = stack.enter_context(own_database())
        broker = stack.enter_context(redis_url())
        desk = desk_in(tmp_path, DATABASE_URL=url, REDIS_URL=broker)
        family = stack.enter_context(running(desk, port))
        clerks = [Clerk(port, name) for name in ("north", "south")]
        for clerk in clerks:
            clerk.start()
        desk.run("-m", "tests.journeys.world", "promise", str(JOBS))
        assert until(lambda: all(len(clerk.opened) >= 3 for clerk in clerks), seconds=60)
        kill_one(family, "granian")
        kill_one(family, "celery", "worker")
        before = [len(clerk.opened) for clerk in clerks]
        assert until(lambda: all(len(c.opened) >= b + 5 for c, b in zip(clerks, before, strict=True)), seconds=60)
        assert until(lambda: _delivered(desk), seconds=300, pause=1)
        _stop(clerks)
        opened = {key for clerk in clerks for key in clerk.opened}
        assert opened <= _accounts(desk), "an account the desk had acknowledged is gone"
        _nothing_twice(desk)


def _stop(clerks: list[Clerk]) -> None:
    for clerk in clerks:
        clerk.stop.set()
    for clerk in clerks:
        clerk.join(20)
    time.sleep(0.2)


def _delivered(desk: Desk) -> bool:
    return not desk.tally()["outbound"].get("pending")


def _accounts(desk: Desk) -> set[str]:

    return set(json.loads(desk.run("-m", "tests.journeys.world", "opened")))


def _nothing_twice(desk: Desk) -> None:
    told = desk.tally("settle")
    mine = [who for who in told["accepted"] if who.startswith("job-")]
    assert len(mine) == len(set(mine)), "an e-mail went out twice"
    assert told["outbound"].get("doubtful", 0) <= 1
    assert told["outbound"].get("sent", 0) + told["outbound"].get("doubtful", 0) >= JOBS
