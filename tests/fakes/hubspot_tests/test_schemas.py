"""Custom objects: a kind of record of our own, with all that the others have."""

from typing import Any

import pytest
from hubspot.crm.schemas import ObjectSchemaEgg, ObjectTypeDefinitionLabels, ObjectTypePropertyCreate
from hubspot.crm.schemas.exceptions import ApiException

from tests.fakes.hubspot_tests.conftest import Portal


def _made(hubspot: Any, **more: Any) -> Any:
    properties = [
        ObjectTypePropertyCreate(name="ent_key", label="Key", type="string", field_type="text", has_unique_value=True),
        ObjectTypePropertyCreate(name="feature", label="Feature", type="string", field_type="text"),
        ObjectTypePropertyCreate(name="used", label="Used", type="number", field_type="number"),
    ]
    given: dict[str, Any] = {
        "name": "entitlement", "labels": ObjectTypeDefinitionLabels(singular="Entitlement", plural="Entitlements"),
        "primary_display_property": "feature", "required_properties": ["feature"], "searchable_properties": ["feature"],
        "associated_objects": ["COMPANY"], "properties": properties,
    }  # fmt: skip
    return hubspot.crm.schemas.core_api.create(ObjectSchemaEgg(**given | more))


def test_a_schema_is_made_and_found_by_each_of_its_names(hubspot: Any) -> None:
    made = _made(hubspot)
    assert made.fully_qualified_name == "p48151623_entitlement"
    core = hubspot.crm.schemas.core_api
    for name in (made.object_type_id, "entitlement", made.fully_qualified_name):
        assert core.get_by_id(name).id == made.id
    assert [one.name for one in core.get_all().results] == ["entitlement"]
    assert {"ent_key", "feature", "used"} < {one.name for one in made.properties}


def test_its_records_are_upserted_searched_and_belong_to_companies(portal: Portal) -> None:
    made = _made(portal.hubspot)
    one = {"id": "acct_1:seats", "idProperty": "ent_key", "properties": {"feature": "seats", "used": "7"}}
    batch = portal.hubspot.crm.objects.batch_api
    row = batch.upsert(made.object_type_id, {"inputs": [one]}).results[0]
    assert (row.new, batch.upsert("entitlement", {"inputs": [one]}).results[0].new) == (True, False)
    basic = portal.hubspot.crm.associations.v4.basic_api
    basic.create_default(made.object_type_id, row.id, "companies", portal.company.id)
    assert basic.get_page("companies", portal.company.id, "entitlement").results[0].to_object_id == row.id
    where = {"propertyName": "used", "operator": "GT", "value": "5"}
    found = portal.hubspot.crm.objects.search_api.do_search(made.id, {"filterGroups": [{"filters": [where]}]})
    assert [one.id for one in found.results] == [row.id]


def test_what_is_required_is_required(hubspot: Any) -> None:
    from hubspot.crm.objects.exceptions import ApiException as OfObjects

    _made(hubspot)
    with pytest.raises(OfObjects, match="required properties were not set"):
        hubspot.crm.objects.basic_api.create("entitlement", {"properties": {"used": "1"}})


def test_a_schema_leaves_only_when_it_is_empty(hubspot: Any) -> None:
    _made(hubspot)
    row = hubspot.crm.objects.basic_api.create("entitlement", {"properties": {"feature": "seats"}})
    with pytest.raises(ApiException, match="still has records"):
        hubspot.crm.schemas.core_api.archive("entitlement")
    hubspot.crm.objects.basic_api.archive("entitlement", row.id)
    hubspot.crm.schemas.core_api.archive("entitlement")
    assert hubspot.crm.schemas.core_api.get_all().results == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": "2nd"}, "Invalid object name"),
        ({"name": "company"}, "already exists"),
        ({"required_properties": ["nonsense"]}, "not defined in the schema"),
        ({"associated_objects": ["SPACESHIP"]}, "Unable to infer object type"),
    ],
)
def test_what_is_no_schema(hubspot: Any, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiException, match=words):
        _made(hubspot, **more)
    assert hubspot.crm.schemas.core_api.get_all().results == []


def test_hints_of_how_to_show_it_are_not_simulated(hubspot: Any) -> None:
    hinted = ObjectTypePropertyCreate(
        name="feature", label="Feature", type="string", field_type="text", text_display_hint="email"
    )
    with pytest.raises(ApiException, match="does not simulate textDisplayHint"):
        _made(hubspot, properties=[hinted])


def test_a_schema_belongs_to_more_than_it_began_with(portal: Portal) -> None:
    made = _made(portal.hubspot)
    given = {"fromObjectTypeId": made.id, "toObjectTypeId": "0-3", "name": "entitlement_to_deal"}
    said = portal.hubspot.crm.schemas.core_api.create_association(made.id, given)
    assert said.to_object_type_id == "0-3"
    row = portal.hubspot.crm.objects.basic_api.create(made.id, {"properties": {"feature": "seats"}})
    basic = portal.hubspot.crm.associations.v4.basic_api
    basic.create_default(made.id, row.id, "deals", portal.deal.id)
    assert basic.get_page("deals", portal.deal.id, made.id).results[0].to_object_id == row.id
    with pytest.raises(Exception, match="is defined"):
        basic.create_default(made.id, row.id, "products", portal.product.id)
