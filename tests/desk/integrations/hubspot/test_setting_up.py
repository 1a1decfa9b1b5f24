"""What has to be there at HubSpot: looked for, made once, told in words; and what to do without objects of one's own."""

import pytest

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS
from desk.integrations.crm.port import NeedState
from desk.integrations.hubspot.names import GROUP, RECORD

OBJECTS = {
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.deals.read",
    "crm.objects.line_items.read",
}
SCHEMAS = {
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.schemas.deals.read",
    "crm.schemas.line_items.read",
}
BASIC = OBJECTS | SCHEMAS  # what a portal's plan without objects of its own allows


def needs(portal):
    with portal.open() as crm:
        return {one.about: one for one in crm.needs()}


def set_up(portal):
    with portal.open() as crm:
        return {one.about: one for one in crm.set_up()}


def missing(found, *, optional=False):
    return [about for about, one in found.items() if one.state is not NeedState.THERE and one.optional is optional]


def test_on_the_first_day_everything_but_rights_is_missing_and_looking_changes_nothing(portal):
    found = needs(portal)
    assert missing(found) == [f"company desk_{one.name}" for one in COMPANY_FIELDS]
    assert missing(found, optional=True) == [f"company group {GROUP}", RECORD]
    assert not portal.fake.state.alive("0-2")
    written = [one for one in portal.fake.requests if one.method != "GET"]
    assert [one.path.rpartition("/")[2] for one in written] == ["update"], "asked of a company that doesn't exist"


def test_all_of_it_is_made_and_making_it_again_makes_nothing(portal):
    found = set_up(portal)
    assert missing(found) == missing(found, optional=True) == []
    assert f"{RECORD} company" in found
    assert {f"{RECORD} desk_{one.name}" for one in ENTITLEMENT_FIELDS} < set(found)
    before = len(portal.fake.requests)
    assert set_up(portal) == found
    made = [one for one in portal.fake.requests[before:] if one.method == "POST" and not one.path.endswith("/update")]
    assert made == []


def test_keys_are_unique(portal):
    set_up(portal)
    kinds = {kind.singular: kind.id for kind in portal.fake.state.kinds.values()}
    unique = [name for name, one in portal.fake.state.properties[kinds[RECORD]].items() if one["hasUniqueValue"]]
    assert unique == ["desk_key"]


def test_without_objects_of_its_own_a_portal_does_for_companies(portal):
    portal.fake.settings.scopes = BASIC
    found = set_up(portal)
    assert missing(found) == []
    assert found[RECORD].state is NeedState.NOT_ALLOWED
    assert "crm.schemas.custom.read" in found[RECORD].by_hand
    assert "Enterprise" in found[RECORD].by_hand


def test_what_hubspot_said_stands_beside_what_it_would_not_make(portal):
    portal.fake.settings.scopes = BASIC | {"crm.schemas.custom.read"}
    words = "HubSpot said: The private app at HubSpot lacks the scope crm.schemas.custom.write"
    assert words in set_up(portal)[RECORD].by_hand
    assert words in needs(portal)[RECORD].by_hand, "whoever opens the page afterwards sees it"
    portal.fake.settings.scopes = None
    assert set_up(portal)[RECORD].state is NeedState.THERE


@pytest.mark.parametrize("scope", sorted(BASIC - {"crm.schemas.companies.write"}))
def test_each_right_that_is_missing_is_told(portal, scope):
    portal.fake.settings.scopes = BASIC - {scope}
    found = needs(portal)
    assert (found[scope].state, scope in found[scope].by_hand) == (NeedState.NOT_ALLOWED, True)
    others = [about for about in found if about.startswith("crm.") and about != scope and not found[about].optional]
    assert all(found[about].state is NeedState.THERE for about in others)


def test_what_only_helps_is_optional(portal):
    portal.fake.settings.scopes = BASIC
    found = needs(portal)
    told = [found[scope] for scope in ("crm.objects.products.read", "crm.objects.owners.read")]
    assert [(one.optional, one.state) for one in told] == [(True, NeedState.NOT_ALLOWED)] * 2


def test_a_property_of_another_type_is_told_and_left_alone(portal):
    portal.fake.client().crm.properties.core_api.create("companies", OTHER)
    found = set_up(portal)
    assert found["company desk_renews_on"].state is NeedState.OTHER
    assert "Delete or rename" in found["company desk_renews_on"].by_hand
    assert missing(found) == ["company desk_renews_on"]


OTHER = {
    "name": "desk_renews_on", "label": "Renews on", "type": "string", "fieldType": "text",
    "groupName": "companyinformation",
}  # fmt: skip


def test_a_key_that_isnt_unique_is_another(portal):
    set_up(portal)
    kind = next(kind for kind in portal.fake.state.kinds.values() if kind.singular == RECORD)
    portal.fake.state.properties[kind.id]["desk_key"]["hasUniqueValue"] = False
    one = needs(portal)[f"{RECORD} desk_key"]
    assert (one.state, "Require unique values" in one.by_hand) == (NeedState.OTHER, True)


def test_what_is_missing_of_an_object_that_is_there_is_added(portal):
    set_up(portal)
    kind = next(kind for kind in portal.fake.state.kinds.values() if kind.singular == RECORD)
    portal.fake.state.properties[kind.id]["desk_signal"]["archived"] = True
    del portal.fake.state.properties[kind.id]["desk_signal"]
    assert missing(needs(portal), optional=True) == [f"{RECORD} desk_signal"]
    assert missing(set_up(portal), optional=True) == []


@pytest.mark.parametrize("others", [[], ["CONTACT"]])
def test_an_object_that_belongs_to_no_company_is_joined(portal, others):
    portal.fake.client().crm.schemas.core_api.create(ALONE | {"associatedObjects": others})
    assert f"{RECORD} company" in missing(needs(portal), optional=True)
    assert missing(set_up(portal), optional=True) == []


ALONE = {
    "name": RECORD, "labels": {"singular": "Entitlement", "plural": "Entitlements"}, "associatedObjects": [],
    "primaryDisplayProperty": "desk_name", "requiredProperties": [],
    "properties": [{"name": "desk_name", "label": "Name", "type": "string", "fieldType": "text"}],
}  # fmt: skip


def test_every_need_says_what_to_do_by_hand(portal):
    for one in needs(portal).values():
        assert one.by_hand.startswith("HubSpot, Settings, ")
        assert len(one.words) > 5
