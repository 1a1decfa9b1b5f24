"""How many customers each market has."""

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.queries.clock.market_accounts import accounts_by_market
from journal.domain.actor import SYSTEM
from tests.catalog.factories import MarketFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def test_accounts_are_counted_by_their_market_and_those_without_one_apart() -> None:
    europe, asia = MarketFactory(), MarketFactory()
    for key, market in (("a", europe), ("b", europe), ("c", asia), ("d", None)):
        account(key, market=market)
    assert accounts_by_market(at=AT) == {europe.pk: 2, asia.pk: 1, None: 1}


def test_a_closed_account_is_not_counted_and_a_suspended_one_is() -> None:
    for key, standing in (("a", Standing.CLOSED), ("b", Standing.SUSPENDED)):
        set_standing(account=account(key), standing=standing, reason="They asked", by=SYSTEM, at=AT - DAY)
    assert accounts_by_market(at=AT) == {None: 1}
    assert accounts_by_market(at=AT - 2 * DAY) == {None: 2}
