"""Companies and deals as they stand at HubSpot: whole, by the portal's days, and never gone by half an answer."""

from datetime import date
from decimal import Decimal

import pytest

from desk.domain.crm.told import DealState
from desk.integrations.crm.port import Declined, FieldsRead, Kind, LoginRefused
from desk.integrations.hubspot.parsing import domain_of, primary_of
from tests.desk.integrations.hubspot.conftest import NO_FIELDS

READ = "/batch/read"


def one_deal(portal, deal, fields=NO_FIELDS):
    with portal.open() as crm:
        return crm.deals([deal.id], fields=fields)[deal.id]


def one_company(portal, company):
    with portal.open() as crm:
        return crm.companies([company.id])[company.id]


def test_a_company_is_read_with_whose_it_is(portal):
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    company = portal.fake.add(
        "companies", name="Halden", domain="www.Halden.example", country="Norway", hubspot_owner_id=nora["id"]
    )
    found = one_company(portal, company)
    assert (found.name, found.domain, found.country) == ("Halden", "halden.example", "Norway")
    assert (found.owner, found.own_key, found.gone) == ("nora@portal.example", "", False)


def test_without_the_right_to_see_people_a_company_has_no_owner(portal):
    portal.fake.settings.scopes = {"crm.objects.companies.read"}
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    assert one_company(portal, portal.fake.add("companies", name="Halden", hubspot_owner_id=nora["id"])).owner == ""


def test_what_the_desk_never_made_there_is_not_among_what_stands_there(portal):
    assert one_company(portal, portal.fake.add("companies", name="Halden")).ours == {}


def test_a_company_that_was_deleted_is_gone(portal):
    company = portal.fake.add("companies", name="Halden")
    portal.fake.delete(company)
    assert one_company(portal, company).gone


@pytest.mark.parametrize("makes_new", [True, False])
def test_a_merged_company_says_what_it_became_part_of(portal, makes_new):
    portal.fake.settings.merge_makes_new = makes_new
    one, other = (portal.fake.add("companies", name=name) for name in ("Halden", "Halden AS"))
    left = portal.fake.merge(one, other)
    assert (one_company(portal, other).gone, one_company(portal, other).into) == (True, left.id)
    assert other.id in one_company(portal, left).parts
    assert one_company(portal, one).gone is makes_new


def test_both_sides_of_a_merge_are_found_in_one_question(portal):
    one, other = (portal.fake.add("companies", name=name) for name in ("Halden", "Halden AS"))
    left = portal.fake.merge(one, other)
    with portal.open() as crm:
        found = crm.companies([one.id, other.id, left.id])
    assert [found[key].into for key in (one.id, other.id)] == [left.id, left.id]
    assert not found[left.id].gone


def test_who_sold_a_deal_is_told_by_their_address(portal):
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    deal = portal.sold({"name": "Setup", "quantity": 1})
    assert one_deal(portal, deal).owner == ""
    portal.fake.edit(deal, hubspot_owner_id=nora["id"])
    assert one_deal(portal, deal).owner == "nora@portal.example"


def test_without_the_right_to_see_people_a_deal_has_no_owner(portal):
    portal.fake.settings.scopes = {f"crm.objects.{one}.read" for one in ("deals", "companies", "line_items")}
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    deal = portal.sold({"name": "Setup", "quantity": 1}, hubspot_owner_id=nora["id"])
    assert (one_deal(portal, deal).owner, one_deal(portal, deal).state) == ("", DealState.WON)


def test_a_won_deal_is_read_with_its_company_and_lines(portal):
    product = portal.fake.add("products", name="Team", hs_sku="team", price=990)
    deal = portal.sold({"hs_product_id": product.id, "quantity": "2.5"}, {"name": "Setup", "quantity": 1})
    found = one_deal(portal, deal)
    assert (found.state, found.closed_on, found.name) == (DealState.WON, date(2026, 3, 2), "Team")
    assert [(line.name, line.product, line.quantity) for line in found.lines] == [
        ("Team", "team", Decimal("2.5")),
        ("Setup", "", Decimal(1)),
    ]
    with portal.open() as crm:
        assert crm.companies([found.company])[found.company].name == "Halden"


