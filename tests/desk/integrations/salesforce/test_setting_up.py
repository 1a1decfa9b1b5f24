"""What has to be there before the desk can write, and making it: from an empty organisation to one that is ready."""

from dataclasses import replace
from typing import Any

import pytest

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS, OutField, Sort
from desk.integrations.crm.port import Declined, Need, NeedState
from desk.integrations.salesforce import needed as needs_of
from desk.integrations.salesforce import setting_up
from desk.integrations.salesforce.names import OF_COMPANY, OF_RECORD, RECORD, defined
from tests.desk.integrations.salesforce.conftest import Org, connected


def states(needs: list[Need]) -> dict[str, NeedState]:
    return {one.about: one.state for one in needs}


def needed(org: Org) -> dict[str, Need]:
    with org.open() as crm:
        return {one.about: one for one in crm.needs()}


def made(org: Org) -> dict[str, Need]:
    with org.open() as crm:
        return {one.about: one for one in crm.set_up()}


def test_an_empty_organisation_lacks_everything_and_nothing_is_changed_by_asking(org: Org) -> None:
    found = needed(org)
    assert len(found) == 1 + 1 + len(ENTITLEMENT_FIELDS) - 1 + len(COMPANY_FIELDS) + 4
    missing = {about for about, one in found.items() if one.state is NeedState.MISSING}
    assert missing == set(found) - {"Account", "Opportunity", "OpportunityLineItem", "Product2"}
    assert not any(one.method != "GET" for one in org.asked() if one.path.startswith("/services/data/"))


def test_what_the_rest_works_without_is_told_apart(org: Org) -> None:
    found = needed(org)
    assert {about for about, one in found.items() if not one.optional} == {
        RECORD, f"{RECORD}.Key__c", f"{RECORD}.Account__c", "Account", "Opportunity", "OpportunityLineItem",
    }  # fmt: skip


def test_every_need_says_how_it_is_made_by_hand(org: Org) -> None:
    found = needed(org)
    assert found[f"{RECORD}.Key__c"].by_hand == (
        "Setup, Object Manager, Entitlement, Fields & Relationships, New: Text, “Unique” and “External ID”, length 140, label "
        "“Entitlement key”, field name Key; editable for the permission set “Entitlement Desk”, to be read by whoever "
        "should see it."
    )
    assert "label “Renews or ends on”, field name Desk_Renews_On" in found["Account.Desk_Renews_On__c"].by_hand
    assert "Master-Detail Relationship to Account" in found[f"{RECORD}.Account__c"].by_hand
    assert all(one.by_hand and one.words for one in found.values())


def test_setting_up_makes_all_of_it(org: Org) -> None:
    found = made(org)
    assert {one.state for one in found.values()} == {NeedState.THERE}
    grants = org.fake.state.rows("FieldPermissions")
    edited = {one["Field"] for one in grants if one["PermissionsEdit"]}
    assert edited == {one["Field"] for one in grants if not one["PermissionsEdit"]}, "and everybody else may read them"
    assert len(edited) == len(COMPANY_FIELDS) + len(ENTITLEMENT_FIELDS) - 1
    (assigned,) = org.fake.state.rows("PermissionSetAssignment")
    assert assigned["AssigneeId"] == org.fake.state.access.run_as
    rights = org.fake.state.rows("ObjectPermissions")
    assert [one["SobjectType"] for one in rights if one["ParentId"] == assigned["PermissionSetId"]] == [
        "Account",
        "Opportunity",
        "Product2",
        RECORD,
    ]
    assert [one["SobjectType"] for one in rights if one["PermissionsEdit"]] == ["Account", RECORD]
    key = org.fake.state.schema[RECORD.lower()].fields["key__c"]
    assert (key.unique, key.external, key.length) == (True, True, 140)


def test_setting_up_again_makes_nothing_more(org: Org) -> None:
    made(org)
    org.asked()
    assert {one.state for one in made(org).values()} == {NeedState.THERE}
    assert {one.method for one in org.asked()} == {"GET"}


