"""Opportunities: won by their stage, worth what their lines come to, deleted with all that hangs on them."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.fakes.salesforce_tests.conftest import Org, code


def _deal(org: Org, short: str) -> dict[str, object]:
    return dict(org.sf.Opportunity.get(org[short]))


def test_the_stage_says_whether_it_is_won(org: Org) -> None:
    org.fake.stage("Gewonnen", closed=True, won=True, probability=100)
    for stage, closed, won in (("Gewonnen", True, True), ("Closed Lost", True, False), ("Qualification", False, False)):
        org.sf.Opportunity.update(org["acme_team"], {"StageName": stage})
        deal = _deal(org, "acme_team")
        assert (deal["IsClosed"], deal["IsWon"]) == (closed, won)
    assert deal["Probability"] == 10


def test_the_org_says_which_stages_it_has(org: Org) -> None:
    soql = "SELECT MasterLabel FROM OpportunityStage WHERE IsWon = true AND IsActive = true"
    assert [row["MasterLabel"] for row in org.sf.query(soql)["records"]] == ["Closed Won"]


def test_the_amount_is_that_of_the_lines(org: Org) -> None:
    org.sf.OpportunityLineItem.update(org["line:globex_won:team"], {"Quantity": 20})
    assert _deal(org, "globex_won")["Amount"] == 20 * 1188 + 2400
    org.sf.Opportunity.update(org["globex_won"], {"Amount": 5, "NextStep": "Call"})
    deal = _deal(org, "globex_won")
    assert (deal["Amount"], deal["NextStep"]) == (20 * 1188 + 2400, "Call")  # passed over, not refused


def test_without_lines_the_amount_is_what_is_said(org: Org) -> None:
    org.sf.Opportunity.update(org["initech_talk"], {"Amount": 500.555})
    assert _deal(org, "initech_talk")["Amount"] in (500.55, 500.56)


def test_a_line_moves_its_deals_stamp_only_where_sums_change(org: Org) -> None:
    before = _deal(org, "globex_won")["SystemModstamp"]
    org.fake.advance(minutes=1)
    org.sf.OpportunityLineItem.update(org["line:globex_won:team"], {"ServiceDate": "2026-04-01"})
    assert _deal(org, "globex_won")["SystemModstamp"] == before
    org.sf.OpportunityLineItem.update(org["line:globex_won:team"], {"Quantity": 11})
    assert _deal(org, "globex_won")["SystemModstamp"] == "2026-03-02T09:01:00.000+0000"


def test_the_last_line_leaves_the_amount(org: Org) -> None:
    org.sf.OpportunityLineItem.delete(org["line:acme_team:team"])
    deal = _deal(org, "acme_team")
    assert (deal["Amount"], deal["HasOpportunityLineItem"]) == (25 * 1188, False)


def test_a_products_code_shows_on_lines_whose_stamps_stay(org: Org) -> None:
    org.fake.advance(minutes=1)
    org.sf.Product2.update(org["team"], {"ProductCode": "PLAN-TEAM-2"})
    line = org.sf.OpportunityLineItem.get(org["line:globex_won:team"])
    assert (line["ProductCode"], line["SystemModstamp"]) == ("PLAN-TEAM-2", "2026-03-02T09:00:00.000+0000")


def test_a_line_of_another_price_book(org: Org) -> None:
    book = org.fake.add("Pricebook2", Name="Partners", IsActive=True)
    entry = org.fake.add("PricebookEntry", Pricebook2Id=book, Product2Id=org["team"], UnitPrice=900, IsActive=True)
    line = {"OpportunityId": org["acme_team"], "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 900}
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.OpportunityLineItem.create(line)
    assert code(refused) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_deal_takes_its_lines_with_it_and_brings_them_back(org: Org) -> None:
    org.fake.advance(minutes=1)
    org.sf.Opportunity.delete(org["acme_team"])
    soql = f"SELECT Id, IsDeleted, SystemModstamp FROM OpportunityLineItem WHERE OpportunityId = '{org['acme_team']}'"
    (line,) = org.sf.query(soql, include_deleted=True)["records"]
    assert (line["IsDeleted"], line["SystemModstamp"]) == (True, "2026-03-02T09:01:00.000+0000")
    org.fake.undelete(org["acme_team"])
    assert org.sf.query(soql)["totalSize"] == 1
    assert _deal(org, "acme_team")["Amount"] == 25 * 1188


def test_the_emptied_bin_holds_nothing(org: Org) -> None:
    org.sf.Opportunity.delete(org["initech_talk"])
    org.fake.erase(org["initech_talk"])
    soql = "SELECT COUNT() FROM Opportunity WHERE Name LIKE 'initech%'"
    assert org.sf.query(soql, include_deleted=True)["totalSize"] == 0


def test_an_account_that_bought_is_not_deleted(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Account.delete(org["globex"])
    assert code(refused) == (400, "DELETE_FAILED")
    assert org.sf.Account.delete(org["acme"]) == 204
    assert org.sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 2


def test_a_price_in_use_is_not_deleted(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.PricebookEntry.delete(org["price:team"])
    assert code(refused) == (400, "DELETE_FAILED")
    assert org.sf.PricebookEntry.get(org["price:team"])["IsDeleted"] is False
