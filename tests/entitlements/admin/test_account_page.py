"""The page of one account."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from entitlements.actions.accounts import add_contact, set_standing
from entitlements.actions.overrides import grant, revoke
from entitlements.domain.facts import Mode, Standing
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, account, publish_plan

pytestmark = pytest.mark.django_db


def page(desk: Client, key: str, **asked: str) -> str:
    return text_of(desk.get(url("account_page", key), asked))


def test_it_says_who_the_customer_is(sales_desk: Client, acme: Customer) -> None:
    said = page(sales_desk, "acme")
    assert "Acme acme Open Team v1 · active" in said
    assert "Europe/Amsterdam, where it is Monday 2 March 10:00" in said


def test_a_trial_is_counted_down_in_the_zone_of_the_customer(support_desk: Client, tried: Customer) -> None:
    said = page(support_desk, "tried")
    assert "trial, 4 days left, until 6 Mar 2026 10:00 (Amsterdam)" in said
    assert "If nobody converts it, the customer falls back to Free." in said


def test_a_lapsed_trial_names_what_follows(sales_desk: Client, tried: Customer) -> None:
    said = page(sales_desk, "tried", at="2026-03-07T00:00")
    assert "trial over, now Free" in said
    assert "Storage 1 GB" in said


def test_each_feature_says_how_much_and_from_where(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = page(sales_desk, "acme")
    assert "Storage 120 GB through 31 December 2026 (Amsterdam) plan override Why?" in said
    assert "Tier Smart plan Why?" in said


def test_a_denied_feature_stays_in_sight(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.sso, Mode.DENY, at=AT - DAY)
    assert "Single sign-on denied" in page(sales_desk, "acme")


def test_what_is_set_per_customer_is_listed_until_it_is(sales_desk: Client, acme: Customer) -> None:
    from tests.catalog.factories import FeatureFactory, PlanTermFactory, PlanVersionFactory, publish_now

    manager = FeatureFactory(key="manager", name="Named manager")
    draft = PlanVersionFactory(plan=acme.catalog.team)
    PlanTermFactory(version=draft, feature=manager, state="set_per_customer")
    publish_now(draft, at=AT - DAY)
    assert "Set per customer, and not agreed yet: Named manager" in page(sales_desk, "acme")
    overridden(acme.account, manager, Mode.REPLACE, True, at=AT - timedelta(hours=1))
    assert "not agreed yet" not in page(sales_desk, "acme")


def test_overrides_stand_where_they_are_in_their_life(sales_desk: Client, acme: Customer) -> None:
    storage, seats = acme.catalog.storage, acme.catalog.seats
    overridden(acme.account, storage, Mode.ADD, 20 * GB, at=AT - DAY)
    ended = overridden(acme.account, seats, Mode.ADD, Decimal(5), at=AT - 2 * DAY)
    revoke(override=ended, reason="Over", by=SYSTEM, at=AT - DAY)
    beyond = {"value": 900 * GB, "through_on": None, "review_on": AT.date(), "reason": "Big deal"}
    grant(account=acme.account, feature=storage, mode=Mode.ADD, by=actor("sales"), at=AT - DAY, **beyond)
    said = page(sales_desk, "acme")
    assert "Waiting for approval Acme: Storage + 900 GB" in said
    assert "In force Storage: + 20 GB" in said
    assert "Revoked Seats: + 5" in said


def test_the_past_is_shown_as_we_know_it_today(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = page(sales_desk, "acme", at="2026-02-28T12:00")
    assert "What is true at 28 February 2026 12:00 (Amsterdam), by everything we know today" in said
    assert "Storage 100 GB" in said
    assert "Grant an override" not in said


def test_the_past_is_shown_as_we_believed_it(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = page(sales_desk, "acme", at="2026-03-02T09:00", known_at="2026-02-28T12:00")
    assert "What we believed at 28 February 2026 12:00 (Amsterdam) about 2 March 2026 09:00 (Amsterdam)" in said
    assert "Storage 100 GB" in said


def test_before_it_was_known_there_is_nothing_to_show(sales_desk: Client, acme: Customer) -> None:
    assert "was not known yet" in page(sales_desk, "acme", known_at="2020-01-01T00:00")


@pytest.mark.parametrize("asked", [{"at": "soon"}, {"known_at": "2030-01-01T00:00"}, {"at": "0001-01-01T00:00"}])
def test_a_moment_that_is_none_is_said_and_now_is_shown(
    sales_desk: Client, acme: Customer, asked: dict[str, str]
) -> None:
    response = sales_desk.get(url("account_page", "acme"), asked)
    assert response.context["moment"].problems
    assert "Storage 100 GB" in text_of(response)


def test_the_timeline_tells_acts_and_what_they_changed_newest_first(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    said = page(sales_desk, "acme")
    story = said[said.index("What happened") :]
    assert "Migration Storage: 100 GB → 120 GB" in story
    assert story.index("Migration") < story.index("Open account")


def test_a_closed_account_has_nothing_and_says_why(sales_desk: Client, acme: Customer) -> None:
    set_standing(account=acme.account, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT - DAY)
    assert "Nothing. The account is closed." in page(sales_desk, "acme")


def test_empty_panels_say_so(sales_desk: Client, db: None) -> None:
    account("empty")
    said = page(sales_desk, "empty")
    assert "This customer has bought nothing" in said
    assert "None: the plan alone decides." in said


def test_each_role_sees_the_buttons_of_its_own_acts(
    sales_desk: Client, support_desk: Client, finance_desk: Client, tried: Customer
) -> None:
    add_contact(account=tried.account, name="Bea", email="bea@tried.example", by=SYSTEM, at=AT)
    sales, support, finance = (page(desk, "tried") for desk in (sales_desk, support_desk, finance_desk))
    assert "Grant an override Extend the trial Convert the trial" in sales
    assert "Suspend" not in sales
    assert "Suspend Close" in finance
    assert not any(word in support for word in ("Grant", "Extend", "Deny", "Suspend"))


def test_the_page_reads_the_same_however_much_happened(
    sales_desk: Client, acme: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for days in range(20, 0, -1):
        overridden(acme.account, acme.catalog.storage, Mode.ADD, GB, at=AT - timedelta(hours=days))
    sales_desk.get(url("account_page", "acme"))
    with django_assert_max_num_queries(48):
        sales_desk.get(url("account_page", "acme"))


def test_an_unknown_account_is_not_found(sales_desk: Client) -> None:
    assert sales_desk.get(url("account_page", "nobody")).status_code == 404


def test_who_may_not_look_at_accounts_learns_nothing(sign_in: object, acme: Customer) -> None:
    desk = sign_in("administrator")
    assert desk.get(url("account_page", "acme")).status_code == 403
    assert desk.get(url("account_page", "nobody")).status_code == 403


def test_a_version_that_came_later_is_shown_as_it_is_now(sales_desk: Client, acme: Customer) -> None:
    publish_plan(acme.catalog.team, {acme.catalog.storage: 200 * GB}, at=AT - DAY)
    said = page(sales_desk, "acme")
    assert "Team v2 · active" in said
    assert "Storage 200 GB" in said
