"""A flow is switched on, paused, let go on, run now and tried again by whoever may set it up."""

import pytest
from django.test import Client
from django.urls import reverse

from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.models import AuditEvent
from tests.desk.admin.crm.conftest import Shop
from tests.desk.synced import company, deal, flow
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import AT
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


def url(shop: Shop, page: str, flow: Flow = Flow.COMPANIES) -> str:
    return reverse(f"admin:desk_crm_sync_{page}", args=[shop.connection.pk, flow.value])


def state(shop: Shop, flow: Flow = Flow.COMPANIES) -> str:
    return CrmFlow.objects.get(connection=shop.connection, flow=flow).state


def test_switching_on_says_what_will_happen_first(shop: Shop, finance_desk: Client) -> None:
    read = text_of(finance_desk.get(url(shop, "on")))
    assert "Every company there is read, page by page" in read
    finance_desk.post(url(shop, "on"))
    assert state(shop) == FlowState.ACTIVE
    assert AuditEvent.objects.filter(verb="crm_flow:switch_on", actor_name__contains="Finance").exists()


def test_deals_wait_for_companies_and_a_mapping(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection)
    page = finance_desk.post(url(shop, "on", Flow.DEALS))
    assert page.status_code == 422
    assert "No mapping is in force" in complaints(page)[""][0]


def test_pausing_asks_why_and_it_goes_on_again(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection)
    assert "Give a reason" in complaints(finance_desk.post(url(shop, "pause"), {"reason": ""}))["reason"][0]
    finance_desk.post(url(shop, "pause"), {"reason": "They merge companies"})
    assert state(shop) == FlowState.PAUSED
    finance_desk.post(url(shop, "resume"))
    assert state(shop) == FlowState.ACTIVE


def test_a_run_now_is_due_at_once(shop: Shop, finance_desk: Client) -> None:
    row = flow(shop.connection, next_run_at=AT.replace(hour=23))
    answer = finance_desk.post(url(shop, "run"))
    row.refresh_from_db()
    assert row.next_run_at == AT
    assert told(answer) == ["“Companies come in” runs within a few seconds."]


def test_one_or_all_that_failed_are_tried_again(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, Flow.DEALS)
    one, other = (deal(shop.connection, id, failed="It broke", tries=8) for id in ("d1", "d2"))
    finance_desk.post(url(shop, "retry", Flow.DEALS), {"record": one.pk})
    assert list(CrmDeal.objects.filter(due_at=AT)) == [one]
    answer = finance_desk.post(url(shop, "retry", Flow.DEALS))
    assert list(CrmDeal.objects.filter(due_at=AT).order_by("pk")) == [one, other]
    assert told(answer)[-1] == "2 are tried again within a few seconds."


def test_from_the_page_of_a_record_the_reader_stays_there(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection)
    row = company(shop.connection, failed="It broke")
    answer = finance_desk.post(url(shop, "retry"), {"record": row.pk, "stay": "1"})
    assert answer.url == reverse("admin:desk_crmcompany_change", args=[row.pk])


def test_nothing_left_to_try_is_said(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection)
    assert "Nothing of it waits to be tried again" in told(finance_desk.post(url(shop, "retry")))[0]


@pytest.mark.parametrize("page", ["on", "pause", "resume", "run", "retry"])
@pytest.mark.parametrize("role", ["sales", "support", "auditor"])
def test_others_may_not(shop: Shop, sign_in: SignIn, role: str, page: str) -> None:
    flow(shop.connection)
    company(shop.connection, failed="It broke")
    assert sign_in(role).post(url(shop, page), {"reason": "x"}).status_code == 403
    assert state(shop) == FlowState.ACTIVE
    assert not CrmCompany.objects.filter(due_at__isnull=False).exists()


def test_an_unknown_flow_is_not_found(shop: Shop, finance_desk: Client) -> None:
    assert finance_desk.get(reverse("admin:desk_crm_sync_on", args=[shop.connection.pk, "contacts"])).status_code == 404


def test_what_the_crm_refused_is_sent_once_more(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, Flow.ENTITLEMENTS)
    refused = {"refused": {"@company": "9"}}
    row = company(shop.connection, account=shop.acme, write_failed="Region is required", written=refused)
    finance_desk.post(url(shop, "retry", Flow.ENTITLEMENTS))
    row.refresh_from_db()
    assert (row.written, row.to_write_at) == ({}, AT)
