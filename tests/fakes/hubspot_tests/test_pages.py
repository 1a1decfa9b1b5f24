"""The pages that a person sees: winning, reopening, changing, deleting."""

import re
from typing import Any

import pytest
import requests

from tests.fakes.hubspot.demo import stocked
from tests.fakes.hubspot_tests.conftest import Portal


def _get(portal: Portal, path: str, status: int = 200) -> str:
    answer = requests.get(portal.fake.base + path, headers={"Connection": "close"}, timeout=10)
    assert answer.status_code == status
    return answer.text


def _post(portal: Portal, path: str, **form: Any) -> requests.Response:
    where = portal.fake.base + path
    return requests.post(where, data=form, headers={"Connection": "close"}, allow_redirects=False, timeout=10)


def test_the_front_shows_the_deals(portal: Portal) -> None:
    page = _get(portal, "/")
    for words in ("Team for the plant", "Halden Robotics", "Contract Sent", "€9,900.00", "Open"):
        assert words in page


def test_a_deal_is_won_and_reopened(portal: Portal) -> None:
    where = f"/deal/{portal.deal.id}"
    assert "Mark as won" in _get(portal, where)
    answer = _post(portal, where, deed="won")
    assert (answer.status_code, answer.headers["Location"]) == (303, where)
    assert portal.props("hs_is_closed_won")["hs_is_closed_won"] == "true"
    assert "Reopen" in _get(portal, where)
    _post(portal, where, deed="reopen")
    assert portal.props("hs_is_closed", "dealstage") | {"hs_is_closed": "false"} == portal.props(
        "hs_is_closed", "dealstage"
    )
    _post(portal, where, deed="lost")
    assert portal.props("hs_is_closed_lost")["hs_is_closed_lost"] == "true"


def test_a_quantity_is_changed_and_the_amount_with_it(portal: Portal) -> None:
    where = f"/deal/{portal.deal.id}"
    assert _post(portal, where, deed="quantity", line=portal.line.id, quantity="25").status_code == 303
    assert portal.props("amount")["amount"] == "24750"
    assert "€24,750.00" in _get(portal, where)
    refused = _post(portal, where, deed="quantity", line=portal.line.id, quantity="many")
    assert (refused.status_code, "not a valid number" in refused.text) == (400, True)


def test_a_deal_is_deleted_and_brought_back(portal: Portal) -> None:
    where = f"/deal/{portal.deal.id}"
    _post(portal, where, deed="delete")
    assert "Bring it back" in _get(portal, where)
    assert portal.hubspot.crm.deals.basic_api.get_page().results == []
    _post(portal, where, deed="restore")
    assert portal.props("dealname")["dealname"] == "Team for the plant"


def test_what_was_told_is_shown(portal: Portal) -> None:
    assert "Nobody listens" in _get(portal, "/told")
    portal.fake.listen("http://127.0.0.1:9/nobody", "deal.deletion")
    portal.fake.delete(portal.deal)
    assert "waiting" in _get(portal, "/told")


@pytest.mark.parametrize("path", ["/nothing", "/deal/404"])
def test_pages_that_are_none(portal: Portal, path: str) -> None:
    assert "Not possible" in _get(portal, path, 404)


def test_forms_that_are_not_whole(portal: Portal) -> None:
    where = f"/deal/{portal.deal.id}"
    assert _post(portal, where).status_code == 400
    assert _post(portal, where, deed="paint").status_code == 404
    assert _post(portal, where, deed="quantity", line="404", quantity="1").status_code == 404


@pytest.mark.parametrize(
    "header", [{"Origin": "http://127.0.0.1.example.com"}, {"Origin": "null"}, {"Host": "example.com"}]
)
def test_a_page_from_elsewhere_pushes_no_button(portal: Portal, header: dict[str, str]) -> None:
    url = f"{portal.fake.base}/deal/{portal.deal.id}"
    answer = requests.post(url, data={"deed": "won"}, headers={"Connection": "close", **header}, timeout=10)
    assert answer.status_code == 403
    assert portal.props("hs_is_closed_won")["hs_is_closed_won"] == "false"


def test_names_are_only_names_and_nothing_comes_from_elsewhere(portal: Portal) -> None:
    portal.fake.edit(portal.deal, dealname="<script>alert(1)</script>")
    portal.fake.edit(portal.company, name="<b>Halden</b>")
    portal.fake.edit(portal.line, name="<i>Team</i>")
    for path in ("/", f"/deal/{portal.deal.id}", "/told"):
        page = _get(portal, path)
        assert not re.search(r"<script|<b>Halden|<i>Team", page)
        assert not re.search(r"""(src|href)\s*=\s*["']?https?:""", page)


def test_the_demos_world_is_whole(portal: Portal) -> None:
    stocked(portal.fake)
    assert "Nordwind: renewal" in _get(portal, "/")
    where = {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"}
    found = portal.hubspot.crm.deals.search_api.do_search({"filterGroups": [{"filters": [where]}]})
    assert [one.properties["amount"] for one in found.results] == ["11880"]
