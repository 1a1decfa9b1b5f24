"""When a subscription renews next, and when it does so no more."""

from datetime import UTC, datetime

import pytest

from entitlements.actions.lifecycle import cancel
from entitlements.actions.subscriptions import end
from entitlements.domain.timing import Timing
from entitlements.models import Subscription
from entitlements.queries.life.renewal_ahead import renewal_ahead
from journal.domain.actor import SYSTEM
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
NOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def held(db: None) -> Subscription:
    return subscribed(account(), catalog().team)


def test_it_renews_with_the_month(held: Subscription) -> None:
    assert renewal_ahead(held, at=AT) == RENEWAL


def test_cancelled_as_of_the_renewal_it_renews_no_more_though_access_goes_on(held: Subscription) -> None:
    cancel(subscription=held, timing=Timing.AT_RENEWAL, keep_days=10, reason="Too dear", **NOW)
    held.refresh_from_db()
    assert held.ends_at is not None
    assert held.ends_at > RENEWAL
    assert renewal_ahead(held, at=AT) is None


def test_cancelled_later_it_renews_once_more(held: Subscription) -> None:
    on = RENEWAL + 5 * DAY
    cancel(subscription=held, timing=Timing.ON_DATE, on=on, reason="Too dear", **NOW)
    held.refresh_from_db()
    assert renewal_ahead(held, at=AT) == RENEWAL


def test_ended_before_it_never_renews(held: Subscription) -> None:
    end(subscription=held, ends_at=AT + DAY, reason="Gone", **NOW)
    held.refresh_from_db()
    assert renewal_ahead(held, at=AT) is None
    assert renewal_ahead(held, at=AT + 2 * DAY) is None
