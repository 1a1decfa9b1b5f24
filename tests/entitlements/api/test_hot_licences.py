"""Validations out of memory: the same answer as Django's route, and not one query where the licence is known."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.actions.licences.activating import activate, deactivate, heartbeat
from entitlements.actions.licences.issuing import Issued, renew_key
from entitlements.actions.licences.policies import PolicyTerms, edit_policy, tell_release
from entitlements.actions.licences.standing import revoke, suspend
from entitlements.api.hot.application import Hot
from entitlements.api.hot.names import forget_names, names_of
from entitlements.api.licence_access import A_LICENCE, forget_windows
from entitlements.api.runtime.refusals import forget_offers
from entitlements.domain.licences.policy import BoundTo
from entitlements.queries.check import memory
from entitlements.queries.check.log import Log
from entitlements.queries.licences.known import forget_licences
from journal.api.rate import forget_rates
from journal.domain.actor import SYSTEM
from journal.queries.live_keys import authenticate_cached
from tests.entitlements.api.runtime.asking import key
from tests.entitlements.api.test_hot_equals_routes import AtOnce, done, plainly
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/licences/validate"
HOUR = timedelta(hours=1)


class Asked:
    """One request, to the raw application and to Django's route, with an API key or with the licence key alone."""

    def __init__(self, licence: Issued, plain: str) -> None:
        self.licence, self.plain, self.passed_on = licence, plain, 0

    def raw(self, body: bytes, plain: str) -> tuple[int, dict[str, str], bytes]:
        told = {"content-length": str(len(body))} | ({"authorization": f"Bearer {plain}"} if plain else {})
        sent = [(name.encode(), value.encode()) for name, value in told.items()]
        scope = {"type": "http", "method": "POST", "path": ADDRESS, "query_string": b"", "headers": sent}
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            said.append(message)

        async def rest(scope: Any, receive: Any, send: Any, *, body: bytes = body) -> None:
            self.passed_on += 1
            status, headers, content = self.django(body, plain)
            told = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": told})
            await send({"type": "http.response.body", "body": content})

        done(Hot(rest, AtOnce(), lambda name: names_of([name]) and None)(scope, receive, send))  # type: ignore[arg-type]
        return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}, said[1]["body"]

    def django(self, body: bytes, plain: str) -> tuple[int, dict[str, str], bytes]:
        headers = {"Authorization": f"Bearer {plain}"} if plain else {}
        response = Client().post(ADDRESS, body, content_type="application/json", headers=headers)
        return response.status_code, {name.lower(): value for name, value in response.items()}, response.content


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """Two places of a licence of acme's, known by heart, at one instant that doesn't pass."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    with time_machine.travel(AT, tick=False):
        acme = customer(metered(), "acme")
        policy = policy_of(None, at=AT - DAY, activation_limit=1, maintenance_months=1)
        licence = licensed(acme, policy, at=AT - DAY, environment="production")
        activate(licence=licence.licence, fingerprint="press-4", by=SYSTEM, at=AT - DAY)
        tell_release(policy=policy, version="4.2", released_on=AT.date(), by=SYSTEM, at=AT)
        plain = key("licences:use")
        memory.take_up_changes()
        authenticate_cached(plain, now=AT.timestamp())
        names_of(["acme"])
        yield Asked(licence, plain)
    memory.forget_everything()
    forget_names()
    forget_licences()


def same(asked: Asked, body: bytes, *, with_key: bool = False) -> Any:
    """What both answer, without what an answer says of where it comes from; it is the same, with a fresh minute each."""
    found, plain = [], asked.plain if with_key else ""
    for ask in (asked.django, asked.raw):
        for forget in (forget_rates, forget_windows, forget_offers):
            forget()
        status, headers, told = plainly(ask(body, plain))
        if isinstance(told, dict) and told.get("entitlement"):
            told["entitlement"] = {k: v for k, v in told["entitlement"].items() if k not in {"as_of", "source"}}
        found.append((status, headers, told))
    assert found[0] == found[1]
    return found[0][2]


def body(asked: Asked, **more: Any) -> bytes:
    named = {"key": asked.licence.key, "fingerprint": "press-4", "environment": "production"}
    return json.dumps({**named, **more}).encode()


MORE = st.fixed_dictionaries(
    {},
    optional={
        "key": st.sampled_from(["el_no", "", "el_k3vqz7ab_aaaqeayeaudaocajbifqydiob4ibceqt5l", 7]),
        "fingerprint": st.sampled_from(["press-4", " press-4", "press-5", "", "a\nb", "x" * 301, 7]),
        "environment": st.sampled_from(["production", "Production", "staging", "", "x" * 41]),
        "version": st.sampled_from(["4.2", "v4.2", "5", "x" * 81]),
        "feature": st.sampled_from(["sso", "calls", "seats", "nothing", "", "x" * 65]),
        "quantity": st.sampled_from([0, 7, -1]),
        "point": st.sampled_from(["", "start", "x" * 201]),
        "file": st.just("f" * 32),
        "more": st.just(1),
    },
)


def test_whatever_is_asked_is_answered_alike(asked: Asked) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(more=MORE, with_key=st.booleans())
    def ask(more: dict[str, Any], with_key: bool) -> None:
        same(asked, body(asked, **more), with_key=with_key)

    ask()


@pytest.mark.parametrize("more", [{"point": "x" * 201}, {"point": "a\0"}, {"feature": "x" * 65}, {"feature": "a\0"}])
def test_what_breaks_the_bounds_is_refused_of_a_known_licence_too(asked: Asked, more: dict[str, str]) -> None:
    for known in ({}, {"version": "5"}):  # good, and not covered
        same(asked, body(asked, **known))
        assert "errors" in same(asked, body(asked, **known, **more))


def test_a_known_licence_costs_no_query(asked: Asked) -> None:
    for more in ({}, {"feature": "sso"}, {"feature": "sso", "point": "start"}, {"version": "4.2"}, {"version": "5"}):
        same(asked, body(asked, **more))
        before = asked.passed_on
        with CaptureQueriesContext(
            connection,
        ) as queries:
            asked.raw(body(asked, **more), "")
        assert (len(queries), asked.passed_on) == (0, before), more


def changed(asked: Asked) -> str:
    """As the watching thread tells memory, and then what both answer."""
    memory.take_up_changes()
    return str(same(asked, body(asked))["code"])


def test_every_change_is_heard(asked: Asked) -> None:
    licence, now = asked.licence.licence, {"by": SYSTEM, "at": AT}
    assert changed(asked) == "ok"
    deactivate(licence=licence, fingerprint="press-4", **now)
    assert changed(asked) == "not_activated"
    activate(licence=licence, fingerprint="press-4", **now)
    assert changed(asked) == "ok"
    none = PolicyTerms("Press", BoundTo.DEVICE, activation_limit=2, maintenance_months=1)
    edit_policy(policy=licence.policy, terms=none, **now)
    assert changed(asked) == "ok"
    tell_release(policy=licence.policy, version="5", released_on=AT.date(), **now)
    memory.take_up_changes()
    assert same(asked, body(asked, version="5"))["valid"]
    suspend(licence=licence, reason="Unpaid", **now)
    assert changed(asked) == "suspended"
    old, asked.licence = asked.licence, renew_key_of(asked)
    assert changed(asked) == "suspended"
    assert same(asked, body(asked, key=old.key))["code"] == "unknown_key"
    revoke(licence=licence, reason="Left", **now)
    assert changed(asked) == "revoked"


def renew_key_of(asked: Asked) -> Issued:
    renewed = renew_key(licence=asked.licence.licence, reason="Lost", by=SYSTEM, at=AT)
    memory.take_up_changes()
    return renewed


def test_a_heartbeat_that_may_have_been_missed_is_looked_up(asked: Asked) -> None:
    licence = asked.licence.licence
    terms = PolicyTerms("Press", BoundTo.DEVICE, activation_limit=1, heartbeat_seconds=3600)
    edit_policy(policy=licence.policy, terms=terms, by=SYSTEM, at=AT)
    assert changed(asked) == "heartbeat_lost"
    heartbeat(licence=licence, fingerprint="press-4", by=SYSTEM, at=AT)
    assert changed(asked) == "ok"
    with time_machine.travel(AT + HOUR / 2, tick=False):
        memory.take_up_changes()
        heartbeat(licence=licence, fingerprint="press-4", by=SYSTEM, at=AT + HOUR / 2)
        assert same(asked, body(asked))["code"] == "ok"
    with time_machine.travel(AT + HOUR, tick=False):
        memory.take_up_changes()
        assert same(asked, body(asked))["code"] == "ok"
    with time_machine.travel(AT + 2 * HOUR, tick=False):
        memory.take_up_changes()
        assert same(asked, body(asked))["code"] == "heartbeat_lost"


def test_a_licence_may_be_asked_about_so_often(asked: Asked) -> None:
    asked.raw(body(asked), "")
    forget_windows()
    for _ in range(A_LICENCE):
        assert asked.raw(body(asked), "")[0] == 200
    status, headers, content = asked.raw(body(asked), "")
    assert (status, json.loads(content)["code"]) == (429, "rate_limited")
    assert int(headers["retry-after"]) > 0
    assert asked.raw(body(asked), asked.plain)[0] == 200


def test_nobody_who_watches_means_the_rows_are_asked(asked: Asked) -> None:
    same(asked, body(asked))
    with time_machine.travel(AT + timedelta(seconds=10), tick=False):
        before = asked.passed_on
        assert json.loads(asked.raw(body(asked), "")[2])["code"] == "ok"
        assert asked.passed_on == before + 1
