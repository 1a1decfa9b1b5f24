"""A dry run on real deals, deal by deal: what each would become, and nothing of it written, here or there."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.test import Client

from desk.domain.crm.told import DealLine, DealState
from desk.integrations.crm import dry_run
from desk.integrations.crm.port import Declined
from desk.models import CrmCompany, CrmDeal, DealMapping
from desk.queries.crm.dry_runs import rows_of
from desk.queries.crm.mapping import in_force
from desk.queries.crm.mapping_versions import is_tried
from journal.actions.working import work_off
from journal.models import AuditEvent, Job, JobItem
from tests.desk.admin.crm.conftest import Shop, won
from tests.desk.admin.crm.reading import send, url
from tests.desk.mapped import drafted, switched_on, team
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
WRITES = {"DealMapping", "HistoricalDealMapping", "AuditEvent", "AuditHead", "Job", "JobItem"}


@pytest.fixture
def linked(shop: Shop) -> Shop:
    """Two won deals of the last weeks, one of Acme's and one of nobody's, a longer ago one and one that is open."""
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    won(shop, "1")
    won(shop, "2", company="c9")
    won(shop, "3", closed_on=date(2025, 1, 1))
    won(shop, "4", state=DealState.OPEN)
    drafted(shop.connection, team())
    return shop


def run(desk: Client, shop: Shop, **given: str) -> Job:
    answer = send(desk, url(shop.connection, "try"), **given)
    assert answer.status_code == 302, complaints(answer)
    work_off(at=AT)
    return Job.objects.latest("pk")


def test_a_dry_run_says_what_each_deal_would_become(linked: Shop, finance_desk: Client) -> None:
    job = run(finance_desk, linked, days="90")
    assert (job.state, job.error) == ("done", "")
    assert {row["id"]: row["would"] for row in rows_of(job)} == {"1": "create", "2": "skip"}
    page = finance_desk.get(url(linked.connection, "tried", job.pk))
    read = text_of(page)
    assert "It would create 1, skip 1 because nobody knows whose they are." in read
    assert "One of them was won before, and taken only if you say so" in read
    assert "5 × Team seat" in read
    assert "5 × Team" in read
    assert "Acme" in read
    assert "Deal of 3" not in read
    assert "Switch it on" in read


def test_it_counts_as_tried_until_the_draft_says_something_else(linked: Shop, finance_desk: Client) -> None:
    job = run(finance_desk, linked, days="90")
    mapping = DealMapping.objects.get()
    assert is_tried(mapping)
    assert (mapping.tried["job"], mapping.tried["counts"]) == (job.pk, {"create": 1, "skip": 1})
    send(finance_desk, url(linked.connection, "edit", "team-seat"), quantity="9")
    assert "Switch it on" not in text_of(finance_desk.get(url(linked.connection, "tried", job.pk)))


def test_nothing_is_written_but_what_the_run_found(linked: Shop, finance_desk: Client) -> None:
    models = [model for model in apps.get_models(include_auto_created=True) if model.__name__ not in WRITES]
    before = {model: model._base_manager.count() for model in models}
    run(finance_desk, linked, days="90")
    assert {model: model._base_manager.count() for model in models} == before
    assert linked.crm.written == {}
    assert not CrmDeal.objects.exists()
    verbs = AuditEvent.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["job:start", "deal_mapping:try"]


def test_deals_are_filtered_by_what_would_happen(linked: Shop, finance_desk: Client) -> None:
    job = run(finance_desk, linked, days="90")
    read = text_of(finance_desk.get(url(linked.connection, "tried", job.pk), {"would": "skip"}))
    assert "Deal of 2" in read
    assert "Deal of 1" not in read


def test_one_deal_is_tried_as_if_it_were_won_and_doesnt_count(linked: Shop, finance_desk: Client) -> None:
    job = run(finance_desk, linked, deal="https://crm.example/deals/4/view")
    assert [(row["id"], row["would"], row["state"]) for row in rows_of(job)] == [("4", "create", "open")]
    read = text_of(finance_desk.get(url(linked.connection, "tried", job.pk)))
    assert "open; tried as if won" in read
    assert not is_tried(DealMapping.objects.get())


def test_what_names_no_deal_is_refused(linked: Shop, finance_desk: Client) -> None:
    answer = send(finance_desk, url(linked.connection, "try"), deal="that big one")
    assert "No id of a deal" in complaints(answer)["deal"][0]


def test_a_long_list_is_read_page_by_page_and_each_deal_once(
    linked: Shop, finance_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "AT_ONCE", 2)
    linked.crm.page_size = 3
    for number in range(10, 17):
        won(linked, str(number))
    job = run(finance_desk, linked, days="90")
    assert sorted(row["id"] for row in rows_of(job)) == sorted(["1", "2", *map(str, range(10, 17))])
    assert job.total == JobItem.objects.filter(job=job).count()
    assert sum(what == "changed" for what, _ in linked.crm.asked) == 4


def test_more_deals_than_are_tried_at_once_are_said(
    linked: Shop, finance_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MOST", 2)
    linked.crm.page_size = 2
    job = run(finance_desk, linked, days="90")
    assert job.result["cut"] == 2
    assert "the first 2 were" in text_of(finance_desk.get(url(linked.connection, "tried", job.pk)))


def test_what_the_crm_refuses_is_told_and_doesnt_count(linked: Shop, finance_desk: Client) -> None:
    linked.crm.fails("deals", Declined("The field Start__c is not there."))
    job = run(finance_desk, linked, days="90")
    assert job.state == "failed"
    read = text_of(finance_desk.get(url(linked.connection, "tried", job.pk)))
    assert "The field Start__c is not there." in read
    assert not is_tried(DealMapping.objects.get())


def test_a_draft_changed_meanwhile_stops_the_run(linked: Shop, finance_desk: Client) -> None:
    send(finance_desk, url(linked.connection, "try"), days="90")
    send(finance_desk, url(linked.connection, "edit", "team-seat"), quantity="9")
    work_off(at=AT)
    assert Job.objects.latest("pk").state == "failed"
    assert JobItem.objects.latest("pk").told == dry_run.CHANGED


def test_a_draft_given_up_meanwhile_stops_the_run(linked: Shop, finance_desk: Client) -> None:
    send(finance_desk, url(linked.connection, "try"), days="90")
    send(finance_desk, url(linked.connection, "discard"))
    work_off(at=AT)
    job = Job.objects.latest("pk")
    assert (job.state, job.error) == ("failed", "The draft was given up meanwhile.")
    assert "a draft that was given up" in text_of(finance_desk.get(url(linked.connection, "tried", job.pk)))


def test_deals_won_already_are_counted_before_they_are_taken(linked: Shop, finance_desk: Client) -> None:
    won(linked, "5", closed_on=date(2026, 1, 5))
    run(finance_desk, linked, days="90")
    given = {"taken": "since", "since": "2026-02-01", "reason": "The pilot went well"}
    there = url(linked.connection, "switch")
    asked = send(finance_desk, there, **given)
    assert "2 deals won since 1 February 2026 are taken too: it would create 1, skip 1" in text_of(asked)
    assert in_force(linked.connection) is None
    send(finance_desk, there, **given, step="confirm")
    on = in_force(linked.connection)
    assert on is not None
    assert on.since == date(2026, 2, 1)


def test_a_day_before_what_was_tried_is_refused(linked: Shop, finance_desk: Client) -> None:
    run(finance_desk, linked, days="20")
    given = {"taken": "since", "since": "2026-01-01", "reason": "All of it", "step": "confirm"}
    refused = send(finance_desk, url(linked.connection, "switch"), **given)
    assert "Try more days first" in complaints(refused)["since"][0]


def test_what_is_in_force_is_asked_about_one_deal(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team())
    refused = send(finance_desk, url(shop.connection, "try"))
    assert complaints(refused) == {"deal": ["Say which deal."]}
    won(shop, "7")
    job = run(finance_desk, shop, deal="7")
    assert [row["would"] for row in rows_of(job)] == ["skip"]
    assert "What version 1 would do" in text_of(finance_desk.get(url(shop.connection, "tried", job.pk)))


def test_a_run_of_another_connection_is_not_found(linked: Shop, finance_desk: Client) -> None:
    other = Job.objects.create(kind="counting", title="Else", asked_at=AT, asked_by_key="desk", asked_by_name="Desk")
    assert finance_desk.get(url(linked.connection, "tried", other.pk)).status_code == 404


def test_a_product_is_called_by_its_own_name_where_the_crm_puts_the_deals_before_it(
    shop: Shop, finance_desk: Client
) -> None:
    CrmCompany.objects.create(connection=shop.connection, external_id="c1", account=shop.acme, told_at=AT, name="Acme")
    won(shop, "1", name="Acme: five", lines=(DealLine("1-1", "TEAM-SEAT", "Acme: five Team seat", Decimal(5)),))
    drafted(shop.connection, team())
    job = run(finance_desk, shop, days="90")
    assert "Acme: five won 20 February 2026 5 × Team seat" in text_of(
        finance_desk.get(url(shop.connection, "tried", job.pk))
    )
