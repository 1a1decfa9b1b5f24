"""Why this customer may, or may not."""

import re
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from entitlements import in_use
from entitlements.admin.evidence.explain_page import ticket_of
from entitlements.admin.moments import AskedMoment
from entitlements.api.render import render_explanation
from entitlements.domain.decision import Asked
from entitlements.domain.facts import Facts, Mode
from entitlements.domain.resolve import resolve
from entitlements.domain.telling import tell
from entitlements.models import Account
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.domain.strategies import START, accounts
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, subscribed

pytestmark = pytest.mark.django_db


def counted(accounts: Collection[int], *, at: datetime) -> dict[int, dict[str, Decimal]]:
    return {account: {"storage": 96 * GB} for account in accounts}


def why(desk: Client, feature: str, **asked: str) -> str:
    return text_of(desk.get(url("account_explain", "acme", feature), asked))


def test_the_chain_names_each_source_in_order(support_desk: Client, acme: Customer) -> None:
    overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY, reason="Migration")
    said = why(support_desk, "storage")
    assert "Storage: 120 GB" in said
    assert said.index("Team v1 gives 100 GB") < said.index("+ 20 GB by override #")
    assert "+ 20 GB by override #" in said
    assert ", Migration)" in said


def test_what_lost_is_there_with_the_rule_that_beat_it(support_desk: Client, acme: Customer) -> None:
    subscribed(acme.account, acme.catalog.free)
    response = support_desk.get(url("account_explain", "acme", "storage"))
    lost = text_of(response).partition("What was looked at and doesn’t count")[2].partition("What that means")[0]
    assert lost.strip() == "Free v1 gives 1 GB: not counted, because Team v1 gives more"


def test_what_nobody_gives_says_so(support_desk: Client, acme: Customer) -> None:
    from tests.catalog.factories import FeatureFactory

    FeatureFactory(key="hipaa", name="HIPAA")
    said = why(support_desk, "hipaa")
    assert "HIPAA: not included" in said
    assert "Nothing this account has speaks about HIPAA." in said
    assert "Refused: it is not included." in said


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


def test_what_is_asked_is_weighed_against_what_is_in_use(support_desk: Client, acme: Customer) -> None:
    said = why(support_desk, "storage", quantity="5 GB", used="96 GB")
    assert "Team v1 gives 100 GB → 96 GB in use → Asks for 5 GB → Refused: 101 GB would be 1 GB over" in said
    assert "Refused: 101 GB would be 1 GB over the limit of 100 GB." in said
    assert "explain?quantity=5000000000&used=96000000000" in said


def test_what_the_desk_counts_itself_needs_no_typing(support_desk: Client, acme: Customer) -> None:
    in_use.register(counted)
    try:
        assert "96 GB in use → Allowed: 4 GB left" in why(support_desk, "storage")
        assert "50 GB in use → Allowed: 50 GB left" in why(support_desk, "storage", used="50 GB")
        assert "96 GB in use" not in why(support_desk, "storage", at="2026-02-25T12:00")
    finally:
        in_use.forget(counted)


def test_what_cant_be_read_is_said_beside_its_field_and_left_out(support_desk: Client, acme: Customer) -> None:
    response = support_desk.get(url("account_explain", "acme", "storage"), {"quantity": "lots", "used": "96 GB"})
    assert list(complaints(response)) == ["quantity"]
    assert "as long as less than 100 GB is in use" in text_of(response)
    assert "Part of the question couldn’t be read, so it was left out." in text_of(response)


def test_a_choice_is_asked_by_its_name(support_desk: Client, acme: Customer) -> None:
    assert "Allowed: Smart is set, and Basic is not above that." in why(support_desk, "tier", choice="basic")
    assert complaints(support_desk.get(url("account_explain", "acme", "tier"), {"choice": "none"})) == {
        "choice": ["Select a valid choice. none is not one of the available choices."]
    }


def test_the_ticket_is_to_be_had_as_plain_text(support_desk: Client, acme: Customer) -> None:
    path = url("account_explain", "acme", "storage")
    response = support_desk.get(path, {"as": "text", "used": "96 GB"})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().strip() == support_desk.get(path, {"used": "96 GB"}).context["ticket"]


def test_without_a_feature_the_page_offers_them_all(support_desk: Client, acme: Customer) -> None:
    said = text_of(support_desk.get(url("account_explain", "acme")))
    for name in ("Storage storage", "Single sign-on sso", "Tier tier"):
        assert name in said


@pytest.mark.parametrize("typed", ["storage", "STORAGE", "stor"])
def test_what_was_typed_leads_to_the_feature_with_what_else_was_asked(
    support_desk: Client, acme: Customer, typed: str
) -> None:
    response = support_desk.get(url("account_explain", "acme"), {"feature": typed, "quantity": "5 GB", "at": ""})
    assert response["Location"] == url("account_explain", "acme", "storage") + "?quantity=5+GB"


def test_what_may_mean_several_or_none_is_asked_again(support_desk: Client, acme: Customer) -> None:
    several = text_of(support_desk.get(url("account_explain", "acme"), {"feature": "s"}))
    assert "Which one do you mean?" in several
    assert "No feature is called “xyz”" in text_of(support_desk.get(url("account_explain", "acme"), {"feature": "xyz"}))


amounts = st.one_of(st.none(), st.integers(0, 12).map(Decimal))


@given(facts=accounts(), quantity=amounts, used=amounts)
def test_page_api_and_ticket_say_the_same(facts: Facts, quantity: Decimal | None, used: Decimal | None) -> None:
    asked, zone = Asked(quantity, used), "Europe/Amsterdam"
    moment = AskedMoment(AT, None, now=True, zone=zone)
    held_by = Account(key="acme", name="Acme", zone=zone)
    for resolution in resolve(facts, at=START).values():
        told = tell(resolution, asked=asked, zone=zone)
        page = re.findall(r"<li[^>]*>(.*?)</li>", render_to_string("entitlements/_chain.html", {"told": told}))
        ticket = ticket_of(held_by, resolution, told, moment=moment).splitlines()[2:-1]
        api = render_explanation(resolution, zone=zone, asked=asked)
        assert [unescape(line) for line in page] == [line.removeprefix("- ") for line in ticket] == api.in_words
        assert api.decision.allowed is told.decision.allowed


def test_who_may_not_look_is_turned_away(sign_in: object, acme: Customer) -> None:
    assert sign_in("administrator").get(url("account_explain", "acme", "storage")).status_code == 403
