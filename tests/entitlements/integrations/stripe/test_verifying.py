"""What is Stripe's and what only looks like it: fixed signatures, both bounds of time, secrets that are rolled."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from entitlements.integrations.stripe.verifying import TOLERANCE, received_of, verify
from journal.domain.receiving import Forged, Message, Reason
from tests.fakes.stripe.signing import header, signature

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = int(AT.timestamp())
SECRET = "whsec_test_secret"
ABOUT = {"object": "subscription", "id": "sub_1", "customer": "cus_1"}
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "created": STAMP - 5,
    "livemode": False,
    "account": None,
    "context": None,
    "data": {"object": ABOUT},
}
THIN = {
    "id": "evt_test_1",
    "object": "v2.core.event",
    "type": "v1.customer.subscription.updated",
    "created": "2026-03-02T08:59:55Z",
    "livemode": False,
    "context": None,
    "related_object": {"id": "sub_1", "type": "subscription", "url": "/v1/subscriptions/sub_1"},
}


def told(body, signed, *, secrets=(SECRET,), at=AT):
    message = Message(body, {"stripe-signature": signed}, "https://desk.example/hooks/stripe-test-1")
    return verify(message, secrets=list(secrets), at=at)


def why(body, signed, **more):
    with pytest.raises(Forged) as refused:
        told(body, signed, **more)
    return refused.value.reason


def whole(event):
    return json.dumps(event).encode()


# Figures made once with `printf '%s' "$at.$body" | openssl dgst -sha256 -hmac "$secret"`.
@pytest.mark.parametrize(
    ("secret", "at", "body", "mark"),
    [
        (SECRET, 1492774577, b"{}", "53140ab8fa70c511cc40d5c9198af7dde7bbaee877038c056d8250c3bd3b2e11"),
        (
            "whsec_ABCdef123",
            1772442000,
            '{"name":"Zoë €"}'.encode(),
            "3f245b9138d8d3b357ce5ecc002ff867843aea812eb5bc03ccf3391f940b1962",
        ),
    ],
)
def test_the_fixed_figures_are_believed_and_then_found_to_be_no_event(secret, at, body, mark):
    when = datetime.fromtimestamp(at, UTC)
    assert why(body, f"t={at},v1={mark}", secrets=(secret,), at=when) is Reason.UNREADABLE
    assert why(body, f"t={at},v1={mark[:-1]}0", secrets=(secret,), at=when) is Reason.SIGNATURE


def test_a_snapshot_says_what_it_is_about():
    body = whole(EVENT)
    (brought,) = told(body, header(body, [SECRET], STAMP))
    assert (brought.external_id, brought.type, brought.subject) == ("evt_1", "customer.subscription.updated", "sub_1")
    assert (brought.live, brought.of_account, brought.occurred_at) == (False, "", AT - timedelta(seconds=5))
    assert brought.body is None


def test_a_thin_event_says_what_it_is_about():
    body = whole(THIN)
    (brought,) = told(body, header(body, [SECRET], STAMP))
    assert (brought.external_id, brought.type, brought.subject) == (
        "evt_test_1",
        "v1.customer.subscription.updated",
        "sub_1",
    )
    assert brought.occurred_at == AT - timedelta(seconds=5)


@pytest.mark.parametrize("off", [-TOLERANCE - 1, TOLERANCE + 1, 10**6])
def test_the_past_and_the_future_are_refused(off):
    body = whole(EVENT)
    assert why(body, header(body, [SECRET], STAMP + off)) is Reason.TIME


@pytest.mark.parametrize("off", [-TOLERANCE, 0, TOLERANCE])
def test_up_to_the_bounds_it_is_believed(off):
    body = whole(EVENT)
    assert told(body, header(body, [SECRET], STAMP + off))


def test_while_a_secret_is_rolled_either_is_believed():
    body = whole(EVENT)
    both = header(body, ["whsec_new", "whsec_old"], STAMP)
    assert told(body, both, secrets=["whsec_new"])
    assert told(body, both, secrets=["whsec_old"])
    assert told(body, header(body, ["whsec_old"], STAMP), secrets=["whsec_new", "whsec_old"])


def test_v0_proves_nothing():
    body = whole(EVENT)
    assert why(body, f"t={STAMP},v0={signature(body, SECRET, STAMP)}") is Reason.SIGNATURE


@pytest.mark.parametrize(
    "signed",
    ["", "t=", "v1=abc", "t=now,v1=abc", "t=²,v1=abc", f"t={STAMP},t={STAMP},v1=abc", f"t={STAMP}", "t=9" * 30, "é=ü"],
)
def test_a_header_that_is_none_is_refused(signed):
    assert why(whole(EVENT), signed) is Reason.SIGNATURE


def test_one_byte_more_is_another_message():
    body = whole(EVENT)
    assert why(body + b" ", header(body, [SECRET], STAMP)) is Reason.SIGNATURE


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        whole({}),
        whole({**EVENT, "object": "list"}),
        whole({**EVENT, "id": 7}),
        whole({**EVENT, "id": "x" * 201}),
        whole({**EVENT, "created": 10**20}),
        whole({**EVENT, "data": None}),
        whole({**THIN, "created": "soon"}),
    ],
)
def test_what_is_signed_and_no_event_is_refused(said):
    assert why(said, header(said, [SECRET], STAMP)) is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("thing", "subject"),
    [
        (ABOUT, "sub_1"),
        ({"object": "customer", "id": "cus_1"}, "cus_1"),
        ({"object": "invoice", "customer": "cus_1", "parent": {"subscription_details": {"subscription": "sub_2"}}}, "sub_2"),
        ({"object": "invoice", "customer": "cus_1", "parent": None}, "cus_1"),
        ({"object": "checkout.session", "customer": "cus_1", "subscription": {"id": "sub_3"}}, "sub_3"),
        ({"object": "subscription_schedule", "customer": "cus_1", "subscription": None, "released_subscription": "sub_4"}, "sub_4"),
        ({"object": "entitlements.active_entitlement_summary", "customer": "cus_1"}, "cus_1"),
        ({"object": "product", "id": "prod_1"}, ""),
    ],
)  # fmt: skip
def test_the_subject_is_the_subscription_else_the_customer(thing, subject):
    assert received_of({**EVENT, "data": {"object": thing}}).subject == subject


def test_it_says_whose_it_is_and_whether_it_is_live():
    brought = received_of({**EVENT, "livemode": True, "account": "acct_9"})
    assert (brought.live, brought.of_account) == (True, "acct_9")


def test_a_thin_event_about_something_else_has_no_subject():
    invoice = {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"}
    assert received_of({**THIN, "related_object": invoice}).subject == ""
    assert received_of({**THIN, "related_object": None}).subject == ""
