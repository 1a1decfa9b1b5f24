"""Whom an account belongs to and who belongs to it."""

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.models import Account
from entitlements.queries import family
from entitlements.queries.family import family_of
from journal.domain.actor import SYSTEM
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db


def tree(of: Account) -> list[tuple[str, int]]:
    return [(one.account.key, one.depth) for one in family_of(account=of, at=AT).relatives]


def test_who_has_no_family_stands_alone() -> None:
    assert family_of(account=account(), at=AT).alone


def test_those_above_come_first_and_each_child_before_its_own() -> None:
    top = account("top")
    middle, sister = account("middle", parent=top), account("sister", parent=top)
    account("b-child", parent=middle)
    account("grandchild", parent=account("a-child", parent=middle))
    assert tree(middle) == [("top", 0), ("middle", 1), ("a-child", 2), ("grandchild", 3), ("b-child", 2)]
    assert tree(sister) == [("top", 0), ("sister", 1)]


def test_each_comes_with_what_it_holds_and_how_it_stands() -> None:
    top = account("top")
    child = account("child", parent=top)
    subscribed(child, catalog().team)
    set_standing(account=child, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT - DAY)
    above, below = family_of(account=top, at=AT).relatives
    assert (above.held, above.standing) == ((), Standing.OPEN)
    assert [item.plan for item in below.held[0].plans] == ["Team"]
    assert below.standing is Standing.SUSPENDED


def test_of_too_many_it_says_that_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "MOST", 4)
    top = account("top")
    for number in range(5):
        account(f"child-{number}", parent=top)
    found = family_of(account=top, at=AT)
    assert found.more
    assert len(found.relatives) <= 4
