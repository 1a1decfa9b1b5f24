"""Accounts and opportunities as they stand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from desk.domain.crm.told import Deal, DealState
from desk.integrations.crm.port import Declined, FieldsRead, Kind
from desk.integrations.salesforce.addresses import page_of
from desk.integrations.salesforce.names import quoted, whole_id
from desk.integrations.salesforce.parsing import country_of, domain_of
from tests.desk.integrations.salesforce.conftest import Org
from tests.entitlements.world import AT

GONE = "006000000000001AAA"


def deal(org: Org, short: str, deal: tuple[str, ...] = (), line: tuple[str, ...] = ()) -> Deal:
    with org.open() as crm:
        return crm.deals([org[short]], fields=FieldsRead(deal, line))[org[short]]


def test_a_won_deal_with_its_lines(org: Org) -> None:
    found = deal(org, "globex_won")
    assert (found.name, found.company, found.state) == ("Globex: support", org["globex"], DealState.WON)
    assert (found.closed_on, found.changed_at) == (date(2026, 2, 27), AT)
    assert {(one.product, one.quantity) for one in found.lines} == {
        ("PLAN-TEAM", Decimal(10)),
        ("SUPPORT-PREMIUM", Decimal(1)),
    }
    assert found.link == f"{org.fake.base}/opportunity/{org['globex_won']}"


def test_who_sold_a_deal_is_told_by_their_address(org: Org) -> None:
    seller = org.fake.row(org.fake.row(org["globex_won"])["OwnerId"])
    assert deal(org, "globex_won").owner == seller["Email"] != ""


@pytest.mark.parametrize(
    ("stage", "state"),
    [("Prospecting", DealState.OPEN), ("Closed Lost", DealState.LOST), ("Gewonnen", DealState.WON)],
)
def test_won_is_what_is_closed_and_won_whatever_it_is_called(org: Org, stage: str, state: DealState) -> None:
    org.fake.stage("Gewonnen", closed=True, won=True)
    org.fake.edit(org["acme_team"], StageName=stage)
    assert deal(org, "acme_team").state is state


def test_a_deal_is_as_new_as_the_newest_of_its_lines(org: Org) -> None:
    org.fake.advance(minutes=3)
    org.fake.edit(org["line:acme_team:team"], ServiceDate="2026-04-01")
    assert deal(org, "acme_team").changed_at == AT + timedelta(minutes=3)


def test_what_a_mapping_reads(org: Org) -> None:
    org.fake.custom_field("Opportunity.Term__c", type="Number", precision=5, scale=2)
    org.fake.edit(org["acme_team"], Term__c=24, NextStep='It’s "signed"')
    found = deal(org, "acme_team", ("term__C", "NextStep", "Account.Website", "IsWon", "Type", "CloseDate", "Name"), ("ServiceDate", "UnitPrice"))  # fmt: skip
    assert found.fields == {
        "term__C": "24", "NextStep": "It’s \"signed\"", "Account.Website": "https://acme.example", "IsWon": "false",
        "Type": "", "CloseDate": "2026-03-20", "Name": "Acme: 25 seats",
    }  # fmt: skip
    assert found.lines[0].fields == {"ServiceDate": "2026-03-20", "UnitPrice": "1188"}


@pytest.mark.parametrize(
    ("deal_field", "line_field", "says"),
    [
        ("Term__c", "", "no field “Term__c” at opportunities"),
        ("", "Term__c", "no field “Term__c” at opportunity products"),
        ("Owner2.Name", "", "no field “Owner2” at opportunities"),
        ("Name FROM User", "", "can’t be a field"),
    ],
)
def test_a_field_that_is_none_is_named(org: Org, deal_field: str, line_field: str, says: str) -> None:
    fields = [tuple(one for one in (name,) if one) for name in (deal_field, line_field)]
    with pytest.raises(Declined, match=says):
        deal(org, "acme_team", *fields)


def test_many_deals_are_two_questions_and_lines_have_pages(org: Org) -> None:
    org.fake.settings.batch_size = 2
    for _ in range(5):
        org.fake.add("OpportunityLineItem", OpportunityId=org["acme_team"], PricebookEntryId=org["price:support"],
                     Quantity=1, UnitPrice=2400)  # fmt: skip
    assert len(deal(org, "acme_team").lines) == 6
    org.fake.settings.batch_size = 2000
    org.asked()
    with org.open() as crm:
        ids = [org[short] for short in ("acme_team", "globex_start", "initech_talk", "globex_won")]
        found = crm.deals([*ids, GONE, "no id at all"], fields=FieldsRead())
    assert len(org.calls()) == 2
    assert [one.state for one in found.values()][4:] == [DealState.GONE, DealState.GONE]
    assert list(found) == [*ids, GONE, "no id at all"]


def test_deals_that_were_deleted_or_erased_are_gone(org: Org) -> None:
    org.fake.delete(org["acme_team"])
    assert deal(org, "acme_team").state is DealState.GONE
    org.fake.erase(org["acme_team"])
    assert deal(org, "acme_team").state is DealState.GONE


def test_companies_as_they_stand(org: Org) -> None:
    org.fake.edit(org["globex"], BillingCountry="Germany")
    with org.open() as crm:
        found = crm.companies([org["acme"], org["globex"][:15]])
    acme, globex = found.values()
    assert (acme.name, acme.domain, acme.country, acme.gone, acme.ours) == (
        "Acme Industries",
        "acme.example",
        "",
        False,
        {},
    )
    assert (globex.domain, globex.country, globex.changed_at) == ("globex.example", "DE", AT)
    assert list(found) == [org["acme"], org["globex"][:15]]


def test_where_countries_are_picked_from_a_list_their_code_counts(org: Org) -> None:
    fields = org.fake.state.schema["account"].fields
    fields["billingcountrycode"] = replace(fields["billingcountry"], name="BillingCountryCode")
    org.fake.row(org["acme"]).update(BillingCountryCode="NL", BillingCountry="Nederland")
    with org.open() as crm:
        assert crm.companies([org["acme"]])[org["acme"]].country == "NL"


def test_who_sells_to_a_company_is_told_by_their_address(org: Org) -> None:
    seller = org.fake.row(org.fake.row(org["acme"])["OwnerId"])
    with org.open() as crm:
        assert crm.companies([org["acme"]])[org["acme"]].owner == seller["Email"] != ""


def test_a_merged_company_says_where_it_went(org: Org) -> None:
    org.fake.merge(org["globex"], org["acme"])
    org.fake.erase(org["initech"])
    with org.open() as crm:
        found = crm.companies([org["globex"], org["acme"], org["initech"]])
    assert [(one.gone, one.into) for one in found.values()] == [(True, org["acme"]), (False, ""), (True, "")]


def test_what_stands_in_our_fields_comes_with_it(org: Org) -> None:
    org.fake.custom_field("Account.Desk_Account_Key__c", length=64)
    org.fake.custom_field("Account.Desk_Covered__c", "Checkbox", defaultValue="false")
    org.fake.custom_field("Account.Desk_Open_Overrides__c", "Number", precision=18, scale=2)
    org.fake.edit(org["acme"], Desk_Account_Key__c="acme", Desk_Covered__c=True, Desk_Open_Overrides__c=3)
    with org.open() as crm:
        acme = crm.companies([org["acme"]])[org["acme"]]
    assert acme.own_key == "acme"
    assert acme.ours == {"account_key": "acme", "covered": "true", "open_overrides": "3"}


def test_more_than_two_hundred_are_asked_for_in_several_questions(org: Org) -> None:
    ids = [org.fake.add("Account", Name=f"Customer {place}") for place in range(201)]
    with org.open() as crm:
        crm.companies([])
        org.asked()
        found = crm.companies(ids)
    assert (len(found), len(org.calls())) == (201, 2)


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.Acme.example/de?x=1", "acme.example"), ("acme.example:8080", "acme.example"), ("", ""),
        ("http://[::1", ""), ("call us", ""), ("WWW.ACME.EXAMPLE", "acme.example"), ("https://10.0.0.1/", ""),
    ],
)  # fmt: skip
def test_the_domain_of_a_website(website: str, domain: str) -> None:
    assert domain_of(website) == domain


@pytest.mark.parametrize(("said", "code"), [("nl", "NL"), ("Germany", "DE"), ("germany ", "DE"), ("Oz", ""), ("", "")])
def test_the_code_of_a_country(said: str, code: str) -> None:
    assert country_of(said) == code


def test_an_id_of_fifteen_letters_is_made_whole(org: Org) -> None:
    assert {whole_id(one[:15]) for one in org.ids.values()} == set(org.ids.values())
    assert (whole_id("001' OR 1 = 1 --"), whole_id("")) == ("", "")


def test_what_may_be_picked_for_a_mapping(org: Org) -> None:
    with org.open() as crm:
        assert ("StageName", "Stage", "picklist") in [
            (one.name, one.words, one.sort) for one in crm.fields_of(Kind.DEAL)
        ]
        assert "ServiceDate" in [one.name for one in crm.line_fields()]
        assert [(one.name, one.words) for one in crm.products()] == [
            ("SUPPORT-PREMIUM", "Premium support"), ("PLAN-STARTER", "Starter plan"), ("PLAN-TEAM", "Team plan"),
        ]  # fmt: skip


def test_the_page_of_a_record(org: Org) -> None:
    org.connection.settings["base"] = ""
    found = page_of(org.connection, Kind.COMPANY, org["acme"])
    assert found == f"https://demo-dev-ed.my.salesforce.com/lightning/r/Account/{org['acme']}/view"
    assert page_of(org.connection, Kind.DEAL, "../evil") == ""


def test_a_product_without_a_code_is_told_by_its_id(org: Org) -> None:
    product = org.fake.add("Product2", Name="Training", IsActive=True)
    price = org.fake.add(
        "PricebookEntry", Pricebook2Id=org.fake.row(org["price:team"])["Pricebook2Id"], Product2Id=product, UnitPrice=1,
        IsActive=True,
    )  # fmt: skip
    org.fake.add("OpportunityLineItem", OpportunityId=org["acme_team"], PricebookEntryId=price, Quantity=1, UnitPrice=1)
    assert product in {one.product for one in deal(org, "acme_team").lines}
    with org.open() as crm:
        assert product in {one.name for one in crm.products()}


def test_a_line_that_says_no_quantity_is_one(org: Org) -> None:
    org.fake.row(org["line:acme_team:team"])["Quantity"] = None
    assert [one.quantity for one in deal(org, "acme_team").lines] == [Decimal(1)]


@pytest.mark.parametrize(("text", "soql"), [("O'Brien", r"'O\'Brien'"), ("\\' OR Id != '", r"'\\\' OR Id != \''")])
def test_nobody_speaks_in_a_question_by_their_name(text: str, soql: str) -> None:
    assert quoted(text) == soql


def test_a_moment_in_a_field_of_days_is_read_as_it_stands(org: Org) -> None:
    org.fake.custom_field("Account.Desk_Written_At__c", "Date")
    org.fake.edit(org["acme"], Desk_Written_At__c="2026-03-02")
    with org.open() as crm:
        assert crm.companies([org["acme"]])[org["acme"]].ours == {"written_at": "2026-03-02"}
