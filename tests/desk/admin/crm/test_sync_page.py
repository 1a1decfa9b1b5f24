"""How a CRM is synchronised, on one page: each flow, the calls, what failed in the CRM's words, what came last."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmCalls
from tests.desk.admin.crm.conftest import Shop
from tests.desk.integrations.crm.memory import connected
from tests.desk.mapped import drafted, switched_on, team
from tests.desk.synced import company, deal, finding, flow, written
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import text_of
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def url(shop: Shop, page: str = "", *more: str) -> str:
    return reverse(f"admin:desk_crm_sync{page}", args=[shop.connection.pk, *more])


def test_a_new_crm_says_what_to_do(shop: Shop, finance_desk: Client) -> None:
    read = text_of(finance_desk.get(url(shop)))
    assert "Companies come in Not switched on" in read
    assert "Nobody has said yet what won deals become" in read
    assert "Switch on" in read
    assert "hasn’t said how many calls are used" in read


def test_a_flow_says_its_lag_runs_and_counts(shop: Shop, finance_desk: Client) -> None:
    told = {"moved": 3, "skipped": 2, "failed": 1, "moved_ever": 812, "next_run_at": AT + timedelta(seconds=12)}
    flow(shop.connection, Flow.COMPANIES, **told)
    read = text_of(finance_desk.get(url(shop)))
    assert "Behind 20 seconds; up to 10 minutes is all right" in read
    assert "Next run in 12 seconds" in read
    assert "3 moved, 2 skipped, 1 failed" in read
    assert "812 moved" in read


def test_one_that_lags_too_far_stands_out(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, last_ok_at=AT - 11 * MINUTE)
    page = finance_desk.get(url(shop)).content.decode()
    assert 'class="crm-flow is-behind" id="crm-flow-companies"' in page
    assert '<dd class="crm-late">11 minutes; up to' in page


def test_trouble_is_told_in_the_crms_own_words(shop: Shop, finance_desk: Client) -> None:
    flow(
        shop.connection, trouble="REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", trouble_since=AT - 3 * MINUTE
    )
    read = text_of(finance_desk.get(url(shop)))
    assert "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded. Since 2 March 2026" in read


def test_a_first_reading_shows_how_far_it_is(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, mark_at=None, expected=8)
    company(shop.connection, "c1")
    company(shop.connection, "c2")
    read = text_of(finance_desk.get(url(shop)))
    assert "First reading: 2 of about 8 read (25 %)" in read


def test_a_paused_one_says_why(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, state=FlowState.PAUSED, state_reason="They merge their companies this week")
    read = text_of(finance_desk.get(url(shop)))
    assert "They merge their companies this week" in read
    assert "Let it go on" in read


def test_the_calls_of_the_day_and_where_the_desk_stops(shop: Shop, finance_desk: Client) -> None:
    told = {"used": 12_410, "limit": 15_000, "told_at": AT, "resets_at": AT + timedelta(hours=5)}
    CrmCalls.objects.create(connection=shop.connection, **told)
    read = text_of(finance_desk.get(url(shop)))
    assert "12,410 of 15,000 calls of today; the desk stops at 12,000. Counted anew 2 March 2026" in read
    assert "The desk has used its part of the calls" in read


def test_what_failed_stands_with_both_records_and_a_button(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, Flow.DEALS)
    row = deal(shop.connection, failed="UNABLE_TO_LOCK_ROW", tries=2, due_at=AT + 2 * MINUTE, account=shop.acme)
    page = finance_desk.get(url(shop))
    read = text_of(page)
    assert "Deals: 1" in read
    assert "UNABLE_TO_LOCK_ROW Tried 2 times; again in 2 minutes" in read
    assert reverse("admin:desk_crmdeal_change", args=[row.pk]) in page.content.decode()
    assert reverse("admin:desk_account", args=["acme"]) in page.content.decode()
    assert "Try all" not in read  # its own button is enough
    deal(shop.connection, "d2", failed="UNABLE_TO_LOCK_ROW", tries=2)
    assert "Try all 2 again" in text_of(finance_desk.get(url(shop)))


def test_what_nobody_tries_again_waits_for_a_person(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection, Flow.ENTITLEMENTS)
    company(shop.connection, write_failed="FIELD_CUSTOM_VALIDATION_EXCEPTION: Region is required", write_tries=0)
    read = text_of(finance_desk.get(url(shop)))
    assert "Not written: 1" in read
    assert "Region is required It waits for a person" in read


def test_what_came_last_says_what_came_of_it(shop: Shop, finance_desk: Client) -> None:
    company(shop.connection, account=shop.acme, name="Acme Inc")
    deal(shop.connection, name="Big one", outcome="A contract was signed: 5 × Team", account=shop.acme)
    read = text_of(finance_desk.get(url(shop)))
    assert "Deal Big one Won Acme A contract was signed: 5 × Team 5 minutes ago" in read
    assert "Company Acme Inc Acme It is Acme. Nothing was written to it yet 5 minutes ago" in read


def test_what_was_written_to_a_company_stands_beside_what_came_of_the_look(shop: Shop, finance_desk: Client) -> None:
    written(company(shop.connection, account=shop.acme, name="Acme Inc"))
    assert "It is Acme. Written 1 hour ago, with 2 entitlements 5 minutes ago" in text_of(finance_desk.get(url(shop)))


def test_deals_are_not_offered_to_be_switched_on_before_a_mapping_is_in_force(shop: Shop, finance_desk: Client) -> None:
    on = url(shop, "_on", "deals")
    drafted(shop.connection, team())
    page = finance_desk.get(url(shop))
    assert "What won deals become is drafted, and not switched on" in text_of(page)
    assert on not in page.content.decode()
    switched_on(connected(name="Another"), team())
    assert on not in finance_desk.get(url(shop)).content.decode()


def test_open_findings_are_counted_by_kind(shop: Shop, finance_desk: Client) -> None:
    finding(shop.connection, subject="company:c1")
    finding(shop.connection, subject="company:c2")
    finding(shop.connection, CrmFindingKind.UNMAPPED, subject="deal:d1")
    read = text_of(finance_desk.get(url(shop)))
    assert "2 × Nobody knows whose it is the oldest 3 days ago" in read
    assert "1 × Something sold that the mapping makes nothing of" in read


def test_the_part_that_moves_is_fetched_alone(shop: Shop, finance_desk: Client) -> None:
    flow(shop.connection)
    part = finance_desk.get(url(shop), {"part": "live"}).content.decode()
    assert part.startswith('<div data-live="?part=live"')
    assert 'id="crm-flow-companies"' in part
    assert "csrfmiddlewaretoken" not in part
    assert "<nav" not in part


def test_whoever_may_only_look_has_no_buttons(shop: Shop, sales_desk: Client) -> None:
    flow(shop.connection)
    flow(shop.connection, Flow.DEALS)
    deal(shop.connection, failed="It broke")
    read = text_of(sales_desk.get(url(shop)))
    assert "It broke" in read
    for words in ("Run now", "Pause", "Try all", "What it needs there"):
        assert words not in read


def test_once_a_mapping_is_in_force_deals_may_be_switched_on(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team())
    assert "Nobody has said yet" not in text_of(finance_desk.get(url(shop)))


def test_another_systems_connection_has_no_such_page(shop: Shop, finance_desk: Client) -> None:
    other = connected(name="Shop")
    other.vendor = "console"
    type(other).objects.filter(pk=other.pk).update(vendor="console")
    assert finance_desk.get(reverse("admin:desk_crm_sync", args=[other.pk])).status_code == 404


def test_many_records_are_read_in_as_many_reads(shop: Shop, finance_desk: Client) -> None:
    for one in Flow:
        flow(shop.connection, one)
    reads = []
    for begin, end in ((0, 3), (3, 50)):
        for number in range(begin, end):
            company(shop.connection, f"c{number}", account=shop.acme, failed="It broke", write_failed="It broke too")
            deal(shop.connection, f"d{number}", account=shop.acme, failed="It broke", company=f"c{number}")
        finance_desk.get(url(shop))
        with CaptureQueriesContext(database) as captured:
            finance_desk.get(url(shop), {"part": "live"})
        reads.append(len(captured))
    assert reads[0] == reads[1]


def test_the_list_of_crms_and_the_connections_page_say_how_it_does(shop: Shop, sign_in: SignIn) -> None:
    flow(shop.connection, last_ok_at=AT - 11 * MINUTE)
    finding(shop.connection)
    finance = sign_in("finance")
    assert "Our CRM Memory On behind 11 minutes" in text_of(finance.get(reverse("admin:desk_crmflow_changelist")))
    there = text_of(finance.get(reverse("admin:journal_connection_change", args=[shop.connection.pk])))
    assert "How the CRM is synchronised Companies come in On behind 11 minutes" in there
    assert "To look at 1" in there
