"""A check over HTTP against the least a server can do: `python -m benchmarks.http_check`.

One granian process on one core, `wrk` on another; all variants in turn, many times, and the median of the ratios of runs
next to each other. What is answered is checked first, by hand, against the rows; anything but 2xx fails.
`--unleash` measures Unleash's frontend beside it, on the same core, with as many flags.
"""

import json
import os
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.held import GATES, hold
from benchmarks.serving import CORES, ask, getting, interleaved, load, median, posting, ratio, server
from benchmarks.unleash import asking, unleash
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of

ACCOUNTS = 1_000
ROUNDS, SECONDS = int(os.environ.get("DESK_BENCH_ROUNDS", "12")), 1.0
CONNECTIONS = 16
AIMS = {"check": ("echo", 0.75), "whole set": ("echo of a GET", 0.6), "check ": ("naive", 50.0)}
QUESTION = json.dumps({"account": "held-7", "feature": "gate_3"})


def right(desk: str, naive: str, token: str) -> None:
    """Both answer what the rows say."""
    headers = {"Authorization": f"Bearer {token}"}
    said = {
        key: one.granted
        for key, one in entitlements_of(account=Account.objects.get(key="held-7"), at=datetime.now(UTC)).items()
    }
    assert said["gate_3"]
    assert len(said) == GATES + 2
    for _ in range(20):  # the first may come before memory knows the account
        _, body = ask(f"{desk}/api/v1/check", body=QUESTION.encode(), headers=headers)
    told: dict[str, Any] = json.loads(body)
    assert (told["allowed"], told["source"]) == (True, "cache"), told
    _, body = ask(f"{desk}/api/v1/accounts/held-7/entitlements", headers=headers)
    assert {one["feature"]: one["granted"] for one in json.loads(body)["entitlements"]} == said
    assert json.loads(ask(f"{naive}/check", body=QUESTION.encode(), headers=headers)[1])["allowed"] is True


def measure(token: str) -> None:
    with ExitStack() as stack:
        desk = stack.enter_context(server("config.asgi:application"))
        echo = stack.enter_context(server("benchmarks.echo:application"))
        naive = stack.enter_context(server("config.asgi:application", settings="benchmarks.naive_settings"))
        right(desk, naive, token)
        asked, read = posting(token, QUESTION), getting(token)
        whole = f"{desk}/api/v1/accounts/held-7/entitlements"
        beside: dict[str, Any] = {}
        if "--unleash" in sys.argv:
            all_flags = stack.enter_context(unleash(GATES))
            beside["Unleash, all flags"] = lambda: load(all_flags, asking(), connections=CONNECTIONS, seconds=SECONDS)
        found = interleaved(
            {
                "echo": lambda: load(f"{echo}/", asked, connections=CONNECTIONS, seconds=SECONDS),
                "check": lambda: load(f"{desk}/api/v1/check", asked, connections=CONNECTIONS, seconds=SECONDS),
                "echo of a GET": lambda: load(f"{echo}/", read, connections=CONNECTIONS, seconds=SECONDS),
                "whole set": lambda: load(whole, read, connections=CONNECTIONS, seconds=SECONDS),
                "naive": lambda: load(f"{naive}/check", asked, connections=CONNECTIONS, seconds=SECONDS),
                **beside,
            },
            rounds=ROUNDS,
        )
    print(f"\n{connection.vendor}, {len(CORES)} cores, {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} connections\n")
    print("| what | requests/s | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, loads in found.items():
        middle = median(loads)
        print(f"| {name} | {middle.rate:,.0f} | {middle.p50:.2f} | {middle.p99:.2f} |")
    print("\n| ratio | measured | aim |\n|---|---|---|")
    aims = AIMS | ({"whole set ": ("Unleash, all flags", 8.0)} if beside else {})
    for name, (other, aim) in aims.items():
        measured = ratio(found[name.strip()], found[other])
        print(
            f"| {name.strip()} / {other} | {measured:.2f} × | ≥ {aim:g} × {'' if measured >= aim else '**missed**'} |"
        )


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            token = hold(ACCOUNTS)
        measure(token)
    finally:
        teardown_databases(databases, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
