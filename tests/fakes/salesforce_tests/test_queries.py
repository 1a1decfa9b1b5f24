"""SOQL: what it finds, in which order, and what it refuses to understand."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest
from simple_salesforce.format import format_soql

from tests.fakes.salesforce_tests.conftest import Org, code, said

DEALS = "SELECT Name FROM Opportunity WHERE {} ORDER BY Name"
ALL = ["Acme: 25 seats", "Globex: first year", "Globex: support", "Initech: first talk"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("IsWon = true", [2]),
        ("IsClosed = false", [0, 1, 3]),
        ("IsClosed = true AND IsWon = true", [2]),
        ("Amount > 14280", [0]),
        ("Amount >= 14280", [0, 2]),
        ("Amount = null", [3]),
        ("Amount != null", [0, 1, 2]),
        ("Amount < 2000.5", [1]),
        ("Name LIKE 'globex%'", [1, 2]),
        ("Name LIKE '%first _alk'", [3]),
        ("Name = 'GLOBEX: SUPPORT'", [2]),
        ("NOT Name LIKE 'globex%'", [0, 3]),
        ("StageName IN ('Closed Won', 'Prospecting')", [2, 3]),
        ("StageName NOT IN ('Closed Won', 'Prospecting')", [0, 1]),
        ("NextStep != 'call'", [0, 1, 2, 3]),  # a field without a value is not equal to any
        ("NextStep = ''", [0, 1, 2, 3]),
        ("CloseDate < 2026-03-20", [2]),
        ("CloseDate <= 2026-03-20", [0, 2]),
        ("CloseDate = LAST_N_DAYS:5", [2]),
        ("CloseDate > TODAY", [0, 1, 3]),
        ("CloseDate <= TODAY", [2]),
        ("CloseDate = NEXT_N_DAYS:20", [0]),
        ("CreatedDate = TODAY", [0, 1, 2, 3]),
        ("SystemModstamp >= 2026-03-02T09:00:00Z", [0, 1, 2, 3]),
        ("SystemModstamp >= 2026-03-02T10:00:00.000+0100", [0, 1, 2, 3]),
        ("SystemModstamp > 2026-03-02T09:00:00Z", []),
        ("Account.Name = 'Globex'", [1, 2]),
        ("Account.Owner.IsActive = true AND IsWon = true", [2]),
        ("(IsWon = true OR Amount = null) AND Account.Name != 'Acme'", [2, 3]),
        ("AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'a%')", [0]),
        ("Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE ProductCode = 'PLAN-TEAM')", [0, 2]),
        ("Opportunity.IsWon = true", [2]),
    ],
)
def test_conditions(org: Org, where: str, found: list[int]) -> None:
    assert org.names(DEALS.format(where)) == [ALL[place] for place in found]


def test_an_id_in_either_length(org: Org) -> None:
    for key in (org["globex_won"], org["globex_won"][:15]):
        assert org.names(format_soql("SELECT Name FROM Opportunity WHERE Id = {}", key)) == ["Globex: support"]


def test_an_id_that_is_none(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.query("SELECT Id FROM Opportunity WHERE Id = 'x'")
    assert code(refused) == (400, "INVALID_QUERY_FILTER_OPERATOR")


def test_names_have_no_case_and_come_back_as_they_are(org: Org) -> None:
    (row,) = org.sf.query("select id, NAME, account.nAME from opportunity where iswon = TRUE")["records"]
    assert list(row) == ["attributes", "Id", "Name", "Account"]
    assert row["Account"]["Name"] == "Globex"


def test_quotes_inside_quotes(org: Org) -> None:
    name = 'O\'Brien \\ "Sons"\n100%'
    org.fake.add("Account", Name=name)
    assert org.names(format_soql("SELECT Name FROM Account WHERE Name = {}", name)) == [name]
    assert org.names(format_soql("SELECT Name FROM Account WHERE Name LIKE '%{:like}'", "100%")) == [name]
    assert org.names(format_soql("SELECT Name FROM Account WHERE Name LIKE '{:like}'", "Gl_bex")) == []


def test_several_orders(org: Org) -> None:
    soql = "SELECT Name FROM Opportunity ORDER BY Account.Name DESC, CloseDate ASC"
    assert org.names(soql) == [ALL[3], ALL[2], ALL[1], ALL[0]]


def test_nothing_comes_first_upwards_and_last_downwards(org: Org) -> None:
    assert org.names("SELECT Name FROM Opportunity ORDER BY Amount")[0] == ALL[3]
    assert org.names("SELECT Name FROM Opportunity ORDER BY Amount DESC")[-1] == ALL[3]
    assert org.names("SELECT Name FROM Opportunity ORDER BY Amount NULLS LAST")[-1] == ALL[3]


def test_a_limit_and_where_to_begin(org: Org) -> None:
    assert org.names("SELECT Name FROM Opportunity ORDER BY Name LIMIT 2 OFFSET 1") == ALL[1:3]


def test_counting(org: Org) -> None:
    answer = org.sf.query("SELECT COUNT() FROM Opportunity WHERE IsClosed = false")
    assert answer == {"totalSize": 3, "done": True, "records": []}


def test_lines_of_a_deal_with_their_product_codes(org: Org) -> None:
    inner = "SELECT Quantity, PricebookEntry.Product2.ProductCode, ServiceDate FROM OpportunityLineItems"
    soql = f"SELECT Id, ({inner} WHERE Quantity > 1), Account.Website FROM Opportunity WHERE IsWon = true"
    (deal,) = org.sf.query(soql)["records"]
    (line,) = deal["OpportunityLineItems"]["records"]
    assert (line["Quantity"], line["ServiceDate"]) == (10.0, "2026-02-27")
    assert line["PricebookEntry"]["Product2"]["ProductCode"] == "PLAN-TEAM"
    assert deal["Account"]["Website"] == "https://www.globex.example"


def test_no_children_are_null_and_so_is_no_parent(org: Org) -> None:
    org.fake.add("Opportunity", Name="Alone", StageName="Prospecting", CloseDate="2026-04-01")
    soql = "SELECT Account.Name, Account.Owner.Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunity WHERE Name = 'Alone'"
    (row,) = org.sf.query(soql)["records"]
    assert (row["Account"], row["OpportunityLineItems"]) == (None, None)


def test_own_objects_with_parents_and_children(org: Org) -> None:
    org.fake.custom_object("Entitlement__c", "Entitlement")
    how = {"referenceTo": "Account", "relationshipName": "Entitlements"}
    org.fake.custom_field("Entitlement__c.Account__c", "Lookup", **how)
    key = org.fake.add("Entitlement__c", Name="seats", Account__c=org["acme"])
    (row,) = org.sf.query("SELECT Id, Account__r.Name FROM Entitlement__c")["records"]
    assert (row["Id"], row["Account__r"]["Name"]) == (key, "Acme Industries")
    (row,) = org.sf.query("SELECT (SELECT Name FROM Entitlements__r) FROM Account WHERE Name LIKE 'acme%'")["records"]
    assert row["Entitlements__r"]["records"][0]["Name"] == "seats"


@pytest.mark.parametrize(
    ("soql", "wrong", "says"),
    [
        ("SELECT Nme FROM Account", "INVALID_FIELD", "No such column 'Nme' on entity 'Account'"),
        ("SELECT Id FROM Acount", "INVALID_TYPE", "sObject type 'Acount' is not supported"),
        ("SELECT Akkount.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Akkount'"),
        ("SELECT (SELECT Id FROM Lines) FROM Opportunity", "INVALID_TYPE", "Didn't understand relationship 'Lines'"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected end of query"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
        ("SELECT Id FROM Account ; DROP", "MALFORMED_QUERY", "unexpected token: ';'"),
        ("SELECT Id FROM Account WHERE Name = \"a\"", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > '2026-01-01'", "INVALID_FIELD", "must be of type date and should not be enclosed"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD", "must be of type datetime"),
        ("SELECT Id FROM Opportunity WHERE Amount = '1'", "INVALID_FIELD", "must be of type currency"),
        ("SELECT Id FROM Opportunity WHERE IsWon > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE Description LIKE 'a%'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account WHERE Name LIKE '\\x'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT StageName FROM Opportunity GROUP BY StageName", "COUNTERPART_UNSIMULATED", "GROUP of SOQL"),
        ("SELECT MAX(Amount) FROM Opportunity", "COUNTERPART_UNSIMULATED", "the function MAX()"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 1", "COUNTERPART_UNSIMULATED", "the function FIELDS()"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = THIS_MONTH", "COUNTERPART_UNSIMULATED", "the date literal"),
        ("SELECT Id FROM Account WHERE Type INCLUDES ('a')", "COUNTERPART_UNSIMULATED", "INCLUDES"),
        ("SELECT Id FROM Account FOR UPDATE", "COUNTERPART_UNSIMULATED", "FOR of SOQL"),
    ],
)  # fmt: skip
def test_what_is_refused(org: Org, soql: str, wrong: str, says: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.query(soql)
    assert code(refused) == (400, wrong)
    assert says in said(refused)["message"]


def test_a_refusal_says_where(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.query("SELECT Id,\nNme FROM Account")
    assert "ERROR at Row:2:Column:1" in said(refused)["message"]
