"""Several requests in one: references between them, all or none, and batches side by side."""

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.fakes.salesforce_tests.conftest import Org

AT = "/services/data/v64.0"


def _asked(org: Org, *parts: dict[str, Any], whole: bool = False) -> list[dict[str, Any]]:
    said = org.sf.restful("composite", method="POST", json={"allOrNone": whole, "compositeRequest": list(parts)})
    return list(said["compositeResponse"])


def _part(name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {"referenceId": name, "method": method, "url": AT + path} | ({"body": body} if body is not None else {})


def test_a_later_part_names_an_earlier_one(org: Org) -> None:
    said = _asked(
        org,
        _part("company", "POST", "/sobjects/Account", {"Name": "Umbrella"}),
        _part("person", "POST", "/sobjects/Contact", {"LastName": "Wesker", "AccountId": "@{company.id}"}),
        _part("found", "GET", "/query?q=SELECT+Name+FROM+Contact+WHERE+AccountId+=+'@{company.id}'"),
    )
    assert [one["httpStatusCode"] for one in said] == [201, 201, 200]
    assert said[2]["body"]["records"][0]["Name"] == "Wesker"


def test_a_part_that_fails_alone(org: Org) -> None:
    said = _asked(
        org, _part("a", "POST", "/sobjects/Account", {}), _part("b", "POST", "/sobjects/Account", {"Name": "B"})
    )
    assert [one["httpStatusCode"] for one in said] == [400, 201]
    assert said[0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_all_or_none(org: Org) -> None:
    said = _asked(
        org,
        _part("a", "POST", "/sobjects/Account", {"Name": "A"}),
        _part("b", "POST", "/sobjects/Account", {}),
        _part("c", "POST", "/sobjects/Account", {"Name": "C"}),
        whole=True,
    )
    codes = [one["body"][0]["errorCode"] for one in said]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert org.sf.query("SELECT COUNT() FROM Account")["totalSize"] == 3


def test_a_reference_to_nothing(org: Org) -> None:
    said = _asked(org, _part("a", "GET", "/sobjects/Account/@{b.id}"))
    assert said[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_not_more_than_25(org: Org) -> None:
    parts = [_part(f"p{place}", "GET", "/limits") for place in range(26)]
    assert len(_asked(org, *parts[:25])) == 25
    with pytest.raises(SalesforceMalformedRequest, match="LIMIT_EXCEEDED"):
        _asked(org, *parts)


def test_one_composite_request_is_one_of_the_days(org: Org) -> None:
    before = org.fake.state.used()
    _asked(org, *[_part(f"p{place}", "GET", "/limits") for place in range(5)])
    assert org.fake.state.used() == before + 1


def test_a_batch_goes_on_unless_told_to_halt(org: Org) -> None:
    requests = [
        {"method": "GET", "url": "v64.0/sobjects/Account/nobody"},
        {"method": "PATCH", "url": f"v64.0/sobjects/Account/{org['acme']}", "richInput": {"Phone": "1"}},
    ]
    said = org.sf.restful("composite/batch", method="POST", json={"batchRequests": requests})
    assert (said["hasErrors"], [one["statusCode"] for one in said["results"]]) == (True, [400, 204])
    said = org.sf.restful("composite/batch", method="POST", json={"batchRequests": requests, "haltOnError": True})
    assert [one["statusCode"] for one in said["results"]] == [400, 412]
