"""Wherever a trial is shown, what its end takes and leaves is said feature by feature."""

import pytest
from django.test import Client

from entitlements.admin.pages import account_url
from entitlements.models import Subscription
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.trying import trying

pytestmark = pytest.mark.django_db
SAID = (
    "If nobody converts it, the customer falls back to Free. "
    "Storage is kept for 7 days, until 13 Mar 2026 10:00 (Amsterdam). "
    "Single sign-on is kept only if used before then. Tier is no longer included. Seats is reduced."
)


@pytest.fixture
def trial(db: None) -> Subscription:
    return trying()


@pytest.mark.parametrize("page", ["trial_extend", "trial_convert"])
def test_before_it_is_extended_or_converted(sales_desk: Client, trial: Subscription, page: str) -> None:
    said = text_of(sales_desk.get(url(page, "acme", trial.number)))
    assert SAID in said
    assert "Storage kept for 7 days, until 13 Mar 2026 10:00 (Amsterdam)" in said
    assert "Seats 10 → 2" in said


def test_on_the_page_of_the_account(sales_desk: Client, trial: Subscription) -> None:
    assert SAID in text_of(sales_desk.get(account_url(trial.account, part="subscriptions")))
