"""A licence validated against a check: `python -m benchmarks.licences`.

Over HTTP as `http_check` measures: one granian process on one core, `wrk` on another, all variants in turn, and the
median of the ratios of runs next to each other. Then in this process alone, without HTTP: the time one answer takes.
What is answered is looked at first, by hand; anything but 2xx fails.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median as middle_of
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from benchmarks.held import hold
from benchmarks.serving import CORES, ask, interleaved, load, median, posting, ratio, server
from entitlements.actions.licences.activating import activate
from entitlements.api.hot.checks import check
from entitlements.api.hot.licences import validate
from entitlements.api.hot.names import names_of
from entitlements.domain.licences.key_text import parse_key
from entitlements.models import Account
from entitlements.queries.check import memory
from entitlements.queries.licences.known import licence_known
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.licensing import licensed, policy_of

ACCOUNTS, ROUNDS, SECONDS, CONNECTIONS = 1_000, int(os.environ.get("DESK_BENCH_ROUNDS", "12")), 1.0, 16
TIMES, AIM = 2_000, 0.9
FEATURE, PLACE = "gate_3", "press-4"
QUESTION = json.dumps({"account": "held-7", "feature": FEATURE})


def with_a_licence() -> tuple[str, str]:
    """A key for programs that may check and validate, and the key of a licence that is active in one of two places."""
    hold(ACCOUNTS)
    began = datetime.now(UTC) - timedelta(days=1)
    acme = Account.objects.get(key="held-7")
    done = licensed(acme, policy_of(None, at=began), at=began)
    activate(licence=done.licence, fingerprint=PLACE, by=SYSTEM, at=began)
    scopes = ["entitlements:read", "licences:use"]
    _row, plain = issue(name="Shop", scopes=scopes, expires_at=None, by=SYSTEM, at=began)
    return plain, done.key


def over_http(token: str, licence: str) -> None:
    alone, both = _asked(licence), _asked(licence, feature=FEATURE)
    with server("config.asgi:application") as desk:
        validating, checking = f"{desk}/api/v1/licences/validate", f"{desk}/api/v1/check"
        _right(checking, validating, both, token)
        found = interleaved(
            {
                name: lambda url=url, body=body: load(
                    url, posting(token, body), connections=CONNECTIONS, seconds=SECONDS
                )
                for name, url, body in (
                    ("check", checking, QUESTION), ("validate", validating, alone),
                    ("validate with a feature", validating, both),
                )
            },
            rounds=ROUNDS,
        )  # fmt: skip
    print(f"\n{connection.vendor}, {len(CORES)} cores, {ROUNDS} rounds of {SECONDS:g} s, {CONNECTIONS} connections\n")
    print("| what | requests/s | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, loads in found.items():
        one = median(loads)
        print(f"| {name} | {one.rate:,.0f} | {one.p50:.2f} | {one.p99:.2f} |")
    print("\n| ratio | measured | aim |\n|---|---|---|")
    for name in ("validate", "validate with a feature"):
        measured = ratio(found[name], found["check"])
        print(f"| {name} / check | {measured:.2f} × | ≥ {AIM:g} × {'' if measured >= AIM else '**missed**'} |")


def in_process(licence: str) -> None:
    """The median time of one answer from memory, in microseconds."""
    memory.take_up_changes()
    names_of(["held-7"])
    key = parse_key(licence)
    assert key is not None
    assert licence_known(key, now=time.time()) is not None
    print("\n| in process | µs |\n|---|---|")
    question, alone, both = (text.encode() for text in (QUESTION, _asked(licence), _asked(licence, feature=FEATURE)))
    for name, act in (
        ("check", lambda: check(question, by=SYSTEM, want=_nobody)),
        ("validate", lambda: validate(alone, want=_nobody)),
        ("validate with a feature", lambda: validate(both, want=_nobody)),
    ):
        print(f"| {name} | {_micros(act):.1f} |")


def _micros(act: Callable[[], Any]) -> float:
    taken = []
    for _ in range(TIMES):
        memory.nothing_changed()
        begun = time.perf_counter()
        answer = act()
        taken.append(time.perf_counter() - begun)
        assert answer is not None, "It wasn't answered from memory."
    return middle_of(taken) * 1e6


def _asked(licence: str, **more: str) -> str:
    return json.dumps({"key": licence, "fingerprint": PLACE, **more})


def _right(checking: str, validating: str, both: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(20):  # the first may come before memory knows the account
        _, checked = ask(checking, body=QUESTION.encode(), headers=headers)
        _, told = ask(validating, body=both.encode(), headers=headers)
    assert json.loads(checked)["allowed"], checked
    answer = json.loads(told)
    assert (answer["code"], answer["entitlement"]["source"]) == ("ok", "cache"), answer


def _nobody(name: str) -> None:
    """Everybody is known here."""


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            token, licence = with_a_licence()
        over_http(token, licence)
        in_process(licence)
    finally:
        teardown_databases(databases, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
