"""Whose a doubtful purchase is: one of those it may be, another that was searched for, or a new one."""

import pytest
from django.test import Client

from entitlements.domain.billed.findings import FindingKind
from entitlements.models import Account, BillingFinding, Identifier
from journal.admin.jobs import job_url
from journal.models import AuditEvent, Job
from tests.entitlements.admin.billed.finds import again, found, page, send
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import account
from tests.fakes.billing_console import AWAY, Asked
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubt(db: None) -> BillingFinding:
    """Acme BV buys, and both Acme and Beta could be it; Gamma isn't thought of."""
    for key in ("acme", "beta", "gamma"):
        account(key)
    return found(FindingKind.DOUBTFUL, billing_id="sub_7")


def test_the_candidates_stand_beside_what_the_billing_says(finance_desk: Client, doubt: BillingFinding) -> None:
    said = text_of(finance_desk.get(page(doubt, "whose")))
    for words in (
        "Acme BV",
        "bea@acme.example",
        "Acme acme",
        "Beta beta",
        "Nothing bought",
        "Opens the account “Acme BV”",
    ):
        assert words in said
    assert "Gamma" not in said


def test_one_is_chosen_and_it_is_looked_at_again(finance_desk: Client, doubt: BillingFinding, system: Asked) -> None:
    response = send(finance_desk, doubt, "whose", account="beta", reason="They called")
    assert told(response) == ["It is Beta’s from now on. Started."]
    assert Identifier.objects.get(system="console", value="cus_1").account.key == "beta"
    assert (again(doubt).state, again(doubt).reason, system.done) == (
        "mended",
        "They called",
        [("look again", "sub_7")],
    )


def test_another_is_searched_for(finance_desk: Client, doubt: BillingFinding) -> None:
    address = f"{page(doubt, 'whose')}?q=gamma"
    assert "Gamma gamma" in text_of(finance_desk.get(address))
    opened = finance_desk.get(address).context["form"]["seen"].value()
    finance_desk.post(address, {"seen": opened, "account": "gamma", "reason": "They called"})
    assert Identifier.objects.get(system="console", value="cus_1").account.key == "gamma"


def test_finance_opens_a_new_one_by_it(finance_desk: Client, doubt: BillingFinding) -> None:
    response = send(finance_desk, doubt, "whose", account="new", reason="A new customer")
    assert told(response) == ["It is Acme BV’s from now on. Started."]
    opened = Account.objects.get(key="acme-bv")
    assert opened.contacts.get().email == "bea@acme.example"
    assert AuditEvent.objects.get(verb="account:open", subject_key=str(opened.pk)).actor_name == "Finance"


def test_one_that_wasnt_shown_is_not_taken(finance_desk: Client, doubt: BillingFinding, system: Asked) -> None:
    response = send(finance_desk, doubt, "whose", account="gamma", reason="They called")
    assert "Search for it first" in complaints(response)["account"][0]
    assert (again(doubt).state, system.done) == ("open", [])


def test_nothing_chosen_and_no_reason_are_said_beside_their_fields(finance_desk: Client, doubt: BillingFinding) -> None:
    said = complaints(send(finance_desk, doubt, "whose"))
    assert (said["account"], bool(said["reason"])) == (["Choose an account, or that it is a new one."], True)


def test_while_it_is_away_what_was_said_stands_and_is_looked_at_later(
    finance_desk: Client, doubt: BillingFinding, system: Asked
) -> None:
    system.away = True
    response = send(finance_desk, doubt, "whose", account="beta", reason="They called")
    assert told(response) == [
        f"It is Beta’s from now on. It couldn’t be looked at yet, so nothing is given so far: {AWAY}"
    ]
    assert again(doubt).state == "mended"


def test_all_else_that_is_billed_to_the_customer_follows_as_long_work(
    finance_desk: Client, doubt: BillingFinding
) -> None:
    other = found(FindingKind.DOUBTFUL, connection=doubt.connection)
    response = send(finance_desk, doubt, "whose", account="beta", reason="They called")
    job = Job.objects.get()
    assert (response.headers["Location"], job.payload["findings"]) == (job_url(job), [other.pk])


def test_what_somebody_else_said_meanwhile_stands(finance_desk: Client, doubt: BillingFinding) -> None:
    opened = finance_desk.get(page(doubt, "whose")).context["form"]["seen"].value()
    send(finance_desk, doubt, "whose", account="beta", reason="They called")
    told_again = {"seen": opened, "account": "acme", "reason": "No"}
    assert finance_desk.post(page(doubt, "whose"), told_again).headers["Location"] == page(doubt)
    assert Identifier.objects.get(system="console", value="cus_1").account.key == "beta"
