"""Comparing everything: the last run on the connection's page, and starting one."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from entitlements.admin.billed.comparing import say_found
from entitlements.queries.billed.runs import Found
from journal.admin.jobs import job_url
from journal.models import Connection, Job
from tests.entitlements.admin.billed.finds import found
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(db: None) -> Connection:
    return ConnectionFactory(name="Shop")


def shown(desk: Client, there: Connection) -> Any:
    return desk.get(reverse("admin:journal_connection_change", args=[there.pk]))


def a_run(there: Connection, **more: Any) -> Job:
    told = {"state": "done", "asked_by_key": "desk", "asked_by_name": "The desk", "asked_at": AT, **more}
    return Job.objects.create(kind="billing.drift", title="x", payload={"connection": there.pk}, **told)


def test_the_connections_page_says_what_the_last_run_found(finance_desk: Client, there: Connection) -> None:
    found(connection=there)
    assert "Compared last Never yet" in text_of(shown(finance_desk, there))
    run = a_run(there, result={"looked": 412, "differ": 3, "gone": 1}, finished_at=AT - timedelta(hours=2))
    page = shown(finance_desk, there)
    said = text_of(page)
    for words in ("2 hours ago", "412 looked at: 3 differ; 1 is no longer there.", "By itself, every night", "1 ×"):
        assert words in said
    assert job_url(run) in page.content.decode()
    assert url("billed_compare", there.pk) in page.content.decode()


def test_it_is_started_from_there(finance_desk: Client, there: Connection) -> None:
    assert "nothing that a customer has changes" in text_of(finance_desk.get(url("billed_compare", there.pk)))
    response = finance_desk.post(url("billed_compare", there.pk))
    job = Job.objects.get()
    assert (response.headers["Location"], job.payload["connection"]) == (job_url(job), there.pk)


def test_one_run_at_a_time(finance_desk: Client, there: Connection) -> None:
    finance_desk.post(url("billed_compare", there.pk))
    assert "is being compared already" in complaints(finance_desk.post(url("billed_compare", there.pk)))[""][0]
    page = shown(finance_desk, there)
    assert "It is being compared now" in text_of(page)
    assert url("billed_compare", there.pk) not in page.content.decode()


def test_what_bills_nothing_has_neither_the_panel_nor_the_page(finance_desk: Client) -> None:
    ledger = ConnectionFactory(vendor="ledger")
    assert "compared with the desk" not in text_of(shown(finance_desk, ledger))
    assert finance_desk.get(url("billed_compare", ledger.pk)).status_code == 404
    assert finance_desk.post(url("billed_compare", ledger.pk)).status_code == 404
    assert finance_desk.get(url("billed_compare", 0)).status_code == 404
    assert not Job.objects.exists()


def test_of_a_paused_connection_none_is_begun(finance_desk: Client, there: Connection) -> None:
    Connection.objects.update(state="paused")
    assert "Shop is paused" in complaints(finance_desk.post(url("billed_compare", there.pk)))[""][0]
    assert not Job.objects.exists()


def test_who_only_reads_sees_the_run_and_starts_none(sign_in: Any, there: Connection) -> None:
    auditor = sign_in("auditor")
    page = shown(auditor, there)
    assert "compared with the desk" in text_of(page)
    assert url("billed_compare", there.pk) not in page.content.decode()
    assert auditor.post(url("billed_compare", there.pk)).status_code == 403


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Found(None), "0 looked at: none differs."),
        (Found(None, looked=1, differ=1, new=1), "1 looked at: 1 differs; 1 wasn’t known before."),
        (
            Found(None, looked=5000, differ=200, gone=3, missing=2, kept=1, missed=1, new=4),
            "5,000 looked at: 200 differ; 4 weren’t known before, 3 are no longer there, 2 the desk had never heard of, "
            "1 differs as was decided. 1 message had never come.",
        ),
    ],
)
def test_what_a_run_found_in_words(result: Found, words: str) -> None:
    assert say_found(result) == words
