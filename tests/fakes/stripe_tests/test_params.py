"""Parameters: what the client has no name for is refused at every address, the rest is typed as Stripe types it."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.fakes.stripe import Counterpart, stripe_counterpart
from tests.fakes.stripe.api import Api  # noqa: F401 — registers the addresses
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.params import checked, decoded
from tests.fakes.stripe.routes import ROUTES, Route, found

SPOILT = {"not_a_parameter": "1"}


@pytest.fixture(scope="module")
def standing() -> Iterator[Counterpart]:
    """One server for all: nothing is written."""
    with stripe_counterpart() as counterpart:
        yield counterpart


def _send(fake: Counterpart, route: Route, given: dict[str, str]) -> requests.Response:
    path = re.sub(r"{\w+}", "some_id", route.template)
    headers = {"Authorization": f"Bearer {fake.api_key}", "Connection": "close"}
    if route.method == "POST" and path.startswith("/v2/"):
        return requests.post(fake.base + path, json=given, headers=headers, timeout=10)
    form = {"data": given} if route.method == "POST" else {"params": given}
    return requests.request(route.method, fake.base + path, headers=headers, timeout=10, **form)  # type: ignore[arg-type]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_an_unknown_parameter_is_refused_everywhere(standing: Counterpart, route: Route) -> None:
    error = _send(standing, route, SPOILT).json()["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", "not_a_parameter")
    assert error["message"] == "Received unknown parameter: not_a_parameter"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_every_address_has_its_form_in_the_client(route: Route) -> None:
    with pytest.raises(Refused, match="unknown parameter"):
        checked(dict(SPOILT), route.params)
    assert found(route.method, re.sub(r"{\w+}", "some_id", route.template)) is not None


def test_no_two_addresses_are_one() -> None:
    named = [(route.method, re.sub(r"{\w+}", "{}", route.template)) for route in ROUTES]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    ("form", "meant"),
    [
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("items[0][price]=p&items[0][quantity]=3", {"items": {"0": {"price": "p", "quantity": "3"}}}),
        ("expand[]=a&expand[]=b", {"expand": {"0": "a", "1": "b"}}),
        ("expand[0]=a", {"expand": {"0": "a"}}),
        ("metadata[a%20b]=c&metadata[d]=", {"metadata": {"a b": "c", "d": ""}}),
        ("metadata=", {"metadata": ""}),
        ("created[gte]=5", {"created": {"gte": "5"}}),
        ("", {}),
    ],
)
def test_forms_are_read(form: str, meant: dict[str, object]) -> None:
    assert decoded(form) == meant


@pytest.mark.parametrize(
    ("form", "name", "meant"),
    [
        ("customer=c&items[0][price]=p&items[0][quantity]=3", "items", [{"price": "p", "quantity": 3}]),
        ("customer=c&trial_end=now", "trial_end", "now"),
        ("customer=c&trial_end=1700000000", "trial_end", 1_700_000_000),
        ("customer=c&cancel_at_period_end=true", "cancel_at_period_end", True),
        ("customer=c&metadata[a]=1", "metadata", {"a": "1"}),
        ("customer=c&metadata=", "metadata", ""),
        ("customer=c&items[10][price]=b&items[9][price]=a", "items", [{"price": "a"}, {"price": "b"}]),
        ("customer=c&application_fee_percent=1.5", "application_fee_percent", 1.5),
        ("customer=c&expand[0]=customer", "expand", ["customer"]),
    ],
)
def test_values_get_their_types(form: str, name: str, meant: object) -> None:
    assert checked(decoded(form), "SubscriptionCreateParams")[name] == meant


@pytest.mark.parametrize(
    ("form", "message", "param"),
    [
        ("items[0][cost]=3", "Received unknown parameter: items[0][cost]", "items[0][cost]"),
        ("a=1&b=2", "Received unknown parameters: a, b", "a"),
        ("api_key=x", "Received unknown parameter: api_key", "api_key"),
        (
            "trial_settings[end_behaviour][x]=1",
            "Received unknown parameter: trial_settings[end_behaviour]",
            "trial_settings[end_behaviour]",
        ),
        ("days_until_due=soon", "Invalid integer: soon", "days_until_due"),
        ("days_until_due=1.5", "Invalid integer: 1.5", "days_until_due"),
        ("cancel_at_period_end=yes", "Invalid boolean: yes", "cancel_at_period_end"),
        ("proration_behavior=always", "Invalid proration_behavior: must be one of", "proration_behavior"),
        ("customer=", "You passed an empty string for 'customer'", "customer"),
        ("items=x", "Invalid items", "items"),
        ("customer[id]=x", "Invalid parameter: customer must not be a hash", "customer"),
        ("trial_settings[end_behavior][x]=1", "Received unknown parameter", "trial_settings[end_behavior][x]"),
    ],
)
def test_what_does_not_fit_is_refused(form: str, message: str, param: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(decoded(form), "SubscriptionCreateParams")
    assert refused.value.message.startswith(message)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("ProductCreateParams", "name"), ("PriceCreateParams", "currency"), ("WebhookEndpointCreateParams", "enabled_events"),
        ("entitlements.FeatureCreateParams", "lookup_key"), ("entitlements.ActiveEntitlementListParams", "customer"),
        ("test_helpers.TestClockCreateParams", "frozen_time"), ("billing.MeterEventCreateParams", "event_name"),
        ("SubscriptionItemListParams", "subscription"), ("ProductFeatureCreateParams", "entitlement_feature"),
    ],
)  # fmt: skip
def test_what_is_required_is_asked_for(name: str, lacking: str) -> None:
    with pytest.raises(Refused) as refused:
        checked({}, name)
    assert (refused.value.message, refused.value.code) == (f"Missing required param: {lacking}.", "parameter_missing")
