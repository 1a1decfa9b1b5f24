"""Properties and their groups."""

import json
from typing import Any

import pytest
from hubspot.crm.properties import PropertyCreate
from hubspot.crm.properties.exceptions import ApiException, NotFoundException

from tests.fakes.hubspot_tests.conftest import Portal

GIVEN: dict[str, Any] = {
    "name": "ent_plan", "label": "Plan", "type": "string", "fieldType": "text", "groupName": "companyinformation",
}  # fmt: skip


def _refused(hubspot: Any, status: int = 400, **more: Any) -> str:
    with pytest.raises(ApiException) as refused:
        hubspot.crm.properties.core_api.create("companies", GIVEN | more)
    assert refused.value.status == status
    return str(json.loads(refused.value.body)["message"])


def test_a_property_is_made_once(hubspot: Any) -> None:
    core = hubspot.crm.properties.core_api
    made = core.create(
        "companies",
        PropertyCreate(
            name="ent_id", label="Id", type="string", field_type="text", group_name="companyinformation",
            has_unique_value=True,
        ),
    )  # fmt: skip
    assert (made.has_unique_value, made.hubspot_defined, made.archived) == (True, False, False)
    assert core.get_by_name("companies", "ent_id").label == "Id"
    assert "ent_id" in {one.name for one in core.get_all("companies").results}
    core.create("companies", GIVEN)
    assert "already exists" in _refused(hubspot, 409)


def test_whether_values_are_unique_is_said_at_creation_or_never(hubspot: Any) -> None:
    core = hubspot.crm.properties.core_api
    core.create("companies", GIVEN)
    with pytest.raises(ApiException, match="unknown field hasUniqueValue"):
        core.update("companies", "ent_plan", {"hasUniqueValue": True})
    assert core.get_by_name("companies", "ent_plan").has_unique_value is False


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": "Ent Plan"}, "must begin with a letter"),
        ({"name": "hs_plan"}, "must not begin with hs_"),
        ({"groupName": "nowhere"}, "does not exist"),
        ({"fieldType": "date"}, "Invalid fieldType"),
        ({"type": "enumeration", "fieldType": "select"}, "at least one option"),
        ({"type": "date", "fieldType": "date", "hasUniqueValue": True}, "string or number"),
    ],
)
def test_what_is_no_property(hubspot: Any, more: dict[str, Any], words: str) -> None:
    assert words in _refused(hubspot, **more)


def test_a_property_is_renamed_and_put_away(portal: Portal) -> None:
    core = portal.hubspot.crm.properties.core_api
    core.create("companies", GIVEN)
    assert core.update("companies", "ent_plan", {"label": "Plan held"}).label == "Plan held"
    core.archive("companies", "ent_plan")
    with pytest.raises(NotFoundException):
        core.get_by_name("companies", "ent_plan")
    assert [one.name for one in core.get_all("companies", archived=True).results] == ["ent_plan"]
    from hubspot.crm.companies.exceptions import ApiException as OfCompanies

    with pytest.raises(OfCompanies, match="PROPERTY_DOESNT_EXIST"):
        portal.hubspot.crm.companies.basic_api.update(portal.company.id, {"properties": {"ent_plan": "team"}})


def test_hubspots_own_are_not_to_be_touched(hubspot: Any) -> None:
    for deed in (
        lambda core: core.update("deals", "dealstage", {"label": "Stage"}),
        lambda core: core.archive("deals", "dealstage"),
    ):
        with pytest.raises(ApiException, match="defined by HubSpot"):
            deed(hubspot.crm.properties.core_api)


def test_groups_are_made_and_listed(hubspot: Any) -> None:
    groups = hubspot.crm.properties.groups_api
    assert groups.create("companies", {"name": "entitlements", "label": "Entitlements"}).display_order == -1
    assert [one.name for one in groups.get_all("companies").results] == ["companyinformation", "entitlements"]
    assert groups.get_by_name("companies", "entitlements").label == "Entitlements"
    with pytest.raises(ApiException, match="already exists"):
        groups.create("companies", {"name": "entitlements", "label": "Again"})


def test_many_at_once_and_what_some_say(hubspot: Any) -> None:
    batch = hubspot.crm.properties.batch_api
    assert len(batch.create("companies", {"inputs": [GIVEN, GIVEN | {"name": "ent_phase"}]}).results) == 2
    partly = batch.create("companies", {"inputs": [GIVEN, GIVEN | {"name": "ent_seats"}]})
    assert (partly.num_errors, partly.errors[0].context) == (1, {"name": ["ent_plan"]})
    assert [one.name for one in partly.results] == ["ent_seats"]
