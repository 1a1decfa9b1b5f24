"""The playground: what a product would be told, and why; nothing is counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from entitlements.actions.usage.subjects import set_subject_limit
from entitlements.domain.usage.operations import Act
from entitlements.models import AccessCount, Account, UsageCounter, UsageEvent
from journal.domain.actor import SYSTEM
from tests.catalog.factories import PlanFactory
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.api.runtime.asking import key, post, told
from tests.entitlements.crediting import credited
from tests.entitlements.usage_factories import DecisionTraceFactory
from tests.entitlements.using import Metered, customer, metered, priced, use
from tests.entitlements.world import AT, DAY, account, publish_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def used(world: Metered) -> Account:
    acme = customer(world)
    use(acme, world.calls, 900)
    return acme


def asked(desk: Client, **question: str) -> str:
    return text_of(desk.get(url("playground"), question))


def test_what_fits_is_allowed_with_every_reason_and_what_is_left(support_desk: Client, used: Account) -> None:
    said = asked(support_desk, account="acme", feature="calls", quantity="100")
    assert "Allowed: 100 left, nothing after this." in said
    assert "The account 900 1,000 100 1 April 2026 (UTC)" in said
    assert "Why Pro v1 gives 1,000 900 in use Asks for 100 Allowed" in said


def test_what_does_not_fit_is_refused_with_what_would_allow_it(
    sales_desk: Client, used: Account, world: Metered
) -> None:
    publish_plan(PlanFactory(key="scale", name="Scale"), {world.calls: Decimal(5000)})
    said = asked(sales_desk, account="acme", feature="API calls", quantity="101")
    assert "Refused: 1,001 would be 1 over the limit of 1,000." in said
    assert "What would allow it Scale: 5,000 a month" in said


def test_it_asks_for_a_subject_and_says_whose_limit_it_is(support_desk: Client, used: Account, world: Metered) -> None:
    limit = {"amount": Decimal(5), "by": SYSTEM, "at": AT}
    set_subject_limit(account=used, feature=world.calls, subject="user:ann", **limit)
    said = asked(support_desk, account="acme", feature="calls", quantity="6", subject="user:ann")
    assert "Refused: 5 of 5 is left for “user:ann”, and this needs 6." in said
    assert "user:ann 0 5 5" in said


def test_weights_and_choices_count(support_desk: Client, used: Account) -> None:
    said = asked(support_desk, account="acme", feature="tokens", quantity="20", choice="model.premium")
    assert "Allowed: 100 left, nothing after this." in said
    assert "Refused" in asked(support_desk, account="acme", feature="tokens", quantity="21", choice="model.premium")


def test_what_is_held_counts(support_desk: Client, used: Account, world: Metered) -> None:
    use(used, world.calls, 60, act=Act.RESERVE, until=AT + DAY)
    assert "Refused" in asked(support_desk, account="acme", feature="calls", quantity="41")
    assert "Allowed: 40 left" in asked(support_desk, account="acme", feature="calls", quantity="40")


@pytest.mark.parametrize("amount", [1, 99, 100, 101, 2000])
def test_it_says_what_consume_would_say(support_desk: Client, used: Account, world: Metered, amount: int) -> None:
    said = asked(support_desk, account="acme", feature="calls", quantity=str(amount))
    outcome = use(used, world.calls, amount)
    assert f"{'Allowed' if outcome.allowed else 'Refused'}:" in said


def test_it_says_what_the_api_says(support_desk: Client, used: Account, world: Metered) -> None:
    use(used, world.tokens, 96)
    plain = key()
    questions: list[dict[str, Any]] = [
        {"feature": "calls", "quantity": 100},
        {"feature": "calls", "quantity": 0},
        {"feature": "tokens", "choice": "model.premium"},
        {"feature": "tokens", "choice": "model.plain", "quantity": 4},
        {"feature": "visitors", "value": "ann"},
        {"feature": "builds", "quantity": 11},
        {"feature": "sso"},
    ]
    for question in questions:
        answer = told(post("check", {"account": "acme", **question}, plain=plain))
        said = support_desk.get(url("playground"), {"account": "acme", **question}).context["decision"]
        assert (said.allowed, said.because) == (answer["allowed"], answer["because"]), question


def test_what_is_charged_can_be_asked_and_whose_cap_it_is_is_said(support_desk: Client) -> None:
    dear, [mails] = priced("mails", key="dear")
    use(dear, mails, 9)
    assert "Allowed: all of it is charged." in asked(support_desk, account="dear", feature="mails", quantity="1")
    said = asked(support_desk, account="dear", feature="mails", quantity="2")
    assert "Refused: the customer's spend cap pays for use up to 10; 1 is left." in said
    assert "This is a limit of Dear’s own" in said


def test_asking_counts_nothing(support_desk: Client, used: Account) -> None:
    before = (UsageEvent.objects.count(), list(UsageCounter.objects.values_list("pk", "used", "updated_at")))
    for feature in ("calls", "visitors", "seats", "sso", "tokens"):
        assert "Allowed" in asked(support_desk, account="acme", feature=feature) or feature == "sso"
    assert (UsageEvent.objects.count(), list(UsageCounter.objects.values_list("pk", "used", "updated_at"))) == before
    assert not AccessCount.objects.exists()


def test_past_and_future_are_told_by_the_terms_alone(support_desk: Client, acme: Customer) -> None:
    before = (AT - 20 * DAY).isoformat()
    said = asked(support_desk, account="acme", feature="storage", quantity="5 GB", at=before)
    assert "Refused: it is not included." in said
    assert "What is true at" in said
    later = (AT + 20 * DAY).isoformat()
    assert "Allowed" in asked(support_desk, account="acme", feature="storage", quantity="5 GB", at=later)
    believed = asked(support_desk, account="acme", feature="storage", known_at=before)
    assert "not known yet at that moment" in believed


def test_the_line_asks_the_same(support_desk: Client, used: Account) -> None:
    response = support_desk.get(
        url("playground"), {"account": "acme", "feature": "calls", "quantity": "1,500", "subject": "o'neil"}
    )
    line = response.context["check_line"]
    assert "/api/v1/check" in line
    assert '"quantity": 1500' in line
    assert "o'\"'\"'neil" in line  # a shell's way to spell a quote inside quotes
    assert "/ofrep/v1/evaluate/flags/calls" in response.context["ofrep_line"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"account": "nobody", "feature": "calls"}, "No customer is found by “nobody”"),
        ({"account": "acme", "feature": "no such thing"}, "is not one feature"),
        ({"account": "acme", "feature": "calls", "quantity": "many"}, "How much: “many” is no amount"),
        ({"account": "acme", "feature": "calls", "quantity": "0.5"}, "How much: "),
        ({"account": "acme", "feature": "tokens", "choice": "model.huge"}, "Choice: Select a valid choice"),
        ({}, "Choose a customer and a feature"),
    ],
)
def test_what_cannot_be_asked_says_what_to_do(
    support_desk: Client, used: Account, question: dict[str, str], words: str
) -> None:
    assert words in asked(support_desk, **question)


def test_several_customers_may_be_meant(support_desk: Client, used: Account) -> None:
    account("acme-labs", name="Acme Labs")
    account("acme-west", name="Acme West")
    response = support_desk.get(url("playground"), {"account": "acme ", "feature": "calls"})
    assert response.context["account"] == used
    said = asked(support_desk, account="Acme L", feature="calls")
    assert "Refused: it is not included." in said  # one is left: it is asked about


def test_a_refusal_can_be_asked_again(support_desk: Client, used: Account, world: Metered) -> None:
    answer = {"why": "limit_reached", "because": ["Pro v1 gives 1,000", "Refused: too much."]}
    question = {"feature": "calls", "quantity": 101, "subject": "user:ann"}
    DecisionTraceFactory(
        account=used, feature=world.calls, question=question, answer=answer, at=AT - timedelta(hours=1)
    )
    response: Any = support_desk.get(url("playground"), {"account": "acme"})
    assert "GET /things Refused: too much. Ask again" in text_of(response)
    again = support_desk.get(response.context["refusals"][0]["url"])
    assert "Refused: 1,001 would be 1 over" in text_of(again)


def test_what_cannot_be_read_is_left_out_and_the_rest_is_asked(support_desk: Client, used: Account) -> None:
    said = asked(support_desk, account="acme", feature="calls", quantity="many", subject="user:ann")
    assert "so it was left out. How much" in said
    assert "Allowed: 100 left." in said
    assert '"subject": "user:ann"' in said


def test_credits_are_bounded_by_what_is_left_of_them(support_desk: Client) -> None:
    world = credited()
    use(world.acme, world.credits, 60)
    use(world.acme, world.credits, 10, act=Act.RESERVE, until=AT + DAY)
    assert "Allowed: 30 left." in asked(support_desk, account="acme", feature="ai_credits", quantity="30")
    said = asked(support_desk, account="acme", feature="ai_credits", quantity="31")
    assert "Refused: 30 is left of the credits, and this needs 31." in said
