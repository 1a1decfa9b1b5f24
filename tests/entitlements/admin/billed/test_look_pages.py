"""Looking again: at one finding, at all that wait for the same, at all that is billed for an account."""

import pytest
from django.test import Client

from entitlements.admin.billed.look_pages import say_looked
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import Account
from journal.admin.jobs import job_url
from journal.domain.refusal import Refusal
from journal.models import Job
from tests.entitlements.admin.billed.finds import found, page, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import BilledSubscriptionFactory
from tests.entitlements.world import account
from tests.fakes.billing_console import AWAY, Asked
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", [FindingKind.REFUSED, FindingKind.NOT_SOLD, FindingKind.UNLINKED, FindingKind.DRIFT])
def test_one_press_looks_again_and_says_what_came_of_it(finance_desk: Client, system: Asked, kind: FindingKind) -> None:
    row = found(kind, billing_id="sub_7")
    response = send(finance_desk, row, "look")
    assert (response.headers["Location"], told(response)) == (page(row), ["Started."])
    assert system.done == [("look again", "sub_7")]


def test_the_page_that_asks_says_what_will_happen(finance_desk: Client) -> None:
    assert "what the desk has follows it" in text_of(finance_desk.get(page(found(FindingKind.REFUSED), "look")))
    assert "Nothing the customer has changes" in text_of(finance_desk.get(page(found(), "look")))


def test_while_it_is_away_the_words_say_what_to_do(finance_desk: Client, system: Asked) -> None:
    system.away = True
    assert complaints(send(finance_desk, found(), "look")) == {"": [AWAY]}


def test_a_system_that_is_no_longer_known_is_said(finance_desk: Client) -> None:
    row = found()
    type(row.connection).objects.filter(pk=row.connection_id).update(vendor="ledger")
    assert "no longer knows the system" in complaints(send(finance_desk, row, "look"))[""][0]


def test_all_that_wait_for_the_same_become_long_work(finance_desk: Client) -> None:
    row = found(FindingKind.UNLINKED)
    other = found(FindingKind.UNLINKED, connection=row.connection)
    assert "2 subscriptions wait for the same." in text_of(finance_desk.get(page(row, "look_all")))
    response = send(finance_desk, row, "look_all")
    job = Job.objects.get()
    assert response.headers["Location"] == job_url(job)
    assert sorted(job.payload["findings"]) == [row.pk, other.pk]


# Everything that is billed for an account --------------------------------------------------------------------------
@pytest.fixture
def acme(db: None) -> Account:
    return account("acme")


def test_all_that_is_billed_for_an_account_is_looked_at(finance_desk: Client, acme: Account, system: Asked) -> None:
    for billing_id in ("sub_1", "sub_2"):
        BilledSubscriptionFactory(account=acme, billing_id=billing_id)
    assert "sub_2" in text_of(finance_desk.get(url("billed_look", "acme")))
    response = finance_desk.post(url("billed_look", "acme"))
    assert told(response) == ["2 times: Started."]
    assert system.done == [("look at", "sub_1"), ("look at", "sub_2")]


def test_where_nothing_is_billed_there_is_nothing_to_look_at(finance_desk: Client, acme: Account) -> None:
    assert "Nothing is billed" in text_of(finance_desk.get(url("billed_look", "acme")))
    assert "Nothing is billed" in complaints(finance_desk.post(url("billed_look", "acme")))[""][0]


def test_an_account_that_isnt_there_is_not_found(finance_desk: Client) -> None:
    assert finance_desk.get(url("billed_look", "gone")).status_code == 404


def test_who_only_reads_looks_at_nothing(support_desk: Client, acme: Account, system: Asked) -> None:
    BilledSubscriptionFactory(account=acme)
    assert support_desk.post(url("billed_look", "acme")).status_code == 403
    assert system.done == []


def test_what_was_looked_at_before_it_went_away_stays_looked_at() -> None:
    def away() -> str:
        raise Refusal("It is away.")

    assert say_looked([lambda: "Started.", away, lambda: "Never."]) == "Started. Then it stopped: It is away."
    with pytest.raises(Refusal):
        say_looked([away, lambda: "Never."])