def test_a_product_without_a_code_is_known_by_its_id(portal):
    product = portal.fake.add("products", name="Team")
    deal = portal.sold({"hs_product_id": product.id, "quantity": 1})
    assert one_deal(portal, deal).lines[0].product == product.id


@pytest.mark.parametrize(
    ("stage", "state"),
    [("contractsent", DealState.OPEN), ("closedwon", DealState.WON), ("closedlost", DealState.LOST)],
)
def test_where_a_deal_stands_is_what_hubspot_makes_of_its_stage(portal, stage, state):
    assert one_deal(portal, portal.sold(stage=stage)).state is state


def test_a_deal_is_closed_on_the_day_it_was_for_the_portals_people(portal):
    deal = portal.sold(closedate="2026-03-31T22:30:00Z")
    with portal.open() as crm:
        crm.line.parts.keep("details", {"timeZone": "Europe/Amsterdam"}, at=crm.line.at)
        found = crm.deals([deal.id], fields=FieldsRead(deal=("closedate",)))[deal.id]
    assert found.closed_on == date(2026, 4, 1)
    assert found.fields["closedate"] == "2026-04-01T00:30:00+02:00"


@pytest.mark.parametrize(
    ("said", "zone"), [("9999-12-31T23:30:00Z", "Asia/Tokyo"), ("0001-01-01T00:30:00Z", "America/Lima")]
)
def test_a_day_beyond_all_days_is_told_as_it_stands(portal, said, zone):
    deal = portal.sold()
    deal.values["closedate"] = said
    with portal.open() as crm:
        crm.line.parts.keep("details", {"timeZone": zone}, at=crm.line.at)
        found = crm.deals([deal.id], fields=FieldsRead(deal=("closedate",)))[deal.id]
    assert (found.closed_on.isoformat(), found.fields["closedate"][:10]) == (said[:10], said[:10])


def test_the_zone_is_the_portals(portal):
    one_deal(portal, portal.sold())
    assert len(portal.asked("/account-info/v3/details")) == 1


def test_of_several_companies_the_primary_one_buys(portal):
    deal = portal.sold()
    other = portal.fake.add("companies", name="Reseller")
    portal.fake.relate(deal, other, 5)
    assert one_deal(portal, deal).company == other.id


@pytest.mark.parametrize(
    ("targets", "company"),
    [
        ([], ""),
        ([("7", frozenset({341}))], "7"),
        ([("7", frozenset({341})), ("8", frozenset({341}))], ""),
        ([("7", frozenset({341})), ("8", frozenset({341, 5}))], "8"),
    ],
)
def test_without_a_primary_company_only_an_only_one_buys(targets, company):
    assert primary_of(targets) == company


def test_a_deal_that_was_deleted_or_merged_away_is_gone(portal):
    one, other, third = (portal.sold() for _ in range(3))
    portal.fake.delete(third)
    left = portal.fake.merge(one, other)
    with portal.open() as crm:
        found = crm.deals([one.id, other.id, third.id, left.id], fields=NO_FIELDS)
    gone = [found[row.id].state for row in (one, other, third)]
    assert gone == [DealState.GONE] * 3
    assert found[left.id].state is DealState.WON


def test_half_an_answer_is_asked_for_again_and_makes_nobody_gone(portal):
    deal = portal.sold({"name": "Team", "quantity": 2})
    whole = one_deal(portal, deal)
    for path in ("/deals" + READ, "/line_items" + READ, "/deals/companies" + READ, "/deals/line_items" + READ):
        portal.fake.inject("207", share=1, path=path)
        assert one_deal(portal, deal) == whole
        assert portal.asked(path)


