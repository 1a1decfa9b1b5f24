"""Markets, and the windows in which a thing is sold or provided in them."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.markets import create_market, lift_window, set_window
from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import FeatureFactory, MarketFactory, MarketWindowFactory, PlanFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rows() -> list[tuple[datetime | None, datetime | None]]:
    return list(MarketWindow.objects.order_by("pk").values_list("starts_at", "ends_at"))


def same_thing(window: MarketWindow, *, by: Actor, at: datetime) -> dict[str, object]:
    return {"market": window.market, "thing": window.plan, "use": MarketUse(window.use), "by": by, "at": at}


def test_a_market_is_made_of_countries(finance: Actor, at: datetime) -> None:
    market = create_market(key="benelux", name="Benelux", countries=["nl", " BE", "LU", "NL"], by=finance, at=at)
    assert market.countries == ["BE", "LU", "NL"]
    assert AuditEvent.objects.get().verb == "market:create"


@pytest.mark.parametrize("countries", [[], ["Netherlands"], ["N1"]])
def test_what_is_no_country_is_refused(finance: Actor, at: datetime, countries: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        create_market(key="x", name="X", countries=countries, by=finance, at=at)
    assert refused.value.field == "countries"


def test_two_markets_never_share_a_key(finance: Actor, at: datetime) -> None:
    MarketFactory(key="eu")
    with pytest.raises(Invalid):
        create_market(key="eu", name="Europe", countries=["NL"], by=finance, at=at)


@pytest.mark.parametrize("factory", [PlanFactory, FeatureFactory])
def test_a_launch_is_scheduled_ahead(finance: Actor, at: datetime, factory: type) -> None:
    window = set_window(
        market=MarketFactory(), thing=factory(), use=MarketUse.SOLD, starts_at=at, ends_at=None, by=finance, at=at
    )
    assert window.window.contains(at)
    assert not window.window.contains(at - timedelta(seconds=1))


def test_a_window_still_to_come_is_moved_rather_than_doubled(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at)
    set_window(starts_at=at + DAY, ends_at=None, **same_thing(window, by=finance, at=at))
    assert rows() == [(at + DAY, None)]
    assert AuditEvent.objects.get().changes["window"][0] == [at.isoformat(), None]


def test_a_window_that_has_begun_ends_and_another_follows_it(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at - DAY)
    set_window(starts_at=None, ends_at=at + DAY, **same_thing(window, by=finance, at=at))
    assert rows() == [(at - DAY, at), (at, at + DAY)]


def test_a_window_that_is_over_stays_as_it_was(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=None, ends_at=at - DAY)
    set_window(starts_at=None, ends_at=None, **same_thing(window, by=finance, at=at))
    assert rows() == [(None, at - DAY), (at, None)]


def test_a_further_market_opens_from_now_and_not_for_the_past(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory()
    told = same_thing(window, by=finance, at=at) | {"market": MarketFactory()}
    assert set_window(starts_at=None, ends_at=None, **told).starts_at == at


@pytest.mark.parametrize("edge", ["starts_at", "ends_at"])
def test_no_window_is_set_in_the_past(finance: Actor, at: datetime, edge: str) -> None:
    told = {"market": MarketFactory(), "thing": PlanFactory(), "use": MarketUse.PROVIDED, "by": finance, "at": at}
    with pytest.raises(Invalid, match="has passed") as refused:
        set_window(**{"starts_at": None, "ends_at": None} | told | {edge: at - DAY})
    assert refused.value.field == edge
    assert not rows()


def test_a_window_ends_after_it_starts(finance: Actor, at: datetime) -> None:
    told = {"market": MarketFactory(), "thing": PlanFactory(), "use": MarketUse.SOLD, "by": finance, "at": at}
    with pytest.raises(Invalid) as refused:
        set_window(starts_at=at, ends_at=at, **told)
    assert refused.value.field == "ends_at"


def test_a_window_that_has_begun_is_lifted_from_now_on(finance: Actor, at: datetime) -> None:
    lift_window(window=MarketWindowFactory(), by=finance, at=at)
    assert rows() == [(None, at)]


def test_a_window_still_to_come_is_struck_when_lifted(finance: Actor, at: datetime) -> None:
    lift_window(window=MarketWindowFactory(starts_at=at + DAY), by=finance, at=at)
    assert not rows()


def test_a_window_that_is_over_is_not_lifted(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="is over"):
        lift_window(window=MarketWindowFactory(ends_at=at), by=finance, at=at)


def test_support_may_not_touch_markets(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        create_market(key="eu", name="Europe", countries=["NL"], by=support_agent, at=at)
    with pytest.raises(NotAllowed):
        lift_window(window=MarketWindowFactory(), by=support_agent, at=at)
    assert Market.objects.count() == 1
