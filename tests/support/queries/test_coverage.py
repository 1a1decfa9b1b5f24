"""The three answers on the real promise, with due times by the customer's own clock."""

from datetime import UTC, datetime

import pytest

from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from entitlements.domain.facts import Standing
from entitlements.models import AccountStanding
from support.domain.coverage import CoverState
from support.queries.coverage import coverage_of
from tests.support.world import (
    START,
    customer,
    dutch_holidays,
    kept,
    lend_tier,
    on_trial,
    subscribe,
    the_plans,
    the_promise,
)

pytestmark = pytest.mark.django_db

MARCH_ENDS = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Amsterdam


@pytest.fixture
def plans(db):
    the_promise()
    return the_plans()


def due(answer):
    return {line.severity: line.due_words for line in answer.targets}


@pytest.mark.parametrize(
    ("plan", "state", "tier"),
    [
        ("free", CoverState.NOT_COVERED, "Community only"),
        ("pro", CoverState.NO_PROMISED_TIME, "E-mail"),
        ("team", CoverState.WITH_TARGETS, "Standard"),
        ("enterprise", CoverState.WITH_TARGETS, "Priority Plus"),
    ],
)
def test_each_plan_has_its_answer(plan, state, tier, plans, at):
    answer = coverage_of(account=customer("acme", plan=plans[plan]), at=at)
    assert (answer.state, answer.tier_name) == (state, tier)
    assert answer.plans == (f"{plan.capitalize()} v1",)


def test_standard_is_due_by_the_customers_clock(plans, at):
    answer = coverage_of(account=customer("acme", plan=plans["team"]), at=at)  # Monday 10:00 in Amsterdam
    assert due(answer) == {
        "urgent": "today 11:00 (Amsterdam)",
        "high": "today 14:00 (Amsterdam)",
        "normal": "tomorrow 10:00 (Amsterdam)",
        "low": "Wednesday 4 March 10:00 (Amsterdam)",
    }


def test_priority_plus_answers_high_around_the_clock(plans):
    saturday = datetime(2026, 3, 7, 20, 0, tzinfo=UTC)
    answer = coverage_of(account=customer("acme", plan=plans["enterprise"]), at=saturday)
    assert due(answer)["high"] == "today 23:00 (Amsterdam)"
    assert due(answer)["normal"] == "Monday 9 March 18:00 (Amsterdam)"


def test_business_hours_follow_the_clocks_of_the_customers_zone(plans):
    """Friday 17:00 in New York; clocks spring forward on Sunday, and Monday 09:00 is an hour earlier in UTC."""
    account = customer("acme", plan=plans["team"], zone="America/New_York", country="US")
    answer = coverage_of(account=account, at=datetime(2026, 3, 6, 22, 0, tzinfo=UTC))
    high = next(line for line in answer.targets if line.severity == "high")
    assert high.due_at == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    assert high.due_words == "Monday 9 March 09:00 (New York)"


def test_a_public_holiday_of_the_customers_country_stops_the_clock(plans):
    dutch_holidays()
    friday = datetime(2026, 4, 24, 15, 0, tzinfo=UTC)  # 17:00 in Amsterdam; Monday is King's Day
    dutch = coverage_of(account=customer("acme", plan=plans["team"]), at=friday)
    german = coverage_of(account=customer("blau", plan=plans["team"], country="DE", zone="Europe/Berlin"), at=friday)
    assert due(dutch)["high"] == "Tuesday 28 April 09:00 (Amsterdam)"
    assert due(german)["high"] == "Monday 27 April 09:00 (Berlin)"


def test_due_times_without_holidays_on_file_come_with_a_caution(plans, at):
    dutch_holidays()
    dutch = customer("acme", plan=plans["team"])
    japanese = customer("nihon", plan=plans["team"], country="JP", zone="Asia/Tokyo")
    nowhere = customer("nowhere", plan=plans["team"], country="")
    cautions = [coverage_of(account=account, at=at).caution for account in (dutch, japanese, nowhere)]
    assert cautions == [
        "",
        "No public holidays of JP are on file for the time ahead, so none were counted.",
        "The customer's country is not on file, so no public holidays were counted.",
    ]


def test_where_no_time_is_promised_no_caution_is_needed(plans, at):
    assert coverage_of(account=customer("acme", plan=plans["pro"]), at=at).caution == ""


def test_open_hours_now_are_said(plans, at):
    answer = coverage_of(account=customer("acme", plan=plans["team"]), at=at)
    around, business = answer.hours
    assert (around.is_open, around.changes_at) == (True, None)
    assert (business.name, business.is_open, business.words) == (
        "Business hours", True, "until today 18:00 (Amsterdam)",
    )  # fmt: skip


