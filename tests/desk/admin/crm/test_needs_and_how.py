"""What the desk needs in a CRM, and how it is synchronised: shown, made, printed; chosen by whoever may."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from desk.integrations.crm.port import Need, NeedState
from desk.models import CrmSetup
from journal.domain.receiving import Later
from journal.models import AuditEvent
from tests.desk.admin.crm.conftest import Shop
from tests.desk.integrations.crm.memory import Line
from tests.desk.synced import company
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import AT
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db
BY_HAND = "Setup, Object Manager, Account, New field"


def url(shop: Shop, page: str) -> str:
    return reverse(f"admin:desk_crm_sync_{page}", args=[shop.connection.pk])


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field is missing until it is made; a right is never there."""
    there = {"plan": NeedState.MISSING}

    def needs(self: Line) -> list[Need]:
        return [
            Need("account", "Read companies", NeedState.THERE, ""),
            Need("Plan__c", "Plan", there["plan"], BY_HAND),
            Need("Signal__c", "Signal", NeedState.NOT_ALLOWED, "Give the right to it", optional=True),
        ]

    def set_up(self: Line) -> list[Need]:
        there["plan"] = NeedState.THERE
        return needs(self)

    monkeypatch.setattr(Line, "needs", needs)
    monkeypatch.setattr(Line, "set_up", set_up)


# What it needs -------------------------------------------------------------------------------------------------------
def test_what_is_missing_stands_first_with_what_to_do_by_hand(shop: Shop, lacking: None, finance_desk: Client) -> None:
    read = text_of(finance_desk.get(url(shop, "needs")))
    assert f"Plan Plan__c By hand: Plan {BY_HAND} Missing" in read
    assert "Signal optional Signal__c By hand: Signal Give the right to it There, and the desk may not use it" in read
    assert "1 is there" in read


def test_what_is_missing_is_made_and_what_waited_is_written(shop: Shop, lacking: None, finance_desk: Client) -> None:
    row = company(shop.connection, account=shop.acme)
    answer = finance_desk.post(url(shop, "make"))
    assert told(answer) == ["1 made. 1 still lacks: what to do by hand stands beside each."]
    row.refresh_from_db()
    assert row.to_write_at == AT
    assert AuditEvent.objects.get(verb="crm_setup:make").changes == {"made": [None, 1], "lacking": [None, 1]}


def test_the_list_on_paper_says_only_what_is_missing(shop: Shop, lacking: None, finance_desk: Client) -> None:
    page = finance_desk.get(url(shop, "print"))
    assert BY_HAND in text_of(page)
    assert "Read companies" not in text_of(page)
    assert "Read companies" in text_of(finance_desk.get(url(shop, "print"), {"whole": ""}))
    assert "paper.css" in page.content.decode()


def test_while_the_crm_is_away_the_page_says_so(shop: Shop, finance_desk: Client) -> None:
    shop.crm.fails("opened", Later("It is being mended", after=timedelta(minutes=5)))
    read = text_of(finance_desk.get(url(shop, "needs")))
    assert "can’t be asked now, so nobody knows what is missing. It is being mended." in read
    assert "Make what is missing" not in read


def test_nothing_is_made_while_it_is_away(shop: Shop, finance_desk: Client) -> None:
    shop.crm.fails("opened", Later("It is being mended", after=timedelta(minutes=5)))
    assert complaints(finance_desk.post(url(shop, "make"))) == {"": ["It is being mended."]}


@pytest.mark.parametrize("page", ["needs", "make", "print"])
@pytest.mark.parametrize("role", ["sales", "support", "auditor"])
def test_others_set_nothing_up(shop: Shop, sign_in: SignIn, role: str, page: str) -> None:
    desk = sign_in(role)
    assert {desk.get(url(shop, page)).status_code, desk.post(url(shop, page)).status_code} == {403}


# How it is synchronised ----------------------------------------------------------------------------------------------
def filled(desk: Client, shop: Shop, **given: object) -> dict[str, object]:
    """The form as it stands, with what is given instead."""
    form = desk.get(url(shop, "how")).context["form"]
    return {field.name: field.value() for field in form} | given


def test_it_begins_with_what_is_usual(shop: Shop, finance_desk: Client) -> None:
    told = filled(finance_desk, shop)
    assert (told["used"], told["opens"]) == (["own_key", "domain", "name"], "no")
    assert (told["master_name"], told["master_owner"]) == ("desk", "crm")


def test_the_order_the_opening_and_the_masters_are_chosen(shop: Shop, finance_desk: Client) -> None:
    given = {"order": "domain,own_key,name", "used": ["domain", "own_key"], "opens": "yes", "master_name": "crm"}
    finance_desk.post(url(shop, "how"), filled(finance_desk, shop, **given))
    row = CrmSetup.objects.get(connection=shop.connection)
    assert (row.link_rules, row.opens_accounts, row.masters["name"]) == (["domain", "own_key"], True, "crm")


def test_up_and_down_move_a_rule_and_save_nothing(shop: Shop, finance_desk: Client) -> None:
    page = finance_desk.post(url(shop, "how"), filled(finance_desk, shop, up="domain", opens="yes"))
    assert [one["value"] for one in page.context["rules"]] == ["domain", "own_key", "name"]
    assert page.context["opens"][1][2]
    assert "The order isn’t saved yet" in text_of(page)
    assert not CrmSetup.objects.exists()


def test_at_an_end_nothing_moves(shop: Shop, finance_desk: Client) -> None:
    page = finance_desk.post(url(shop, "how"), filled(finance_desk, shop, down="name"))
    assert [one["value"] for one in page.context["rules"]] == ["own_key", "domain", "name"]


def test_one_way_at_least_is_used(shop: Shop, finance_desk: Client) -> None:
    page = finance_desk.post(url(shop, "how"), filled(finance_desk, shop, used=[]))
    assert "Use one way at least" in complaints(page)["used"][0]


def test_nobody_writes_over_anothers_choice_unseen(shop: Shop, finance_desk: Client) -> None:
    opened = filled(finance_desk, shop, opens="yes")
    finance_desk.post(url(shop, "how"), opened)
    answer = finance_desk.post(url(shop, "how"), opened | {"opens": "no", "master_name": "crm"})
    assert answer.status_code == 422
    assert CrmSetup.objects.get().opens_accounts


def test_what_another_chose_is_said_beside_what_was_chosen_and_saved_at_the_second_try(
    shop: Shop, finance_desk: Client
) -> None:
    opened = filled(finance_desk, shop, used=["domain"], opens="yes", master_name="crm")
    finance_desk.post(url(shop, "how"), opened)
    mine = opened | {"used": ["own_key", "name"], "opens": "no", "master_name": "desk"}
    answer = finance_desk.post(url(shop, "how"), mine)
    assert (
        "now companies are found by the company’s domain; where nobody is found for a company: a new account is opened "
        "for it; master of “name” is the crm."
    ) in text_of(answer).casefold()
    form = answer.context["form"]
    finance_desk.post(url(shop, "how"), mine | {"seen": form["seen"].value()})
    row = CrmSetup.objects.get()
    assert (row.link_rules, row.opens_accounts, row.masters["name"]) == (["own_key", "name"], False, "desk")


@pytest.mark.parametrize("role", ["sales", "support", "auditor"])
def test_others_read_it_and_change_nothing(shop: Shop, sign_in: SignIn, role: str) -> None:
    desk = sign_in(role)
    page = desk.get(url(shop, "how"))
    assert "Finance and administrators choose this" in text_of(page)
    assert "Save" not in text_of(page)
    assert desk.post(url(shop, "how"), {"opens": "yes"}).status_code == 403
