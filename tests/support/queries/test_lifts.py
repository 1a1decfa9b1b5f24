from datetime import UTC, datetime, timedelta

import pytest

from support.domain.milestones import Signal
from support.queries.lifts import lifts_for, rules_for
from tests.catalog.factories import MarketFactory
from tests.entitlements.factories import (
    AccountFactory,
    ContractFactory,
    ContractVersionFactory,
    SubscriptionFactory,
    SubscriptionItemFactory,
)
from tests.support.domain.policies import policy, rule
from tests.support.factories import AccountHealthFactory, SlaPolicyVersionFactory, TargetRuleFactory

pytestmark = pytest.mark.django_db

# In Amsterdam the first instant of 1 April is 22:00 UTC on the day before.
APRIL = datetime(2026, 3, 31, 22, tzinfo=UTC)


@pytest.fixture
def account(db):
    return AccountFactory(market=MarketFactory(key="europe", name="Europe"))


@pytest.fixture
def version(db):
    return SlaPolicyVersionFactory()


def contract(account, *, signed_from=datetime(2025, 4, 1, tzinfo=UTC), ends_at=None, **terms):
    """In force since 1 April 2025, for a year, renewing by the year."""
    row = ContractFactory(account=account, key="C-2026-0012", ends_at=ends_at)
    usual = {"term_months": 12, "renewal": "renews", "renewal_months": 12}
    ContractVersionFactory(
        contract=row, state="signed", signed_at=signed_from, signed_by="Sal", effective_at=signed_from,
        term_starts_at=signed_from, **usual | terms,
    )  # fmt: skip
    return row


def yearly(account, *, starts_at, ends_at=None, interval="year"):
    subscription = SubscriptionFactory(account=account, starts_at=starts_at, ends_at=ends_at)
    SubscriptionItemFactory(subscription=subscription, starts_at=starts_at, interval=interval)
    return subscription


def whys(account, version, at):
    return [lift["why"] for lift in lifts_for(account, version.pk, at=at)]


def test_a_contract_that_renews_soon_moves_targets(account, version, at):
    TargetRuleFactory(version=version, milestone="first_response")
    contract(account)
    assert lifts_for(account, version.pk, at=at) == [
        {
            "milestone": "first_response",
            "percent": 50,
            "why": "Renewal on 1 April 2026 (Amsterdam), of contract C-2026-0012, is within 60 days: 50 % of the target",
        }
    ]


def test_the_instant_from_which_it_is_near_enough(account, version):
    TargetRuleFactory(version=version, value="30")
    contract(account)
    first = APRIL - timedelta(days=30)
    assert whys(account, version, first)
    assert not whys(account, version, first - timedelta(seconds=1))
    assert whys(account, version, APRIL - timedelta(seconds=1))
    assert not whys(account, version, APRIL)


def test_notice_comes_before_the_renewal(account, version, at):
    TargetRuleFactory(version=version, value="10")
    contract(account, notice_days=25)
    assert whys(account, version, at) == [
        "The time to give notice on contract C-2026-0012, through 6 March 2026 (Amsterdam), is within 10 days: "
        "50 % of the target"
    ]
    assert not whys(account, version, at + timedelta(days=10))


def test_an_end_counts_and_a_contract_that_is_over_or_to_come_does_not(version, at):
    TargetRuleFactory(version=version)
    ending, over, to_come = (AccountFactory() for _ in range(3))
    contract(ending, ends_at=APRIL, renewal="ends", renewal_months=None)
    ContractFactory(account=over, ends_at=at)
    row = ContractFactory(account=to_come)
    soon = at + timedelta(days=1)
    ContractVersionFactory(
        contract=row, state="signed", signed_at=at, signed_by="Sal", effective_at=soon, term_starts_at=soon
    )
    assert whys(ending, version, at)[0].startswith("The end of contract C-2026-0012, through 31 March 2026 (Amsterdam)")
    assert whys(over, version, at) == whys(to_come, version, at) == []


def test_what_renews_each_month_is_no_occasion(version, at):
    TargetRuleFactory(version=version)
    by_contract, bought = AccountFactory(), AccountFactory()
    contract(by_contract, term_months=1, renewal_months=1)
    yearly(bought, starts_at=datetime(2026, 1, 10, tzinfo=UTC), interval="month")
    assert whys(by_contract, version, at) == whys(bought, version, at) == []


def test_a_subscription_by_the_year_renews_and_one_with_an_end_ends(version, at):
    TargetRuleFactory(version=version)
    renews, ends, far = (AccountFactory() for _ in range(3))
    yearly(renews, starts_at=datetime(2025, 3, 31, 22, tzinfo=UTC))
    yearly(ends, starts_at=datetime(2025, 9, 1, tzinfo=UTC), ends_at=APRIL, interval="month")
    yearly(far, starts_at=datetime(2025, 9, 1, tzinfo=UTC))
    assert whys(renews, version, at)[0].startswith("Renewal on 1 April 2026 (Amsterdam), of subscription")
    assert whys(ends, version, at)[0].startswith(
        "The end of subscription 1, through 31 March 2026 (Amsterdam), is within"
    )
    assert whys(far, version, at) == []


def test_what_is_in_a_contract_is_told_by_the_contract(account, version, at):
    TargetRuleFactory(version=version)
    row = contract(account, signed_from=datetime(2025, 9, 1, tzinfo=UTC))
    row.subscription = yearly(account, starts_at=datetime(2025, 3, 31, 22, tzinfo=UTC))
    type(row).objects.filter(pk=row.pk).update(subscription=row.subscription)
    assert whys(account, version, at) == []


def test_health_and_market_move_targets_in_the_order_of_the_rules(account, version, at):
    TargetRuleFactory(version=version, signal=Signal.MARKET, value="europe", percent=200, position=2)
    TargetRuleFactory(version=version, signal=Signal.HEALTH, value="at_risk", percent=80, position=1)
    TargetRuleFactory(version=version, signal=Signal.HEALTH, value="critical", percent=10)
    TargetRuleFactory(version=version, signal=Signal.MARKET, value="asia", percent=10)
    AccountHealthFactory(account=account)
    assert whys(account, version, at) == [
        "The account’s health is at risk: 80 % of the target",
        "In the market Europe: 200 % of the target",
    ]
    assert whys(AccountFactory(), version, at) == []


def test_a_rule_past_its_end_holds_no_more(account, version, at):
    TargetRuleFactory(version=version, signal=Signal.MARKET, value="europe", ends_at=at + timedelta(seconds=1))
    assert whys(account, version, at)
    assert not whys(account, version, at + timedelta(seconds=1))
    ended = policy("head", rules=[rule(signal=Signal.MARKET, value="europe", ends_at=at)])
    assert rules_for(account, ended, at=at) == []


def test_a_draft_is_tried_by_the_same_signals(account, at):
    draft = policy("head", rules=[rule(signal=Signal.MARKET, value="europe", percent=20)])
    assert rules_for(account, draft, at=at) == [
        {"milestone": "", "percent": 20, "why": "In the market Europe: 20 % of the target"}
    ]


def test_without_rules_one_read_answers(account, version, at, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert lifts_for(account, version.pk, at=at) == []
    for value in ("30", "60", "90"):
        TargetRuleFactory(version=version, value=value)
    contract(account)
    yearly(account, starts_at=datetime(2025, 3, 31, 22, tzinfo=UTC))
    with django_assert_max_num_queries(6):
        assert len(lifts_for(account, version.pk, at=at)) == 3
