"""What a CRM and the desk don't agree about: listed, read side by side, and settled by whoever may."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmCompany, CrmDeal, CrmFinding
from entitlements.models import Account
from journal.domain.receiving import Later
from journal.models import AuditEvent
from tests.desk.admin.crm.conftest import Shop
from tests.desk.integrations.crm.memory import connected
from tests.desk.synced import company, deal, finding, flow, written
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import AT, account
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db
LIST = "admin:desk_crmfinding_changelist"


def url(row: CrmFinding, page: str = "change") -> str:
    return reverse(f"admin:desk_crmfinding_{page}", args=[row.pk])


def send(desk: Client, row: CrmFinding, page: str, asked: str = "", **given: str) -> object:
    """Open the page that asks, fill in what is given, and press its button."""
    where = url(row, page) + asked
    seen = desk.get(where).context["form"]["seen"].value()
    return desk.post(where, {"seen": seen, **given})


def again(row: CrmFinding) -> CrmFinding:
    return CrmFinding.objects.get(pk=row.pk)


@pytest.fixture
def doubt(shop: Shop) -> CrmFinding:
    """Acme Inc could be Acme by its name; Beta isn't thought of."""
    account("beta")
    company(shop.connection, name="Acme Inc")
    evidence = {"theirs": {"id": "c1", "name": "Acme Inc", "domain": "c1.example"}, "ours": ["acme"]}
    return finding(shop.connection, words="Acme Inc is called like an account here.", evidence=evidence)


def test_a_company_that_was_said_to_be_somebodys_is_theirs_on_the_findings_page_too(
    shop: Shop, doubt: CrmFinding, sales_desk: Client
) -> None:
    assert "The desk has" not in text_of(sales_desk.get(url(doubt)))  # it has nothing of the company yet
    send(sales_desk, doubt, "whose", account="acme", reason="Their CFO said so")
    read = text_of(sales_desk.get(url(doubt)))
    assert "Account Acme" in read
    assert "Nobody’s yet" not in read


# The list ------------------------------------------------------------------------------------------------------------
def listed(desk: Client, **asked: str) -> list[CrmFinding]:
    return list(desk.get(reverse(LIST), asked).context["cl"].result_list)


def test_the_list_says_what_where_for_whom_and_since_when(shop: Shop, finance_desk: Client) -> None:
    finding(shop.connection, account=shop.acme)
    read = text_of(finance_desk.get(reverse(LIST)))
    for words in ("Of whose, something.", "Nobody knows whose it is", "Acme", "3 days ago"):
        assert words in read


def test_of_which_crm_it_is_is_said_where_there_are_several(shop: Shop, finance_desk: Client) -> None:
    finding(shop.connection)
    assert "where" not in finance_desk.get(reverse(LIST)).context["cl"].list_display
    connected(name="Their CRM")
    page = finance_desk.get(reverse(LIST))
    assert "where" in page.context["cl"].list_display
    assert '<span class="crm-cell">Our CRM</span>' in page.content.decode()


def test_a_refusal_names_the_deal_that_it_is_about(shop: Shop, finance_desk: Client) -> None:
    deal(shop.connection, "d1", name="Forty seats")
    told = {"subject": "deal:d1", "words": "Line 1: Team is not sold in Americas at that time."}
    finding(shop.connection, CrmFindingKind.REFUSED, **told)
    finding(shop.connection, subject="company:c1", words="No account fits Beta.")
    company(shop.connection, "c1", name="Beta")
    read = text_of(finance_desk.get(reverse(LIST)))
    assert "Team is not sold in Americas at that time. Forty seats" in read
    assert read.count("Beta") == 1  # its sentence names it already


def test_it_is_narrowed_down_by_kind_state_and_age(shop: Shop, finance_desk: Client) -> None:
    whose = finding(shop.connection)
    settled = {"state": "kept", "settled_at": AT, "settled_by": "Ana", "first_at": AT - timedelta(days=9)}
    conflict = finding(shop.connection, CrmFindingKind.CONFLICT, **settled)
    assert listed(finance_desk, kind="whose") == [whose]
    assert listed(finance_desk, state="kept") == [conflict]
    assert listed(finance_desk, older="7") == [conflict]
    assert listed(finance_desk, connection=str(shop.connection.pk)) == [whose, conflict]
    assert listed(finance_desk, connection="0") == []


def test_an_empty_list_says_what_would_stand_there(finance_desk: Client) -> None:
    assert "Nothing is to be looked at" in text_of(finance_desk.get(reverse(LIST)))


def test_fifty_are_listed_in_as_many_reads_as_two(shop: Shop, finance_desk: Client) -> None:
    reads = []
    for begin, end in ((0, 2), (2, 50)):
        for number in range(begin, end):
            finding(shop.connection, subject=f"company:c{number}", account=shop.acme)
        finance_desk.get(reverse(LIST))
        with CaptureQueriesContext(database) as captured:
            finance_desk.get(reverse(LIST))
        reads.append(len(captured))
    assert reads[0] == reads[1]


# One of them ---------------------------------------------------------------------------------------------------------
def test_both_sides_stand_beside_each_other(shop: Shop, sales_desk: Client) -> None:
    company(shop.connection, account=shop.acme)
    evidence = {"theirs": "Acme Holding", "ours": "Acme", "field": "name", "master": "desk"}
    row = finding(shop.connection, CrmFindingKind.CONFLICT, about="name", account=shop.acme, evidence=evidence)
    read = text_of(sales_desk.get(url(row)))
    assert "What Memory says The desk has Name Acme Holding Acme" in read
    assert "Keep it as it is" in read


