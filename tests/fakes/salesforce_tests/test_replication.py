"""What was changed and deleted between two times, as getUpdated and getDeleted say it."""

from datetime import UTC, datetime, timedelta

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.fakes.salesforce_tests.conftest import Org, code

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_what_was_changed(org: Org) -> None:
    org.fake.advance(minutes=10)
    org.sf.Opportunity.update(org["acme_team"], {"NextStep": "Call"})
    org.fake.advance(minutes=10)
    said = org.sf.Opportunity.updated(AT + timedelta(minutes=5), AT + timedelta(hours=1))
    assert said == {"ids": [org["acme_team"]], "latestDateCovered": "2026-03-02T09:20:00.000+0000"}


def test_what_was_deleted(org: Org) -> None:
    org.fake.advance(minutes=10)
    org.sf.Opportunity.delete(org["acme_team"])
    said = org.sf.Opportunity.deleted(AT, AT + timedelta(minutes=30))
    assert said["deletedRecords"] == [{"id": org["acme_team"], "deletedDate": "2026-03-02T09:10:00.000+0000"}]
    said = org.sf.Opportunity.updated(AT, AT + timedelta(minutes=30))
    assert org["acme_team"] not in said["ids"]


def test_seconds_are_cut_off(org: Org) -> None:
    org.fake.advance(seconds=30)
    org.sf.Opportunity.update(org["acme_team"], {"NextStep": "Call"})
    assert org.sf.Opportunity.updated(AT, AT + timedelta(seconds=119))["ids"] != []
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Opportunity.updated(AT, AT + timedelta(seconds=59))
    assert code(refused) == (400, "INVALID_REPLICATION_DATE")


def test_not_more_than_thirty_days_back(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Opportunity.updated(AT - timedelta(days=31), AT)
    assert code(refused) == (400, "INVALID_REPLICATION_DATE")
