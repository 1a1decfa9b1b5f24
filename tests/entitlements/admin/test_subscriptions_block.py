"""The subscriptions and the people of an account, with exactly the buttons that state and role allow."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from entitlements.actions.contacts import add_contact
from entitlements.actions.lifecycle import cancel, fail_payment, pause
from entitlements.actions.periods import record_period
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import end
from entitlements.admin.life.block import subscriptions_block
from entitlements.admin.moments import AskedMoment
from entitlements.domain.timing import Timing
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of
from tests.entitlements.world import AT, DAY, subscribed

pytestmark = pytest.mark.django_db
NOW = AskedMoment(AT, None, now=True, zone="Europe/Amsterdam")
OF_IT = {"by": SYSTEM, "at": AT - DAY}


def line_of(account: Account, moment: AskedMoment = NOW) -> Any:
    return subscriptions_block(account, moment=moment)["lines"][0]


def buttons(account: Account) -> set[str]:
    return {button.words for some in line_of(account).buttons.values() for button in some}


def page(desk: Client, key: str, tab: str = "subscriptions", **asked: str) -> str:
    return text_of(desk.get(reverse(f"admin:desk_account_{tab}", args=[key]), asked))


def test_in_grace_it_counts_down(acme: Customer) -> None:
    fail_payment(subscription=acme.subscription, grace_days=6, **OF_IT)
    line = line_of(acme.account)
    assert line.words == "In grace, 5 days left, until 7 Mar 2026 10:00 (Amsterdam)"
    assert line.colour == "grace"


def test_each_state_has_its_buttons(acme: Customer) -> None:
    assert buttons(acme.account) == {"Change", "Pause", "Cancel", "Payment failed"}
    pause(subscription=acme.subscription, **OF_IT)
    assert buttons(acme.account) == {"Resume", "Change", "Cancel"}


def test_looked_back_on_what_was_bought_after_its_trial_is_active(tried: Customer) -> None:
    later = AT + 30 * DAY
    change_plan(subscription=tried.subscription, plan=tried.catalog.team, by=SYSTEM, at=later)
    then = AskedMoment(later + DAY, None, now=False, zone="Europe/Amsterdam")
    assert line_of(tried.account, then).words == "Active"


def test_in_trial_no_payment_fails(tried: Customer) -> None:
    assert buttons(tried.account) >= {"Extend the trial", "Convert the trial", "Change", "Cancel"}
    assert not buttons(tried.account) & {"Payment failed", "Pause"}


def test_unpaid_it_waits_for_payment_alone(acme: Customer) -> None:
    fail_payment(subscription=acme.subscription, grace_days=0, **OF_IT)
    assert line_of(acme.account).words == "Past due, gives nothing until payment comes"
    assert buttons(acme.account) == {"Payment came", "Cancel"}


def test_cancelled_it_may_be_kept_and_not_cancelled_again(acme: Customer) -> None:
    cancel(subscription=acme.subscription, timing=Timing.AT_RENEWAL, reason="Too dear", **OF_IT)
    assert "Keep it going" in buttons(acme.account)
    assert "Cancel" not in buttons(acme.account)
    line = line_of(acme.account)
    assert line.words == "Active, 18 days left, until 20 Mar 2026 10:00 (Amsterdam)"
    assert [(change["words"], change["ahead"]) for change in line.to_come] == [
        ("Cancellation: Team is cancelled", "in 18 days")
    ]
    assert line.renews == ""


def test_it_says_what_it_was_billed_for_and_when_it_renews(acme: Customer) -> None:
    assert line_of(acme.account).renews == "20 March 2026 10:00 (Amsterdam), in 18 days"
    begun, month = AT - 5 * DAY, timedelta(days=30)
    record_period(subscription=acme.subscription, starts_at=begun, ends_at=begun + month, by=SYSTEM, at=AT)
    assert line_of(acme.account).period == "25 February 2026 10:00 (Amsterdam) to 27 March 2026 10:00 (Amsterdam)"
    assert line_of(acme.account).renews.startswith("27 March 2026")


def test_a_plan_to_come_says_from_when(acme: Customer) -> None:
    tomorrow = AT + DAY
    told = {"plan": acme.catalog.free, "timing": Timing.ON_DATE, "on": tomorrow}
    change_plan(subscription=acme.subscription, **told, **OF_IT)
    line = line_of(acme.account)
    assert [words for _item, words in line.items] == [
        "Team v1, until 3 Mar 2026 10:00 (Amsterdam)",
        "Free v1, from 3 March 2026 10:00 (Amsterdam) on",
    ]
    assert line.to_come[0]["ahead"] == "tomorrow"


def test_what_has_ended_is_folded_away(sales_desk: Client, acme: Customer) -> None:
    second = subscribed(acme.account, acme.catalog.free)
    end(subscription=second, ends_at=AT - DAY, reason="Gone", **OF_IT)
    block = subscriptions_block(acme.account, moment=NOW)
    assert [line.held.number for line in block["lines"]] == [1]
    assert [line.words for line in block["over"]] == ["Ended 1 March 2026 10:00 (Amsterdam)"]
    assert "Ended: 1" in page(sales_desk, "acme")


def test_at_another_moment_it_shows_the_state_of_then_and_no_buttons(sales_desk: Client, acme: Customer) -> None:
    fail_payment(subscription=acme.subscription, grace_days=6, **OF_IT)
    then = AskedMoment(AT + 6 * DAY, None, now=False, zone="Europe/Amsterdam")
    assert line_of(acme.account, then).words == "Past due, gives nothing until payment comes"
    believed = AskedMoment(AT, AT - 2 * DAY, now=False, zone="Europe/Amsterdam")
    assert line_of(acme.account, believed).words == "Active"
    said = page(sales_desk, "acme", at="2026-03-08T12:00")
    assert "Payment came" not in said.partition("Subscriptions Subscription 1")[2]


def test_sales_may_all_of_it_and_finance_the_payments(sign_in: Any, acme: Customer) -> None:
    assert "Change subscription 1 Pause subscription 1 Cancel" in page(sign_in("sales"), "acme")
    of_finance = page(sign_in("finance"), "acme").partition("Subscriptions Subscription 1")[2]
    assert "Payment failed for subscription 1" in of_finance
    assert "Pause" not in of_finance


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_support_only_reads(sign_in: Any, acme: Customer, role: str) -> None:
    add_contact(account=acme.account, name="Bea", email="bea@acme.example", **OF_IT)
    desk = sign_in(role)
    said = page(desk, "acme").partition("Subscriptions Subscription 1")[2]
    assert not any(words in said for words in ("Pause", "Payment failed", "Start a subscription"))
    people = page(desk, "acme", "contacts")
    assert "bea@acme.example" in people
    assert "Add a contact" not in people


def test_that_nobody_is_told_is_pointed_out(sales_desk: Client, acme: Customer) -> None:
    assert "Nobody yet, so no notice reaches this customer." in page(sales_desk, "acme", "contacts")
    add_contact(account=acme.account, name="Bea", email="bea@acme.example", told=False, **OF_IT)
    assert "Nobody gets the notices meant for this customer." in page(sales_desk, "acme", "contacts")
