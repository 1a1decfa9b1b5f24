"""What begins or ceases to be had in a market is told to whoever looks after the customers it concerns."""

import pytest

from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from entitlements.actions import market_turns
from entitlements.actions.sweep import sweep
from entitlements.models import Account, SweepMark
from journal.models import Notice, Staff
from tests.catalog.factories import EPOCH, MarketFactory, MarketWindowFactory
from tests.entitlements.world import AT, DAY, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Catalog:
    SweepMark.objects.create(swept_to=AT)
    return catalog()


@pytest.fixture
def germany(db: None) -> Market:
    return MarketFactory(key="de", name="Germany")


@pytest.fixture
def ana(db: None) -> Staff:
    return Staff.objects.create(username="ana", email="ana@desk.example")


def provided(world: Catalog, market: Market, **more: object) -> MarketWindow:
    """Storage is launched in the market in a day: until then nobody has it anywhere."""
    window = {"starts_at": AT + DAY, "limits_from": EPOCH} | more
    return MarketWindowFactory(plan=None, feature=world.storage, market=market, use=MarketUse.PROVIDED, **window)


def customers(world: Catalog, market: Market, owner: Staff, number: int = 1) -> list[Account]:
    found = [account(f"c{n}", name=f"Customer {n}", market=market, owner=owner) for n in range(number)]
    for each in found:
        subscribed(each, world.team)
    return found


def subjects() -> list[str]:
    return sorted(Notice.objects.filter(kind="market").values_list("subject", flat=True))


def test_a_launch_is_told_once_for_each_account_that_has_it(world: Catalog, germany: Market, ana: Staff) -> None:
    provided(world, germany)
    held = customers(world, germany, ana, 2)
    subscribed(account("elsewhere", owner=ana), world.team)
    for days in (2, 3):
        sweep(at=AT + days * DAY)
    assert subjects() == ["Customer 0: Storage is available in Germany", "Customer 1: Storage is available in Germany"]
    change = held[0].changes.get(feature_key="storage", effective_at=AT + DAY)
    assert (change.before, change.after) == ("not included", "100 GB")
    assert change.cause == "What is to be had in its market changed"


def test_a_withdrawal_is_told_too(world: Catalog, germany: Market, ana: Staff) -> None:
    provided(world, germany, starts_at=EPOCH, ends_at=AT + DAY)
    customers(world, germany, ana)
    sweep(at=AT + 2 * DAY)
    assert subjects() == ["Customer 0: Storage is no longer available in Germany"]


def test_who_looks_after_many_gets_one_notice_that_lists_them(
    world: Catalog, germany: Market, ana: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(market_turns, "MANY", 2)
    provided(world, germany)
    customers(world, germany, ana, 3)
    for days in (2, 3):
        SweepMark.objects.update(swept_to=AT)
        sweep(at=AT + days * DAY)
    assert subjects() == ["Storage is available in Germany: 3 of your accounts"]
    body = Notice.objects.get(kind="market").body
    assert all(f"- Customer {n}\n" in body for n in range(3))


def test_whoever_has_nothing_of_it_is_not_told(world: Catalog, germany: Market, ana: Staff) -> None:
    provided(world, germany)
    account("idle", market=germany, owner=ana)
    sweep(at=AT + 2 * DAY)
    assert subjects() == []


def test_a_plan_launched_in_a_market_is_told_to_its_holders(world: Catalog, germany: Market, ana: Staff) -> None:
    window = {"starts_at": AT + DAY, "limits_from": EPOCH, "use": MarketUse.PROVIDED}
    MarketWindowFactory(plan=world.team, market=germany, **window)
    customers(world, germany, ana)
    subscribed(account("free", market=germany, owner=ana), world.free)
    sweep(at=AT + 2 * DAY)
    assert subjects() == ["Customer 0: Team is available in Germany"]


def test_a_window_of_what_is_sold_changes_nothing_for_holders(world: Catalog, germany: Market, ana: Staff) -> None:
    customers(world, germany, ana)
    MarketWindowFactory(plan=world.team, market=germany, use=MarketUse.SOLD, starts_at=AT + DAY)
    sweep(at=AT + 2 * DAY)
    assert subjects() == []