def test_closed_hours_say_when_they_open(plans):
    saturday = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
    answer = coverage_of(account=customer("acme", plan=plans["team"]), at=saturday)
    assert (answer.hours[1].is_open, answer.hours[1].words) == (False, "opens Monday 9 March 06:00 (Amsterdam)")


def test_the_end_of_a_subscription_ends_the_cover(plans, at):
    account = customer("acme", plan=None)
    subscribe(account, plans["team"], ends_at=MARCH_ENDS)
    answer = coverage_of(account=account, at=at)
    assert (answer.ends.at, answer.ends.words) == (MARCH_ENDS, "through Tuesday 31 March (Amsterdam)")
    assert answer.ends.then == "Not covered"
    assert coverage_of(account=account, at=MARCH_ENDS).state is CoverState.NOT_COVERED


def test_the_end_of_a_trial_ends_the_cover(plans, at):
    account = customer("acme", plan=plans["team"])
    on_trial(account.subscriptions.get(), until=MARCH_ENDS)
    answer = coverage_of(account=account, at=at)
    assert answer.plans == ("Team v1 (trial, through Tuesday 31 March (Amsterdam))",)
    assert answer.ends.at == MARCH_ENDS


def test_a_lent_tier_ends_into_the_plans_own(plans, at):
    account = customer("acme", plan=plans["team"])
    lend_tier(account, "priority_plus", starts_at=START, ends_at=MARCH_ENDS)
    answer = coverage_of(account=account, at=at)
    assert answer.tier == "priority_plus"
    assert answer.ends.then == "Covered, with promised response times (Standard)"


def test_an_end_that_changes_nothing_is_no_news(plans, at):
    account = customer("acme", plan=plans["team"])
    lend_tier(account, "standard", starts_at=START, ends_at=MARCH_ENDS)
    assert coverage_of(account=account, at=at).ends is None


def test_every_reason_is_told(plans, at):
    account = customer("acme", plan=plans["team"])
    lend_tier(account, "priority", starts_at=START, ends_at=MARCH_ENDS)
    because = coverage_of(account=account, at=at).because
    assert any("Team v1" in line for line in because)
    assert any("override" in line.lower() for line in because)


def test_an_account_without_any_plan_is_not_covered(plans, at):
    answer = coverage_of(account=customer("acme", plan=None), at=at)
    assert (answer.state, answer.tier, answer.plans) == (CoverState.NOT_COVERED, None, ())


def test_without_a_catalog_nobody_is_covered(db, at):
    answer = coverage_of(account=customer("acme", plan=None), at=at)
    assert (answer.state, answer.because, answer.offers) == (CoverState.NOT_COVERED, (), ())


def test_a_closed_account_is_owed_nothing_and_offered_nothing(plans, at):
    account = customer("acme", plan=plans["team"])
    kept(AccountStanding(account=account, standing=Standing.CLOSED, starts_at=START))
    answer = coverage_of(account=account, at=at)
    assert answer.state is CoverState.NOT_COVERED
    assert "closed" in answer.why
    assert answer.offers == ()


def test_the_uncovered_are_offered_what_would_cover_them(plans, at):
    offers = coverage_of(account=customer("acme", plan=plans["free"]), at=at).offers
    assert [(offer.name, offer.words) for offer in offers] == [
        ("Pro", "E-mail support: covered, no promised time"),
        ("Team", "Standard support: Urgent answered within 1 hour, around the clock"),
        ("Enterprise", "Priority Plus support: Urgent answered within 1 hour, around the clock"),
    ]


def test_a_plan_that_is_not_sold_in_the_market_is_not_offered(plans, at):
    market = kept(Market(key="elsewhere", name="Elsewhere", countries=["US"]))
    kept(MarketWindow(market=market, plan=plans["team"], use=MarketUse.SOLD))
    offers = coverage_of(account=customer("acme", plan=None), at=at).offers
    assert [offer.name for offer in offers] == ["Pro", "Enterprise"]


def test_the_covered_are_offered_nothing(plans, at):
    assert coverage_of(account=customer("acme", plan=plans["pro"]), at=at).offers == ()


def test_the_past_is_answered_as_it_was(plans):
    account = customer("acme", plan=plans["team"])
    before = datetime(2025, 12, 1, tzinfo=UTC)
    assert coverage_of(account=account, at=before).state is CoverState.NOT_COVERED
