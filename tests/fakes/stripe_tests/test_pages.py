"""The pages that a person sees: buying, failing to, changing, cancelling."""

import re
from typing import Any

import pytest
import requests

from tests.fakes.stripe_tests.conftest import Shop

DONE = "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}"


def _get(shop: Shop, path: str, status: int = 200) -> str:
    answer = requests.get(
        path if path.startswith("http") else shop.fake.base + path, headers={"Connection": "close"}, timeout=10
    )
    assert answer.status_code == status
    return answer.text


def _post(shop: Shop, path: str, **form: Any) -> requests.Response:
    where = path if path.startswith("http") else shop.fake.base + path
    return requests.post(where, data=form, headers={"Connection": "close"}, allow_redirects=False, timeout=10)


def _session(shop: Shop, **more: Any) -> Any:
    asked = {
        "mode": "subscription",
        "line_items": [{"price": shop.monthly}],
        "success_url": DONE,
        "cancel_url": "http://127.0.0.1:1/back",
    }
    return shop.stripe.v1.checkout.sessions.create(asked | more)


def _portal(shop: Shop) -> str:
    return str(shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer}).url)


def test_a_person_pays_and_is_led_back(shop: Shop) -> None:
    session = _session(shop)
    assert "€10.00 a month" in _get(shop, session.url)
    answer = _post(shop, session.url, card="pay", email="eve@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://127.0.0.1:1/done?session={session.id}")
    (subscription,) = shop.stripe.v1.subscriptions.list({"expand": ["data.customer"]}).data
    assert (subscription.status, subscription.customer.email) == ("active", "eve@example.com")
    assert "This checkout is paid" in _get(shop, session.url)


def test_a_declined_card_says_so_and_offers_another(shop: Shop) -> None:
    session = _session(shop)
    answer = _post(shop, session.url, card="fail", email="eve@example.com")
    assert answer.status_code == 200
    assert "Your card was declined. Nothing was charged: try another card." in answer.text
    assert 'value="eve@example.com"' in answer.text
    assert shop.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_trial_is_said_before_it_begins(shop: Shop) -> None:
    page = _get(shop, _session(shop, subscription_data={"trial_period_days": 14}).url)
    assert "Free for 14 days" in page
    assert "Start the trial" in page


def test_the_shop_front_sells(shop: Shop) -> None:
    assert "Team" in _get(shop, "/")
    answer = _post(shop, "/demo/buy", price=shop.monthly)
    assert answer.status_code == 303
    assert _post(shop, answer.headers["Location"], card="pay", email="eve@example.com").status_code == 303
    assert "Active" in _get(shop, "/")


def test_time_passes_at_the_push_of_a_button(shop: Shop) -> None:
    made, before = shop.subscribed(), shop.fake.now
    assert _post(shop, "/demo/advance", days=31).status_code == 303
    assert shop.fake.now == before + 31 * 86400
    assert shop.now(made).latest_invoice.billing_reason == "subscription_cycle"


def test_the_portal_shows_plan_card_and_invoices(shop: Shop) -> None:
    shop.subscribed()
    page = _get(shop, _portal(shop))
    for words in (
        "Billing of Ada",
        "Team",
        "Renews on 2 Apr 2026",
        "Visa ending in 4242",
        "Paid",
        "Cancel at the period’s end",
    ):
        assert words in page


def test_a_plan_is_changed_in_the_portal(shop: Shop) -> None:
    made = shop.subscribed()
    assert _post(shop, _portal(shop), deed="price", subscription=made.id, price=shop.dearer).status_code == 303
    assert shop.now(made)["items"].data[0].price.id == shop.dearer


def test_a_subscription_is_cancelled_and_kept_in_the_portal(shop: Shop) -> None:
    made, url = shop.subscribed(), _portal(shop)
    _post(shop, url, deed="cancel", subscription=made.id)
    assert shop.now(made).cancel_at_period_end is True
    assert "Ends on 2 Apr 2026" in _get(shop, url)
    _post(shop, url, deed="keep", subscription=made.id)
    assert shop.now(made).cancel_at_period_end is False


