"""Figures about revenue leave our own people's accounts out, and say where they stand beside."""

import pytest

from catalog.domain.rollouts import Audience
from entitlements.domain.figures import say_figures
from entitlements.domain.headcount import Headcount
from entitlements.models import Account
from entitlements.queries.accounts import internal_ids, revenue_accounts
from entitlements.queries.clock.market_accounts import accounts_by_market
from entitlements.queries.publishing.grandfathering import grandfathering, headcounts, holders, holders_by_version
from entitlements.queries.publishing.impact import impact
from tests.catalog.factories import MarketFactory
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    """Acme and a partner pay for Team; two of our own have it for a while, one of them twice."""
    world, market = catalog(), MarketFactory(key="europe")
    for key, kind in (("acme", "customer"), ("seller", "partner")):
        subscribed(account(key, kind=kind, market=market), world.team)
    for key, times in (("staff", 1), ("demo", 2)):
        internal = account(key, kind="internal", market=market)
        for _ in range(times):
            subscribed(internal, world.team, ends_at=AT + 90 * DAY)
    return world


def test_customers_and_partners_are_what_revenue_hangs_on(sold: Catalog) -> None:
    assert {one.key for one in revenue_accounts()} == {"acme", "seller"}
    assert internal_ids() == set(Account.objects.filter(kind="internal").values_list("pk", flat=True))


def test_one_that_was_merged_away_is_no_account_of_its_own(sold: Catalog) -> None:
    acme, seller = Account.objects.get(key="acme"), Account.objects.get(key="seller")
    Account.objects.filter(pk=acme.pk).update(merged_into=seller, merged_at=AT)
    assert [one.key for one in revenue_accounts()] == ["seller"]


def test_at_what_price_it_renews_counts_who_pays_it(sold: Catalog) -> None:
    line = grandfathering(plan=sold.team, at=AT)[0]
    assert line.headcount == Headcount(accounts=2, internal=2)
    assert sum(number for _, number in line.reasons) == 2


def test_guards_count_everybody_who_has_it(sold: Catalog) -> None:
    version = sold.team.versions.get()
    assert holders_by_version(version_ids=[version.pk], at=AT) == {version.pk: 4}
    assert headcounts(version_ids=[version.pk], at=AT) == {version.pk: Headcount(2, 2)}
    assert {held.account_id for held in holders(version=version, at=AT) if held.internal} == internal_ids()


def test_the_impact_of_a_publication_tells_them_apart(sold: Catalog) -> None:
    found = impact(version=a_draft(sold, storage=200 * GB), audience=Audience.NOW, effective_at=None, at=AT)
    assert say_figures(found.figures, found.lines) == "2 accounts: 2 gain; and 2 internal accounts"
    assert found.lines[0].turns[0].accounts == 2


def test_a_market_is_counted_without_them(sold: Catalog) -> None:
    assert set(accounts_by_market(at=AT).values()) == {2}


@pytest.mark.parametrize(
    ("headcount", "words"),
    [
        (Headcount(), "nobody"),
        (Headcount(1), "1 account"),
        (Headcount(1200, 1), "1,200 accounts, and 1 internal account"),
        (Headcount(0, 3), "only 3 internal accounts"),
    ],
)
def test_it_is_said_in_words(headcount: Headcount, words: str) -> None:
    assert headcount.words == words
