"""Where products ask: granted and denied are counted by enforcement point, and refusals traced."""

import pytest

from entitlements.actions.usage import access
from entitlements.actions.usage.access import flush_access
from entitlements.models import AccessCount, DecisionTrace
from tests.entitlements.api.runtime.asking import post, told
from tests.entitlements.using import customer, metered

pytestmark = pytest.mark.django_db
WHERE = "POST /v1/images"


@pytest.fixture(autouse=True)
def noted(settings):
    settings.DESK_TRACE_GRANTS = 0.0
    customer(metered())
    access._notes.forget()  # what other tests asked


def counted():
    flush_access()
    return [
        (row.point, row.feature.key, row.granted, row.denied) for row in AccessCount.objects.order_by("feature__key")
    ]


def test_checks_are_counted_where_they_were_asked():
    for quantity in (1, 5, 1001):
        told(post("check", {"account": "acme", "feature": "calls", "quantity": quantity, "point": WHERE}))
    assert counted() == [(WHERE, "calls", 2, 1)]
    trace = DecisionTrace.objects.get()
    assert (trace.allowed, trace.point, trace.question["quantity"]) == (False, WHERE, 1001)
    assert trace.answer["because"][-1] == "Refused: 1,001 would be 1 over the limit of 1,000."


def test_what_is_consumed_and_reserved_too_and_what_is_repeated_once():
    for body in ({"id": "a"}, {"id": "a", "source": "s"}, {"id": "a", "source": "s"}, {"id": "b", "quantity": 2000}):
        told(post("consume", {"account": "acme", "feature": "calls", "point": WHERE, **body}))
    told(post("reservations", {"account": "acme", "feature": "tokens", "quantity": 1, "id": "r", "point": WHERE}))
    assert counted() == [(WHERE, "calls", 2, 1), (WHERE, "tokens", 1, 0)]


def test_a_report_asks_nothing():
    told(post("report", {"account": "acme", "feature": "calls", "id": "a", "point": WHERE}))
    assert counted() == []


def test_each_of_many_is_counted():
    told(post("checks", {"accounts": ["acme"], "features": ["calls", "sso"], "point": WHERE}))
    assert counted() == [(WHERE, "calls", 1, 0), (WHERE, "sso", 0, 1)]
