"""What a proxy is told: may it pass, why not, and how long a cache may go on with it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.fallbacks import LONGEST, Fallback, Reliance
from entitlements.api.hot.names import forget_names, names_of
from entitlements.api.runtime.gating import Ground, gate_of
from entitlements.queries.check import memory
from entitlements.queries.check.lasts import forget_lasts
from entitlements.queries.check.log import Log
from journal.api.rate import forget_rates
from journal.queries.live_keys import authenticate_cached
from tests.entitlements.api.runtime.asking import get, key, problem
from tests.entitlements.api.test_hot_equals_routes import Asked
from tests.entitlements.outage import database_away
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECONDS = NOW.timestamp()
FOREVER = float("inf")
TOLD = ("cache-control", "entitlement-source", "entitlement-why", "entitlement-because", "ratelimit", "content-type")


def cached(fallback: Fallback, *, why: str = "", most: int | None = None, age: float = 0, ends: float = FOREVER) -> str:
    ground = Ground(not why, "", why, "cache", Reliance(fallback, most), SECONDS - age, SECONDS + ends)
    return gate_of(ground, now=NOW).headers["Cache-Control"]


def test_a_last_known_answer_lives_for_its_age_and_never_past_its_end() -> None:
    told = "max-age=5, stale-while-revalidate=5, stale-if-error="
    assert cached(Fallback.LAST_KNOWN, most=3600) == f"{told}3595"
    assert cached(Fallback.LAST_KNOWN, most=3600, age=600) == f"{told}2995"
    assert cached(Fallback.LAST_KNOWN, most=3600, ends=60.9) == f"{told}55"
    assert cached(Fallback.LAST_KNOWN, most=3600, ends=3) == "max-age=3, stale-while-revalidate=0, stale-if-error=0"
    assert cached(Fallback.LAST_KNOWN, most=3600, age=3600) == "max-age=0, must-revalidate"


def test_what_is_refused_without_the_desk_is_kept_by_nobody_and_what_goes_on_for_a_month() -> None:
    month = f"stale-if-error={LONGEST - 5}"
    assert cached(Fallback.DENY) == "max-age=0, must-revalidate"
    assert cached(Fallback.ALLOW).endswith(month)
    assert cached(Fallback.ALLOW, why="not_entitled").endswith(month)
    assert cached(Fallback.ALLOW, why="not_entitled", ends=60).endswith("stale-if-error=55")
    assert cached(Fallback.ALLOW, why="limit_reached") == "max-age=5, stale-while-revalidate=0, stale-if-error=0"


@pytest.fixture
def clock(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    with time_machine.travel(AT, tick=False) as clock:
        memory.take_up_changes()
        yield clock
    memory.forget_everything()
    memory.away = lambda: False
    forget_names(), forget_lasts()


@pytest.fixture
def asked(clock: Any) -> Asked:
    """A customer and somebody in a trial that ends in a minute, known by heart."""
    world = catalog()
    subscribed(account("acme"), world.free)
    subscribed(account("team"), world.team)
    subscribed(account("trying"), world.team, at=AT - DAY + timedelta(minutes=1), trial_days=1)
    plain = key()
    memory.take_up_changes()
    authenticate_cached(plain, now=AT.timestamp())
    names_of(["acme", "team", "trying"])
    return Asked(plain)


QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from(["acme", "team", "trying", "nobody", ""]),
        "feature": st.sampled_from(["sso", "tier", "seats", "storage", "nothing", ""]),
        "quantity": st.sampled_from(["0", "7", "2000", "-1", "x", ""]),
        "choice": st.sampled_from(["smart", "none"]),
        "subject": st.just("agent-1"),
        "point": st.sampled_from(["GET /exports", ""]),
        "more": st.just("1"),
    },
)


def test_the_raw_application_and_the_route_answer_alike(asked: Asked) -> None:
    @settings(suppress_health_check=list(HealthCheck), max_examples=30)
    @given(question=QUESTIONS, named=st.booleans())
    def ask(question: dict[str, str], named: bool) -> None:
        path, headers = f"/api/v1/gate?{urlencode(question)}", {}
        if named:
            headers = {"X-Entitlement-Account": "team", "X-Entitlement-Feature": "sso"}
        answers = []
        for one in (asked.django, asked.raw):
            forget_rates()
            status, told, body = one("GET", path, **headers)
            answers.append(
                (status, {name: told[name] for name in TOLD if name in told and (body or name != "content-type")}, body)
            )
        assert answers[0] == answers[1]

    ask()


def test_who_may_passes_and_who_may_not_is_told_why(asked: Asked, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        passes = asked.raw("GET", "/api/v1/gate?account=team&feature=sso")
        refused = asked.raw("GET", "/api/v1/gate?account=acme&feature=sso")
        trying = asked.raw("GET", "/api/v1/gate?account=trying&feature=sso")
    assert (passes[0], passes[2], refused[0], asked.passed_on) == (204, b"", 403, 0)
    assert refused[1]["entitlement-why"] == "not_entitled"
    assert trying[1]["cache-control"] == "max-age=5, stale-while-revalidate=5, stale-if-error=55"


def test_what_is_missing_or_unknown_is_a_problem_as_ever(asked: Asked) -> None:
    problem(get("gate?account=team", plain=asked.plain), 422, "invalid", "feature")
    problem(get("gate?account=nobody&feature=sso", plain=asked.plain), 404, "unknown_account")
    problem(get("gate?account=team&feature=nothing", plain=asked.plain), 404, "unknown_feature")


def test_without_the_database_the_fallback_answers_at_the_gate_and_at_the_check(asked: Asked, clock: Any) -> None:
    clock.shift(timedelta(minutes=10))
    plainly = asked.plain
    with database_away():
        memory.away = lambda: True
        status, headers, _ = asked.raw("GET", "/api/v1/gate?account=team&feature=sso")
        checked = asked.raw("POST", "/api/v1/check", b'{"account": "team", "feature": "sso"}')
        unknown = asked.raw("POST", "/api/v1/check", b'{"account": "nobody", "feature": "sso"}')
        counted = asked.raw("POST", "/api/v1/consume", b'{"account": "acme", "feature": "seats", "id": "one"}')
    assert (status, headers["entitlement-source"], plainly) == (204, "fallback", asked.plain)
    assert headers["cache-control"].endswith("stale-if-error=2999")
    assert b'"source":"fallback"' in checked[2]
    assert [unknown[0], counted[0], counted[1]["retry-after"]] == [503, 503, "1"]
