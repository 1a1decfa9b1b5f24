"""The pages of the demo: a person wins a deal, reopens it, changes a quantity, deletes it."""

import re
from typing import Any

import pytest
import requests

from tests.fakes.salesforce_tests.conftest import Org


def _get(org: Org, path: str, status: int = 200) -> str:
    answer = requests.get(org.fake.base + path, headers={"Connection": "close"}, timeout=10)
    assert answer.status_code == status
    return answer.text


def _post(org: Org, path: str, headers: dict[str, str] | None = None, **form: Any) -> requests.Response:
    said = {"Connection": "close"} | (headers or {})
    return requests.post(org.fake.base + path, data=form, headers=said, allow_redirects=False, timeout=10)


def _at(org: Org) -> str:
    return f"/opportunity/{org['acme_team']}"


def test_all_deals_and_one(org: Org) -> None:
    page = _get(org, "/")
    assert all(name in page for name in ("Acme: 25 seats", "Closed Won", "29,700.00"))
    page = _get(org, _at(org))
    assert all(name in page for name in ("Mark as won", "PLAN-TEAM", 'value="25"', "Acme Industries"))


def test_won_and_reopened(org: Org) -> None:
    answer = _post(org, f"{_at(org)}/win")
    assert (answer.status_code, answer.headers["Location"]) == (303, _at(org))
    assert org.sf.Opportunity.get(org["acme_team"])["IsWon"] is True
    assert "Reopen" in _get(org, _at(org))
    _post(org, f"{_at(org)}/reopen")
    assert org.sf.Opportunity.get(org["acme_team"])["IsClosed"] is False
    _post(org, f"{_at(org)}/lose")
    assert org.sf.Opportunity.get(org["acme_team"])["StageName"] == "Closed Lost"


def test_another_quantity(org: Org) -> None:
    line = org["line:acme_team:team"]
    _post(org, f"{_at(org)}/quantity", line=line, quantity="30")
    assert org.sf.OpportunityLineItem.get(line)["Quantity"] == 30
    answer = _post(org, f"{_at(org)}/quantity", line=line, quantity="many")
    assert (answer.status_code, "Not possible" in answer.text) == (400, True)
    assert _post(org, f"{_at(org)}/quantity", line=line).status_code == 400


def test_deleted(org: Org) -> None:
    assert _post(org, f"{_at(org)}/delete").headers["Location"] == "/"
    assert "Not possible" in _get(org, _at(org), 404)
    assert "Acme: 25 seats" not in _get(org, "/")


@pytest.mark.parametrize(
    "header", [{"Origin": "http://127.0.0.1.example.com"}, {"Origin": "null"}, {"Host": "example.com"}]
)
def test_a_page_from_elsewhere_pushes_no_button(org: Org, header: dict[str, str]) -> None:
    assert _post(org, f"{_at(org)}/win", header).status_code == 403
    assert org.sf.Opportunity.get(org["acme_team"])["IsWon"] is False


@pytest.mark.parametrize("path", ["/nothing", "/opportunity/nobody", "/opportunity/006D000000IqhSLIAZ"])
def test_pages_that_are_none(org: Org, path: str) -> None:
    assert "Not possible" in _get(org, path, 404 if path != "/opportunity/nobody" else 400)


def test_names_are_only_names(org: Org) -> None:
    org.fake.edit(org["acme_team"], Name="<script>alert(1)</script>")
    org.fake.edit(org["acme"], Name="<b>Acme</b>")
    for path in ("/", _at(org)):
        assert not re.search(r"<script|<b>Acme", _get(org, path))


def test_no_page_loads_anything_from_elsewhere(org: Org) -> None:
    for path in ("/", _at(org)):
        assert not re.search(r"""(src|href)\s*=\s*["']?https?://""", _get(org, path))
