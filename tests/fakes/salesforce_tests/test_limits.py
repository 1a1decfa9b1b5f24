"""The day's requests: counted, told in every answer, refused when they are spent."""

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceRefusedRequest
from simple_salesforce.util import Usage

from tests.fakes.salesforce import Counterpart
from tests.fakes.salesforce_tests.conftest import code


def test_every_answer_says_how_many_are_spent(fake: Counterpart, sf: Any) -> None:
    sf.limits()
    assert sf.api_usage == {"api-usage": Usage(used=1, total=15000)}
    sf.query("SELECT Id FROM User")
    assert sf.api_usage["api-usage"].used == 2


def test_logging_in_costs_nothing(fake: Counterpart) -> None:
    fake.client()
    fake.client("soap")
    assert fake.state.used() == 0


def test_what_others_spend_counts_too(fake: Counterpart, sf: Any) -> None:
    fake.spend(11999)
    assert sf.limits()["DailyApiRequests"] == {"Max": 15000, "Remaining": 3000}


def test_when_they_are_spent(fake: Counterpart, sf: Any) -> None:
    fake.settings.daily_limit = 2
    sf.limits()
    sf.limits()
    with pytest.raises(SalesforceRefusedRequest) as refused:
        sf.limits()
    assert code(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert fake.state.used() == 2


def test_a_request_is_forgotten_after_24_hours(fake: Counterpart, sf: Any) -> None:
    fake.settings.daily_limit = 2
    fake.spend(1)
    fake.advance(hours=23)
    sf.limits()
    fake.advance(hours=1)
    assert sf.limits()["DailyApiRequests"]["Remaining"] == 0
    with pytest.raises(SalesforceRefusedRequest):
        sf.limits()


def test_the_resources_there_are(sf: Any) -> None:
    assert sf.restful("")["query"] == "/services/data/v64.0/query"
