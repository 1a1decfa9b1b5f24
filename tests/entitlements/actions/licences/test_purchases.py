"""The licence that comes with a purchase: once, its key sent and kept nowhere, asleep while nothing is given."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Plan
from entitlements.actions.contacts import add_contact
from entitlements.actions.licences.issuing import renew_key
from entitlements.actions.licences.standing import revoke
from entitlements.actions.lifecycle import pause, resume
from entitlements.actions.plan_changes import cancel_change, change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trials import convert
from entitlements.domain.timing import Timing
from entitlements.models import Account, Licence
from entitlements.queries.licences import standing_now
from entitlements.queries.licences.lists import unsent_keys
from journal.domain.actor import SYSTEM
from journal.integrations.delivery import deliver
from journal.models import Notice, Outbound
from tests.conftest import actor
from tests.entitlements.contracts import drafted, selling, signed
from tests.entitlements.licensing import policy_of
from tests.entitlements.world import AT, DAY, Catalog, account, add_on, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold() -> Catalog:
    """A licence comes with Team."""
    found = catalog()
    policy_of(found.team, at=AT - 20 * DAY)
    return found


@pytest.fixture
def acme() -> Account:
    return account("acme")


def heard(of: Account, name: str = "Ana") -> None:
    add_contact(account=of, name=name, email=f"{name.lower()}@acme.example", by=SYSTEM, at=AT)


def changed(subscription: Any, plan: Plan, *, after: int) -> None:
    change_plan(subscription=subscription, plan=plan, by=SYSTEM, at=AT + timedelta(minutes=after))


def test_a_purchase_issues_one_and_sends_its_key(sold: Catalog, acme: Account, mailoutbox: list[Any]) -> None:
    heard(acme)
    subscription = subscribed(acme, sold.team, at=AT)
    row = Licence.objects.get()
    assert (row.account, row.subscription, row.policy.key) == (acme, subscription, "press")
    [kept] = Outbound.objects.values_list("payload", flat=True)
    assert "el_" not in kept["body"] + Notice.objects.get().body
    deliver(clock=lambda: AT, jitter=lambda: 0.0)
    [mail] = mailoutbox
    assert mail.to == ["ana@acme.example"]
    assert f"el_{row.prefix}_" in mail.body
    assert Outbound.objects.get().payload["sealed"] is None


def test_the_one_who_sells_needs_no_permission_to_issue(sold: Catalog, acme: Account) -> None:
    seller = actor("sales")
    row = subscribed(acme, sold.free, at=AT)
    change_plan(subscription=row, plan=sold.team, by=seller, at=AT)
    assert Licence.objects.get().issued_by == f"The desk, for {seller.name}"


def test_what_comes_with_no_policy_or_is_lent_issues_none(sold: Catalog, acme: Account) -> None:
    extra = add_on("extra", {sold.sso: True})
    policy_of(extra, key="extra", at=AT)
    row = subscribed(acme, sold.free, at=AT)
    add_item(subscription=row, plan=extra, lent=True, ends_at=AT + DAY, by=SYSTEM, at=AT)
    assert not Licence.objects.exists()
    add_item(subscription=row, plan=extra, by=SYSTEM, at=AT)
    assert Licence.objects.get().policy.key == "extra"


def test_a_signed_contract_is_a_purchase_too(sold: Catalog, acme: Account) -> None:
    version = drafted(acme)
    selling(version, sold.team)
    contract = signed(version).contract
    assert Licence.objects.get().subscription == contract.subscription


def test_changed_away_and_back_it_stays_the_one_there_is(sold: Catalog, acme: Account) -> None:
    row = subscribed(acme, sold.team, at=AT)
    changed(row, sold.free, after=1)
    changed(row, sold.team, after=2)
    revoke(licence=Licence.objects.get(), reason="Leaked", by=SYSTEM, at=AT)
    changed(row, sold.free, after=3)
    assert Licence.objects.count() == 1
    changed(row, sold.team, after=4)
    assert Licence.objects.count() == 2


def test_it_sleeps_while_its_subscription_gives_nothing_and_wakes_with_it(sold: Catalog, acme: Account) -> None:
    row = subscribed(acme, sold.team, at=AT)
    licence = Licence.objects.get()
    pause(subscription=row, by=SYSTEM, at=AT + DAY)
    paused = standing_now(licence, AT + DAY)
    assert (paused.valid, paused.code) == (False, "subscription_over")
    resume(subscription=row, by=SYSTEM, at=AT + 2 * DAY)
    assert standing_now(licence, AT + 2 * DAY).code == "ok"
    end(subscription=row, ends_at=AT + 9 * DAY, reason="Left", by=SYSTEM, at=AT + 3 * DAY)
    codes = [standing_now(licence, AT + days * DAY).code for days in (8, 9)]
    assert codes == ["ok", "subscription_over"]


def test_a_trial_has_one_that_ends_with_it_or_goes_on_converted(sold: Catalog, acme: Account) -> None:
    tried = subscribed(acme, sold.team, at=AT, trial_days=14)
    other = subscribed(account("other"), sold.team, at=AT, trial_days=14)
    convert(subscription=other, by=SYSTEM, at=AT + DAY)
    assert standing_now(other.licences.get(), AT + 20 * DAY).valid
    assert standing_now(tried.licences.get(), AT + 13 * DAY).valid
    assert Licence.objects.count() == 2


def test_with_nobody_to_send_it_to_the_account_says_so_until_a_new_key_is_made(sold: Catalog, acme: Account) -> None:
    subscribed(acme, sold.team, at=AT)
    row = Licence.objects.get()
    assert list(unsent_keys(acme, at=AT)) == [row]
    assert not Outbound.objects.exists()
    renew_key(licence=row, reason="For the customer", by=SYSTEM, at=AT)
    assert list(unsent_keys(acme, at=AT)) == []


def test_what_is_bought_for_a_later_day_is_licensed_from_then_on(sold: Catalog, acme: Account) -> None:
    row = subscribed(acme, sold.free, at=AT - DAY)
    planned = change_plan(subscription=row, plan=sold.team, timing=Timing.ON_DATE, on=AT + 9 * DAY, by=SYSTEM, at=AT)
    licence = Licence.objects.get()
    begins = planned.effective_at
    assert standing_now(licence, AT + DAY).code == "subscription_over"
    assert (standing_now(licence, begins - DAY).valid, standing_now(licence, begins).valid) == (False, True)
    cancel_change(change=planned, by=SYSTEM, at=AT + DAY)
    licence.refresh_from_db()
    assert licence.revoke_reason == "The purchase it came with was called off before it began"
    assert not standing_now(licence, begins).valid


def test_who_buys_more_keeps_the_licence(sold: Catalog, acme: Account) -> None:
    row = subscribed(acme, sold.team, at=AT)
    changed(row, sold.free, after=1)
    assert standing_now(Licence.objects.get(), AT + DAY).valid
