"""Before a limit is reached, whoever should know is told when it will be; later it is held against what came."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from entitlements.actions.usage import forecasting
from entitlements.actions.usage.forecasting import look_ahead, score
from entitlements.domain.facts import Mode
from entitlements.models import Account, ThresholdCrossing, UsageCounter, UsageForecast
from journal.models import Notice, Staff
from tests.entitlements.factories import ContactFactory, overridden
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import DAY

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-11T00:00:00+00:00")
CUSTOMER, OWNER = "bea@acme.example", "ana@desk.example"


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    owner = Staff.objects.create(username="ana", email=OWNER, first_name="Ana", last_name="Manager")
    held_by = customer(world, owner=owner)
    ContactFactory(account=held_by, name="Bea Buyer", email=CUSTOMER)
    return held_by


def using(held_by: Account, world: Metered, a_day: int) -> None:
    """So many calls each day for eight weeks; ten days of them in this month."""
    days_before(held_by, world.calls, [a_day] * 60, at=NOW)
    counted(held_by, world.calls, a_day * 10, at=NOW)


def test_what_will_be_reached_before_the_reset_is_told_both_once(world: Metered, acme: Account) -> None:
    using(acme, world, 50)
    assert look_ahead(at=NOW) == 1
    row = UsageForecast.objects.get()
    assert (row.hits_on, row.told_at, row.basis, row.limit_amount) == (date(2026, 3, 20), NOW, "weekdays", 1000)
    assert row.probability_thousandths == 1000
    told = [(notice.recipient, notice.subject) for notice in Notice.objects.order_by("pk")]
    words = "At this pace the limit of API calls is reached about 20 March"
    assert told == [(CUSTOMER, words), (OWNER, f"Acme: {words}")]
    assert look_ahead(at=NOW + DAY) == 1
    assert Notice.objects.count() == 2


def test_the_mail_says_how_long_before_the_reset(world: Metered, acme: Account) -> None:
    using(acme, world, 50)
    look_ahead(at=NOW)
    body = Notice.objects.get(recipient=CUSTOMER).body
    assert "That would be 12 days before it starts again (99 % likely; between" in body
    assert "API calls at Acme: 500 of 1,000 (50 %)." in body


def test_what_lasts_until_the_reset_is_told_nobody(world: Metered, acme: Account) -> None:
    using(acme, world, 20)
    assert look_ahead(at=NOW) == 1
    row = UsageForecast.objects.get()
    assert (row.hits_on, row.told_at, row.expected) == (None, None, pytest.approx(620, abs=20))
    assert not Notice.objects.exists()


def test_what_is_reached_already_is_left_to_the_thresholds(world: Metered, acme: Account) -> None:
    using(acme, world, 120)
    look_ahead(at=NOW)
    assert not Notice.objects.exists()
    assert set(ThresholdCrossing.objects.values_list("percent", flat=True)) == {80, 90, 100}


def test_each_counter_is_looked_at_once_an_hour_if_it_moved_and_once_a_day_if_not(
    world: Metered, acme: Account
) -> None:
    using(acme, world, 20)
    assert [look_ahead(at=NOW + DAY * hours / 24) for hours in (0, 0.5, 2, 23)] == [1, 0, 0, 0]
    UsageCounter.objects.update(updated_at=NOW + DAY)
    assert [look_ahead(at=NOW + DAY * hours / 24) for hours in (23.5, 24, 24.5)] == [1, 0, 1]


def test_what_goes_wrong_for_one_is_logged_and_waits_an_hour(
    world: Metered, acme: Account, caplog, monkeypatch
) -> None:
    counted(customer(world, "other"), world.calls, 5, at=NOW)
    counted(acme, world.calls, 5, at=NOW)
    monkeypatch.setattr(forecasting, "bound", lambda terms: 1 // 0)
    assert look_ahead(at=NOW) == 2
    assert "couldn't be foreseen" in caplog.text
    assert look_ahead(at=NOW) == 0


def test_a_guess_from_the_period_alone_is_told_nobody(world: Metered, acme: Account) -> None:
    counted(acme, world.calls, 990, at=NOW)
    look_ahead(at=NOW)
    assert UsageForecast.objects.get().basis == "period"
    assert not Notice.objects.exists()


def test_what_is_further_ahead_than_is_known_back_is_told_later(world: Metered, acme: Account, monkeypatch) -> None:
    using(acme, world, 50)
    monkeypatch.setattr(forecasting, "LOOKED_BACK", 5 * DAY)
    look_ahead(at=NOW)
    assert UsageForecast.objects.get().probability_thousandths > 900
    assert not Notice.objects.exists()


def test_seats_and_what_starts_again_each_minute_are_not_foreseen(world: Metered, acme: Account) -> None:
    counted(acme, world.seats, 4, at=NOW)
    counted(acme, world.requests, 40, at=NOW)
    assert look_ahead(at=NOW) == 1
    assert UsageForecast.objects.get().basis == ""


def test_a_run_that_has_had_enough_goes_on_the_next_time(world: Metered) -> None:
    for number in range(60):
        counted(customer(world, f"account-{number}"), world.calls, 5, at=NOW)
    enough = iter([False, True])
    assert look_ahead(at=NOW, enough=lambda: next(enough)) == 50
    assert look_ahead(at=NOW) == 10


def test_a_limit_that_came_down_to_the_use_is_announced(world: Metered, acme: Account) -> None:
    counted(acme, world.calls, 450, at=NOW)
    overridden(acme, world.calls, Mode.AT_MOST, Decimal(500), at=NOW)
    look_ahead(at=NOW + DAY)
    look_ahead(at=NOW + 2 * DAY)
    assert [row.percent for row in ThresholdCrossing.objects.order_by("percent")] == [80, 90]


def test_when_the_period_is_over_and_settled_it_is_held_against_what_came(world: Metered, acme: Account) -> None:
    using(acme, world, 50)
    look_ahead(at=NOW)
    assert score(at=NOW + 22 * DAY) == 0
    UsageCounter.objects.update(used=1000)
    assert score(at=NOW + 25 * DAY) == 1
    row = UsageForecast.objects.get()
    assert (row.came_true, row.scored_at) == (True, NOW + 25 * DAY)
