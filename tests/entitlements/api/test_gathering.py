"""Requests gathered into one transaction: each is answered after the commit, and none is another's fault."""

import asyncio
import json
from typing import Any

import pytest
from django.db import connection, transaction

from entitlements.actions.usage import recording
from entitlements.api.hot import telling as telling_module
from entitlements.api.hot.gathering import Gatherer, Overloaded
from entitlements.api.hot.telling import Telling, tell
from entitlements.api.runtime.requests import UseRequest
from entitlements.domain.usage.operations import Act
from entitlements.models import UsageCounter, UsageEvent
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT
from tests.loops import in_a_loop

NUMBER = 40


def report(number: int, *, account: str = "acme", act: Act = Act.REPORT, quantity: int = 1) -> Telling:
    return Telling(act, [UseRequest(account=account, feature="calls", quantity=quantity, id=f"e-{number}")], SYSTEM)


@pytest.fixture
def acme(db: Any) -> None:
    customer(metered())


def said(tellings: list[Telling]) -> list[Any]:
    return [json.loads(one) if isinstance(one, bytes) else one for one in tell(tellings, now=AT)]


@pytest.mark.usefixtures("acme")
def test_together_they_are_counted_as_one_after_the_other() -> None:
    answers = said([report(number) for number in range(NUMBER)])
    assert [one["used"] for one in answers] == list(range(1, NUMBER + 1))
    assert UsageCounter.objects.get().events == UsageEvent.objects.count() == NUMBER


@pytest.mark.usefixtures("acme")
def test_a_repeat_in_the_same_batch_is_counted_once() -> None:
    first, again = said([report(1), report(1)])
    assert again == {**first, "replayed": True}
    assert UsageCounter.objects.get().used == 1


@pytest.mark.usefixtures("acme")
def test_a_limit_is_never_passed_by_a_batch() -> None:
    answers = said([report(number, act=Act.CONSUME, quantity=300) for number in range(5)])
    assert [one["allowed"] for one in answers] == [True, True, True, False, False]


@pytest.mark.usefixtures("acme")
def test_an_odd_one_is_no_fault_of_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(operations: Any, **more: Any) -> Any:
        if any(one.id == "e-1" for one in operations):
            raise RuntimeError("odd")
        return recording.record(operations, **more)

    monkeypatch.setattr(telling_module, "record", picky)
    answers = said([report(0), report(1), report(2)])
    assert [one["used"] if isinstance(one, dict) else type(one) for one in answers] == [1, RuntimeError, 2]


@pytest.mark.usefixtures("acme")
def test_what_cannot_be_told_is_refused_by_itself() -> None:
    fit, unknown = said([report(0), report(1, account="nobody")])
    assert fit["used"] == 1
    assert isinstance(unknown, Refusal)
    assert unknown.code == "unknown_account"


def gathered(gatherer: Gatherer, tellings: list[Telling]) -> list[Any]:
    async def all_at_once() -> list[Any]:
        gatherer.begin()
        answers = await asyncio.gather(*(gatherer.tell(one, account="acme") for one in tellings))
        await asyncio.to_thread(gatherer.end)
        return list(answers)

    return in_a_loop(all_at_once())


def told(*numbers: int) -> list[Telling]:
    """Told at the world's own moment, since the gatherer looks at the clock."""
    return [report(number) for number in numbers]


@pytest.mark.django_db(transaction=True)
def test_writers_answer_each_who_waits() -> None:
    with transaction.atomic():
        customer(metered())
    answers = gathered(Gatherer(writers=2), told(*range(NUMBER)))
    assert sorted(json.loads(one)["used"] for one in answers) == list(range(1, NUMBER + 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no connection that somebody could cut")
def test_a_connection_that_was_cut_loses_nothing() -> None:
    with transaction.atomic():
        customer(metered())
    gatherer = Gatherer(writers=1)
    connection.close()  # it would be cut too

    async def around_a_cut() -> list[Any]:
        gatherer.begin()
        first = await gatherer.tell(report(1), account="acme")
        await asyncio.to_thread(cut_all_others)
        second = await gatherer.tell(report(2), account="acme")
        await asyncio.to_thread(gatherer.end)
        return [first, second]

    assert [json.loads(one)["used"] for one in in_a_loop(around_a_cut())] == [1, 2]


def cut_all_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = ''"
        )
    connection.close()


def test_who_comes_when_too_much_waits_is_told_to_come_back() -> None:
    gatherer = Gatherer(writers=1, most=0)
    answers = gathered(gatherer, told(1))
    assert isinstance(answers[0], Overloaded)
