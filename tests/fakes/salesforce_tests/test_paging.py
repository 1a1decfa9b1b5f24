"""Pages of queries, the recycle bin, and a poll that loses nothing."""

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.fakes.salesforce import Counterpart
from tests.fakes.salesforce_tests.conftest import Org, code


@pytest.fixture
def many(fake: Counterpart, sf: Any) -> Any:
    fake.settings.batch_size = 3
    for place in range(8):
        fake.add("Account", Name=f"Company {place}")
    return sf


def test_a_long_answer_comes_in_pages(fake: Counterpart, many: Any) -> None:
    first = many.query("SELECT Name FROM Account ORDER BY Name")
    assert (first["totalSize"], first["done"], len(first["records"])) == (8, False, 3)
    second = many.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert [row["Name"] for row in second["records"]] == ["Company 3", "Company 4", "Company 5"]
    third = many.query_more(second["nextRecordsUrl"].rpartition("/")[2])
    assert (third["done"], "nextRecordsUrl" in third, len(third["records"])) == (True, False, 2)


def test_the_client_goes_through_them_all(fake: Counterpart, many: Any) -> None:
    assert many.query_all("SELECT Id FROM Account")["totalSize"] == 8
    assert len(fake.requests) == 3


def test_a_page_may_be_smaller_but_not_below_200(fake: Counterpart, many: Any) -> None:
    fake.settings.batch_size = 2000
    for place in range(193):
        fake.add("Account", Name=f"More {place}")
    page = many._call_salesforce(
        "GET", f"{many.base_url}query", params={"q": "SELECT Id FROM Account"},
        headers={"Sforce-Query-Options": "batchSize=10"},
    ).json()  # fmt: skip
    assert (len(page["records"]), page["totalSize"]) == (200, 201)


def test_a_cursor_lasts_two_days(fake: Counterpart, many: Any) -> None:
    url = many.query("SELECT Id FROM Account")["nextRecordsUrl"]
    fake.advance(days=2, seconds=1)
    with pytest.raises(SalesforceMalformedRequest) as refused:
        many.query_more(url, identifier_is_url=True)
    assert code(refused) == (400, "INVALID_QUERY_LOCATOR")


def test_a_cursor_that_never_was(many: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        many.query_more("01gxx-2000")
    assert code(refused) == (400, "INVALID_QUERY_LOCATOR")


def test_a_long_list_of_children_has_pages_too(org: Org) -> None:
    for _ in range(3):
        org.fake.add("OpportunityLineItem", OpportunityId=org["acme_team"], PricebookEntryId=org["price:support"],
                     Quantity=1, UnitPrice=5)  # fmt: skip
    org.fake.settings.batch_size = 3
    soql = f"SELECT Id, (SELECT Id FROM OpportunityLineItems) FROM Opportunity WHERE Id = '{org['acme_team']}'"
    (deal,) = org.sf.query(soql)["records"]
    lines = deal["OpportunityLineItems"]
    assert (lines["totalSize"], lines["done"], len(lines["records"])) == (4, False, 3)
    rest = org.sf.query_more(lines["nextRecordsUrl"], identifier_is_url=True)
    assert (rest["done"], len(rest["records"])) == (True, 1)


def test_what_is_deleted_is_found_with_the_rest_only_on_demand(org: Org) -> None:
    org.sf.Opportunity.delete(org["initech_talk"])
    soql = "SELECT Id, IsDeleted FROM Opportunity WHERE IsDeleted = true"
    assert org.sf.query(soql)["records"] == []
    (row,) = org.sf.query(soql, include_deleted=True)["records"]
    assert (row["Id"], row["IsDeleted"]) == (org["initech_talk"], True)


def _polled(sf: Any, since: str) -> list[tuple[str, str]]:
    soql = f"SELECT Id, SystemModstamp FROM Account WHERE SystemModstamp >= {since} ORDER BY SystemModstamp, Id"
    return [(row["SystemModstamp"], row["Id"]) for row in sf.query_all(soql, include_deleted=True)["records"]]


def test_equal_stamps_across_the_edge_of_a_page(fake: Counterpart, many: Any) -> None:
    found = _polled(many, "2026-03-02T00:00:00Z")
    assert {stamp for stamp, _ in found} == {"2026-03-02T09:00:00.000+0000"}
    assert found == sorted(found)
    assert len(set(found)) == 8


def test_a_long_transaction_shows_late_with_an_early_stamp(fake: Counterpart, many: Any) -> None:
    with fake.uncommitted():
        late = fake.add("Account", Name="Late")
        fake.advance(seconds=90)
        early = fake.add("Account", Name="Early")
        assert late not in [key for _, key in _polled(many, "2026-03-02T09:00:00Z")]
    assert _polled(many, "2026-03-02T09:00:01Z") == [("2026-03-02T09:01:30.000+0000", early)]
    assert ("2026-03-02T09:00:00.000+0000", late) in _polled(many, "2026-03-02T08:56:30Z")


def test_the_orgs_clock_is_its_own(fake: Counterpart, sf: Any) -> None:
    fake.skew(120)
    key = sf.Account.create({"Name": "Ahead"})["id"]
    assert sf.Account.get(key)["SystemModstamp"] == "2026-03-02T09:02:00.000+0000"
    answer = sf._call_salesforce("GET", f"{sf.base_url}limits")
    assert answer.headers["Date"] == "Mon, 02 Mar 2026 09:02:00 GMT"
