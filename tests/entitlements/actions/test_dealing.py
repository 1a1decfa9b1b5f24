"""Who an account is to us and how it came to buy: partners who sell to others, and our own people."""

import pytest

from entitlements.actions.accounts import edit_account, set_standing
from entitlements.actions.lifecycle import cancel, keep_going
from entitlements.actions.overrides import grant
from entitlements.actions.subscriptions import end, start
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.timing import Timing
from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid
from journal.models import AuditEvent
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, subscribed

pytestmark = pytest.mark.django_db


def refused(field: str, of: Account, **values: object) -> str:
    with pytest.raises(Invalid) as no:
        edit_account(account=of, by=SYSTEM, at=AT, **values)
    assert no.value.field == field
    return no.value.message


# Partners


def test_sold_by_a_partner_it_buys_through_a_reseller(sales: Actor) -> None:
    seller, acme = account("seller", kind="partner"), account()
    edit_account(account=acme, reseller=seller, by=sales, at=AT)
    acme.refresh_from_db()
    assert (acme.reseller, acme.sales_channel) == (seller, SalesChannel.RESELLER)
    changes = AuditEvent.objects.get(verb="account:edit").changes
    assert changes["reseller"] == ["", "Seller"]
    assert changes["sales_channel"] == ["", "Reseller"]


def test_opened_it_may_be_sold_by_a_partner_at_once() -> None:
    acme = account(reseller=account("seller", kind="partner"))
    assert acme.sales_channel == SalesChannel.RESELLER


@pytest.mark.parametrize("kind", ["customer", "internal"])
def test_only_a_partner_sells(kind: str) -> None:
    assert refused("reseller", account(), reseller=account("other", kind=kind)).startswith("Other is no partner")


def test_nobody_sells_to_itself() -> None:
    seller = account("seller", kind="partner")
    assert refused("reseller", seller, reseller=seller) == "Seller can't be sold to by itself."


def test_two_do_not_sell_to_each_other() -> None:
    one = account("one", kind="partner")
    other = account("other", kind="partner", reseller=one)
    assert refused("reseller", one, reseller=other) == "Other is itself sold to by One."


def test_a_closed_partner_sells_to_nobody() -> None:
    seller = account("seller", kind="partner")
    set_standing(account=seller, standing=Standing.CLOSED, reason="Gone", by=SYSTEM, at=AT - DAY)
    assert "is closed" in refused("reseller", account(), reseller=seller)


def test_another_channel_does_not_go_with_a_reseller() -> None:
    acme = account(reseller=account("seller", kind="partner"))
    assert "sold by Seller" in refused("sales_channel", acme, sales_channel="direct")
    edit_account(account=acme, reseller=None, sales_channel="direct", by=SYSTEM, at=AT)


def test_who_sells_to_others_stays_a_partner() -> None:
    seller = account("seller", kind="partner")
    account(reseller=seller)
    assert refused("kind", seller, kind="customer").startswith("Seller sells to 1 account, so it stays a partner")


def test_nobody_sells_to_an_internal_account() -> None:
    acme = account(reseller=account("seller", kind="partner"))
    assert "nobody sells to it" in refused("reseller", acme, kind="internal")


# Internal accounts


def test_an_internal_account_holds_a_plan_that_ends_checked_by_the_same_call(sales: Actor) -> None:
    world, staff = catalog(), account("staff", kind="internal")
    start(account=staff, plan=world.team, ends_at=AT + 30 * DAY, by=sales, at=AT)
    assert answer(staff, "sso", AT + 29 * DAY).granted
    assert not answer(staff, "sso", AT + 30 * DAY).granted


def test_without_an_end_nothing_is_sold_to_it(sales: Actor) -> None:
    world, staff = catalog(), account("staff", kind="internal")
    with pytest.raises(Invalid, match="Staff is internal, so whatever it holds needs an end") as no:
        start(account=staff, plan=world.team, by=sales, at=AT)
    assert no.value.field == "ends_at"


def test_without_an_end_nothing_is_granted_to_it(sales: Actor) -> None:
    world, staff = catalog(), account("staff", kind="internal")
    told = {"mode": Mode.ADD, "value": GB, "reason": "Test", "review_on": (AT + 9 * DAY).date(), "by": sales, "at": AT}
    with pytest.raises(Invalid) as no:
        grant(account=staff, feature=world.storage, **told)
    assert no.value.field == "through_on"


def test_what_has_no_end_is_named_before_an_account_becomes_internal() -> None:
    world, acme = catalog(), account()
    held = subscribed(acme, world.team)
    assert "Acme has Team in subscription 1. Give each an end first." in refused("kind", acme, kind="internal")
    end(subscription=held, ends_at=AT + DAY, reason="For a day", by=SYSTEM, at=AT)
    edit_account(account=acme, kind="internal", by=SYSTEM, at=AT)
    assert Account.objects.get().kind == AccountKind.INTERNAL


def test_so_is_an_override_without_an_end() -> None:
    world, acme = catalog(), account()
    overridden(acme, world.storage, Mode.ADD, GB, at=AT - DAY, through_on=None, review_on=(AT + DAY).date())
    assert "an override of Storage" in refused("kind", acme, kind="internal")


def test_taking_back_a_cancellation_does_not_make_it_endless() -> None:
    acme = account()
    held = subscribed(acme, catalog().team)
    cancel(subscription=held, timing=Timing.ON_DATE, on=AT + 9 * DAY, reason="Leaving", by=SYSTEM, at=AT)
    edit_account(account=acme, kind="internal", by=SYSTEM, at=AT)
    held.refresh_from_db()
    with pytest.raises(Invalid, match="this would take it away"):
        keep_going(subscription=held, by=SYSTEM, at=AT + DAY)
