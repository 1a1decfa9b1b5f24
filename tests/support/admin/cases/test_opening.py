"""A case opened by hand, and one given to its customer: what is promised is seen before it is done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from support.domain.intake.tickets import Request, Ticket
from support.domain.intake.understood import Candidate, Reading, Understood
from support.models import Case, IntakeDecision
from support.queries.intake.deciding import Read
from tests.catalog.factories import FeatureFactory
from tests.conftest import AT
from tests.entitlements.admin.reading import complaints, text_of
from tests.support.admin.cases.desks import address, opened, reader, the_desk
from tests.support.ticket_world import checking

pytestmark = pytest.mark.django_db
ASKED = {
    "token": "desk:one", "subject": "It is slow", "severity": "urgent", "channel": "phone", "opener": "customer",
    "source": "desk", "requester": "ana@acme.example", "team": "first",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    the_desk()
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def support() -> Client:
    return reader("support")


def send(client: Client, step: str, *, whose: str = "account=acme", **more: str) -> Any:
    return client.post(f"{address('case_open')}?{whose}", {**ASKED, "step": step, **more})


@pytest.mark.parametrize("typed", ["ana@acme.example", "acme.example", "acme", "Acme"])
def test_whoever_asks_is_found_as_in_the_lookup(support: Client, typed: str) -> None:
    page = support.get(address("case_open"), {"q": typed})
    assert "Open a case for Acme" in text_of(page)
    assert page.context["form"].initial["requester"] == (typed if "@" in typed else "")


def test_nobody_found_is_said_and_a_choice_is_kept(support: Client) -> None:
    assert "Nobody found for “zzz”." in text_of(support.get(address("case_open"), {"q": "zzz"}))
    opened_for = support.get(address("case_open"), {"account": "bolt"})
    assert "Open a case for Bolt" in text_of(opened_for)


def test_it_shows_what_will_be_promised_and_writes_nothing(support: Client) -> None:
    words = text_of(send(support, "show"))
    assert "What will be promised: Priority Plus" in words
    assert "First response today 10:00 (UTC), 11:00 (Amsterdam) due in 1 h" in words
    assert "Resolution today 17:00 (UTC), 18:00 (Amsterdam) due in 8 h" in words
    assert not Case.objects.exists()


def test_what_came_in_earlier_is_due_earlier(support: Client) -> None:
    early = (AT - timedelta(minutes=90)).strftime("%Y-%m-%dT%H:%M")
    assert "First response Late today 08:30 (UTC), 09:30 (Amsterdam) late for 30 min" in text_of(
        send(support, "show", opened_at=early)
    )


def test_what_we_began_owes_no_first_response(support: Client) -> None:
    words = text_of(send(support, "show", opener="agent"))
    assert "Resolution today 17:00" in words
    assert "First response" not in words


def test_a_customer_without_cover_is_told_so(support: Client) -> None:
    assert "Nothing is due by any time for a case of severity Urgent." in text_of(
        send(support, "show", whose="account=bolt")
    )


def test_it_is_opened_once_however_often_the_button_is_pressed(support: Client) -> None:
    first, second = send(support, "open"), send(support, "open")
    case = Case.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == address("case", case.pk)
    assert (case.account.key, case.subject, case.team.key, case.tier) == (
        "acme",
        "It is slow",
        "first",
        "priority_plus",
    )


def test_it_can_be_changed_again_and_opened_for_nobody_known(support: Client) -> None:
    assert 'value="It is slow"' in send(support, "change").content.decode()
    send(support, "open", whose="unknown=1")
    assert Case.objects.get().account is None


def test_what_is_missing_stands_beside_its_field(support: Client) -> None:
    answer = send(support, "show", subject="", severity="", opened_at="soon")
    assert answer.status_code == 422
    assert complaints(answer) == {
        "subject": ["Say in a line what it is about."],
        "severity": ["Choose how bad it is: the promise depends on it."],
        "opened_at": ["That is no day and time; write both, or leave it empty for now."],
    }


def test_a_ticket_stands_for_one_case(support: Client) -> None:
    opened(source="tickets", external_id="7")
    answer = send(support, "open", source="tickets", external_id="7")
    assert "7 of tickets is C-" in complaints(answer)["external_id"][0]


def test_without_a_customer_nothing_is_sent(support: Client) -> None:
    assert send(support, "open", whose="q=").status_code == 200
    assert not Case.objects.exists()


def test_whose_it_is_is_said_with_what_that_promises(support: Client) -> None:
    case = opened(None, at=AT - timedelta(minutes=20))
    url = f"{address('case_account', case.pk)}?account=acme"
    assert "First response today 09:40 (UTC), 10:40 (Amsterdam) due in 40 min" in text_of(support.get(url))
    assert support.post(url).headers["Location"] == address("case", case.pk)
    case.refresh_from_db()
    assert case.account.key == "acme"
    assert case.clocks.get(milestone="first_response").due_at == AT + timedelta(minutes=40)
    assert "belongs to already" in text_of(support.get(url))
    assert support.post(url).status_code == 422


@pytest.mark.parametrize("role", ["sales", "auditor"])
def test_nobody_else_opens_or_gives_one(role: str) -> None:
    case = opened(None)
    assert send(reader(role), "open").status_code == 403
    assert reader(role).post(f"{address('case_account', case.pk)}?account=acme").status_code == 403


def asked_for(text: str, feature: str) -> Understood:
    return Understood(Request(text), Reading((Candidate(feature, 0.9, text[:5]),)))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tickets by phone are checked, by a reader that hears of single sign-on in each; nothing on sale gives that."""
    FeatureFactory(key="sso", name="Single sign-on")
    checking(checked=["phone"])

    def read_ticket(ticket: Ticket, **_: Any) -> Read:
        return Read((asked_for(ticket.subject, "sso"),), kind="tfidf", maker="tfidf 1")

    monkeypatch.setattr("support.integrations.door.read_ticket", read_ticket)


@pytest.mark.usefixtures("checked")
def test_the_check_is_shown_and_what_is_opened_is_whoever_opens_its_decision(support: Client) -> None:
    words = text_of(send(support, "show"))
    assert all(said in words for said in ("What the check says", "Held for a person"))
    assert "“Single sign-on” is meant, which they don’t have" in words
    assert not IntakeDecision.objects.exists()
    send(support, "open")
    row = IntakeDecision.objects.get()
    assert (row.stage, row.outcome, row.settled_outcome, row.settled_by) == ("settled", "hold", "accept", row.asked_by)
    assert (row.case, row.settled_note) == (Case.objects.get(), "Opened by hand")
    assert "We have taken up your request" in row.customer_words


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("given", [{"channel": "email"}, {"opener": "agent"}])
def test_what_is_not_checked_is_opened_as_before(support: Client, given: dict[str, str]) -> None:
    assert "What the check says" not in text_of(send(support, "show", **given))
    send(support, "open", **given)
    assert (Case.objects.count(), IntakeDecision.objects.count()) == (1, 0)


@pytest.mark.usefixtures("checked")
def test_whom_nobody_owes_help_is_opened_by_hand_all_the_same(support: Client) -> None:
    bolt = "account=bolt"
    assert "Nobody owes them help on this channel" in text_of(send(support, "show", whose=bolt, external_id="4711"))
    send(support, "open", whose=bolt, external_id="4711", team="")
    row = IntakeDecision.objects.get()
    assert (row.outcome, row.settled_outcome, row.case) == ("suggest", "accept", Case.objects.get())
