"""A validator’s answer: signed, once, in time, and never against a person."""

from datetime import timedelta

import pytest
import time_machine

from entitlements.models import Account
from journal.actions.webhooks.endpoints import rotate_secret
from journal.domain.actor import SYSTEM
from journal.domain.webhooks.endpoint import EndpointState
from journal.models import AuditEvent, Outbound, WebhookEndpoint
from support.actions.intake.outside import NOBODY_TO_ASK, endpoint_to_ask
from support.actions.intake.resuming import give_up_waiting
from support.actions.intake.settling import settle_ticket
from support.domain.intake.outcomes import Outcome
from support.models import IntakeDecision
from tests.support.casework import NOW
from tests.support.outside_world import SOON, SURE, answer, question, taken, unanswered, validator, waiting
from tests.support.ticket_world import ticket_world, told
from tests.support.world import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _soon():
    with time_machine.travel(SOON, tick=False):
        yield


def stands(row: IntakeDecision) -> tuple[str, str, str]:
    row.refresh_from_db()
    return row.stage, row.outcome, row.settled_by


def test_a_ticket_waits_and_its_validator_alone_is_asked():
    everything = validator(events=[], url="https://log.example/all")
    row, secret = waiting()
    assert (everything != secret, row.stage, row.reason) == (True, "waiting", "answer_awaited")
    asked = question()
    assert Outbound.objects.filter(payload__type="ticket.answer_asked").count() == 1
    assert (asked["ticket"], asked["requests"], asked["text"]) == (row.number, ["It stops."], "It stops.")
    assert {"exports", "sso"} <= set(asked["features"])
    assert asked["answer_to"].endswith(f"/api/v1/tickets/{row.number}/resume")
    assert row.resume_digest not in ("", asked["token"])


def test_an_answer_is_decided_by_the_engine_and_told():
    row, secret = waiting()
    validator(events=["ticket.settled"], url="https://helpdesk.example/")
    response = answer(row, secret)
    assert (response.status_code, response.json()["stage"], response.json()["outcome"]) == (200, "settled", "accept")
    assert stands(row) == ("settled", "accept", "validator")
    assert (row.settled_outcome, row.read_by, row.resumed_at) == ("accept", "outside", SOON)
    assert Outbound.objects.filter(payload__type="ticket.settled").count() == 1
    assert AuditEvent.objects.get(verb="ticket:answer").actor_kind == "connection"


def test_whose_it_is_by_now_its_case_says():
    row, secret = waiting()
    row.case.account = Account.objects.get(key="poor")
    kept(row.case)
    assert answer(row, secret).json()["outcome"] == "block"


def test_naming_what_isn_t_entitled_grants_nothing():
    row, secret = waiting()
    named = [{"feature": "sso", "confidence": 1.0, "quote": "It stops"}]
    assert answer(row, secret, named).json()["outcome"] == "hold"
    assert stands(row) == ("held", "hold", "")


def test_the_same_twice_is_answered_the_same_and_another_is_refused():
    row, secret = waiting()
    first, again = answer(row, secret), answer(row, secret)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = answer(row, secret, [{"feature": "none_of_these", "confidence": 1.0}])
    assert (other.status_code, other.json()["code"]) == (409, "answer_known")
    assert stands(row) == ("settled", "accept", "validator")
    assert AuditEvent.objects.filter(verb="ticket:answer").count() == 1


def test_a_person_has_the_last_word():
    row, secret = waiting()
    settle_ticket(decision=row, outcome=Outcome.REDIRECT, by=SYSTEM, at=SOON)
    response = answer(row, secret)
    assert (response.status_code, response.json()["code"]) == (409, "already_settled")
    assert stands(row)[2] == SYSTEM.name


@pytest.mark.parametrize("swept", [True, False])
def test_a_late_answer_leaves_the_ticket_held(swept):
    row, secret = waiting()
    with time_machine.travel(NOW + timedelta(minutes=60), tick=False):
        if swept:
            assert give_up_waiting(at=NOW + timedelta(minutes=60), enough=lambda: False) == 1
        response = answer(row, secret, at=NOW + timedelta(minutes=60))
    assert (response.status_code, response.json()["code"]) == (410, "answer_late")
    assert stands(row)[:2] == (("held" if swept else "waiting"), "hold")


