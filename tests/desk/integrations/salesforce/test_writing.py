"""Writing: accounts by their ids, entitlements by their keys; each record for itself, and again without harm."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY, Out, Outgoing
from desk.integrations.crm.port import Written
from desk.integrations.salesforce import writing
from desk.integrations.salesforce.names import RECORD
from journal.domain.receiving import Later
from tests.desk.integrations.salesforce.conftest import Org

COLLECTION = "/composite/sobjects"


@pytest.fixture
def ready(org: Org) -> Org:
    """An organisation that was set up."""
    with org.open() as crm:
        crm.set_up()
    org.asked()
    return org


def of_company(org: Org, short: str = "acme", **fields: Out) -> Outgoing:
    return Outgoing(COMPANY, short, org[short], {"account_key": short} | fields)


def entitlement(org: Org, feature: str = "seats", short: str = "acme", **fields: Out) -> Outgoing:
    key = f"{short}.{feature}"
    return Outgoing(feature, key, org[short], {"key": key, "name": feature.title(), "granted": True} | fields)


def written(org: Org, *rows: Outgoing) -> list[Written]:
    with org.open() as crm:
        return crm.write(rows)


def records(org: Org) -> Mapping[str, dict[str, Any]]:
    return {one["Key__c"]: one for one in org.fake.state.rows(RECORD)}


def test_a_company_and_its_entitlements(ready: Org) -> None:
    org = ready
    at = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
    rows = [
        entitlement(org, limit=Decimal("25.00"), used_percent=Decimal("82.5"), ends_on=date(2026, 4, 1), written_at=at),
        of_company(org, plan="Team", covered=True, open_overrides=2, renews_on=date(2027, 1, 1), upsell=None),
        entitlement(org, "api_calls", signal="82 % of API calls"),
    ]
    found = written(org, *rows)
    assert [(one.key, one.fault) for one in found] == [("acme.seats", None), ("acme", None), ("acme.api_calls", None)]
    account = org.fake.row(org["acme"])
    assert (account["Desk_Plan__c"], account["Desk_Covered__c"], account["Desk_Open_Overrides__c"]) == ("Team", True, 2)
    assert account["Desk_Renews_On__c"] == date(2027, 1, 1)
    seats = records(org)["acme.seats"]
    assert (seats["Name"], seats["Limit__c"], seats["Used_Percent__c"]) == ("Seats", 25, 82.5)
    assert (seats["Account__c"], seats["Ends_On__c"], seats["Written_At__c"]) == (org["acme"], date(2026, 4, 1), at)
    assert found[0].id == seats["Id"]
    assert len(org.calls()) == 2, "a collection of each; what the objects look like is known from setting up"


def test_the_same_again_changes_nothing_and_asks_less(ready: Org) -> None:
    org = ready
    rows = [of_company(org, plan="Team"), entitlement(org)]
    first = written(org, *rows)
    org.asked()
    assert [one.id for one in written(org, *rows)] == [one.id for one in first]
    assert len(org.calls()) == 2
    assert len(records(org)) == 1


def test_what_was_read_is_what_was_written(ready: Org) -> None:
    org = ready
    written(org, of_company(org, plan="Team", covered=False, near_limits=3, renews_on=date(2027, 1, 1)))
    with org.open() as crm:
        ours = crm.companies([org["acme"]])[org["acme"]].ours
    told = {name: ours[name] for name in ("account_key", "plan", "covered", "near_limits", "renews_on", "upsell")}
    assert told == {
        "account_key": "acme", "plan": "Team", "covered": "false", "near_limits": "3", "renews_on": "2027-01-01", "upsell": "",
    }  # fmt: skip


def test_an_entitlement_that_is_nobodys_any_more_goes(ready: Org) -> None:
    org = ready
    written(org, entitlement(org), entitlement(org, "sso"))
    gone = [Outgoing(feature, f"acme.{feature}", org["acme"], removed=True) for feature in ("seats", "never_there")]
    assert [(one.key, one.fault) for one in written(org, *gone)] == [("acme.seats", None), ("acme.never_there", None)]
    assert list(records(org)) == ["acme.sso"]
    assert [one.fault for one in written(org, *gone)] == [None, None], "again is no harm"


def test_which_records_stand_there(ready: Org) -> None:
    org = ready
    written(org, entitlement(org), entitlement(org, "sso"))
    keys = {org["acme"]: ["acme.seats", "acme.sso", "acme.never"]}
    with org.open() as crm:
        assert crm.standing(keys) == {"acme.seats", "acme.sso"}
        written(org, Outgoing("sso", "acme.sso", org["acme"], removed=True))
        assert crm.standing(keys) == {"acme.seats"}


def test_a_record_that_hangs_at_another_account_doesnt_stand_there(ready: Org) -> None:
    org = ready
    written(org, entitlement(org))
    others = {org.fake.add("Account", Name=f"Other {place}"): ["acme.seats"] for place in range(200)}
    with org.open() as crm:
        assert crm.standing(others | {org["acme"]: ["acme.sso"]}) == frozenset()
        assert crm.standing(others | {org["acme"]: ["acme.seats"]}) == {"acme.seats"}


def test_without_a_place_for_them_nobody_knows_which_stand_there(org: Org) -> None:
    with org.open() as crm:
        assert crm.standing({org["acme"]: ["acme.seats"]}) is None


def test_each_record_fails_by_itself(ready: Org) -> None:
    org = ready
    org.fake.rule(RECORD, lambda row: row["Key__c"] == "acme.sso", "No single sign-on here", "Granted__c")
    org.fake.delete(org["initech"])
    found = written(
        org, entitlement(org), entitlement(org, "sso"), entitlement(org, "seats", "initech"), of_company(org, "initech"),
        of_company(org, "globex", plan="Team"),
    )  # fmt: skip
    assert [one.fault for one in found] == [None, FaultKind.INVALID, FaultKind.GONE, FaultKind.GONE, None]
    assert sum(one.method == "PATCH" for one in org.asked()) == 2, "what is refused is not sent again"
    assert found[1].words == "No single sign-on here (Granted__c) [FIELD_CUSTOM_VALIDATION_EXCEPTION]"
    assert org.fake.row(org["globex"])["Desk_Plan__c"] == "Team"


def test_only_what_was_locked_is_sent_again(ready: Org) -> None:
    org = ready
    rows = [entitlement(org, f"f{place}", short) for place in range(4) for short in ("globex", "acme")]
    org.fake.inject("lock_items", items=(0, 5), path=COLLECTION)
    assert [one.fault for one in written(org, *rows)] == [None] * 8
    sent = [[one["Key__c"] for one in asked.json["records"]] for asked in org.asked() if asked.method == "PATCH"]
    assert sent[0] == [f"{short}.f{place}" for short in ("acme", "globex") for place in range(4)], "by company"
    assert sent[1:] == [["acme.f0", "globex.f1"]]


def test_what_stays_locked_is_left_to_the_next_look(ready: Org) -> None:
    org = ready
    org.fake.inject("lock_items", share=1.0, next=None, path=COLLECTION)
    found = written(org, entitlement(org, "a"), entitlement(org, "b"))
    assert [one.fault for one in found] == [FaultKind.LOCKED] * 2
    assert "unable to obtain exclusive access" in found[0].words
    assert sum(one.method == "PATCH" for one in org.asked()) == 3


def test_what_was_written_and_never_answered_is_written_again(ready: Org) -> None:
    org = ready
    org.fake.inject("timeout", path=COLLECTION, seconds=0.05)
    with pytest.raises(Later):
        written(org, entitlement(org, amount="25"))
    assert records(org)["acme.seats"]["Amount__c"] == "25"
    org.rested()
    assert [one.fault for one in written(org, entitlement(org, amount="25"))] == [None]
    assert len(records(org)) == 1


def test_two_hundred_at_a_time(ready: Org) -> None:
    org = ready
    rows = [entitlement(org, f"f{place}") for place in range(401)]
    found = written(org, *rows)
    assert [one.key for one in found] == [one.key for one in rows]
    assert [len(one.json["records"]) for one in org.asked() if one.method == "PATCH"] == [200, 200, 1]
    gone = [Outgoing(one.part, one.key, one.company, removed=True) for one in rows]
    assert not any(one.fault for one in written(org, *gone))
    assert not records(org)


def test_what_doesnt_fit_is_cut_or_left_out(ready: Org) -> None:
    org = ready
    long = "é" * 300
    written(
        org, of_company(org, plan=long, overrides="y" * 6000), entitlement(org, amount="10¹⁷", limit=Decimal(10) ** 17)
    )
    account, seats = org.fake.row(org["acme"]), records(org)["acme.seats"]
    assert account["Desk_Plan__c"] == "é" * 254 + "…"
    assert len(account["Desk_Overrides__c"]) == 5000
    assert (seats["Amount__c"], seats["Limit__c"]) == ("10¹⁷", None)


def test_without_setting_up_every_record_says_what_is_lacking(org: Org) -> None:
    found = written(org, of_company(org), entitlement(org))
    assert [one.fault for one in found] == [FaultKind.INVALID] * 2
    assert all("What it needs there" in one.words for one in found)
    assert [one.fault for one in written(org, Outgoing("seats", "acme.seats", org["acme"], removed=True))] == [None]


def test_an_organisation_that_made_only_some_of_the_fields_gets_those(org: Org) -> None:
    org.fake.custom_field("Account.Desk_Plan__c")
    org.fake.custom_field("Account.Desk_Phase__c", length=4)
    assert [one.fault for one in written(org, of_company(org, plan="Team", phase="Active", covered=True))] == [None]
    account = org.fake.row(org["acme"])
    assert (account["Desk_Plan__c"], account["Desk_Phase__c"]) == ("Team", "Act…")


def test_a_field_that_was_taken_away_meanwhile(ready: Org) -> None:
    org = ready
    written(org, of_company(org, plan="Team"))
    org.fake.state.schema["account"].fields.pop("desk_plan__c")
    found = written(org, of_company(org, plan="Free"))
    assert found[0].fault is FaultKind.INVALID
    assert "Desk_Plan__c" in found[0].words
    assert [one.fault for one in written(org, of_company(org, plan="Free", phase="Active"))] == [None]


def test_a_value_is_fitted_only_where_it_has_to_be() -> None:
    field = {"length": 5, "precision": 0, "scale": 0}
    assert writing._fitting("plan", "12345", field) == "12345"
    assert writing._fitting("plan", "123456", field) == "1234…"
    assert writing._fitting("covered", True, field) is True
