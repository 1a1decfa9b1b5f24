"""Nothing is taken for gone, and nobody for another, by what Salesforce doesn't show."""

from typing import Any

import pytest

from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.port import FieldsRead, LoginRefused
from desk.integrations.salesforce import client
from desk.integrations.salesforce.login import ORGANISATION
from journal.domain.receiving import Later
from tests.desk.integrations.salesforce.conftest import Org


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


@pytest.mark.parametrize("answer", [None, [], {}, {"totalSize": 0}])
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
