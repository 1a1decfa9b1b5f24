"""What changed, page by page: by stamp and id, however much bears one stamp, while people go on working."""

from datetime import timedelta

import pytest

from desk.integrations.crm.port import Kind
from desk.integrations.hubspot.searching import Found, Place, Walk
from tests.entitlements.world import AT


def added(portal, number, kind="companies"):
    return [portal.fake.add(kind, name=f"C{place}").id for place in range(number)]


def ids(found):
    return [key for key, _ in found]


def test_all_are_found_once_by_stamp(portal):
    wanted = []
    for _ in range(5):
        wanted += added(portal, 90)
        portal.fake.advance(seconds=1)
    with portal.open() as crm:
        found = portal.changed(crm, Kind.COMPANY)
    assert sorted(ids(found)) == sorted(wanted)
    assert [at for _, at in found] == sorted(at for _, at in found)


def test_an_import_of_more_than_a_search_can_show_is_gone_through_by_id(portal):
    portal.fake.settings.search_cap = 400
    before, several, after = added(portal, 30), [], []
    portal.fake.advance(seconds=1)
    several = added(portal, 900)
    portal.fake.advance(seconds=1)
    after = added(portal, 30)
    with portal.open() as crm:
        found = portal.changed(crm, Kind.COMPANY)
    assert sorted(ids(found)) == sorted([*before, *several, *after])
    assert len(found) == 960, "each of them once"


def test_only_what_lies_between_is_found(portal):
    [early] = added(portal, 1)
    portal.fake.advance(seconds=10)
    [at_it] = added(portal, 1)
    portal.fake.advance(seconds=10)
    [late] = added(portal, 1)
    with portal.open() as crm:
        begin = AT + timedelta(seconds=10)
        page = crm.changed(Kind.COMPANY, since=begin, until=AT + timedelta(seconds=20))
        assert [hint.id for hint in page.hints] == [at_it]
        assert page.after == ""
        assert {early, late} < set(ids(portal.changed(crm, Kind.COMPANY)))


def test_nobody_is_missed_while_people_go_on_working(portal):
    """By places in a list, whoever comes after one that moved to its end would be passed over."""
    rows = []
    for place in range(450):
        rows.append(portal.fake.add("companies", name=f"C{place}"))
        portal.fake.advance(seconds=1)
    until, found, after = portal.now, set(), ""
    with portal.open() as crm:
        while True:
            page = crm.changed(Kind.COMPANY, since=None, until=until, after=after)
            found |= {hint.id for hint in page.hints}
            after = page.after
            if not after:
                break
            portal.fake.advance(seconds=1)
            for row in rows[:50]:
                portal.fake.edit(row, name="Moved")
    assert found >= {row.id for row in rows[50:]}


def test_a_line_that_changes_brings_its_deal(portal):
    deal, other = portal.sold({"name": "Team", "quantity": 1}), portal.sold({"name": "Team", "quantity": 1})
    portal.fake.advance(seconds=60)
    line = portal.fake.state.alive("0-8")[0]
    portal.fake.edit(line, quantity=7)
    with portal.open() as crm:
        found = portal.changed(crm, Kind.DEAL, since=AT + timedelta(seconds=30))
        assert found == [(deal.id, AT + timedelta(seconds=60))]
        assert sorted(set(ids(portal.changed(crm, Kind.DEAL)))) == sorted([deal.id, other.id])


def test_lines_of_no_deal_bring_nobody_and_end_nothing(portal):
    for place in range(250):
        portal.fake.add("line_items", name=f"L{place}")
        portal.fake.advance(seconds=1)
    deal = portal.sold({"name": "Team"})
    with portal.open() as crm:
        assert set(ids(portal.changed(crm, Kind.DEAL))) == {deal.id}


def test_thousands_of_lines_of_no_deal_are_more_than_one_step(portal):
    """Such as those of quotes: a turn is held on between two pages, and is another's after two minutes."""
    for place in range(250):
        portal.fake.add("line_items", name=f"L{place}")
        portal.fake.advance(seconds=1)
    with portal.open() as crm:
        page = crm.changed(Kind.DEAL, since=None, until=portal.now)
    assert (page.hints, bool(page.after), len(portal.asked("/search"))) == ((), True, 2)


def test_deals_and_lines_of_one_stamp_are_all_found(portal):
    deals = [portal.sold({"name": "Team"}, {"name": "Setup"}).id for _ in range(150)]
    with portal.open() as crm:
        found = portal.changed(crm, Kind.DEAL)
    assert set(ids(found)) == set(deals)


def test_what_the_index_does_not_know_yet_is_found_later(portal):
    portal.fake.settings.index_lag = 8
    [key] = added(portal, 1)
    with portal.open() as crm:
        assert portal.changed(crm, Kind.COMPANY) == []
        portal.fake.advance(seconds=8)
        assert ids(portal.changed(crm, Kind.COMPANY)) == [key]


def test_companies_are_counted(portal):
    added(portal, 7)
    with portal.open() as crm:
        assert crm.count(Kind.COMPANY) == 7


# The walk alone -----------------------------------------------------------------------------------------------------
def rows(*stamps):
    return [{"id": str(place), "properties": {"hs_lastmodifieddate": str(at)}} for place, at in enumerate(stamps, 1)]


def searched(held):
    """A search over rows by kind, as HubSpot's: filtered, ordered by one property, cut to a page."""

    def search(kind, asked):
        found = [row for row in held[kind] if all(met(row, one) for one in asked["filterGroups"][0]["filters"])]
        found.sort(key=lambda row: value(row, asked["sorts"][0]["propertyName"]))
        return {"results": found[: asked["limit"]]}

    return search


def value(row, name):
    return int(row["id"] if name == "hs_object_id" else row["properties"][name])


def met(row, one):
    mine, than = value(row, one["propertyName"]), int(one["value"])
    return {"GTE": mine >= than, "GT": mine > than, "LT": mine < than}[one["operator"]]


def walked(held, until=10**6):
    walk, place, found = Walk(searched(held), tuple(held), until), Place(0), []
    while place is not None:
        page, following = walk.page(Place.of(place.text))
        assert following is None or following != place, "it goes on"
        found, place = [*found, *page], following
    return found


@pytest.mark.parametrize("number", [0, 1, 199, 200, 201, 400, 401])
def test_any_number_at_one_stamp(number):
    found = walked({"companies": rows(*[5] * number)})
    assert sorted(found) == sorted({Found(5, str(place), "companies") for place in range(1, number + 1)})


def test_a_page_that_ends_between_two_of_one_stamp():
    held = {"companies": rows(*range(1, 150), *[150] * 300, *range(151, 300))}
    assert len(walked(held)) == len(set(walked(held))) == 598


def test_two_kinds_walk_together():
    held = {"deals": rows(*range(1, 301)), "line_items": rows(*[7] * 250, *range(8, 40))}
    found = walked(held)
    assert len(found) == len(set(found)) == 582
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_a_page_of_two_kinds_is_200_at_most():
    held = {"deals": rows(*range(1, 301)), "line_items": rows(*range(1, 301))}
    page, following = Walk(searched(held), tuple(held), 10**6).page(Place(0))
    assert (len(page) <= 200, following) == (True, Place(100))


@pytest.mark.parametrize("text", ["x", "1:2:y", ""])
def test_a_place_of_somebody_elses_is_refused(text):
    with pytest.raises(ValueError):
        Place.of(text)
