"""The pages of markets: who is in one, what is to be had there and when, and what a change does before it is done."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from journal.models import Approval, AuditEvent
from tests.catalog.factories import FeatureFactory, MarketFactory, MarketWindowFactory, PlanFactory, published_version
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _monday_morning(at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def europe(db: None) -> Market:
    return MarketFactory(key="europe", name="Europe", countries=["BE", "NL"])


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:catalog_{name}", args=args)


def asked(thing: Any, market: Market | None, **more: Any) -> dict[str, Any]:
    return {
        "thing": f"{thing._meta.model_name}-{thing.pk}",
        "market": "everywhere" if market is None else market.pk,
        "uses": ["sold", "provided"],
        "said_in": "Europe/Amsterdam",
        "reason": "A launch",
    } | more


def send(client: Client, given: dict[str, Any], step: str = "") -> HttpResponse:
    first = client.post(url("launch"), given)
    if step != "confirm":
        return first
    seen = first.context.get("seen", "")
    return client.post(url("launch"), given | {"step": "confirm", "seen": seen})


def test_a_market_is_named_and_made_of_countries(finance_desk: Client) -> None:
    given = {"name": "Benelux", "key": "benelux", "countries": ["NL", "BE", "LU"]}
    response = finance_desk.post(url("market_new"), given, follow=True)
    assert Market.objects.get().countries == ["BE", "LU", "NL"]
    assert "Belgium, Luxembourg, Netherlands" in text_of(response)
    assert "Nothing is limited." in text_of(response)


def test_a_key_that_is_taken_is_told_beside_it(finance_desk: Client, europe: Market) -> None:
    given = {"name": "Other", "key": "europe", "countries": ["NL"]}
    response = finance_desk.post(url("market_new"), given)
    assert response.status_code == 422
    assert "already a market with the key" in complaints(response)["key"][0]


def test_a_market_needs_a_country(finance_desk: Client) -> None:
    response = finance_desk.post(url("market_new"), {"name": "Nowhere", "key": "nowhere"})
    assert complaints(response) == {"countries": ["A market needs at least one country."]}


def test_a_market_is_changed_by_whoever_saw_it_as_it_is(finance_desk: Client, europe: Market) -> None:
    shown = finance_desk.get(url("market_edit", europe.pk))
    assert "seen_countries" in shown.content.decode()
    given = {"name": "Europe", "countries": ["NL"], "seen_name": "Europe", "seen_countries": "BE NL", "reason": "left"}
    assert finance_desk.post(url("market_edit", europe.pk), given).status_code == 302
    assert AuditEvent.objects.get(verb="market:edit").reason == "left"
    again = finance_desk.post(url("market_edit", europe.pk), given | {"countries": ["FR"]})
    assert again.status_code == 422
    assert "Someone else changed this" in text_of(again)


def test_its_own_countries_are_listed_first(finance_desk: Client, europe: Market) -> None:
    page = text_of(finance_desk.get(url("market_edit", europe.pk)))
    assert page.index("Netherlands (NL)") < page.index("Afghanistan (AF)")


def test_the_list_leads_to_the_markets_own_page(finance_desk: Client, europe: Market) -> None:
    assert "Belgium, Netherlands" in text_of(finance_desk.get(url("market_changelist")))
    detail = finance_desk.get(url("market_change", europe.pk))
    assert detail.headers["Location"] == url("market_page", europe.pk)
    assert finance_desk.post(url("market_change", europe.pk)).status_code == 403


def test_a_market_shows_what_is_limited_and_how_it_stands_there(
    finance_desk: Client, europe: Market, at: datetime
) -> None:
    team = PlanFactory(name="Team")
    MarketWindowFactory(plan=team, market=europe, starts_at=at - DAY, ends_at=at + DAY, limits_from=at - DAY)
    MarketWindowFactory(plan=None, feature=FeatureFactory(name="Assistant"), use=MarketUse.PROVIDED)
    page = text_of(finance_desk.get(url("market_page", europe.pk)))
    assert "Team plan Yes, until 3 March 2026 10:00 (Amsterdam) Yes, as everywhere" in page
    assert "Assistant feature Yes, as everywhere No" in page
    assert "Now Team plan Sold 1 March 2026 10:00 (Amsterdam) until 3 March 2026 10:00 (Amsterdam) Withdraw" in page


def test_a_launch_says_what_it_does_before_it_is_done(finance_desk: Client, europe: Market) -> None:
    feature = FeatureFactory(name="Assistant")
    looked = send(finance_desk, asked(feature, europe, starts_on="2026-03-09"))
    page = text_of(looked)
    assert "Assistant is to be sold and provided in Europe from 9 March 2026 (Amsterdam) on, without end" in page
    assert "Nobody has it yet, so nobody loses anything" in page
    assert not MarketWindow.objects.exists()
    done = send(finance_desk, asked(feature, europe, starts_on="2026-03-09"), "confirm")
    assert done.headers["Location"] == url("availability", f"feature-{feature.pk}")
    assert MarketWindow.objects.count() == 2


def test_days_are_those_of_the_zone_that_is_said(finance_desk: Client, europe: Market) -> None:
    days = {"starts_on": "2026-03-09", "through_on": "2026-03-31", "said_in": "Asia/Tokyo"}
    looked = send(finance_desk, asked(FeatureFactory(), europe, **days | {"said_in": "Europe/Amsterdam"}))
    assert "from 9 March 2026 (Amsterdam) on, through 31 March 2026 (Amsterdam)." in text_of(looked)
    send(finance_desk, asked(FeatureFactory(), europe, **days), "confirm")
    window = MarketWindow.objects.first()
    assert window is not None
    assert f"{window.starts_at:%d %H:%M}, {window.ends_at:%d %H:%M}" == "08 15:00, 31 15:00"


def test_today_is_now(finance_desk: Client, europe: Market, at: datetime) -> None:
    send(finance_desk, asked(FeatureFactory(), europe, starts_on="2026-03-02"), "confirm")
    assert {row.starts_at for row in MarketWindow.objects.all()} == {at}


def test_taking_something_away_becomes_a_request(finance_desk: Client, europe: Market) -> None:
    plan = published_version().plan
    given = asked(plan, europe, uses=["provided"], starts_on="2026-03-09")
    looked = text_of(send(finance_desk, given))
    assert "From 9 March 2026 (Amsterdam) on it is no longer provided for accounts without a market." in looked
    assert "So a second person has to approve it" in looked
    done = send(finance_desk, given, "confirm")
    assert not MarketWindow.objects.exists()
    assert Approval.objects.get().kind == "market_withdrawal"
    assert "A change waits for a second person" in text_of(finance_desk.get(done.headers["Location"]))


def test_what_changed_meanwhile_is_not_set_unseen(finance_desk: Client, europe: Market) -> None:
    plan = PlanFactory()
    given = asked(plan, europe)
    seen = send(finance_desk, given).context["seen"]
    MarketWindowFactory(plan=plan)
    response = finance_desk.post(url("launch"), given | {"step": "confirm", "seen": seen})
    assert response.status_code == 422
    assert "has changed since you looked" in text_of(response)


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        ({"uses": []}, "uses", "Choose whether it is sold there"),
        ({"reason": ""}, "reason", "Give a reason"),
        ({"said_in": "Mars"}, "said_in", "No time zone has this name"),
        ({"starts_on": "2026-03-01"}, "starts_on", "That day has passed"),
        ({"starts_on": "2026-03-09", "through_on": "2026-03-08"}, "through_on", "can't end before it starts"),
        ({"thing": "plan-0"}, "thing", "not one of the available choices"),
        ({"through_on": "2026-03-01"}, "through_on", "That day has passed"),
    ],
)
def test_what_cant_be_right_is_told_beside_its_field(
    finance_desk: Client, europe: Market, wrong: dict[str, Any], field: str, told: str
) -> None:
    response = send(finance_desk, asked(PlanFactory(), europe) | wrong)
    assert told in complaints(response)[field][0]
    assert not MarketWindow.objects.exists()


def test_what_was_written_can_be_changed_before_it_is_done(finance_desk: Client, europe: Market) -> None:
    response = finance_desk.post(url("launch"), asked(PlanFactory(name="Team"), europe) | {"step": "change"})
    assert "See what it does" in text_of(response)


def test_a_window_is_withdrawn_with_a_reason(finance_desk: Client, europe: Market, at: datetime) -> None:
    window = MarketWindowFactory(market=europe, plan=PlanFactory(name="Team"))
    address = url("window_withdraw", window.pk)
    shown = finance_desk.get(address)
    assert "From now on it is no longer sold in Europe." in text_of(shown)
    seen = shown.context["form"].initial["seen"]
    assert finance_desk.post(address, {"reason": "gone", "seen": "other"}).status_code == 422
    assert finance_desk.post(address, {"reason": "gone", "seen": seen}).status_code == 302
    window.refresh_from_db()
    assert window.ends_at == at


def test_withdrawing_what_customers_have_becomes_a_request(finance_desk: Client) -> None:
    window = MarketWindowFactory(plan=published_version().plan, use=MarketUse.PROVIDED)
    address = url("window_withdraw", window.pk)
    assert "Ask for approval" in text_of(finance_desk.get(address))
    assert finance_desk.post(address, {"reason": "gone", "seen": "x"}).status_code == 302
    assert Approval.objects.get().reason == "gone"
    again = finance_desk.post(address, {"reason": "gone", "seen": "x"})
    assert "waits for approval already" in text_of(again)


def test_what_is_over_is_not_withdrawn(finance_desk: Client, at: datetime) -> None:
    window = MarketWindowFactory(ends_at=at - DAY)
    address = url("window_withdraw", window.pk)
    assert "That is over already" in text_of(finance_desk.get(address))
    assert finance_desk.post(address, {"reason": "gone", "seen": ""}).status_code == 422


def test_a_thing_shows_every_market_and_accounts_without_one(finance_desk: Client, europe: Market) -> None:
    plan = PlanFactory(name="Team")
    MarketWindowFactory(plan=plan, market=europe)
    page = text_of(finance_desk.get(url("availability", f"plan-{plan.pk}")))
    assert "It is sold only where and while a line below says so." in page
    assert "Europe Yes Yes, as everywhere" in page
    assert "Accounts without a market No Yes, as everywhere" in page


def test_a_thing_nothing_limits_says_so(finance_desk: Client) -> None:
    feature = FeatureFactory(name="SSO")
    page = text_of(finance_desk.get(url("availability", f"feature-{feature.pk}")))
    assert "Nothing limits SSO." in page
    assert "Launch it in a market, or limit it to one" in page


@pytest.mark.parametrize("name", ["plan-0", "feature-x", "market-1", "plan"])
def test_there_is_no_page_of_what_is_not_there(finance_desk: Client, name: str) -> None:
    assert finance_desk.get(url("availability", name)).status_code == 404


def test_a_limit_to_come_is_told_before_it_begins(finance_desk: Client, europe: Market, at: datetime) -> None:
    plan = PlanFactory(name="Team")
    MarketWindowFactory(plan=plan, market=europe, starts_at=at + DAY, limits_from=at + DAY)
    page = text_of(finance_desk.get(url("availability", f"plan-{plan.pk}")))
    assert "It is sold everywhere until 3 March 2026 10:00 (Amsterdam)" in page
    assert "To come Europe Sold" in page


def test_what_starts_or_ends_soon_is_listed_by_its_day(finance_desk: Client, europe: Market, at: datetime) -> None:
    first = MarketWindowFactory(market=europe, plan=PlanFactory(name="Team"), starts_at=at + 20 * DAY)
    MarketWindowFactory(market=europe, plan=PlanFactory(name="Free"), ends_at=at + 10 * DAY)
    MarketWindowFactory(plan=first.plan, starts_at=at + 100 * DAY)
    MarketWindowFactory(plan=first.plan, ends_at=at - DAY)
    page = text_of(finance_desk.get(url("launches")))
    assert page.index("Free plan Stops being sold in Europe") < page.index("Team plan Begins to be sold in Europe")
    assert page.count("Team plan") == 1
    assert text_of(finance_desk.get(url("launches"), {"days": "365"})).count("Team plan") == 2


def test_nothing_soon_says_so(finance_desk: Client) -> None:
    assert "Nothing starts or ends in the next 90 days." in text_of(finance_desk.get(url("launches"), {"days": "x"}))


def test_support_neither_launches_nor_withdraws(support_desk: Client, europe: Market) -> None:
    for name, args in (("launch", ()), ("market_new", ()), ("market_edit", (europe.pk,)), ("launches", ())):
        assert support_desk.get(url(name, *args)).status_code == 403
    assert support_desk.post(url("launch"), asked(PlanFactory(), europe)).status_code == 403


def test_every_market_but_one_is_chosen_in_one_step(finance_desk: Client, europe: Market) -> None:
    asia = MarketFactory(name="Asia")
    feature = FeatureFactory(name="Assistant")
    given = asked(feature, None, uses=["sold"]) | {"market": f"except-{europe.pk}"}
    assert "Assistant is to be sold in every market except Europe from now on" in text_of(send(finance_desk, given))
    send(finance_desk, given, "confirm")
    assert MarketWindow.objects.get().market == asia


def test_each_place_says_how_many_accounts_it_has(finance_desk: Client, europe: Market) -> None:
    account("acme", market=europe)
    account("bravo")
    page = text_of(finance_desk.get(url("launch")))
    assert "Everywhere (2 accounts)" in page
    assert "Europe (1 account)" in page
    given = asked(published_version().plan, europe, uses=["provided"])
    assert "Accounts there now: without a market 1." in text_of(send(finance_desk, given))
