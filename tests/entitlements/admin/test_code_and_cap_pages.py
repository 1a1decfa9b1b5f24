"""Redeeming a code, taking it back, and a customer's caps on overage."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.actions.promo_codes import stop_code
from catalog.models.offer import Gift
from entitlements.actions.redemptions import redeem
from entitlements.actions.spend_caps import set_cap
from entitlements.models import Redemption, SpendCap, Subscription
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.desk.admin.reading import address
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.shop import code, shop_in, storage_code
from tests.entitlements.world import AT, DAY, GB, account, value

pytestmark = pytest.mark.django_db
REDEEM, CAP = ("code_redeem", "acme"), ("spend_cap_set", "acme")


def send(desk: Client, typed: str = "more-gb", step: str = "preview", where: tuple[str, ...] = REDEEM) -> HttpResponse:
    seen = desk.get(url(*where)).context["form"]["seen"].value()
    return desk.post(url(*where), {"code": typed, "seen": seen, "step": step})


def test_first_it_shows_what_the_code_gives(sales_desk: Client, acme: Customer) -> None:
    storage_code(acme.catalog.storage)
    said = text_of(send(sales_desk, "more gb"))
    assert "Gives Storage: 20 GB more for 14 days" in said
    assert "Storage 100 GB 120 GB" in said
    assert "until 16 Mar 2026 10:00 (Amsterdam)" in said
    assert not Redemption.objects.exists()


def test_then_it_is_redeemed_and_shown_on_the_account(sales_desk: Client, acme: Customer) -> None:
    storage_code(acme.catalog.storage)
    response = send(sales_desk, step="confirm")
    assert response.url == address("subscriptions") + "#extras"
    assert value(acme.account, "storage", AT) == 120 * GB
    said = text_of(sales_desk.get(response.url))
    assert "MORE-GB: Storage: 20 GB more for 14 days" in said
    assert "Storage: + 20 GB until 16 March 2026 10:00 (Amsterdam)" in text_of(sales_desk.get(address("overrides")))


def test_a_lent_plan_says_what_it_changes(sales_desk: Client, acme: Customer) -> None:
    sold = shop_in(acme.catalog)
    code(gives=Gift.ADD_ON, plan=sold.ipv4, quantity=2)
    said = text_of(send(sales_desk, "spring26"))
    assert "Addresses not included 2" in said
    assert "Added to subscription 1" in said


def test_a_trial_for_a_prospect_is_shown_before_it_is_opened(sales_desk: Client, acme: Customer) -> None:
    account("prospect")
    code(plan=acme.catalog.team)
    where = ("code_redeem", "prospect")
    said = text_of(send(sales_desk, "spring-26", where=where))
    assert "A trial subscription, which can be extended and converted." in said
    assert "Seats not included 10" in said
    send(sales_desk, "spring-26", "confirm", where=where)
    assert Subscription.objects.filter(account__key="prospect").exists()


def test_why_it_cannot_be_redeemed_stands_in_the_form(sales_desk: Client, acme: Customer) -> None:
    made = storage_code(acme.catalog.storage)
    assert "Check it letter by letter" in complaints(send(sales_desk, "nothing"))["code"][0]
    assert "Type the code" in complaints(send(sales_desk, ""))["code"][0]
    stop_code(code=made, reason="Leaked", by=SYSTEM, at=AT - DAY)
    assert "was stopped" in complaints(send(sales_desk))[""][0]


def test_pressed_twice_it_is_redeemed_once(sales_desk: Client, acme: Customer) -> None:
    storage_code(acme.catalog.storage, max_per_account=5)
    seen = sales_desk.get(url(*REDEEM)).context["form"]["seen"].value()
    given = {"code": "MORE-GB", "seen": seen, "step": "confirm"}
    sales_desk.post(url(*REDEEM), given)
    assert "was changed since" in complaints(sales_desk.post(url(*REDEEM), given))[""][0]
    assert Redemption.objects.count() == 1


def redeemed(acme: Customer) -> Redemption:
    made = storage_code(acme.catalog.storage)
    return redeem(account=acme.account, code=made.code, by=SYSTEM, at=AT - DAY)


@pytest.mark.parametrize("role", ["sales", "finance"])
def test_it_is_taken_back_for_a_reason(sign_in: Any, acme: Customer, role: str) -> None:
    used, desk = redeemed(acme), sign_in(role)
    revoke = url("redemption_revoke", used.pk)
    assert "Acme loses it from the second you press the button" in text_of(desk.get(revoke))
    desk.post(revoke, {"reason": ""})
    assert value(acme.account, "storage", AT) == 120 * GB
    response = desk.post(revoke, {"reason": "Wrong customer"})
    assert response.url == address("subscriptions") + "#extras"
    assert value(acme.account, "storage", AT) == 100 * GB
    assert "taken back by" in text_of(desk.get(response.url))


def test_the_list_tells_who_used_what(finance_desk: Client, acme: Customer) -> None:
    redeemed(acme)
    said = text_of(finance_desk.get(url("redemption_changelist"), {"q": "MORE-GB"}))
    assert "Acme" in said
    assert "Storage: 20 GB more for 14 days" in said
    assert "Counted" in said


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_other_roles_only_read_redemptions(sign_in: Any, acme: Customer, role: str) -> None:
    used, desk = redeemed(acme), sign_in(role)
    assert desk.get(url("redemption_change", used.pk)).status_code == 200
    assert desk.post(url("redemption_revoke", used.pk), {"reason": "x"}).status_code == 403
    assert desk.post(url(*REDEEM), {"code": "MORE-GB", "step": "confirm"}).status_code == 403


def cap(desk: Client, feature: str = "", **given: str) -> HttpResponse:
    seen = desk.get(url(*CAP)).context["form"]["seen"].value()
    told = {"feature": feature, "amount": "100", "currency": "USD", "reason": "Asked by e-mail", "seen": seen}
    return desk.post(url(*CAP), told | given)


def test_a_cap_on_everything_and_one_on_a_feature(sales_desk: Client, acme: Customer) -> None:
    cap(sales_desk)
    cap(sales_desk, "storage", amount="12.50", currency="EUR")
    said = text_of(sales_desk.get(address("subscriptions")))
    assert "$100 a billing period for everything together" in said
    assert "€12.50 a billing period for Storage" in said
    assert AuditEvent.objects.filter(verb="spend_cap:set", reason="Asked by e-mail").count() == 2


def test_a_cap_is_changed_from_what_it_is(sales_desk: Client, acme: Customer) -> None:
    cap(sales_desk, "storage")
    page = sales_desk.get(url(*CAP), {"feature": "storage"})
    assert "Now: $100 for Storage" in text_of(page)
    assert page.context["form"]["amount"].value() == 100
    cap(sales_desk, "storage", amount="50")
    assert SpendCap.objects.get().amount_micros == 50_000_000


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"amount": ""}, "amount", "required"),
        ({"amount": "-1"}, "amount", "greater than or equal to 0"),
        ({"amount": "9999999999"}, "amount", "thousand million"),
        ({"currency": "XXX"}, "currency", "valid choice"),
        ({"reason": ""}, "reason", "Give a reason"),
        ({"seen": "["}, "", "not as we made it"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, given: dict[str, str], field: str, words: str
) -> None:
    response = cap(sales_desk, **given)
    assert response.status_code == 422
    assert words in complaints(response)[field][0]
    assert not SpendCap.objects.exists()


def test_nobody_overwrites_a_cap_they_have_not_seen(sales_desk: Client, acme: Customer) -> None:
    seen = sales_desk.get(url(*CAP)).context["form"]["seen"].value()
    set_cap(account=acme.account, feature=None, amount_micros=5_000_000, currency="USD", by=SYSTEM, at=AT)
    assert "has become $5" in complaints(cap(sales_desk, seen=seen))[""][0]


def test_a_cap_is_lifted_for_a_reason(sales_desk: Client, acme: Customer) -> None:
    cap(sales_desk)
    where = url("spend_cap_lift", "acme", SpendCap.objects.get().pk)
    shown = sales_desk.get(where)
    assert "it pays whatever its use comes to" in text_of(shown)
    given = {"seen": shown.context["form"]["seen"].value()}
    assert "Give a reason" in complaints(sales_desk.post(where, given))["reason"][0]
    sales_desk.post(where, given | {"reason": "They trust us"})
    assert not SpendCap.objects.exists()
    assert sales_desk.get(where).status_code == 404


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_other_roles_see_caps_and_set_none(sign_in: Any, acme: Customer, role: str) -> None:
    set_cap(account=acme.account, feature=None, amount_micros=5_000_000, currency="USD", by=SYSTEM, at=AT)
    desk = sign_in(role)
    assert "$5 a billing period" in text_of(desk.get(address("subscriptions")))
    assert desk.post(url(*CAP), {}).status_code == 403
    assert desk.post(url("spend_cap_lift", "acme", SpendCap.objects.get().pk), {}).status_code == 403


def test_a_cap_of_another_account_is_not_found(sales_desk: Client, acme: Customer) -> None:
    other = account("other")
    theirs = set_cap(account=other, feature=None, amount_micros=5_000_000, currency="USD", by=SYSTEM, at=AT)
    assert sales_desk.post(url("spend_cap_lift", "acme", theirs.pk), {"reason": "x"}).status_code == 404
