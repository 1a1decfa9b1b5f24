"""Bulk 2.0 through the client: loads with their three results, and queries in parts."""

import csv
import io
from typing import Any

import pytest
import requests
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)

from tests.fakes.salesforce_tests.conftest import Org, code


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_load_tells_good_from_bad(org: Org) -> None:
    org.fake.edit(org["acme"], Desk_Key__c="a")
    records = [
        {"Desk_Key__c": "a", "Name": "Acme II"},
        {"Desk_Key__c": "b", "Name": ""},
        {"Desk_Key__c": "c", "Name": "C"},
    ]
    (said,) = org.sf.bulk2.Account.upsert(records=records, external_id_field="Desk_Key__c", wait=0)
    assert (said["numberRecordsProcessed"], said["numberRecordsFailed"], said["numberRecordsTotal"]) == (3, 1, 3)
    found = org.sf.bulk2.Account.get_all_ingest_records(said["job_id"])
    assert [(row["Desk_Key__c"], row["sf__Created"]) for row in found["successfulRecords"]] == [
        ("a", "false"),
        ("c", "true"),
    ]
    (failed,) = found["failedRecords"]
    assert failed["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert (failed["Desk_Key__c"], found["unprocessedRecords"]) == ("b", [])


def test_insert_update_and_delete(org: Org) -> None:
    (said,) = org.sf.bulk2.Account.insert(records=[{"Name": "A"}, {"Name": "B"}], wait=0)
    keys = [row["sf__Id"] for row in _rows(org.sf.bulk2.Account.get_successful_records(said["job_id"]))]
    org.sf.bulk2.Account.update(records=[{"Id": keys[0], "Phone": "1"}, {"Id": keys[1], "Phone": "#N/A"}], wait=0)
    assert org.sf.Account.get(keys[0])["Phone"] == "1"
    org.sf.bulk2.Account.delete(records=[{"Id": keys[0]}], wait=0)
    org.sf.bulk2.Account.hard_delete(records=[{"Id": keys[1]}], wait=0)
    soql = f"SELECT Id FROM Account WHERE Id IN ('{keys[0]}', '{keys[1]}')"
    assert [row["Id"] for row in org.sf.query(soql, include_deleted=True)["records"]] == [keys[0]]


def test_an_empty_cell_says_nothing(org: Org) -> None:
    org.sf.bulk2.Account.update(records=[{"Id": org["acme"], "Website": "", "Phone": "1"}], wait=0)
    assert org.sf.Account.get(org["acme"])["Website"] == "https://acme.example"


def test_a_parent_by_its_external_id(org: Org) -> None:
    org.fake.edit(org["acme"], Desk_Key__c="a")
    record = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-04-01", "Account.Desk_Key__c": "a"}
    org.sf.bulk2.Opportunity.insert(records=[record], wait=0)
    assert org.names("SELECT Name FROM Opportunity WHERE Account.Desk_Key__c = 'a' AND Name = 'D'") == ["D"]


def test_a_column_that_is_none_fails_the_job(org: Org) -> None:
    with pytest.raises(SalesforceOperationError, match="InvalidBatch : Field name not found : Nmae"):
        org.sf.bulk2.Account.insert(records=[{"Nmae": "A"}], wait=0)


def test_other_signs_between_and_after(org: Org) -> None:
    (said,) = org.sf.bulk2.Account.insert(
        records=[{"Name": "A;B", "Phone": "1"}], wait=0, column_delimiter=ColumnDelimiter.SEMICOLON,
        line_ending=LineEnding.CRLF,
    )  # fmt: skip
    assert said["numberRecordsFailed"] == 0
    assert org.names("SELECT Name FROM Account WHERE Phone = '1'") == ["A;B"]


def test_a_job_takes_its_time(org: Org) -> None:
    org.fake.settings.bulk_polls = 2
    org.sf.bulk2.Account.insert(records=[{"Name": "A"}], wait=0)
    states = [asked.answer["state"] for asked in org.fake.requests if asked.method == "GET" and "/jobs/" in asked.path]
    assert states == ["InProgress", "InProgress", "JobComplete", "JobComplete"]


def test_a_query_in_parts(org: Org) -> None:
    soql = "SELECT Name, Account.Name, IsWon, SystemModstamp, Amount FROM Opportunity ORDER BY Name"
    parts = [_rows(str(part)) for part in org.sf.bulk2.Opportunity.query(soql, max_records=3, wait=0)]
    assert [len(part) for part in parts] == [3, 1]
    assert parts[0][2] == {
        "Name": "Globex: support", "Account.Name": "Globex", "IsWon": "true",
        "SystemModstamp": "2026-03-02T09:00:00.000Z", "Amount": "14280.0",
    }  # fmt: skip


def test_a_query_with_the_deleted(org: Org) -> None:
    org.fake.delete(org["initech_talk"])
    soql = "SELECT Id FROM Opportunity WHERE IsDeleted = true"
    assert [len(_rows(str(part))) for part in org.sf.bulk2.Opportunity.query(soql, wait=0)] == [0]
    assert [len(_rows(str(part))) for part in org.sf.bulk2.Opportunity.query_all(soql, wait=0)] == [1]


def test_no_lists_inside_bulk(org: Org) -> None:
    soql = "SELECT Id, (SELECT Id FROM OpportunityLineItems) FROM Opportunity"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        list(org.sf.bulk2.Opportunity.query(soql, wait=0))
    assert code(refused) == (400, "API_ERROR")


def test_a_job_is_deleted_and_the_client_stumbles_over_the_empty_answer(org: Org) -> None:
    client: Any = org.sf.bulk2.Account._client
    job = client.create_job("insert")
    with pytest.raises(requests.exceptions.JSONDecodeError):  # 204 has no body; simple-salesforce reads one
        client.delete_job(job["id"], False)
    with pytest.raises(SalesforceResourceNotFound):
        client.get_job(job["id"], False)


def test_a_job_that_is_given_up(org: Org) -> None:
    client: Any = org.sf.bulk2.Account._client
    job = client.create_job("insert")
    assert client.abort_job(job["id"], False)["state"] == "Aborted"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.upload_job_data(job["id"], "Name\nA\n")
    assert code(refused) == (400, "INVALIDJOBSTATE")
