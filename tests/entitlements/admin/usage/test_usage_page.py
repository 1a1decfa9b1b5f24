"""What a customer uses, as its page shows it: all of it at a glance, and one feature drawn."""

import pytest
from django.test import Client

from entitlements.actions.usage.forecasting import look_ahead
from entitlements.actions.usage.telling import tell_crossings
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, UsageForecast
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def shown(desk: Client, feature: str = "calls", **asked: str) -> str:
    return text_of(desk.get(url("account_usage", "acme", feature), asked))


def test_all_that_is_used_is_seen_at_a_glance(sales_desk: Client, world: Metered, acme: Account) -> None:
    counted(acme, world.calls, 850)
    counted(acme, world.mails, 60)
    said = read(sales_desk, "usage")
    assert "API calls 85 %, near the limit 850 used · limit: 1,000 · starts again on 1 April 2026 (UTC)" in said
    assert "Mails 120 %, over the limit 60 used · limit: 50" in said
    assert "Requests 60 a minute" in said.partition("Not used yet")[2]
    assert "Single sign-on" not in said.partition("Used in the present period")[2]


def test_the_glance_says_where_it_is_heading_and_leads_to_the_drawing(
    sales_desk: Client, world: Metered, acme: Account
) -> None:
    days_before(acme, world.calls, [50] * 57)
    counted(acme, world.calls, 50)
    said = read(sales_desk, "usage")
    assert "At this pace the limit is reached about 21 March, 11 days before it starts again" in said
    assert url("account_usage", "acme", "calls") in sales_desk.get(address("usage")).content.decode()


def test_a_customer_without_anything_counted_is_told_what_would_be_there(sales_desk: Client, world: Metered) -> None:
    account("acme")
    assert "This customer has nothing that is counted." in read(sales_desk, "usage")


def test_one_feature_is_drawn_with_its_limit_and_told_in_words(
    sales_desk: Client, world: Metered, acme: Account
) -> None:
    days_before(acme, world.calls, [50] * 57)
    counted(acme, world.calls, 50)
    page = sales_desk.get(url("account_usage", "acme", "calls")).content.decode()
    assert page.count("<polyline") == 2
    assert page.count("<rect") == 58  # today too
    said = shown(sales_desk)
    assert "At 1,000 nothing more is let through until it starts again on 1 April 2026 (UTC)." in said
    assert "Foreseen by the days of the week of up to 8 weeks" in said
    assert "1 March 2026 50 50" in said  # the figures, day by day


def test_an_earlier_period_can_be_chosen(sales_desk: Client, world: Metered, acme: Account) -> None:
    days_before(acme, world.calls, [30] * 57)
    counted(acme, world.calls, 777, at=AT - 10 * DAY)
    said = shown(sales_desk, period="2026-02-01")
    assert "777 used · limit: 1,000" in said
    assert "At this pace" not in said
    assert "0 used" in shown(sales_desk, period="nonsense")


def test_who_and_what_used_it_stand_beside_each_other(sales_desk: Client, world: Metered, acme: Account) -> None:
    use(acme, world.tokens, 3, act=Act.REPORT, at=AT, subject="agent:a")
    counted(acme, world.tokens, 3, subject="agent:a")
    counted(acme, world.tokens, 15, choice="model.premium")
    said = shown(sales_desk, "tokens")
    assert "By user, agent or device" in said
    assert "agent:a 3" in said
    assert "premium (model) 15" in said
    assert "99 % within a second (1 report)" in said


def test_who_was_told_of_a_threshold_is_said(sales_desk: Client, world: Metered, acme: Account) -> None:
    use(acme, world.calls, 850)
    assert "80 % of 1,000 on 2 March 2026 09:00 (UTC): customer will be told" in shown(sales_desk)
    tell_crossings(at=AT)
    assert "customer told" in shown(sales_desk)


def test_what_is_held_has_no_days_and_says_so(sales_desk: Client, world: Metered, acme: Account) -> None:
    counted(acme, world.seats, 4)
    said = shown(sales_desk, "seats")
    assert "4 used · limit: 5" in said
    assert "Nothing is foreseen here" in said
    assert "No day with use is known" in said


def test_what_is_not_counted_has_no_page(sales_desk: Client, world: Metered, acme: Account) -> None:
    assert sales_desk.get(url("account_usage", "acme", "sso")).status_code == 404
    assert sales_desk.get(url("account_usage", "acme", "nothing")).status_code == 404


def test_forecasts_told_before_are_held_against_what_came(sales_desk: Client, world: Metered, acme: Account) -> None:
    days_before(acme, world.calls, [50] * 57)
    counted(acme, world.calls, 50)
    look_ahead(at=AT)
    UsageForecast.objects.update(told_at=AT, scored_at=AT, came_true=True)
    assert "Of 1 forecast told in the last year, 1 came true." in shown(sales_desk)


def test_a_limit_that_will_be_reached_is_warned_of_on_every_tab(
    sales_desk: Client, world: Metered, acme: Account
) -> None:
    days_before(acme, world.calls, [50] * 57)
    counted(acme, world.calls, 50)
    look_ahead(at=AT)
    warning = "At this pace the limit of API calls is reached about 21 March. Look at it"
    assert warning in read(sales_desk, "contacts")
    UsageForecast.objects.update(probability_thousandths=700)
    assert warning not in read(sales_desk, "contacts")
