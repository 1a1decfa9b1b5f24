"""The raw application answers as Django's routes do: the same status, headers that matter, and body."""

import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.api.hot.application import Hot
from entitlements.api.hot.application import _body as body_of
from entitlements.api.hot.names import forget_names, names_of
from entitlements.api.hot.telling import tell
from entitlements.api.hot.wholes import asked_for, forget_wholes
from entitlements.api.runtime.refusals import forget_offers
from entitlements.models import SubscriptionItem, UsageEvent
from entitlements.queries.check import memory
from entitlements.queries.check.log import Log
from journal.actions.deeds import begin, keep
from journal.api.rate import forget_rates
from journal.domain.actor import SYSTEM
from journal.queries.live_keys import authenticate_cached
from tests.entitlements.api.runtime.asking import key
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
COMPARED = ("content-type", "ratelimit", "ratelimit-policy", "retry-after", "etag", "cache-control", "www-authenticate")
OF_ITSELF = ("as_of", "source")  # what an answer says of where it comes from


class AtOnce:
    """A gatherer that waits for nobody, in the test's own thread and transaction."""

    async def tell(self, telling: Any, *, account: str) -> Any:
        return tell([telling], now=timezone.now())[0]


class Asked:
    """One request, to the raw application and to Django's routes."""

    def __init__(self, plain: str) -> None:
        self.plain, self.passed_on = plain, 0

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        told = {"authorization": f"Bearer {self.plain}", "content-length": str(len(body)), **headers}
        headers.pop("content-length", None)
        sent = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        path_alone, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": path_alone, "query_string": query.encode(), "headers": sent
        }  # fmt: skip
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            said.append(message)

        async def rest(scope: Any, receive: Any, send: Any, *, body: bytes | None = body) -> None:
            self.passed_on += 1
            response = self.django(method, path, body or b"", **headers)
            told = [(name.encode(), value.encode()) for name, value in response[1].items()]
            await send({"type": "http.response.start", "status": response[0], "headers": told})
            await send({"type": "http.response.body", "body": response[2]})

        done(Hot(rest, AtOnce(), names_of_one)(scope, receive, send))  # type: ignore[arg-type]
        return said[0]["status"], {name.decode(): value.decode() for name, value in said[0]["headers"]}, said[1]["body"]

    def django(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        sent = {"Authorization": f"Bearer {self.plain}", **headers}
        kind = sent.pop("content-type", "application/json")
        response = Client().generic(method, path, body, content_type=kind, headers=sent)
        return response.status_code, {name.lower(): value for name, value in response.items()}, response.content


def names_of_one(name: str) -> None:
    names_of([name])


def done(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end; nothing in it waits."""
    with pytest.raises(StopIteration):
        work.send(None)


def plainly(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, dict[str, str], Any]:
    status, headers, body = answer
    told = json.loads(body) if body else None
    if isinstance(told, dict):
        told = {name: value for name, value in told.items() if name not in OF_ITSELF}
    return status, {name: headers[name] for name in COMPARED if name in headers}, told


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A world with customers, known by heart, at one instant that doesn't pass."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    for module in ("entitlements.api.hot.requests", "journal.api.rate"):
        monkeypatch.setattr(f"{module}.monotonic", lambda: 1_000.0)
    with time_machine.travel(AT, tick=False):
        world = metered()
        for name in ("acme", "beta"):
            customer(world, name)
        plain = key()
        memory.take_up_changes()
        authenticate_cached(plain, now=AT.timestamp())
        names_of(["acme", "beta"])
        yield Asked(plain)
    memory.forget_everything()
    forget_names()
    forget_wholes()


def same(asked: Asked, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    """What both answer; it is the same. Each begins with a fresh minute, so that the limits told are the same too."""
    forget_rates()
    by_django = plainly(asked.django(method, path, body, **headers))
    forget_rates()
    raw = plainly(asked.raw(method, path, body, **headers))
    assert raw == by_django
    return raw


NAMES = st.sampled_from(["acme", "beta", "nobody", "", 7, None])
FEATURES = st.sampled_from(["sso", "calls", "seats", "mails", "builds", "visitors", "nothing", None])
AMOUNTS = st.sampled_from([0, 1, 7, 2000, -1, 2**53, 2**70, 1.5, "3", None])
TEXTS = st.sampled_from(["", "agent-1", "x" * 201, 5])
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "account": NAMES, "feature": FEATURES, "quantity": AMOUNTS, "subject": TEXTS, "choice": TEXTS, "value": TEXTS,
        "point": TEXTS, "at": st.sampled_from(["2026-03-02T08:59:00Z", "2020-01-01T00:00:00Z", "soon", None]),
        "id": TEXTS, "hold_seconds": st.sampled_from([60, 0]), "explain": st.booleans(), "more": st.just(1),
    },
)  # fmt: skip
BODIES = SHAPES.map(lambda told: json.dumps(told).encode()) | st.sampled_from([b"", b"{", b"[]", b"\xff", b"null"])
ADDRESSES = st.sampled_from(["check", "consume", "report", "reservations"])


def with_new_ids(body: bytes, number: int) -> bytes:
    """An id that neither was told before, where the request has one."""
    return body.replace(b'"id": "agent-1"', f'"id": "n-{number}"'.encode())


def test_whatever_is_asked_is_answered_alike(asked: Asked) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(address=ADDRESSES, body=BODIES)
    def ask(address: str, body: bytes) -> None:
        from django.db import transaction

        answers = []
        for ask in (asked.django, asked.raw):
            forget_rates(), forget_offers()
            with transaction.atomic():
                answers.append(plainly(ask("POST", f"/api/v1/{address}", body)))
                transaction.set_rollback(True)
        for _, _, told in answers:
            if isinstance(told, dict):
                told.pop("reservation", None)
        assert answers[0] == answers[1]

    ask()


def test_a_gate_is_answered_from_memory(asked: Asked, django_assert_num_queries: Any) -> None:
    body = json.dumps({"account": "acme", "feature": "sso", "point": "export"}).encode()
    same(asked, "POST", "/api/v1/check", body)
    passed = asked.passed_on
    with django_assert_num_queries(0):
        status, _, told = asked.raw("POST", "/api/v1/check", body)
    assert (status, json.loads(told)["source"], asked.passed_on) == (200, "cache", passed)


def test_what_is_consumed_is_counted_once_by_either_way(asked: Asked) -> None:
    body = json.dumps({"account": "acme", "feature": "calls", "quantity": 3, "id": "one"}).encode()
    first = asked.raw("POST", "/api/v1/consume", body)
    again = asked.django("POST", "/api/v1/consume", body)
    assert json.loads(again[2]) == {**json.loads(first[2]), "replayed": True}
    assert (asked.passed_on, UsageEvent.objects.count()) == (0, 1)


def test_many_at_once_are_answered_alike(asked: Asked) -> None:
    events = [
        {"account": "acme", "feature": "calls", "id": "a"},
        {"account": "nobody", "feature": "calls", "id": "b"},
        7,
    ]
    body = json.dumps({"events": events}).encode()
    asked.raw("POST", "/api/v1/report", body)
    same(asked, "POST", "/api/v1/report", body)


def test_cloud_events_are_answered_alike(asked: Asked) -> None:
    event = {"specversion": "1.0", "type": "calls", "source": "/shop", "id": "e-1", "subject": "acme"}
    kind = {"content-type": "application/cloudevents-batch+json"}
    body = json.dumps([event, {"id": "e-2"}]).encode()
    asked.raw("POST", "/api/v1/events", body, **kind)
    same(asked, "POST", "/api/v1/events", body, **kind)
    same(
        asked, "POST", "/api/v1/events", json.dumps(event).encode(), **{"content-type": "application/cloudevents+json"}
    )


def test_the_header_names_it_by_either_way(asked: Asked) -> None:
    body = json.dumps({"account": "acme", "feature": "calls"}).encode()
    asked.raw("POST", "/api/v1/consume", body, **{"idempotency-key": '"k-1"'})
    assert same(asked, "POST", "/api/v1/consume", body, **{"idempotency-key": "k-1"})[2]["replayed"]
    assert same(asked, "POST", "/api/v1/consume", body, **{"idempotency-key": '"k'})[0] == 400


def test_the_whole_set_is_the_same_text_without_a_query(asked: Asked, django_assert_num_queries: Any) -> None:
    same(asked, "GET", "/api/v1/accounts/acme/entitlements")
    with django_assert_num_queries(0):
        _, headers, told = asked.raw("GET", "/api/v1/accounts/acme/entitlements")
        unchanged = asked.raw("GET", "/api/v1/accounts/acme/entitlements", **{"if-none-match": headers["etag"]})
    assert (unchanged[0], unchanged[2]) == (304, b"")
    assert json.loads(told)["account"] == "acme"


def test_the_whole_set_says_what_this_process_has_just_counted(asked: Asked) -> None:
    asked.raw("GET", "/api/v1/accounts/acme/entitlements")
    asked.raw("POST", "/api/v1/report", json.dumps({"account": "acme", "feature": "calls", "id": "one"}).encode())
    told = json.loads(asked.raw("GET", "/api/v1/accounts/acme/entitlements")[2])
    assert next(one["use"]["used"] for one in told["entitlements"] if one["feature"] == "calls") == 1


def test_an_unknown_key_and_a_wrong_scope_are_refused_alike(asked: Asked) -> None:
    body = json.dumps({"account": "acme", "feature": "sso"}).encode()
    only_use, asked.plain = asked.plain, key("usage:write")
    assert same(asked, "POST", "/api/v1/check", body)[0] == 403
    asked.plain = only_use[:-1] + ("a" if only_use[-1] != "a" else "b")
    assert same(asked, "POST", "/api/v1/check", body)[0] == 401


def test_who_asks_too_often_is_told_so_alike(asked: Asked, settings: Any) -> None:
    settings.DESK_API_RATE = 1
    body = json.dumps({"account": "acme", "feature": "sso"}).encode()
    asked.raw("POST", "/api/v1/check", body)
    raw = plainly(asked.raw("POST", "/api/v1/check", body))
    assert raw == plainly(asked.django("POST", "/api/v1/check", body))
    assert raw[0] == 429


def test_who_is_turned_away_for_asking_too_often_is_not_counted_at_the_point(asked: Asked, settings: Any) -> None:
    points: list[str] = []
    body = json.dumps({"account": "acme", "feature": "sso", "point": "export"}).encode()
    settings.DESK_API_RATE = 2
    same(asked, "POST", "/api/v1/check", body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("entitlements.api.hot.checks.note_access", lambda **told: points.append(told["point"]))
        statuses = [asked.raw("POST", "/api/v1/check", body)[0] for _ in range(3)]
    assert (statuses, points) == ([200, 429, 429], ["export"])


def test_a_body_whose_length_nobody_tells_is_left_to_the_routes(asked: Asked) -> None:
    body = json.dumps({"account": "acme", "feature": "sso"}).encode()
    assert asked.raw("POST", "/api/v1/check", body, **{"content-length": ""})[0] == 200
    assert asked.passed_on == 1


def test_a_body_longer_than_was_said_is_read_no_further() -> None:
    read = 0

    async def more() -> Any:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 400_000, "more_body": True}

    with pytest.raises(StopIteration) as ended:
        body_of(more).send(None)
    assert ended.value.value is None
    assert read < 100


def test_a_name_in_an_address_is_decoded_once() -> None:
    assert asked_for("/api/v1/accounts/stripe:cus%31/entitlements") == "stripe:cus%31"


@pytest.mark.parametrize("feature", ["sso", "calls", "nothing_had"])
def test_an_answer_from_memory_says_when_it_ends_as_the_rows_do(asked: Asked, feature: str) -> None:
    """Clients keep answers until then: null, where an item ends in a week, would give the product away."""
    end = AT + timedelta(days=7)
    for item in SubscriptionItem.objects.filter(subscription__account__key="acme"):
        item.ends_at = end
        keep(item, deed=begin(by=SYSTEM, at=AT))
    feature = "mails" if feature == "nothing_had" else feature
    memory.take_up_changes()
    names_of(["acme"])
    body = {"account": "acme", "feature": feature}
    raw = json.loads(asked.raw("POST", "/api/v1/check", json.dumps(body).encode())[2])
    by_rows = json.loads(asked.django("POST", "/api/v1/check", json.dumps({**body, "consistent": True}).encode())[2])
    assert raw["valid_until"] == "2026-03-09T09:00:00Z"
    assert by_rows["valid_until"] in (
        None,
        raw["valid_until"],
    )  # what nobody has doesn't end; memory errs on the safe side