def test_what_nobody_answered_is_held_once_with_its_reason():
    row, _secret = waiting()
    assert give_up_waiting(at=NOW + timedelta(minutes=59), enough=lambda: False) == 0
    assert give_up_waiting(at=NOW + timedelta(minutes=60), enough=lambda: False) == 1
    assert give_up_waiting(at=NOW + timedelta(minutes=60), enough=lambda: False) == 0
    row.refresh_from_db()
    assert (row.stage, row.reason) == ("held", "not_read")


FORGERIES = {
    "another secret": lambda row, secret: answer(row, "whsec_" + "A" * 43 + "="),
    "too old": lambda row, secret: answer(row, secret, at=SOON - timedelta(minutes=6)),
    "from the future": lambda row, secret: answer(row, secret, at=SOON + timedelta(minutes=6)),
    "no signature": lambda row, secret: answer(row, secret, **{"webhook-signature": ""}),
    "signed for another time": lambda row, secret: answer(row, secret, **{"webhook-timestamp": "1772450000"}),
    "signed under another name": lambda row, secret: answer(row, secret, **{"webhook-id": "msg_other"}),
    "no token": lambda row, secret: answer(row, secret, token="x"),
    "a guessed token": lambda row, secret: answer(row, secret, token=question()["token"][:-1] + "~"),
    "a token no database could keep": lambda row, secret: answer(row, secret, token="a\x00\ud800.x"),
    "a token that is none": lambda row, secret: answer(row, secret, token=["x"]),
    "another ticket": lambda row, secret: answer(row, secret, number=f"T-{row.pk + 1}"),
    "no number": lambda row, secret: answer(row, secret, number="٣"),
}


@pytest.mark.parametrize("how", sorted(FORGERIES))
def test_a_forged_answer_changes_nothing(how):
    row, secret = waiting()
    before = IntakeDecision.objects.values().get(pk=row.pk)
    response = FORGERIES[how](row, secret)
    assert (response.status_code, response.json()["code"]) == (401, "not_signed")
    assert IntakeDecision.objects.values().get(pk=row.pk) == before


def test_another_validator_can_t_use_the_token_it_overheard():
    row, _secret = waiting()
    assert answer(row, validator(url="https://other.example/")).status_code == 401
    assert stands(row)[0] == "waiting"


@pytest.mark.parametrize(("hours", "status"), [(23, 200), (25, 401)])
def test_a_former_secret_signs_for_a_day_more(hours: int, status: int):
    row, former = waiting(outside_within_minutes=7 * 24 * 60)
    newer = rotate_secret(endpoint=WebhookEndpoint.objects.get(), by=SYSTEM, at=NOW)
    later = NOW + timedelta(hours=hours)
    with time_machine.travel(later, tick=False):
        assert answer(row, former, at=later).status_code == status
        assert answer(row, newer, at=later).status_code == 200


def test_who_was_switched_off_answers_nothing_any_more():
    row, secret = waiting()
    WebhookEndpoint.objects.update(state=EndpointState.DISABLED)
    assert answer(row, secret).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        [{"feature": "exports", "confidence": 0.9, "quote": "Es hört auf"}],
        [{"feature": "unheard_of", "confidence": 0.9, "quote": "It stops"}],
        [{"feature": "exports", "confidence": 1.5, "quote": "It stops"}],
        [*SURE, *SURE],
        [*SURE, {"feature": "sso", "confidence": 0.9, "quote": "It stops"}],
    ],
)
def test_an_answer_that_can_t_be_right_uses_nothing_up(wrong):
    row, secret = waiting()
    assert answer(row, secret, wrong).status_code == 422
    assert answer(row, secret, SURE, SURE).status_code == 422
    assert answer(row, secret).status_code == 200


def test_without_anybody_to_ask_or_too_long_to_send_it_is_held_at_once():
    acme = ticket_world(read_by="outside")
    row = taken(told(acme))
    assert (row.stage, row.reason, row.words, row.resume_digest) == ("held", "not_read", NOBODY_TO_ASK, "")
    validator()
    long = taken(told(acme, external_id="4712"), unanswered("ü" * 15_000))
    assert (long.stage, long.reason) == ("held", "too_long")


def test_the_accounts_own_validator_goes_first():
    acme = ticket_world(read_by="outside")
    validator()
    validator(url="https://own.example/", account_key=acme.key)
    validator(url="https://poor.example/", account_key="poor")
    assert endpoint_to_ask("acme").url == "https://own.example/"
    assert endpoint_to_ask("").url == "https://validator.example/asked"
