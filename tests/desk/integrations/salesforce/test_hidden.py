"""Nothing is taken for gone, and nobody for another, by what Salesforce doesn't show."""

from typing import Any

import pytest

from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.port import Declined, FieldsRead, LoginRefused
from desk.integrations.salesforce import client
from desk.integrations.salesforce.client import DESCRIBED_FOR
from desk.integrations.salesforce.login import ORGANISATION
from journal.domain.receiving import Later
from tests.desk.integrations.salesforce.conftest import Org
from tests.entitlements.world import AT


def deal(org: Org, id: str) -> Deal:
    with org.open() as crm:
        return crm.deals([id], fields=FieldsRead())[id]


def company(org: Org, id: str) -> Company:
    with org.open() as crm:
        return crm.companies([id])[id]


def test_what_lies_in_the_recycle_bin_is_surely_gone(org: Org) -> None:
    org.fake.delete(org["acme_team"])
    org.fake.delete(org["initech"])
    assert (deal(org, org["acme_team"]).state, deal(org, org["acme_team"]).unsure) == ("gone", "")
    assert (company(org, org["initech"]).gone, company(org, org["initech"]).unsure) == (True, "")


def test_what_is_not_found_at_all_may_only_be_hidden(org: Org) -> None:
    org.fake.erase(org["acme_team"])
    org.fake.erase(org["initech"])
    assert "no such opportunity any more" in deal(org, org["acme_team"]).unsure
    assert "no such account any more" in company(org, org["initech"]).unsure


@pytest.mark.parametrize("answer", [None, [], {}, {"totalSize": 0}, {"records": []}])
def test_an_answer_that_lists_nothing_at_all_is_none(org: Org, answer: Any, monkeypatch: Any) -> None:
    with org.open() as crm:
        crm.line.fields("Account")
        monkeypatch.setattr(crm.line, "ask", lambda *_, **__: answer)
        with pytest.raises(Later, match="isn’t one of its answers"):
            crm.deals([org["acme_team"]], fields=FieldsRead())


def test_who_gets_into_another_organisation_is_refused_before_anything_is_asked(org: Org) -> None:
    """A sandbox that was made anew bears the ids of what was copied, and other ids of all that came later."""
    org.connection.settings[ORGANISATION] = "00D5g0000099999"
    client.close()
    org.asked()
    ours = org.fake.state.org["Id"][:15]
    with pytest.raises(
        LoginRefused, match=f"gets into organisation {ours}, and this connection is with 00D5g0000099999"
    ):
        company(org, org["acme"])
    with pytest.raises(LoginRefused, match="tried again an hour later"):
        company(org, org["acme"])
    assert org.calls() == []


@pytest.fixture
def unshown(org: Org, monkeypatch: Any) -> set[str]:
    """Records that stand there, and sharing hides from the desk's user: of them a path tells nothing."""
    shown, hidden = org.fake.state.readable_row, set[str]()
    monkeypatch.setattr(org.fake.state, "readable_row", lambda name, id: None if name in hidden else shown(name, id))
    return hidden


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("Account", FieldsRead(deal=("account.Website",)), "“Account”"),
        ("PricebookEntry", FieldsRead(line=("Quantity", "PricebookEntry.UnitPrice")), "“PricebookEntry”"),
        ("Account", FieldsRead(deal=("AccountId",)), ""),
        ("User", FieldsRead(deal=("Account.Website",)), ""),
    ],
)  # fmt: skip
def test_what_a_mapping_reads_of_a_record_above_may_be_hidden(
    org: Org, unshown: set[str], name: str, fields: FieldsRead, says: str
) -> None:
    with org.open() as crm:
        assert crm.deals([org["globex_won"]], fields=fields)[org["globex_won"]].unsure == ""
        unshown.add(name)
        found = crm.deals([org["globex_won"], org["acme_team"]], fields=fields)
    assert says in found[org["globex_won"]].unsure
    assert bool(found[org["globex_won"]].unsure) is bool(says)
    assert found[org["acme_team"]].unsure == "", "of one that isn’t won it says nothing"


def test_a_deal_that_belongs_to_no_account_hides_none(org: Org) -> None:
    org.fake.edit(org["globex_won"], AccountId=None)
    with org.open() as crm:
        found = crm.deals([org["globex_won"]], fields=FieldsRead(deal=("Account.Website",)))[org["globex_won"]]
    assert (found.unsure, found.fields) == ("", {"Account.Website": ""})


def test_accounts_that_may_be_seen_again_are_read_whole_at_once(org: Org) -> None:
    """What was found out while they were hidden is no word about them: country and key of ours would be missing."""
    org.fake.edit(org["globex"], BillingCountry="Germany")
    account = org.fake.state.schema.pop("account")
    with pytest.raises(Declined), org.open() as crm:
        crm.companies([org["globex"]])
    org.fake.state.schema["account"] = account
    assert company(org, org["globex"]).country == "DE"


def test_a_field_that_is_shown_since_is_read_ten_minutes_later_at_most(org: Org) -> None:
    assert company(org, org["acme"]).own_key == ""
    org.fake.custom_field("Account.Desk_Account_Key__c", length=64)
    org.fake.edit(org["acme"], Desk_Account_Key__c="acme")
    with org.open(at=AT + DESCRIBED_FOR) as crm:
        assert crm.companies([org["acme"]])[org["acme"]].own_key == "acme"
