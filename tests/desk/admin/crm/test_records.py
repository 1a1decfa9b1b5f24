"""Companies and deals of a CRM: their lists, and the pages of one with what was told, what it became and what to do."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.domain.crm.flows import Flow
from desk.domain.crm.kept import keep_deal
from desk.domain.crm.told import Deal, DealLine, DealState
from desk.models import CrmCompany, CrmDeal
from tests.desk.admin.crm.conftest import Shop, won
from tests.desk.mapped import switched_on, team
from tests.desk.synced import company, deal, finding, flow, written
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import text_of
from tests.entitlements.world import AT, account
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


def url(row: CrmCompany | CrmDeal, page: str = "change") -> str:
    return reverse(f"admin:desk_{row._meta.model_name}_{page}", args=[row.pk])


def listed(desk: Client, model: str, **asked: str) -> list[str]:
    rows = desk.get(reverse(f"admin:desk_{model}_changelist"), asked).context["cl"].result_list
    return sorted(row.external_id for row in rows)


def test_companies_are_narrowed_down_by_how_they_stand(shop: Shop, sales_desk: Client) -> None:
    company(shop.connection, "c1", account=shop.acme, write_failed="No")
    company(shop.connection, "c2", failed="Broke")
    company(shop.connection, "c3", left_out=True)
    company(shop.connection, "c4", gone=True)
    for stands, left in (
        ("linked", ["c1"]), ("nobody", ["c2"]), ("left_out", ["c3"]), ("gone", ["c4"]), ("failed", ["c2"]),
        ("unwritten", ["c1"]), ("x", ["c1", "c2", "c3", "c4"]),
    ):  # fmt: skip
        assert listed(sales_desk, "crmcompany", stands=stands) == left


def test_deals_are_narrowed_down_by_what_became_of_them(shop: Shop, sales_desk: Client) -> None:
    deal(shop.connection, "d1")
    deal(shop.connection, "d2", state=DealState.LOST, failed="Broke")
    assert listed(sales_desk, "crmdeal", stands="won_nothing") == ["d1"]
    assert listed(sales_desk, "crmdeal", stands="lost") == ["d2"]
    assert listed(sales_desk, "crmdeal", stands="failed") == ["d2"]
    assert listed(sales_desk, "crmdeal", stands="made") == []


@pytest.mark.parametrize("model", ["crmcompany", "crmdeal"])
def test_fifty_are_listed_in_as_many_reads_as_two(shop: Shop, sales_desk: Client, model: str) -> None:
    make, reads = {"crmcompany": company, "crmdeal": deal}[model], []
    for begin, end in ((0, 2), (2, 50)):
        for number in range(begin, end):
            make(shop.connection, f"x{number}", account=shop.acme)
        sales_desk.get(reverse(f"admin:desk_{model}_changelist"))
        with CaptureQueriesContext(database) as captured:
            sales_desk.get(reverse(f"admin:desk_{model}_changelist"))
        reads.append(len(captured))
    assert reads[0] == reads[1]


# A company -----------------------------------------------------------------------------------------------------------
def test_the_page_of_a_company_says_both_sides(shop: Shop, sales_desk: Client) -> None:
    row = written(company(shop.connection, account=shop.acme, name="Acme Inc"))
    deal(shop.connection, name="Big one", outcome="A contract waits for approval")
    finding(shop.connection)
    read = text_of(sales_desk.get(url(row)))
    for words in (
        "Account Acme", "Domain c1.example", "Country NL", "Plan Team", "with 2 records of entitlements",
        "Big one Won – A contract waits for approval", "Of whose, something. Nobody knows whose it is To look at",
    ):  # fmt: skip
        assert words in read


def test_a_company_is_looked_at_now(shop: Shop, sales_desk: Client) -> None:
    flow(shop.connection)
    row = company(shop.connection)
    shop.crm.company("c1", name="Acme Inc", own_key="acme")
    assert told(sales_desk.post(url(row, "look"))) == ["It is Acme (acme)."]


def test_while_the_connection_rests_it_is_looked_at_later(shop: Shop, sales_desk: Client) -> None:
    row = company(shop.connection)
    type(shop.connection).objects.filter(pk=shop.connection.pk).update(state="paused")
    assert "it is looked at once it goes on" in told(sales_desk.post(url(row, "look")))[0]
    row.refresh_from_db()
    assert row.due_at == AT


def test_it_is_said_to_be_another_account_and_taken_back(shop: Shop, sales_desk: Client) -> None:
    account("beta")
    row = company(shop.connection, account=shop.acme)
    where = url(row, "whose") + "?q=beta"
    seen = sales_desk.get(where).context["form"]["seen"].value()
    sales_desk.post(where, {"seen": seen, "account": "beta", "reason": "They were mixed up"})
    row.refresh_from_db()
    assert row.account.key == "beta"
    seen = sales_desk.get(url(row, "take_back")).context["form"]["seen"].value()
    sales_desk.post(url(row, "take_back"), {"seen": seen, "reason": "Neither of them"})
    row.refresh_from_db()
    assert (row.account, row.apart_from) == (None, ["beta"])


def test_what_the_rules_find_is_proposed(shop: Shop, sales_desk: Client) -> None:
    row = company(shop.connection, name="Acme Ltd")
    assert "Acme acme" in text_of(sales_desk.get(url(row, "whose")))


def test_somebody_who_was_slower_is_told(shop: Shop, sales_desk: Client) -> None:
    row = company(shop.connection)
    answer = sales_desk.post(url(row, "leave_out"), {"seen": "1.0.0", "reason": "x"})
    assert answer.status_code == 422
    row.refresh_from_db()
    assert not row.left_out


# A deal --------------------------------------------------------------------------------------------------------------
def test_the_page_of_a_deal_says_what_was_sold_and_what_it_became(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team())
    flow(shop.connection)
    company(shop.connection, account=shop.acme, name="Acme Inc")
    flow(shop.connection, Flow.DEALS)
    won(shop, "d1", closed_on=AT.date())
    row = CrmDeal.objects.create(connection=shop.connection, external_id="d1")
    finance_desk.post(url(row, "look"))
    row.refresh_from_db()
    assert row.contract is not None
    read = text_of(finance_desk.get(url(row)))
    for words in ("Won", "Company Acme Inc", "Team seat TEAM-SEAT 5", f"The contract {row.contract}", "5 × Team"):
        assert words in read


def test_a_line_is_called_as_its_product_where_the_crm_puts_the_deals_name_before_it(
    shop: Shop, sales_desk: Client
) -> None:
    lines = (DealLine("1", "TEAM-SEAT", "Acme: five Team seat"), DealLine("2", "FEE", "Acme: five"))
    said = Deal("memory", "d1", "Acme: five", "c1", DealState.WON, AT, lines=lines)
    row = deal(shop.connection, name="Acme: five", told=keep_deal(said))
    read = text_of(sales_desk.get(url(row)))
    assert "Product Quantity Further Team seat TEAM-SEAT 1 – Acme: five FEE 1 –" in read


def test_a_deal_that_waits_says_for_what(shop: Shop, sales_desk: Client) -> None:
    row = deal(shop.connection, outcome="Nobody has said whose it is", failed="UNABLE_TO_LOCK_ROW")
    read = text_of(sales_desk.get(url(row)))
    assert "It couldn’t be taken in: UNABLE_TO_LOCK_ROW" in read
    assert "What it became Nobody has said whose it is." in read


@pytest.mark.parametrize("role", ["support", "auditor", "administrator"])
def test_others_only_look(shop: Shop, sign_in: SignIn, role: str) -> None:
    one, other, desk = company(shop.connection), deal(shop.connection), sign_in(role)
    assert desk.get(url(one)).status_code == desk.get(url(other)).status_code == 200
    posts = [url(one, page) for page in ("look", "write", "whose", "leave_out", "take_back")] + [url(other, "look")]
    assert {desk.post(where, {"reason": "x"}).status_code for where in posts} == {403}


# The account's page ---------------------------------------------------------------------------------------------------
def test_the_head_of_an_account_says_which_company_it_is(shop: Shop, sales_desk: Client) -> None:
    row = company(shop.connection, account=shop.acme, name="Acme Inc", told_at=AT - timedelta(minutes=2))
    page = sales_desk.get(reverse("admin:desk_account", args=["acme"]))
    assert "Memory Acme Inc, in step 2 minutes ago" in text_of(page)
    assert url(row) in page.content.decode()


def test_it_says_where_the_two_are_not_in_step(shop: Shop, sales_desk: Client) -> None:
    company(shop.connection, account=shop.acme, name="Acme Inc", write_failed="Region is required")
    page = sales_desk.get(reverse("admin:desk_account", args=["acme"]))
    assert "Acme Inc, and what changed here couldn’t be written there" in text_of(page)