def test_a_failing_card_and_a_good_one_again(shop: Shop) -> None:
    made, url = shop.subscribed(), _portal(shop)
    _post(shop, url, deed="card", card="pm_card_chargeCustomerFail")
    shop.fake.advance(days=32)
    assert shop.now(made).status == "past_due"
    url = _portal(shop)
    page = _get(shop, url)
    assert "Payment overdue" in page
    assert "Your card was declined" in _post(shop, url, deed="pay", invoice=shop.now(made).latest_invoice.id).text
    _post(shop, url, deed="card", card="pm_card_visa")
    assert _post(shop, url, deed="pay", invoice=shop.now(made).latest_invoice.id).status_code == 303
    assert shop.now(made).status == "active"


def test_the_portal_offers_what_it_is_set_to(shop: Shop) -> None:
    made = shop.subscribed()
    features = {
        "subscription_cancel": {"enabled": True, "mode": "immediately"},
        "subscription_update": {"enabled": False},
    }
    held = shop.stripe.v1.billing_portal.configurations.create({"features": features})
    url = shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer, "configuration": held.id}).url
    page = _get(shop, url)
    assert "Cancel now" in page
    assert "Change plan" not in page
    _post(shop, url, deed="cancel", subscription=made.id)
    assert shop.now(made).status == "canceled"


def test_nobody_changes_what_is_anothers(shop: Shop) -> None:
    made = shop.subscribed()
    shop.customer = shop.stripe.v1.customers.create({"name": "Mallory"}).id
    url = _portal(shop)
    _post(shop, url, deed="cancel", subscription=made.id)
    assert shop.now(made).cancel_at_period_end is False


def test_a_portal_page_lasts_an_hour(shop: Shop) -> None:
    url = _portal(shop)
    shop.fake.advance(hours=1)
    assert "expired" in _get(shop, url, 410)


def test_an_invoice_is_shown_and_paid(shop: Shop) -> None:
    made = shop.subscribed(payment_behavior="default_incomplete", expand=["latest_invoice"])
    url = made.latest_invoice.hosted_invoice_url
    assert "Pay now" in _get(shop, url)
    assert _post(shop, url).status_code == 200
    assert shop.now(made).status == "active"


@pytest.mark.parametrize(
    "header", [{"Origin": "http://127.0.0.1.example.com"}, {"Origin": "null"}, {"Host": "example.com"}]
)
def test_a_page_from_elsewhere_pushes_no_button(shop: Shop, header: dict[str, str]) -> None:
    before = shop.fake.now
    headers = {"Connection": "close", **header}
    answer = requests.post(f"{shop.fake.base}/demo/advance", data={"days": 1}, headers=headers, timeout=10)
    assert (answer.status_code, shop.fake.now) == (403, before)


def test_a_form_that_is_not_whole(shop: Shop) -> None:
    assert _post(shop, "/demo/advance").status_code == 400


@pytest.mark.parametrize("path", ["/nothing", "/c/pay/cs_test_none", "/p/session/bps_none", "/i/in_none"])
def test_pages_that_are_none(shop: Shop, path: str) -> None:
    assert "Not possible" in _get(shop, path, 404)


def test_names_are_only_names(shop: Shop) -> None:
    shop.stripe.v1.products.update(shop.product, {"name": "<script>alert(1)</script>"})
    shop.stripe.v1.customers.update(shop.customer, {"name": "<b>Ada</b>"})
    shop.subscribed()
    for url in ("/", _portal(shop), _session(shop).url):
        assert not re.search(r"<script|<b>Ada", _get(shop, url))


def test_no_page_loads_anything_from_elsewhere(shop: Shop) -> None:
    for url in ("/", _portal(shop), _session(shop).url):
        assert not re.search(r"""(src|href)\s*=\s*["']?https?://(?!127\.0\.0\.1)""", _get(shop, url))