def test_whoever_may_only_look_reads_who_settles_it(doubt: CrmFinding, support_desk: Client) -> None:
    read = text_of(support_desk.get(url(doubt)))
    assert "Sales and finance settle this" in read
    assert "Say whose it is" not in read


def test_it_is_kept_with_a_reason(shop: Shop, sales_desk: Client) -> None:
    row = finding(shop.connection, CrmFindingKind.UNMAPPED, subject="deal:d1")
    assert "Give a reason" in complaints(send(sales_desk, row, "keep", reason=""))["reason"][0]
    send(sales_desk, row, "keep", reason="A day of training")
    assert (again(row).state, again(row).reason) == ("kept", "A day of training")
    assert "A day of training" in text_of(sales_desk.get(url(row)))


def test_what_changed_meanwhile_is_not_settled_unseen(shop: Shop, sales_desk: Client) -> None:
    row = finding(shop.connection, CrmFindingKind.UNMAPPED, subject="deal:d1")
    answer = sales_desk.post(url(row, "keep"), {"seen": "another", "reason": "x"})
    assert answer.status_code == 422
    assert again(row).state == "open"


def test_a_settled_one_leads_back_to_its_page(shop: Shop, sales_desk: Client) -> None:
    settled = {"state": "kept", "settled_at": AT, "settled_by": "Ana"}
    row = finding(shop.connection, CrmFindingKind.UNMAPPED, subject="deal:d1", **settled)
    answer = sales_desk.get(url(row, "keep"))
    assert answer.url == url(row)
    assert "Somebody settled this" in told(answer)[0]


def test_look_again_asks_the_crm_and_follows(shop: Shop, doubt: CrmFinding, sales_desk: Client) -> None:
    flow(shop.connection)
    shop.crm.company("c1", name="Acme Inc", own_key="acme")
    answer = send(sales_desk, doubt, "look")
    assert told(answer) == ["It is Acme (acme)."]
    assert again(doubt).state == "mended"
    assert AuditEvent.objects.filter(verb="crm_company:look_again", actor_name__contains="Sales").exists()


def test_while_the_crm_is_away_it_is_noted_and_said(shop: Shop, doubt: CrmFinding, sales_desk: Client) -> None:
    flow(shop.connection)
    shop.crm.fails("companies", Later("It is being mended", after=timedelta(minutes=5)))
    answer = send(sales_desk, doubt, "look")
    assert "couldn’t be asked just now: It is being mended" in complaints(answer)[""][0]
    assert CrmCompany.objects.get().due_at == AT


def test_what_the_crm_refused_is_written_again(shop: Shop, sales_desk: Client) -> None:
    row = written(company(shop.connection, account=shop.acme, write_failed="Region is required"))
    row.written["refused"] = {"@company": "9"}
    row.save()
    refused = finding(shop.connection, CrmFindingKind.NOT_WRITTEN, account=shop.acme)
    assert told(send(sales_desk, refused, "look")) == ["It is written again within moments."]
    row.refresh_from_db()
    assert row.to_write_at == AT
    assert "refused" not in row.written


# Whose it is ---------------------------------------------------------------------------------------------------------
def test_the_proposed_accounts_stand_beside_the_company(doubt: CrmFinding, sales_desk: Client) -> None:
    read = text_of(sales_desk.get(url(doubt, "whose")))
    for words in ("Acme Inc", "c1.example", "Acme acme", "Nothing bought", "Opens the account “Acme Inc”"):
        assert words in read
    assert "Beta" not in read


def test_one_is_chosen_and_its_deals_are_looked_at_again(shop: Shop, doubt: CrmFinding, sales_desk: Client) -> None:
    deal(shop.connection)
    answer = send(sales_desk, doubt, "whose", account="acme", reason="They called")
    assert told(answer) == ["It is Acme’s from now on. Its deals are looked at again within a minute."]
    assert CrmCompany.objects.get().account == shop.acme
    assert CrmDeal.objects.get().due_at == AT
    assert (again(doubt).state, again(doubt).reason) == ("mended", "They called")


def test_another_is_searched_for(doubt: CrmFinding, sales_desk: Client) -> None:
    assert "Beta beta" in text_of(sales_desk.get(url(doubt, "whose"), {"q": "beta"}))
    send(sales_desk, doubt, "whose", "?q=beta", account="beta", reason="They called")
    assert CrmCompany.objects.get().account.key == "beta"


def test_one_that_was_not_shown_is_refused(doubt: CrmFinding, sales_desk: Client) -> None:
    answer = send(sales_desk, doubt, "whose", account="beta", reason="They called")
    assert "isn’t one of those shown" in complaints(answer)["account"][0]


def test_a_new_account_is_opened_for_it(doubt: CrmFinding, sales_desk: Client) -> None:
    send(sales_desk, doubt, "whose", account="new", reason="New customer")
    opened = CrmCompany.objects.get().account
    assert (opened.name, Account.objects.count()) == ("Acme Inc", 3)


def test_it_is_left_out_with_a_reason(doubt: CrmFinding, sales_desk: Client) -> None:
    send(sales_desk, doubt, "leave_out", reason="A supplier")
    assert CrmCompany.objects.get().left_out
    assert (again(doubt).state, again(doubt).reason) == ("kept", "A supplier")


@pytest.mark.parametrize("page", ["look", "whose", "leave_out", "keep"])
@pytest.mark.parametrize("role", ["support", "auditor", "administrator"])
def test_others_may_not(doubt: CrmFinding, sign_in: SignIn, role: str, page: str) -> None:
    assert sign_in(role).post(url(doubt, page), {"account": "acme", "reason": "x"}).status_code == 403
    assert again(doubt).state == "open"
