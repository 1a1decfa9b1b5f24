"""The billing portal: configurations and sessions."""

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop


def test_a_session_leads_to_a_page(shop: Shop) -> None:
    made = shop.stripe.v1.billing_portal.sessions.create(
        {"customer": shop.customer, "return_url": "http://127.0.0.1:1/back"}
    )
    assert (made.url, made.return_url) == (f"{shop.fake.base}/p/session/{made.id}", "http://127.0.0.1:1/back")
    assert made.configuration.startswith("bpc_")


def test_a_session_needs_a_customer(shop: Shop) -> None:
    with pytest.raises(official.InvalidRequestError, match="Missing required param: customer"):
        shop.stripe.v1.billing_portal.sessions.create({})
    with pytest.raises(official.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.billing_portal.sessions.create({"customer": "cus_none"})


def test_a_session_may_lead_to_one_deed(shop: Shop) -> None:
    made = shop.subscribed()
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": made.id}}
    session = shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer, "flow_data": flow})
    assert (session.flow.type, session.flow.subscription_cancel.subscription) == ("subscription_cancel", made.id)


def test_what_may_be_done_there_is_configured(shop: Shop) -> None:
    portal = shop.stripe.v1.billing_portal.configurations
    made = portal.create(
        {"features": {"subscription_cancel": {"enabled": False}}, "default_return_url": "http://127.0.0.1:1/"}
    )
    assert (made.features.subscription_cancel.enabled, made.is_default) == (False, False)
    assert (
        portal.update(
            made.id, {"features": {"subscription_cancel": {"enabled": True}}}
        ).features.subscription_cancel.enabled
        is True
    )
    assert portal.retrieve(made.id).active is True
    assert [one.id for one in portal.list({"is_default": False}).data] == [made.id]
    session = shop.stripe.v1.billing_portal.sessions.create({"customer": shop.customer, "configuration": made.id})
    assert (session.configuration, session.return_url) == (made.id, "http://127.0.0.1:1/")
