"""Use day by day, period by period, and how late it came."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Feature
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, UsageForecast
from entitlements.queries.usage.lag import lag_of
from entitlements.queries.usage.overview import meters_of
from entitlements.queries.usage.reliability import Reliability, reliability
from entitlements.queries.usage.series import Series, periods_before, series_of
from entitlements.queries.usage.terms import terms_of
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def shown(held_by: Account, feature: Feature, *, at=AT, of=None) -> Series:
    terms = terms_of(held_by.pk, at=at)[feature.key]
    return series_of(account_id=held_by.pk, feature_id=feature.pk, terms=terms, shown=of or at, at=at)


def test_the_present_period_is_foreseen_a_past_one_is_not(world: Metered, acme: Account) -> None:
    days_before(acme, world.calls, [40] * 60)
    counted(acme, world.calls, 40)
    counted(acme, world.calls, 900, at=AT - 10 * DAY)
    now, before = shown(acme, world.calls), shown(acme, world.calls, of=AT - 10 * DAY)
    assert (now.used, now.running, now.forecast.hits_on.month) == (40, True, 3)
    assert (before.used, before.running, before.forecast, before.expected) == (900, False, None, None)
    assert [day.on.month for day in before.of_the_period][:1] == [2]
    assert max(before.days).isoformat() == "2026-02-28"


def test_use_is_split_by_subject_and_by_choice(world: Metered, acme: Account) -> None:
    counted(acme, world.tokens, 30)
    counted(acme, world.tokens, 20, subject="agent:a")
    counted(acme, world.tokens, 10, subject="agent:b")
    counted(acme, world.tokens, 25, choice="model.premium")
    found = shown(acme, world.tokens)
    assert [(part.name, part.used) for part in found.subjects] == [("agent:a", 20), ("agent:b", 10)]
    assert [(part.name, part.used) for part in found.choices] == [("model.premium", 25)]


def test_what_is_reached_already_is_not_foreseen_any_more(world: Metered, acme: Account) -> None:
    days_before(acme, world.calls, [40] * 60)
    counted(acme, world.calls, 1000)
    assert shown(acme, world.calls).forecast is None
    assert shown(acme, world.calls).expected > 1000


def test_after_a_month_stopped_by_the_limit_the_pace_before_it_counts(world: Metered, acme: Account) -> None:
    """100 a day come to 1,000 on the tenth of each month; what wasn't let through isn't taken for a quiet time."""
    at = AT + DAY * 5
    days_before(acme, world.calls, ([100] * 10 + [0] * 18 + [100] * 6), at=at)
    counted(acme, world.calls, 600, at=at)
    found = shown(acme, world.calls, at=at)
    assert (found.forecast.hits_on - at.date()).days <= 4
    assert found.forecast.probability > 0.95


def test_the_periods_to_choose_from_are_the_latest(world: Metered, acme: Account) -> None:
    terms = terms_of(acme.pk, at=AT)["calls"]
    assert [f"{one.start:%b}" for one in periods_before(terms, at=AT, most=3)] == ["Mar", "Feb", "Jan"]


def test_every_counted_feature_is_met_in_as_many_reads_for_any_number(world: Metered, acme: Account) -> None:
    with CaptureQueriesContext(connection) as before:
        meters_of(account_id=acme.pk, at=AT)
    for feature, amount in ((world.calls, 800), (world.seats, 5), (world.mails, 60)):
        counted(acme, feature, amount)
    days_before(acme, world.calls, [10] * 30)
    with CaptureQueriesContext(connection) as after:
        meters = {meter.feature.key: meter for meter in meters_of(account_id=acme.pk, at=AT)}
    assert len(before) == len(after)
    assert {key: meters[key].percent for key in ("calls", "seats", "mails", "tokens")} == {
        "calls": 80, "seats": 100, "mails": 120, "tokens": 0,
    }  # fmt: skip
    assert "sso" not in meters


def test_the_lag_says_how_late_reports_come(world: Metered, acme: Account) -> None:
    assert lag_of(account_id=acme.pk, feature_id=world.calls.pk, at=AT) is None
    for seconds in range(100):
        happened = AT - timedelta(seconds=seconds)
        use(acme, world.calls, 1, act=Act.REPORT, at=happened, now=AT)
    lag = lag_of(account_id=acme.pk, feature_id=world.calls.pk, at=AT)
    assert (lag.events, lag.p50, lag.p95, lag.p99) == (100, *(timedelta(seconds=s) for s in (50, 95, 99)))


def test_what_came_true_of_what_was_told_is_counted(world: Metered, acme: Account) -> None:
    for month, (told, came) in enumerate([(True, True), (True, True), (True, False), (False, True), (False, False)]):
        ends = AT - (month + 1) * 30 * DAY
        UsageForecast.objects.create(
            account=acme, feature=world.calls, starts_at=ends - 30 * DAY, ends_at=ends, made_at=ends - DAY, used=1,
            limit_amount=9, probability_thousandths=900, expected=9, told_at=ends - DAY if told else None,
            came_true=came, scored_at=ends + DAY,
        )  # fmt: skip
    assert reliability(feature_id=world.calls.pk, at=AT) == Reliability(told=3, came_true=2, missed=1)
    assert reliability(feature_id=world.mails.pk, at=AT) == Reliability(0, 0, 0)
