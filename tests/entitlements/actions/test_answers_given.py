"""What programs were told is kept where it differs from what they were told before."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.actions import answers_given
from entitlements.actions.answers_given import name_of, remember_answer
from entitlements.models import Account, AnswerGiven
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent
from tests.entitlements.factories import AccountFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
SHOP = Actor(ActorKind.API_KEY, "key:1f3a", "Shop", permissions=frozenset({"entitlements:read"}))
OTHER = Actor(ActorKind.API_KEY, "key:99", "Shop", permissions=frozenset({"entitlements:read"}))
TEN, TWENTY = {"text": "10"}, {"text": "20"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    answers_given._last.clear()
    yield
    answers_given._last.clear()


@pytest.fixture
def acme() -> Account:
    return AccountFactory()


def told(acme: Account, by: Actor = SHOP, *, days: int = 0, **answers: Any) -> AnswerGiven | None:
    return remember_answer(account=acme, answers=answers, by=by, at=AT + days * DAY)


def test_the_first_answer_is_kept_as_it_was_told(acme: Account) -> None:
    row = told(acme, seats=TEN)
    assert row is not None
    assert (row.told, row.told_at, row.answers) == ("Shop (ed_1f3a_…)", AT, {"seats": TEN})
    assert len(row.digest) == 64


def test_the_same_answer_is_kept_once_and_another_again(acme: Account) -> None:
    told(acme, seats=TEN)
    assert told(acme, days=1, seats=TEN) is None
    assert told(acme, days=2, seats=TWENTY) is not None
    assert told(acme, days=3, seats=TEN) is not None
    assert AnswerGiven.objects.count() == 3


def test_one_feature_asked_alone_is_compared_with_the_whole_set_before(acme: Account) -> None:
    told(acme, seats=TEN, storage=TEN)
    assert told(acme, days=1, storage=TEN) is None
    assert told(acme, days=2, storage=TWENTY).answers == {"storage": TWENTY}  # type: ignore[union-attr]
    assert told(acme, days=3, seats=TEN, storage=TWENTY) is None


def test_each_key_and_each_account_is_told_apart(acme: Account) -> None:
    told(acme, seats=TEN)
    assert told(acme, OTHER, seats=TEN) is not None
    assert told(AccountFactory(), seats=TEN) is not None
    assert name_of(SHOP) != name_of(OTHER)


def test_another_process_having_told_something_else_is_noticed(acme: Account) -> None:
    told(acme, seats=TEN)
    mine = dict(answers_given._last)
    told(acme, days=1, seats=TWENTY)
    answers_given._last.clear()
    answers_given._last.update(mine)
    assert told(acme, days=2, seats=TEN) is not None


def test_a_new_process_remembers_from_the_rows(acme: Account) -> None:
    told(acme, seats=TEN, storage=TEN)
    told(acme, days=1, seats=TWENTY)
    answers_given._last.clear()
    assert told(acme, days=2, seats=TWENTY, storage=TEN) is None


def test_the_same_answer_costs_one_read_and_no_write(acme: Account) -> None:
    told(acme, seats=TEN)
    told(acme, seats=TEN)
    with CaptureQueriesContext(connection) as asked:
        told(acme, days=1, seats=TEN)
    assert [query["sql"].split()[0] for query in asked] == ["SELECT"]


def test_what_is_remembered_in_the_process_is_bounded(acme: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_given, "MOST_REMEMBERED", 2)
    for number in range(4):
        one = AccountFactory()
        told(one, seats={"text": str(number)})
        told(one, seats={"text": str(number)})
    assert len(answers_given._last) == 2


def test_only_who_may_read_answers_is_told_any(acme: Account) -> None:
    with pytest.raises(NotAllowed):
        told(acme, Actor(ActorKind.API_KEY, "key:2", "Other"), seats=TEN)


def test_the_audit_stays_free_of_it(acme: Account) -> None:
    before = AuditEvent.objects.count()
    told(acme, seats=TEN)
    assert AuditEvent.objects.count() == before
