"""What won deals become, on a screen: read as sentences, drafted, changed and switched on by finance, without code."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from desk.domain.crm.mapping import Condition, DealTerms, Reading, Target
from desk.models import CrmFlow, DealMapping, DealRule
from desk.queries.crm.mapping import in_force, read_mapping
from entitlements.domain.facts import Mode
from journal.domain.receiving import Later
from tests.desk.admin.crm.conftest import Shop
from tests.desk.admin.crm.reading import opened, send, url
from tests.desk.integrations.crm.memory import connected
from tests.desk.mapped import disk, drafted, longer, switched_on, team, tried
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of

pytestmark = pytest.mark.django_db


def test_an_empty_page_says_what_to_do(shop: Shop, finance_desk: Client) -> None:
    read = text_of(finance_desk.get(url(shop.connection)))
    assert "Nobody has said yet what won deals of Our CRM become" in read
    assert "Draft the first rules" in read


def test_one_crm_is_opened_at_once_and_several_are_listed(shop: Shop, finance_desk: Client) -> None:
    entry = reverse("admin:desk_crm_mapping")
    assert finance_desk.get(entry).url == url(shop.connection)
    connected(name="The other CRM")
    read = text_of(finance_desk.get(entry))
    assert "Our CRM" in read
    assert "The other CRM" in read


def test_without_a_crm_the_page_says_so(finance_desk: Client) -> None:
    assert "No CRM is connected yet" in text_of(finance_desk.get(reverse("admin:desk_crm_mapping")))


def test_a_rule_reads_as_a_sentence_in_the_words_of_the_crm(shop: Shop, finance_desk: Client) -> None:
    rule = team(
        starts=Reading(line_field="ServiceDate", deal_field="Start__c"), where=(Condition("Region", ("EMEA",)),)
    )
    drafted(shop.connection, rule)
    page = finance_desk.get(url(shop.connection))
    assert "Each <strong>TEAM-SEAT</strong> whose <em>Region</em> is <strong>EMEA</strong>" in page.content.decode()
    assert "from the line’s Date, else the deal’s Start date" in text_of(page)


def test_a_draft_shows_what_it_says_otherwise(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team(), disk(), longer())
    finance_desk.post(url(shop.connection, "draft"))
    send(finance_desk, url(shop.connection, "edit", "team-seat"), quantity="3")
    send(finance_desk, url(shop.connection, "remove", "disk"))
    read = text_of(finance_desk.get(url(shop.connection)))
    assert "becomes Team × 3 Changed Was: Each TEAM-SEAT becomes Team × the line’s quantity" in read
    assert "Each DISK adds 500 GB to Storage Taken out" in read
    assert "Version 1 goes on until this one is switched on" in read


def test_while_the_crm_is_away_names_are_typed_and_the_page_says_so(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection, team(starts=Reading(deal_field="Start__c")))
    shop.crm.fails("opened", Later(after=timedelta(minutes=5), why="It asks to be left alone until 10:00."))
    page = finance_desk.get(url(shop.connection, "edit", "team-seat"))
    assert "can’t be asked now" in text_of(page)
    assert "until 10:00" in text_of(page)
    form = page.context["form"]
    assert (form["products"].value(), form["starts_deal"].value()) == ("TEAM-SEAT", "Start__c")
    assert form["starts_deal"].field.widget.input_type == "text"
    send(
        finance_desk, url(shop.connection, "edit", "team-seat"), products="TEAM-SEAT\nteam-year", starts_deal="Begin__c"
    )
    rule = read_mapping(DealMapping.objects.get()).rules[0]
    assert (rule.products, rule.starts) == (("TEAM-SEAT", "team-year"), Reading(deal_field="Begin__c"))


def test_a_rule_about_products_is_added_from_what_the_crm_has(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection)
    answer = send(
        finance_desk,
        url(shop.connection, "add"),
        target="plan",
        plan="team",
        interval="year",
        products=["TEAM-SEAT"],
        others="OLD-SEAT",
        where_1="Region",
        values_1="EMEA; US",
        starts_deal="Start__c",
        feature="storage",
        note="As agreed",
    )
    assert answer.status_code == 302
    rule = read_mapping(DealMapping.objects.get()).rules[0]
    assert (rule.target, rule.plan, rule.interval, rule.feature) == (Target.PLAN, "team", "year", "")
    assert (rule.products, rule.where) == (("TEAM-SEAT", "OLD-SEAT"), (Condition("Region", ("EMEA", "US")),))
    assert (rule.starts, rule.note) == (Reading(deal_field="Start__c"), "As agreed")
    read = text_of(finance_desk.get(url(shop.connection)))
    assert "The CRM has no product OLD-SEAT that is for sale." in read


def test_a_rule_about_a_feature_and_one_about_a_trial(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection)
    add = url(shop.connection, "add")
    send(finance_desk, add, target="feature", feature="storage", mode="add", value="500 GB", products=["DISK"])
    send(finance_desk, add, target="trial", days="14", starts_deal="Start__c")
    one, other = read_mapping(DealMapping.objects.get()).rules
    assert (one.feature, one.mode, one.value) == ("storage", Mode.ADD, Reading("500 GB"))
    assert (other.target, other.days, other.starts) == (Target.TRIAL, Reading("14"), Reading())


def test_a_product_that_becomes_nothing_on_purpose(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection)
    add = url(shop.connection, "add")
    send(finance_desk, add, target="nothing", products=["DISK"], quantity="5", note="A fee")
    (rule,) = read_mapping(DealMapping.objects.get()).rules
    assert (rule.target, rule.products, rule.quantity) == (Target.NOTHING, ("DISK",), Reading())
    assert "becomes nothing, on purpose" in finance_desk.get(url(shop.connection)).content.decode()


def test_an_edited_rule_is_opened_as_it_stands(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection, team("TEAM-SEAT", "OLD", interval="month", where=(Condition("Region", ("EMEA", "US")),)))
    form = opened(finance_desk, url(shop.connection, "edit", "team-seat"))
    assert (form["products"], form["others"]) == (["TEAM-SEAT"], "OLD")
    assert (form["where_1"], form["values_1"], form["interval"]) == ("Region", "EMEA; US", "month")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"target": "plan", "plan": "team", "quantity": "five"}, "quantity", "“five” is no number."),
        ({"target": "plan"}, "plan", "Choose a plan or an add-on that is on sale."),
        ({"target": "feature", "feature": "storage", "mode": "add", "value": "lots"}, "value", "“lots” is no amount."),
        ({"target": "feature", "feature": "sso", "mode": "add"}, "mode", "can’t be changed in this way"),
        ({"target": "trial"}, "days", "by how many days"),
        ({"target": "nothing"}, "products", "Say which products become nothing"),
        ({"target": "plan", "plan": "team", "where_1": "Region"}, "values_1", "which values Region has to have"),
        ({"target": "plan", "plan": "team", "values_2": "EMEA"}, "where_2", "Say of which field"),
        ({}, "target", "Choose what it becomes"),
    ],
)
def test_what_cant_be_right_stands_beside_its_input(
    shop: Shop, finance_desk: Client, given: dict[str, str], field: str, words: str
) -> None:
    drafted(shop.connection)
    answer = send(finance_desk, url(shop.connection, "add"), **given)
    assert answer.status_code == 422
    assert words in complaints(answer)[field][0]
    assert not DealRule.objects.exists()


def test_rules_that_are_never_reached_are_told(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection, team(), team(quantity=Reading("2")))
    assert "It is never reached for TEAM-SEAT: rule 1 speaks first." in text_of(finance_desk.get(url(shop.connection)))


def test_rules_are_moved_and_taken_out(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection, team(), disk())
    seen = finance_desk.get(url(shop.connection)).context["drafted"]["token"]
    finance_desk.post(url(shop.connection, "move", "disk"), {"up": "1", "seen": seen})
    assert [rule.key for rule in read_mapping(DealMapping.objects.get()).rules] == ["disk", "team-seat"]
    again = finance_desk.post(url(shop.connection, "move", "disk"), {"up": "0", "seen": seen}, follow=True)
    assert "Someone else changed this" in again.content.decode()
    assert "Each DISK adds 500 GB" in text_of(finance_desk.get(url(shop.connection, "remove", "disk")))
    send(finance_desk, url(shop.connection, "remove", "disk"))
    assert [rule.key for rule in read_mapping(DealMapping.objects.get()).rules] == ["team-seat"]


def test_the_terms_are_said_with_where_they_are_read(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection)
    there = url(shop.connection, "terms")
    send(finance_desk, there, starts_deal="Start__c", months="12", renews="on", notice_days="30")
    terms = DealTerms(Reading(deal_field="Start__c"), Reading("12"), renews=True, notice_days=30)
    assert read_mapping(DealMapping.objects.get()).terms == terms
    assert opened(finance_desk, there)["renews"] is True
    refused = send(finance_desk, there, through="2026-12-31")
    assert "not both" in complaints(refused)["through"][0]


def test_a_draft_is_given_up(shop: Shop, finance_desk: Client) -> None:
    drafted(shop.connection, team())
    send(finance_desk, url(shop.connection, "discard"))
    assert not DealMapping.objects.exists()
    there = finance_desk.get(url(shop.connection, "add"), follow=True)
    assert "Nothing is being drafted" in there.content.decode()


def test_it_is_switched_on_with_a_reason(shop: Shop, finance_desk: Client) -> None:
    mapping = drafted(shop.connection, team())
    there = url(shop.connection, "switch")
    assert "It was never tried." in text_of(finance_desk.get(there))
    tried(mapping)
    read = text_of(finance_desk.get(there))
    assert "it would create 2" in read
    refused = send(finance_desk, there, taken="now")
    assert "Give a reason" in complaints(refused)["reason"][0]
    send(finance_desk, there, taken="now", reason="As agreed with sales")
    on = in_force(shop.connection)
    assert on is not None
    assert (on.pk, on.since) == (mapping.pk, None)
    assert "Switched on by Finance" in text_of(finance_desk.get(url(shop.connection)))


def test_that_deals_dont_come_in_yet_is_told(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team())
    assert "Deals don’t come in: that flow is not switched on." in text_of(finance_desk.get(url(shop.connection)))
    CrmFlow.objects.create(connection=shop.connection, flow="deals", state="active")
    assert "Deals don’t come in" not in text_of(finance_desk.get(url(shop.connection)))


def test_a_changed_draft_asks_to_be_tried_again(shop: Shop, finance_desk: Client) -> None:
    tried(drafted(shop.connection, team()))
    send(finance_desk, url(shop.connection, "edit", "team-seat"), quantity="2")
    read = text_of(finance_desk.get(url(shop.connection)))
    assert "It was changed since it was tried" in read
    assert "Switch it on" not in read


def test_versions_say_what_each_changed_and_why(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team(), disk(), reason="The first")
    finance_desk.post(url(shop.connection, "draft"))
    send(finance_desk, url(shop.connection, "remove", "disk"))
    read = text_of(finance_desk.get(url(shop.connection, "versions")))
    assert "What it says otherwise than version 1 Taken out Each DISK adds 500 GB to Storage" in read
    assert "The first" in read


def test_a_former_version_is_taken_up_again(shop: Shop, finance_desk: Client) -> None:
    switched_on(shop.connection, team(), disk())
    mapping = DealMapping.objects.get()
    finance_desk.post(url(shop.connection, "draft"))
    send(finance_desk, url(shop.connection, "remove", "disk"))
    send(finance_desk, url(shop.connection, "discard"))
    switched_on_again = send(finance_desk, url(shop.connection, "take_up", mapping.number), reason="Back again")
    assert switched_on_again.status_code == 302
    assert len(read_mapping(DealMapping.objects.get(state="draft")).rules) == 2


@pytest.mark.parametrize("role", ["sales", "support", "auditor"])
def test_others_read_and_can_change_nothing(shop: Shop, sign_in: SignIn, role: str) -> None:
    drafted(shop.connection, team())
    desk = sign_in(role)
    read = text_of(desk.get(url(shop.connection)))
    assert "Each TEAM-SEAT becomes Team" in read
    assert "Add a rule" not in read
    for page in ("add", "terms", "discard", "try", "switch"):
        assert desk.get(url(shop.connection, page)).status_code == 403