def test_fields_that_are_there_and_granted_to_nobody(org: Org) -> None:
    with org.open() as crm:
        for name in ("plan", "covered"):
            field = next(one for one in COMPANY_FIELDS if one.name == name)
            told = {"FullName": f"Account.{OF_COMPANY[name]}", "Metadata": defined(field)}
            crm.line.ask("tooling/sobjects/CustomField", method="POST", json=told)
    found = needed(org)
    assert found["Account.Desk_Plan__c"].state is NeedState.NOT_ALLOWED
    assert found["Account.Desk_Phase__c"].state is NeedState.MISSING
    assert made(org)["Account.Desk_Plan__c"].state is NeedState.THERE


def test_a_field_of_another_type_is_left_as_it_is(org: Org) -> None:
    org.fake.custom_field("Account.Desk_Covered__c", "Text")
    org.fake.custom_object(RECORD, "Entitlement")
    org.fake.custom_field(f"{RECORD}.Key__c", length=40)
    assert needed(org)[f"{RECORD}.Key__c"].state is NeedState.OTHER
    found = made(org)
    assert {about for about, one in found.items() if one.state is NeedState.OTHER} == {
        "Account.Desk_Covered__c", f"{RECORD}.Key__c",
    }  # fmt: skip
    assert org.fake.state.schema["account"].fields["desk_covered__c"].type == "string"


@pytest.mark.parametrize("told", [{"externalId": True}, {"unique": True}, {}])
def test_a_key_that_others_could_bear_too_is_of_another_type(org: Org, told: dict[str, bool]) -> None:
    org.fake.custom_object(RECORD, "Entitlement")
    org.fake.custom_field(f"{RECORD}.Key__c", length=140, **told)
    assert needed(org)[f"{RECORD}.Key__c"].state is NeedState.OTHER


def test_who_may_not_ask_for_definitions_is_granted_what_stands_already(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = next(one for one in COMPANY_FIELDS if one.name == "plan")
    with org.open() as crm:
        told = {"FullName": "Account.Desk_Plan__c", "Metadata": defined(field)}
        crm.line.ask("tooling/sobjects/CustomField", method="POST", json=told)
    monkeypatch.setattr(needs_of, "definitions", lambda _: frozenset())
    assert needed(org)["Account.Desk_Plan__c"].state is NeedState.MISSING
    assert made(org)["Account.Desk_Plan__c"].state is NeedState.THERE


def test_a_field_that_may_only_be_read(org: Org) -> None:
    made(org)
    fields = org.fake.state.schema["account"].fields
    fields["desk_plan__c"] = replace(fields["desk_plan__c"], create=False, update=False)
    assert needed(org)["Account.Desk_Plan__c"].state is NeedState.NOT_ALLOWED


def test_what_is_refused_is_told_beside_what_it_is_about(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(line: Any, kind: str, name: str, meta: Any) -> None:
        if name.endswith("Desk_Plan__c"):
            raise Declined("You may not customise the application [INSUFFICIENT_ACCESS]")
        make(line, kind, name, meta)

    make = setting_up._make
    monkeypatch.setattr(setting_up, "_make", refused)
    found = made(org)
    lacking = [one for one in found.values() if one.state is not NeedState.THERE]
    assert [one.about for one in lacking] == ["Account.Desk_Plan__c"]
    assert "You may not customise the application" in lacking[0].words


def test_an_app_that_logs_in_by_itself_finds_out_as_whom(fake: Any, clock: Any, db: Any) -> None:
    org = Org(fake, connected(fake, "client_credentials", user=""), fake.world())
    assert {one.state for one in made(org).values()} == {NeedState.THERE}
    (assigned,) = fake.state.rows("PermissionSetAssignment")
    assert assigned["AssigneeId"] == fake.state.access.run_as


@pytest.mark.parametrize("sort", list(Sort))
def test_every_sort_of_field_can_be_made(org: Org, sort: Sort) -> None:
    field = OutField("one", "One", sort, "Help.", 5000 if sort is Sort.LONG else 80)
    with org.open() as crm:
        crm.line.ask(
            "tooling/sobjects/CustomField",
            method="POST",
            json={"FullName": "Account.One__c", "Metadata": defined(field)},
        )
    assert "one__c" in org.fake.state.schema["account"].hidden


def test_no_two_of_our_fields_have_one_name() -> None:
    for names in (OF_COMPANY, OF_RECORD):
        assert len({one.lower() for one in names.values()}) == len(names)
        assert all(len(one) <= 43 for one in names.values()), "40 letters and __c are the longest"
