"""A check by the client package, from its memory, against a check over HTTP for each question: `python -m benchmarks.client`.

One granian process on one core, the asking product on the other. Both are held to the same answers first. The HTTP
question goes over a kept connection, by the same library; all variants in turn, and medians of the rounds are compared.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

import httpx
from django.db import transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.held import GATES, hold
from benchmarks.serving import CLIENT_CORE, CORES, server
from entitlement_client import Client

ACCOUNTS, ROUNDS = 200, int(os.environ.get("DESK_BENCH_ROUNDS", "12"))
FROM_MEMORY, OVER_HTTP = 20_000, 300
AIM_MICROSECONDS, GATE = 5.0, 50.0  # the aim is for this machine; the ratio is the gate
Ask = Callable[[str, str, int | None], Any]


def over_http(desk: httpx.Client) -> Ask:
    def ask(account: str, feature: str, quantity: int | None) -> Any:
        body = {"account": account, "feature": feature} | ({} if quantity is None else {"quantity": quantity})
        answer = desk.post("/api/v1/check", json=body)
        return answer.raise_for_status().json()["allowed"]

    return ask


def from_memory(client: Client) -> Ask:
    return lambda account, feature, quantity: client.check(account, feature, quantity=quantity).allowed


def questions(quantity: int | None) -> list[tuple[str, str, int | None]]:
    feature = "calls" if quantity is not None else "gate_{}"
    return [(f"held-{number}", feature.format(number % GATES), quantity) for number in range(1, ACCOUNTS + 1)]


def timed(ask: Ask, asked: list[tuple[str, str, int | None]], times: int) -> float:
    """Microseconds for one question."""
    began = time.perf_counter()
    for number in range(times):
        ask(*asked[number % len(asked)])
    return (time.perf_counter() - began) / times * 1e6


def hold_right(memory: Ask, http: Ask) -> None:
    """The same answers, of more than is left too."""
    for asked in questions(None) + questions(5) + [("held-1", "nothing", None)]:
        if asked[1] != "nothing" and memory(*asked) is not http(*asked):
            raise SystemExit(f"The client answers {asked} otherwise than the desk.")


def measure(address: str, token: str) -> int:
    # So fresh that nothing is looked up while it is timed, and nothing is refreshed beside it.
    with (
        Client(address, token, refresh_seconds=3600, timeout=20) as client,
        httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=20) as desk,
    ):
        memory, http = from_memory(client), over_http(desk)
        hold_right(memory, http)
        found: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for words, quantity in (("a gate", None), ("an amount", 5)):
                asked = questions(quantity)
                found.setdefault(f"{words}, remembered", []).append(timed(memory, asked, FROM_MEMORY))
                found.setdefault(f"{words}, over HTTP", []).append(timed(http, asked, OVER_HTTP))
    print(f"\n{len(CORES)} cores, {ROUNDS} rounds\n\n| a check of | µs |\n|---|---|")
    for name, rounds in found.items():
        print(f"| {name} | {statistics.median(rounds):,.2f} |")
    missed = 0
    for words in ("a gate", "an amount"):
        pairs = zip(found[f"{words}, over HTTP"], found[f"{words}, remembered"], strict=True)
        ratio = statistics.median(there / here for there, here in pairs)
        quick = statistics.median(found[f"{words}, remembered"])
        missed += ratio < GATE
        print(f"\n{words}: {ratio:,.0f} × (gate {GATE:g} ×), {quick:.2f} µs (aim {AIM_MICROSECONDS:g} µs)")
    return 1 if missed else 0


def main() -> int:
    if len(CORES) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            token = hold(ACCOUNTS)
        with server("config.asgi:application") as address:
            return measure(address, token)
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
