"""A product in the same process is answered as over HTTP, by its fallback while the database is away."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

import entitlements
from catalog.domain.fallbacks import Fallback
from catalog.domain.values import Reset
from entitlement_client.answers import Denied
from entitlements.actions.usage.access import _notes
from entitlements.in_process import checker
from entitlements.models import Account
from entitlements.queries.check import memory
from entitlements.queries.check.lasts import forget_lasts
from entitlements.queries.check.log import Log
from journal.domain.refusal import NotFound
from tests.catalog.factories import FeatureRevisionFactory
from tests.entitlements.api.runtime.asking import key, post
from tests.entitlements.outage import database_away
from tests.entitlements.usage_factories import SubjectLimitFactory
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY
from tests.loops import in_a_loop

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somebody told memory of changes this very moment; time passes only when a test says so."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    with time_machine.travel(AT, tick=False) as clock:
        memory.take_up_changes()
        yield clock
    memory.forget_everything()
    forget_lasts()


@pytest.fixture
def world(clock: Any) -> Metered:
    made = metered()
    customer(made)
    return made


def relies(feature: Any, fallback: Fallback, seconds: int | None = None) -> None:
    FeatureRevisionFactory(
        feature=feature,
        effective_at=AT - DAY,
        default_reset=Reset.MONTH,
        fallback_paying=fallback,
        fallback_seconds=seconds,
    )
    memory.take_up_changes()


SAME = ("allowed", "because", "why", "value", "unlimited", "limit", "used", "left", "certain")


@pytest.mark.parametrize(
    "asked",
    [
        {"feature": "sso"},
        {"feature": "calls", "quantity": 990},
        {"feature": "calls", "quantity": 991},
        {"feature": "tokens", "quantity": 20, "choice": "model.premium"},
        {"feature": "tokens", "quantity": 21, "choice": "model.premium"},
        {"feature": "seats", "subject": "agent-7"},
        {"feature": "calls", "quantity": 4, "subject": "agent-7"},
        {"feature": "visitors"},
        {"feature": "builds", "quantity": 11},
        {"feature": "mails", "quantity": 51},
    ],
)
def test_it_answers_what_the_api_answers(world: Metered, asked: dict[str, Any]) -> None:
    acme = Account.objects.get(key="acme")
    SubjectLimitFactory(account=acme, feature=world.calls, subject="agent-7", amount=3)
    use(acme, world.calls, 10)
    memory.take_up_changes()
    told = post("check", {"account": "acme", **asked}, plain=key()).json()
    answer = entitlements.check("acme", **asked)
    assert {name: getattr(answer, name) for name in SAME} == {name: told[name] for name in SAME}
    assert (answer.fallback.on_unreachable, answer.degraded) == (told["fallback"]["on_unreachable"], False)


def test_what_is_known_costs_no_query_and_is_counted_where_it_is_asked(
    world: Metered, django_assert_num_queries: Any
) -> None:
    _notes.forget()
    entitlements.check("acme", "calls")
    with django_assert_num_queries(0):
        assert entitlements.check("acme", "calls", quantity=5, point="export").left == 1000
        assert not entitlements.check("acme", "sso", point="export")
    assert sorted(both for (point, *_), both in _notes.counts.items() if point == "export") == [[0, 1], [1, 0]]


def test_what_the_desk_does_not_know_is_an_error_and_no_answer(world: Metered) -> None:
    for account, feature in (("nobody", "calls"), ("acme", "nothing")):
        with pytest.raises(NotFound):
            entitlements.check(account, feature)


def test_functions_run_only_for_those_who_may(world: Metered) -> None:
    @entitlements.requires("calls", account="who")
    def call(who: str) -> str:
        return "done"

    @entitlements.requires("sso", account="who")
    async def sign_on(who: str) -> None:
        raise AssertionError

    assert call("acme") == "done"
    entitlements.check("acme", "sso")
    with pytest.raises(Denied):
        in_a_loop(sign_on("acme"))


def test_an_event_loop_is_answered_only_from_memory(world: Metered) -> None:
    assert checker.remembered("acme", "sso") is None
    entitlements.check("acme", "sso")
    answer = checker.remembered("acme", "sso", point="loop")
    assert answer == entitlements.check("acme", "sso")
    assert checker.remembered("acme", "calls") is None


def test_without_the_database_each_feature_does_what_its_fallback_says(world: Metered, clock: Any) -> None:
    relies(world.sso, Fallback.ALLOW)  # which the plan doesn't have
    relies(world.builds, Fallback.ALLOW)
    relies(world.seats, Fallback.DENY)
    relies(world.calls, Fallback.LAST_KNOWN, 600)
    for feature in ("sso", "builds", "seats", "calls"):
        entitlements.check("acme", feature)
    clock.shift(timedelta(seconds=599))
    with database_away():
        asked = ("sso", "builds", "seats", "calls", "mails")
        answers = {feature: entitlements.check("acme", feature) for feature in asked}
        too_much = entitlements.check("acme", "calls", quantity=1001)
        clock.shift(timedelta(seconds=2))
        late = entitlements.check("acme", "calls")
    assert [answers[one].allowed for one in answers] == [False, True, False, True, False]
    assert all(one.degraded and one.source == "fallback" for one in (*answers.values(), late))
    assert answers["sso"].why == "not_entitled"
    assert answers["sso"].because == "the desk can't be reached; this is its last answer: it is not included"
    assert answers["seats"].because == "the desk can't be reached, and its fallback refuses this"
    assert answers["calls"].because == "the desk can't be reached; this is its last answer: 1,000 left"
    assert (too_much.allowed, too_much.why) == (False, "limit_reached")
    assert (late.allowed, late.why, late.as_of) == (False, "unreachable", AT)
    assert entitlements.check("acme", "calls").source == "live"  # and by itself again as ever


def test_without_the_database_what_the_rows_said_last_is_its_last_answer(world: Metered) -> None:
    relies(world.tokens, Fallback.LAST_KNOWN)
    premium = {"choice": "model.premium"}
    entitlements.check("acme", "tokens", quantity=1, **premium)
    with database_away():
        assert entitlements.check("acme", "tokens", quantity=20, **premium)
        assert not entitlements.check("acme", "tokens", quantity=21, **premium)
        assert not entitlements.check("acme", "tokens", quantity=1, choice="model.plain")
        assert not entitlements.check("nobody", "tokens")
        assert entitlements.check("nobody", "tokens").because.endswith("nothing is known of this here")
