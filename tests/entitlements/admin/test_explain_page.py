"""Why this customer may, or may not."""

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, subscribed

pytestmark = pytest.mark.django_db


def why(desk: Client, feature: str, **asked: str) -> str:
    return text_of(desk.get(url("account_explain", "acme", feature), asked))


def test_the_chain_names_each_source_in_order(support_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    said = why(support_desk, "storage")
    assert "Storage: 120 GB" in said
    assert said.index("Team v1") < said.index("Override #")
    assert "“Migration”" in said


def test_what_lost_is_there_with_the_rule_that_beat_it(support_desk: Client, acme: Customer) -> None:
    subscribed(acme.account, acme.catalog.free)
    response = support_desk.get(url("account_explain", "acme", "storage"))
    lost = text_of(response).partition("What was looked at and doesn’t count")[2]
    assert "Free v1: 1 GB" in lost
    assert response.context["lost"][0]["candidate"].rule


def test_what_nobody_gives_says_so(support_desk: Client, acme: Customer) -> None:
    from tests.catalog.factories import FeatureFactory

    FeatureFactory(key="hipaa", name="HIPAA")
    said = why(support_desk, "hipaa")
    assert "HIPAA: not included" in said
    assert "Nothing this customer has gives it." in said


def test_the_ticket_text_and_the_address_for_engineers(support_desk: Client, acme: Customer) -> None:
    said = why(support_desk, "storage", at="2026-02-25T12:00")
    assert "Acme (acme) · Storage: 100 GB" in said
    assert "/api/v1/accounts/acme/entitlements/storage/explain?at=2026-02-25T11%3A00%3A00%2B00%3A00" in said


def test_the_moment_of_a_link_is_read_back_exactly(support_desk: Client, acme: Customer) -> None:
    first = support_desk.get(url("account_explain", "acme", "storage"), {"at": "2026-02-25T12:00"})
    again = support_desk.get(url("account_explain", "acme", "storage") + first.context["moment"].query)
    assert again.context["moment"].at == first.context["moment"].at


@pytest.mark.parametrize(("key", "feature"), [("nobody", "storage"), ("acme", "nothing")])
def test_what_is_unknown_is_not_found(support_desk: Client, acme: Customer, key: str, feature: str) -> None:
    assert support_desk.get(url("account_explain", key, feature)).status_code == 404


def test_what_was_not_known_then_is_not_found(support_desk: Client, acme: Customer) -> None:
    response = support_desk.get(url("account_explain", "acme", "storage"), {"known_at": "2020-01-01T00:00"})
    assert response.status_code == 404


def test_who_may_not_look_is_turned_away(sign_in: object, acme: Customer) -> None:
    assert sign_in("administrator").get(url("account_explain", "acme", "storage")).status_code == 403
