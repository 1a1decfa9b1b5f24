"""The page of one account: its head, what to know first, and what each role may do."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Market
from desk.slots import tabs
from entitlements.actions.accounts import set_standing
from entitlements.actions.contacts import add_contact
from entitlements.actions.licences.issuing import renew_key
from entitlements.actions.lifecycle import fail_payment
from entitlements.actions.overrides import grant
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.trials import extend
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Licence
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureFactory, MarketFactory, PlanTermFactory, PlanVersionFactory, publish_now
from tests.conftest import actor
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.factories import SubscriptionChangeFactory, overridden
from tests.entitlements.licensing import policy_of
from tests.entitlements.world import AT, DAY, GB, account, publish_plan, subscribed

pytestmark = pytest.mark.django_db


def test_it_says_who_the_customer_is(sales_desk: Client, acme: Customer) -> None:
    said = read(sales_desk)
    assert "Acme acme Open Team v1 · Active" in said
    assert "Europe/Amsterdam, where it is Monday 2 March 10:00" in said


def test_a_trial_is_counted_down_in_the_zone_of_the_customer(support_desk: Client, tried: Customer) -> None:
    assert "In trial, 4 days left, until 6 Mar 2026 10:00 (Amsterdam)" in read(support_desk, key="tried")


def test_a_lapsed_trial_names_what_follows(sales_desk: Client, tried: Customer) -> None:
    said = read(sales_desk, key="tried", at="2026-03-07T00:00")
    assert "Trial over, now Free" in said
    assert "Storage 1 GB" in said


def test_a_version_that_came_later_is_shown_as_it_is_now(sales_desk: Client, acme: Customer) -> None:
    publish_plan(acme.catalog.team, {acme.catalog.storage: 200 * GB}, at=AT - DAY)
    said = read(sales_desk)
    assert "Team v2 · Active" in said
    assert "Storage 200 GB" in said


def test_of_many_subscriptions_the_head_names_three(sales_desk: Client, acme: Customer) -> None:
    for _ in range(4):
        subscribed(acme.account, acme.catalog.free, at=AT - DAY)
    assert "and 2 more" in read(sales_desk)


def test_it_says_whether_support_is_owed(sales_desk: Client, acme: Customer) -> None:
    assert "Support Not covered" in read(sales_desk)


def test_a_customer_who_has_not_paid_has_nothing_and_reads_why(sales_desk: Client, acme: Customer) -> None:
    fail_payment(subscription=acme.subscription, grace_days=0, by=SYSTEM, at=AT - timedelta(hours=1))
    said = read(sales_desk)
    assert "Nothing. Subscription 1 (Team v1): Past due, gives nothing until payment comes." in said
    assert "bought nothing" not in said


def test_a_closed_account_has_nothing_and_says_why(sales_desk: Client, acme: Customer) -> None:
    set_standing(account=acme.account, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT - DAY)
    assert "Nothing. The account is closed." in read(sales_desk)
    assert "The account is closed and has nothing." in read(sales_desk, "timeline")


@pytest.mark.parametrize(("days", "warned"), [(10, False), (13, True)])
def test_a_trial_is_warned_about_three_days_before_its_end(sales_desk: Client, days: int, warned: bool) -> None:
    from tests.entitlements.world import catalog

    subscribed(account("late"), catalog().team, at=AT - days * DAY, trial_days=14)
    assert ("Subscription 1 is in trial: 1 day left" in read(sales_desk, key="late")) is warned


def test_an_override_is_warned_about_a_fortnight_before_its_end(sales_desk: Client, acme: Customer) -> None:
    ends = {"through_on": (AT + 8 * DAY).date()}
    overridden(acme.account, acme.catalog.storage, Mode.ADD, GB, at=AT - DAY, **ends)
    overridden(acme.account, acme.catalog.seats, Mode.ADD, Decimal(5), at=AT - DAY)
    assert "The override of Storage ends: 9 days left, through 10 March 2026 (Amsterdam)" in read(sales_desk)
    assert "override of Seats ends" not in read(sales_desk)


def test_what_waits_for_a_second_person_is_said(sales_desk: Client, acme: Customer) -> None:
    beyond = {"value": 900 * GB, "through_on": None, "review_on": AT.date(), "reason": "Big deal"}
    sold = {"account": acme.account, "feature": acme.catalog.storage, "mode": Mode.ADD}
    grant(**sold, by=actor("sales"), at=AT - DAY, **beyond)
    assert "Waiting for a second person: Acme: Storage + 900 GB" in read(sales_desk)


def test_a_change_to_come_is_said(sales_desk: Client, acme: Customer) -> None:
    SubscriptionChangeFactory(subscription=acme.subscription, recorded_at=AT, effective_at=AT + 9 * DAY)
    assert "Change to come on 11 March 2026 10:00 (Amsterdam): Team → Enterprise." in read(sales_desk, "timeline")


def test_a_licence_key_that_reached_nobody_is_said_until_there_is_another(sales_desk: Client, acme: Customer) -> None:
    policy_of(acme.catalog.free, at=AT)
    change_plan(subscription=acme.subscription, plan=acme.catalog.free, by=SYSTEM, at=AT)
    row = Licence.objects.get()
    words = f"The key of its licence el_{row.prefix}_… wasn’t sent: no contact of it gets notices. Make a new one"
    assert words in read(sales_desk)
    renew_key(licence=row, reason="For the customer", by=SYSTEM, at=AT)
    assert words not in read(sales_desk)


def test_what_is_set_per_customer_is_said_until_it_is(sales_desk: Client, acme: Customer) -> None:
    manager = FeatureFactory(key="manager", name="Named manager")
    draft = PlanVersionFactory(plan=acme.catalog.team)
    PlanTermFactory(version=draft, feature=manager, state="set_per_customer")
    publish_now(draft, at=AT - DAY)
    assert "Set per customer, and not agreed yet: Named manager" in read(sales_desk)
    overridden(acme.account, manager, Mode.REPLACE, True, at=AT - timedelta(hours=1))
    assert "not agreed yet" not in read(sales_desk)


def test_what_is_missing_is_said(sales_desk: Client, acme: Customer) -> None:
    said = read(sales_desk)
    assert "Nobody owns this account" in said
    assert "No contact gets the notices" in said
    assert "No market is known" not in said  # nothing is kept to a market
    MarketFactory()
    assert "No market is known" in read(sales_desk)


def test_nothing_is_missing_where_all_is_known(sales_desk: Client, sign_in: SignIn) -> None:
    from journal.models import Staff

    market = MarketFactory()
    held = account("whole", market=Market.objects.get(pk=market.pk), owner=Staff.objects.get(username="sales"))
    add_contact(account=held, name="Bea", email="bea@whole.example", by=SYSTEM, at=AT)
    assert "What to know first" not in read(sales_desk, key="whole")


def test_each_role_sees_the_buttons_of_its_own_acts(
    sales_desk: Client, support_desk: Client, finance_desk: Client, tried: Customer
) -> None:
    sales, support, finance = (read(desk, key="tried") for desk in (sales_desk, support_desk, finance_desk))
    assert "Extend the trial Convert the trial Grant an override Change the plan Start a subscription More" in sales
    assert "Suspend" not in sales
    assert (
        "Compare with another account The past, three ways Dispute pack More Merge a duplicate Suspend Close" in finance
    )
    assert not any(word in support for word in ("Grant", "Extend", "Deny", "Suspend", "Start a"))


def test_an_extension_can_be_undone_while_there_is_time(sales_desk: Client, tried: Customer) -> None:
    minutes_ago = AT - timedelta(minutes=4)
    extend(subscription=tried.subscription, days=3, reason="A demo is due", by=actor("sales"), at=minutes_ago)
    assert "Extend the trial Undo the extension Convert the trial" in read(sales_desk, key="tried")


def test_a_trial_that_lapsed_can_run_again(sales_desk: Client, acme: Customer) -> None:
    lapsed = account("late")
    subscribed(lapsed, acme.catalog.team, at=AT - 20 * DAY, trial_days=14)
    assert "Reactivate the trial" in read(sales_desk, key="late")


def test_with_several_subscriptions_each_button_names_its_own(sales_desk: Client, tried: Customer) -> None:
    subscribed(tried.account, tried.catalog.free, at=AT - DAY)
    assert "Extend the trial (1)" in read(sales_desk, key="tried")


def test_a_suspended_account_is_first_of_all_reopened(finance_desk: Client, acme: Customer) -> None:
    set_standing(account=acme.account, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT - DAY)
    actions = finance_desk.get(address()).context["actions"]
    assert actions.main.words == "Reopen"


def test_the_tabs_of_a_role_are_those_it_may_open(
    sales_desk: Client, finance_desk: Client, support_desk: Client, acme: Customer
) -> None:
    every = {tab.key for tab in tabs()}
    for desk, closed in ((sales_desk, {"audit"}), (support_desk, {"audit"}), (finance_desk, set[str]())):
        shown = {tab.key for tab, _ in desk.get(address()).context["tabs"]}
        assert shown == every - closed
        for key in closed:
            assert desk.get(address(key)).status_code == 403


def test_every_tab_opens(finance_desk: Client, tried: Customer) -> None:
    for tab in tabs():
        assert finance_desk.get(address(tab.key, "tried")).status_code == 200, tab.key


@pytest.mark.parametrize("tab", [tab.key for tab in tabs()])
def test_who_may_not_look_at_accounts_learns_nothing(sign_in: SignIn, acme: Customer, tab: str) -> None:
    desk = sign_in("administrator")
    assert desk.get(address(tab)).status_code == 403
    assert desk.get(address(tab, "nobody")).status_code == 403


def test_an_unknown_account_is_not_found(sales_desk: Client) -> None:
    assert sales_desk.get(address(key="nobody")).status_code == 404


def test_the_old_address_leads_here_with_all_that_was_asked(sales_desk: Client, acme: Customer) -> None:
    old = reverse("admin:entitlements_account_page", args=["acme"])
    response = sales_desk.get(old, {"at": "2026-03-01T10:00"})
    assert response.url == f"{address()}?at=2026-03-01T10%3A00"