def test_each_line_is_read_once_however_many_deals_are(portal):
    deals = [portal.sold({"name": "Team", "quantity": place + 1}) for place in range(120)]
    with portal.open() as crm:
        before = len(portal.fake.requests)
        found = crm.deals([deal.id for deal in deals], fields=NO_FIELDS)
    assert [found[deal.id].lines[0].quantity for deal in deals] == list(range(1, 121))
    assert len(portal.fake.requests) - before == 6  # deals 2, companies 1, lines of deals 1, lines 2


# What a mapping reads -----------------------------------------------------------------------------------------------
def test_fields_that_the_mapping_reads_are_text(portal):
    deal = portal.sold({"name": "Team", "quantity": 2, "hs_recurring_billing_start_date": "2026-04-01"}, amount=50)
    fields = FieldsRead(deal=("amount", "description"), line=("hs_recurring_billing_start_date",))
    found = one_deal(portal, deal, fields)
    assert found.fields == {"amount": "50", "description": ""}
    assert found.lines[0].fields == {"hs_recurring_billing_start_date": "2026-04-01"}


def test_a_field_that_hubspot_lacks_is_named(portal):
    with pytest.raises(Declined, match="no property “seats_sold” of deals"):
        one_deal(portal, portal.sold(), FieldsRead(deal=("seats_sold",)))


def test_a_field_that_is_made_meanwhile_is_found(portal):
    deal, fields = portal.sold(), FieldsRead(deal=("seats_sold",))
    with pytest.raises(Declined):
        one_deal(portal, deal, fields)
    portal.fake.client().crm.properties.core_api.create("deals", SEATS)
    assert one_deal(portal, deal, fields).fields == {"seats_sold": ""}


SEATS = {
    "name": "seats_sold", "label": "Seats", "type": "number", "fieldType": "number", "groupName": "dealinformation",
}  # fmt: skip


def test_a_condition_may_be_about_the_deal_or_the_line(portal):
    deal = portal.sold({"name": "Team", "quantity": 2}, dealtype="newbusiness")
    found = one_deal(portal, deal, FieldsRead(deal=("dealtype",), line=("dealtype",)))
    assert found.fields == {"dealtype": "newbusiness"}
    assert found.lines[0].fields == {}, "so that what the deal says counts"


def test_fields_and_products_are_offered_by_their_words(portal):
    portal.fake.add("products", name="Team", hs_sku="team")
    bare = portal.fake.add("products", name="Bare")
    with portal.open() as crm:
        assert ("amount", "Amount", "number") in [(one.name, one.words, one.sort) for one in crm.fields_of(Kind.DEAL)]
        assert "quantity" in [one.name for one in crm.line_fields()]
        assert [(one.name, one.words) for one in crm.products()] == [(bare.id, "Bare"), ("team", "Team")]
        assert crm.count(Kind.DEAL) == 0


def test_all_products_are_listed_up_to_a_thousand(portal):
    for place in range(130):
        portal.fake.add("products", name=f"P{place}", hs_sku=f"p{place}")
    with portal.open() as crm:
        assert len(crm.products()) == 130


def test_a_scope_that_is_missing_is_named(portal):
    portal.fake.settings.scopes = {"crm.objects.deals.read", "crm.objects.companies.read"}
    with pytest.raises(LoginRefused, match=r"lacks the scope crm\.objects\.line_items\.read"):
        one_deal(portal, portal.sold({"name": "Team"}))


def test_the_time_is_hubspots_own(portal):
    portal.fake.skew(90)
    with portal.open() as crm:
        assert crm.now() == portal.now


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("acme.example", "acme.example"),
        (" https://www.Acme.example:443/about ", "acme.example"),
        ("http://acme.example", "acme.example"),
        ("acme", ""),
        ("", ""),
    ],
)
def test_a_domain_is_read_however_it_was_typed(typed, domain):
    assert domain_of(typed) == domain
