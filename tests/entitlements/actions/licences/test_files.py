"""Until when a file lets software run: never beyond what is known to end the licence."""

from datetime import datetime
from typing import Any

import pytest

from catalog.models import Plan
from entitlements.actions.licences.files import issue_file
from entitlements.actions.subscriptions import end
from entitlements.actions.trials import convert
from entitlements.models import Account, LicenceFile, Subscription
from journal.domain.actor import SYSTEM
from tests.catalog.factories import PlanFactory
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    return account("acme", zone="UTC")


@pytest.fixture
def plain() -> Plan:
    """Nothing follows its trial."""
    plan: Plan = PlanFactory(key="plain", name="Plain")
    publish_plan(plan, {catalog().sso: True})
    return plan


def file_end(subscription: Subscription, **told: Any) -> datetime:
    policy = policy_of(None, at=AT, activation_limit=None)
    row = licensed(subscription.account, policy, at=AT, subscription=subscription, **told).licence
    issue_file(licence=row, fingerprint="", by=SYSTEM, at=AT)
    return LicenceFile.objects.get().expires_at


def test_it_ends_with_a_trial_that_nobody_converted(acme: Account, plain: Plan) -> None:
    assert file_end(subscribed(acme, plain, at=AT, trial_days=3)) == AT + 3 * DAY


def test_a_trial_that_was_converted_ends_nothing(acme: Account, plain: Plan) -> None:
    row = subscribed(acme, plain, at=AT - DAY, trial_days=4)
    assert file_end(convert(subscription=row, by=SYSTEM, at=AT)) == AT + 14 * DAY


def test_where_a_plan_follows_the_trial_the_licence_goes_on_and_so_does_its_file(acme: Account) -> None:
    assert file_end(subscribed(acme, catalog().team, at=AT, trial_days=3)) == AT + 14 * DAY


def test_it_ends_with_the_subscription(acme: Account, plain: Plan) -> None:
    row = subscribed(acme, plain, at=AT)
    end(subscription=row, ends_at=AT + 2 * DAY, reason="Left", by=SYSTEM, at=AT)
    row.refresh_from_db()
    assert file_end(row) == AT + 2 * DAY
