"""What each tab of an account's page shows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.domain.values import ParentRule
from entitlements.actions.accounts import edit_account
from entitlements.actions.contacts import add_contact
from entitlements.actions.overrides import grant, revoke
from entitlements.domain.facts import Mode
from entitlements.models import AnswerGiven
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Staff
from tests.catalog.factories import FeatureRevisionFactory, MarketFactory
from tests.conftest import actor
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.factories import AnswerGivenFactory, EntitlementChangeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, account, subscribed

pytestmark = pytest.mark.django_db


def test_each_feature_says_how_much_and_from_where(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = read(sales_desk, "entitlements")
    assert "Storage 120 GB through 31 December 2026 (Amsterdam) plan override Why?" in said
    assert "Tier Smart plan Why?" in said


def test_a_denied_feature_stays_in_sight(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.sso, Mode.DENY, at=AT - DAY)
    assert "Single sign-on denied" in read(sales_desk, "entitlements")


def test_the_answers_are_narrowed_by_what_is_typed(sales_desk: Client, acme: Customer) -> None:
    said = read(sales_desk, "entitlements", q="stor")
    assert "Storage 100 GB" in said
    assert "Single sign-on" not in said
    assert "No feature fits “teleport”" in read(sales_desk, "entitlements", q="teleport")


def test_the_overview_leads_to_what_it_leaves_out(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    add_contact(account=acme.account, name="Bea", email="bea@acme.example", by=SYSTEM, at=AT)
    said = read(sales_desk)
    assert "Storage 120 GB" in said
    assert "Subscription 1: Team v1 Active" in said
    assert "Storage: + 20 GB" in said
    assert "Bea bea@acme.example" in said


def test_a_subscription_is_told_with_what_was_sold_beside_it(sales_desk: Client, acme: Customer) -> None:
    said = read(sales_desk, "subscriptions")
    assert "Subscription 1 Active" in said
    assert "Add-ons, codes and caps" in said


def test_overrides_stand_where_they_are_in_their_life(sales_desk: Client, acme: Customer) -> None:
    storage, seats = acme.catalog.storage, acme.catalog.seats
    overridden(acme.account, storage, Mode.ADD, 20 * GB, at=AT - DAY)
    ended = overridden(acme.account, seats, Mode.ADD, Decimal(5), at=AT - 2 * DAY)
    revoke(override=ended, reason="Over", by=SYSTEM, at=AT - DAY)
    beyond = {"value": 900 * GB, "through_on": None, "review_on": AT.date(), "reason": "Big deal"}
    grant(account=acme.account, feature=storage, mode=Mode.ADD, by=actor("sales"), at=AT - DAY, **beyond)
    said = read(sales_desk, "overrides")
    assert "Waiting for approval Acme: Storage + 900 GB" in said
    assert "In force Storage: + 20 GB" in said
    assert "Revoked: 1 Revoked Seats: + 5" in said


def test_empty_tabs_say_so(sales_desk: Client, db: None) -> None:
    account("empty")
    assert "This customer has bought nothing" in read(sales_desk, "subscriptions", "empty")
    assert "None: the plan alone decides." in read(sales_desk, "overrides", "empty")
    assert "It stands alone" in read(sales_desk, "family", "empty")
    assert "no program was told anything about it" in read(sales_desk, "keys", "empty")


def test_a_family_is_a_tree_with_what_each_holds(sales_desk: Client, acme: Customer) -> None:
    child = account("child", parent=acme.account)
    account("grandchild", parent=child)
    subscribed(child, acme.catalog.free)
    said = read(sales_desk, "family", "child")
    assert "Acme Team v1 · Active Child this account Free v1 · Active Grandchild nothing bought" in said


def test_what_a_child_inherits_is_told_with_its_rule(sales_desk: Client, acme: Customer) -> None:
    feature = {"feature": acme.catalog.storage, "effective_at": AT - DAY}
    FeatureRevisionFactory(**feature, parent_rule=ParentRule.INHERIT)
    account("child", parent=acme.account)
    said = read(sales_desk, "family", "child")
    assert "Storage Inherits A child account gets what its parent has 100 GB 100 GB from its parent Why?" in said
    assert "Of the other 3 features, each account has its own Seats, Single sign-on, Tier" in said
    why = sales_desk.get(reverse("admin:entitlements_account_explain", args=["child", "storage"])).content.decode()
    assert "by Team v1" in why


def test_where_its_own_counts_the_rule_says_why(sales_desk: Client, acme: Customer) -> None:
    feature = {"feature": acme.catalog.storage, "effective_at": AT - DAY}
    FeatureRevisionFactory(**feature, parent_rule=ParentRule.SHARED)
    top = account("top", market=MarketFactory(name="Asia"), zone="Asia/Tokyo")
    subscribed(top, acme.catalog.free)
    edit_account(account=acme.account, parent=top, by=SYSTEM, at=AT)
    said = read(sales_desk, "family")
    assert "Storage Shares A child account shares what its parent has, use counted together 1 GB 100 GB its own" in said
    assert "Top is in Asia, Acme in no market." in said
    assert "Top lives by Tokyo time, Acme by Amsterdam." in said


def test_a_loop_in_a_family_is_walked_once(sales_desk: Client, acme: Customer) -> None:
    child = account("child", parent=acme.account)
    with pytest.raises(Exception, match="belongs to"):
        edit_account(account=acme.account, parent=child, by=SYSTEM, at=AT)
    type(child).objects.filter(pk=acme.account.pk).update(parent=child)  # what no action does
    assert sales_desk.get(address("family")).status_code == 200


def test_programs_that_asked_are_named_with_when(sales_desk: Client, acme: Customer) -> None:
    for hours in (30, 3):
        AnswerGivenFactory(account=acme.account, told="Web shop", told_at=AT - timedelta(hours=hours))
    assert AnswerGiven.objects.count() == 2
    assert "Web shop 2 March 2026 07:00 (Amsterdam) 2" in read(sales_desk, "keys")


def test_who_manages_keys_sees_which_may_ask(acme: Customer) -> None:
    issue(name="Reader", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=AT)
    issue(name="Writer", scopes=["payments:write"], expires_at=None, by=SYSTEM, at=AT)
    desk = Client()
    desk.force_login(Staff.objects.create_superuser("root", "root@desk.example", "a-long-password-1"))
    said = read(desk, "keys")
    assert "Reader" in said
    assert "Writer" not in said


def test_the_audit_tells_every_deed_with_its_number(finance_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    said = read(finance_desk, "audit")
    newest = AuditEvent.objects.filter(account_key="acme", verb__startswith="override").latest("seq")
    assert f"#{newest.seq} 1 March 2026 10:00 (Amsterdam)" in said
    assert "Migration Storage: nothing → + 20 GB" in said


def test_the_audit_is_turned_page_by_page(finance_desk: Client, acme: Customer) -> None:
    for number in range(60):
        add_contact(account=acme.account, name="Bea", email=f"bea{number}@acme.example", by=SYSTEM, at=AT)
    first = finance_desk.get(address("audit"))
    assert len(first.context["deeds"]) == 50
    assert "Open account" in str(finance_desk.get(first.context["older"]).content)


def test_a_place_in_the_audit_that_is_none_is_its_beginning(finance_desk: Client, acme: Customer) -> None:
    for before in ("x", "9" * 30, "-1"):
        assert finance_desk.get(address("audit"), {"before": before}).status_code == 200


def story(desk: Client, **asked: Any) -> list[str]:
    return [entry["moment"].words for entry in desk.get(address("timeline"), asked).context["story"]]


def test_the_timeline_tells_acts_and_what_they_changed_newest_first(sales_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    said = read(sales_desk, "timeline")
    told = said[said.index("What happened") :]
    assert "Migration Storage: 100 GB → 120 GB" in told
    assert told.index("Migration") < told.index("Open account")


def test_only_who_sees_the_audit_is_led_there(sales_desk: Client, finance_desk: Client, acme: Customer) -> None:
    assert "In the audit" not in read(sales_desk, "timeline")
    assert "In the audit" in read(finance_desk, "timeline")


def test_the_timeline_is_narrowed_in_the_zone_of_the_customer(sales_desk: Client, acme: Customer) -> None:
    for hours in (22.5, 23.5):  # of 1 March in UTC: before and after midnight in Amsterdam
        at = AT - timedelta(hours=33) + timedelta(hours=hours)
        EntitlementChangeFactory(account=acme.account, effective_at=at, cause=f"At {hours}")
    assert "At 22.5" in story(sales_desk, since="2026-03-01", until="2026-03-01")
    assert "At 23.5" not in story(sales_desk, until="2026-03-01")
    assert story(sales_desk, since="2026-03-02", sort="time") == ["At 23.5"]


def test_what_can_not_be_asked_is_said_and_left_out(sales_desk: Client, acme: Customer) -> None:
    said = read(sales_desk, "timeline", since="soon", sort="gossip", before="x")
    assert "“soon” is no day; it was left out." in said
    assert "Open account" in said


def test_the_pages_of_the_timeline_keep_what_was_asked(sales_desk: Client, acme: Customer) -> None:
    for number in range(60):
        EntitlementChangeFactory(account=acme.account, effective_at=AT - number * DAY, cause=f"Day {number}")
    older = sales_desk.get(address("timeline"), {"sort": "time", "since": "2025-01-01"}).context["older"]
    assert "sort=time&since=2025-01-01&before=" in older
    assert next(entry["moment"].words for entry in sales_desk.get(older).context["story"]) == "Day 50"
