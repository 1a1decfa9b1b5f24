"""Beside events that Stripe itself has sent: what they have, ours have, in the same places and of the same types.

They are other people's files and not part of this project: without them these tests are skipped.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.stripe_tests.conftest import Shop

CAPTURED = Path(__file__).resolve().parents[4] / "shared" / "vectors" / "stripe_events.json"
pytestmark = pytest.mark.skipif(not CAPTURED.exists(), reason="../shared/vectors/stripe_events.json is not here")

# On the wire in 2025-05-28, gone or never in the client's classes since.
GONE = {"subscription.plan", "subscription.quantity"}
# Settings that this counterpart leaves empty.
EMPTY = {"payment_settings.payment_method_options", "payment_method_options", "payment_method_configuration_details"}


def _captured(kind: str) -> dict[str, Any]:
    groups = json.loads(CAPTURED.read_text())
    events = [event for group in groups.values() if isinstance(group, dict) for event in group["events"]]
    (found,) = [event for event in events if event["type"] == kind and event.get("api_version") != "2024-06-20"][:1]
    return dict(found)


def _lacking(theirs: Any, ours: Any, where: str) -> list[str]:
    if where in GONE or any(where.endswith(f".{one}") for one in EMPTY):
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        missing = [f"{where}.{name}" for name in theirs if name not in ours and f"{where}.{name}" not in GONE]
        if where.endswith(".metadata"):
            missing = []
        return missing + [
            one for name in theirs.keys() & ours.keys() for one in _lacking(theirs[name], ours[name], f"{where}.{name}")
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        return _lacking(theirs[0], ours[0], f"{where}[0]") if theirs and ours else []
    if theirs is None or ours is None or type(theirs) is type(ours):
        return []
    return [f"{where}: {type(theirs).__name__}, ours {type(ours).__name__}"]


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session.completed", "customer.subscription.created", "invoice.payment_succeeded",
        "entitlements.active_entitlement_summary.updated",
    ],
)  # fmt: skip
def test_what_stripe_has_sent_ours_have(shop: Shop, kind: str) -> None:
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"}).id
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature})
    asked = {"mode": "subscription", "line_items": [{"price": shop.monthly}], "success_url": "http://127.0.0.1:1/done"}
    shop.fake.pay(shop.stripe.v1.checkout.sessions.create(asked))
    theirs = _captured(kind)
    (ours,) = [event for event in shop.fake.events if event["type"] == kind]
    about = theirs["data"]["object"]["object"]
    assert _lacking(theirs["data"]["object"], ours["data"]["object"], about) == []
    assert set(theirs) - {"previous_attributes"} <= set(ours)
