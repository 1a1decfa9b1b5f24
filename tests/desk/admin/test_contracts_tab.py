"""The tab of contracts: what was agreed, which term runs, what each line made; also as it was at another moment."""

from urllib.parse import quote

import pytest
from django.test import Client

from entitlements.models import Override, Subscription
from tests.desk.admin.reading import address, read
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of
from tests.entitlements.agreed import agreed, amended, approved, drafted, plan_line, signed, storage_line
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


def test_without_one_it_says_what_a_contract_is(sales_desk: Client, support_desk: Client, acme: Customer) -> None:
    said = text_of(sales_desk.get(address("contracts")))
    assert "None with this customer. A contract says for how long" in said
    assert "Draft a contract" in said
    assert "Draft a contract" not in text_of(support_desk.get(address("contracts")))


def test_it_says_what_runs_what_follows_and_what_each_line_made(sales_desk: Client, acme: Customer) -> None:
    version = drafted(acme.account, key="C-1")
    plan_line(version, acme.catalog.team, 2, note="For the group")
    storage_line(version, acme.catalog.storage)
    approved(version)
    said = text_of(sales_desk.get(address("contracts")))
    assert "C-1 · Framework agreement In force" in said
    assert "Running First term, 2 March 2026 through 1 March 2027 (Europe/Amsterdam)" in said
    sold, promised = Subscription.objects.latest("pk").number, Override.objects.get().pk
    since = "since 2 March 2026 10:00 (Amsterdam)"
    assert f"2 × Team For the group Gives 2 of it in subscription {sold}, {since}" in said
    assert f"Storage: at least 500 GB Override {promised}, in force, {since}" in said
    assert "Amend C-1 Give notice C-1 End early C-1 When its end is announced C-1 Rename C-1" in said


def test_an_amendment_to_come_is_told_with_what_it_changes(sales_desk: Client, acme: Customer) -> None:
    signed(amended(agreed(acme.account, acme.catalog.team)))
    said = text_of(sales_desk.get(address("contracts")))
    assert "Version 2 begins 1 October 2026 (Amsterdam)" in said
    assert "Changed Line 1: 1 × Team → 3 × Team" in said


def test_a_draft_says_what_it_would_change(sales_desk: Client, acme: Customer) -> None:
    amended(agreed(acme.account, acme.catalog.team))
    said = text_of(sales_desk.get(address("contracts")))
    assert "Version 2 is in draft, begun by The desk; it changes nothing before it is signed." in said
    assert "1 × Team → 3 × Team" in said
    assert "Amend" not in said.partition("Framework agreement")[2]


def test_at_another_moment_it_says_what_held_then(sales_desk: Client, acme: Customer) -> None:
    signed(amended(agreed(acme.account, acme.catalog.team)))
    later = text_of(sales_desk.get(address("contracts") + "?at=2026-10-02T09:00:00Z"))
    assert "Version 2 in force since 1 October 2026 (Amsterdam)" in later
    assert "Give notice" not in later
    before = quote((AT - DAY).isoformat())
    assert "None by then." in text_of(sales_desk.get(address("contracts") + f"?at={before}&known_at={before}"))


def test_its_subscription_offers_only_what_befalls_it(sales_desk: Client, acme: Customer) -> None:
    agreed(acme.account, acme.catalog.team)
    said = read(sales_desk, "subscriptions")
    assert "Change the plan (1) Start a subscription" in said  # not of the second, which a contract holds
    own = said.partition("Subscription 2 Active")[2]
    assert "In contract C-2026-0001, which alone changes what it holds and how long" in own
    assert "Pause" in own
    assert "Cancel" not in own
    assert said.count("Sell an add-on") == 1
