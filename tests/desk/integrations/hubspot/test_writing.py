"""What the desk knows, written to companies and to records beside them: once, whatever came of the answer."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, Outgoing, Sort
from desk.domain.crm.sent import texts
from desk.integrations.crm.port import Declined, LoginRefused
from desk.integrations.hubspot.names import RECORD, defined, plain, rendered
from journal.domain.receiving import Later
from tests.desk.integrations.hubspot.test_setting_up import BASIC
from tests.entitlements.world import AT

FIELDS = {
    "account_key": "acme", "plan": "Team", "phase": "Active", "trial_ends_on": None, "renews_on": date(2027, 3, 1),
    "covered": True, "open_overrides": 2, "written_at": AT,
}  # fmt: skip


@pytest.fixture
def ready(portal):
    with portal.open() as crm:
        crm.set_up()
    return portal


def company(portal, **values):
    return portal.fake.add("companies", name="Acme", **values)


def of_company(row, **fields):
    return Outgoing(COMPANY, fields.get("account_key", "acme"), row.id, {**FIELDS, **fields})


def record(row, part="api_calls", account="acme", **fields):
    told = {
        "key": f"{account}.{part}",
        "name": part,
        "granted": True,
        "limit": Decimal("1000"),
        "used_percent": Decimal("82.5"),
    }
    return Outgoing(part, f"{account}.{part}", row.id, {**told, **fields})


def removed(row, part="api_calls", account="acme"):
    return Outgoing(part, f"{account}.{part}", row.id, removed=True)


def write(portal, *rows):
    with portal.open() as crm:
        return crm.write(rows)


def records(portal):
    kind = next(kind for kind in portal.fake.state.kinds.values() if kind.singular == RECORD)
    return portal.fake.state.alive(kind.id)


def beside(portal, row):
    """The ids of the companies that a record stands beside."""
    links = portal.fake.state.links[row.kind, "0-2"]
    return sorted(to for key, to in links if key == row.id)


def test_what_is_written_to_a_company_is_read_back_the_same(ready):
    row = company(ready)
    assert [(one.key, one.id, one.fault) for one in write(ready, of_company(row))] == [("acme", row.id, None)]
    assert row.values["desk_covered"] == "true"
    assert row.values["desk_renews_on"] == "2027-03-01"
    with ready.open() as crm:
        found = crm.companies([row.id])[row.id]
    assert (found.own_key, found.ours["plan"], found.ours["trial_ends_on"]) == ("acme", "Team", "")
    written = texts(of_company(row))
    assert {name: found.ours[name] for name in written} == written


def test_a_record_stands_beside_its_company_however_often_it_is_written(ready):
    row = company(ready)
    first = write(ready, record(row))
    assert write(ready, record(row, used_percent=Decimal(90))) == first
    [made] = records(ready)
    assert (made.id, made.values["desk_used_percent"], beside(ready, made)) == (first[0].id, "90", [row.id])


def test_what_stands_where_it_should_is_not_joined_again(ready):
    row = company(ready)
    write(ready, record(row))
    before = len(ready.asked("/associate"))
    write(ready, record(row))
    assert len(ready.asked("/associate")) == before == 1


def test_a_record_that_was_another_companys_is_moved(ready):
    one, other = company(ready), company(ready)
    write(ready, record(one))
    write(ready, record(other))
    [made] = records(ready)
    assert beside(ready, made) == [other.id]


def test_companies_come_first_and_answers_in_the_order_asked(ready):
    row = company(ready)
    said = write(ready, record(row), of_company(row), removed(row, "seats"))
    assert [one.key for one in said] == ["acme.api_calls", "acme", "acme.seats"]
    paths = [one.path.rpartition("/")[2] for one in ready.fake.requests]
    assert paths.index("update") < paths.index("upsert")


def test_a_record_that_is_wanted_no_more_is_removed(ready):
    row = company(ready)
    made = write(ready, record(row), record(row, "seats"))
    assert write(ready, removed(row))[0].id == made[0].id
    assert [one.values["desk_key"] for one in records(ready)] == ["acme.seats"]
    assert [one.fault for one in write(ready, removed(row), removed(row, "never"))] == [None, None]


def test_which_records_stand_there(ready):
    row = company(ready)
    write(ready, record(row), record(row, "seats"))
    with ready.open() as crm:
        keys = {row.id: ["acme.seats", "acme.api_calls", "acme.never"]}
        assert crm.standing(keys) == {"acme.seats", "acme.api_calls"}
        write(ready, removed(row))
        assert crm.standing(keys) == {"acme.seats"}


def test_half_an_answer_takes_no_record_for_removed(ready):
    row = company(ready)
    write(ready, record(row))
    ready.fake.inject("207", share=1, path=f"{RECORD}/batch/read")
    with ready.open() as crm:
        assert crm.standing({row.id: ["acme.api_calls"]}) == {"acme.api_calls"}


def test_without_a_place_for_them_nobody_knows_which_stand_there(portal):
    with portal.open() as crm:
        assert crm.standing({company(portal).id: ["acme.seats"]}) is None


def test_half_an_answer_leaves_no_record_behind(ready):
    row = company(ready)
    write(ready, record(row))
    ready.fake.inject("207", share=1, path=f"{RECORD}/batch/read")
    write(ready, removed(row))
    assert records(ready) == []


def test_only_the_item_that_is_wrong_fails(ready):
    one, other = company(ready), company(ready)
    said = write(ready, of_company(one, open_overrides="several"), of_company(other, account_key="beta"))
    assert [(one.fault, one.id) for one in said] == [(FaultKind.INVALID, ""), (None, other.id)]
    assert "several was not a valid number" in said[0].words


def test_a_company_that_is_no_longer_there_is_gone(ready):
    one, other = company(ready), company(ready)
    ready.fake.delete(one)
    said = write(ready, of_company(one), of_company(other, account_key="beta"))
    assert [one.fault for one in said] == [FaultKind.GONE, None]
    [said] = write(ready, record(one))
    assert (said.fault, "stands beside no company" in said.words) == (FaultKind.AWAY, True)


@pytest.mark.parametrize("item_ids", [True, False])
def test_of_half_a_batch_the_others_went_through(ready, item_ids):
    ready.fake.settings.item_ids = item_ids
    rows = [company(ready) for _ in range(20)]
    ready.fake.inject("207", share=0.5, path="/companies/batch/update")
    said = write(ready, *(of_company(row, account_key=f"a{place}") for place, row in enumerate(rows)))
    through = [row.values.get("desk_account_key", "") for row in rows]
    assert [one.id != "" for one in said] == [key != "" for key in through]
    assert {one.fault for one in said if not one.id} == {FaultKind.AWAY}
    assert 0 < sum(key != "" for key in through) < 20


def test_more_than_a_batch_goes_in_several(ready):
    row = company(ready)
    said = write(ready, *(record(row, f"f{place}") for place in range(230)))
    assert len({one.id for one in said}) == len(records(ready)) == 230
    assert len(ready.asked("/batch/upsert")) == 3


@pytest.mark.parametrize("kind", ["timeout", "502_after", "500_after"])
def test_what_was_written_and_never_answered_is_written_again_without_harm(ready, kind):
    row = company(ready)
    ready.fake.inject(kind, path="/batch/upsert", next=2, seconds=0)
    with pytest.raises(Later):
        write(ready, of_company(row), record(row), record(row, "seats"))
    said = after_rest(ready, of_company(row), record(row), record(row, "seats"))
    assert [one.fault for one in said] == [None] * 3
    assert len(records(ready)) == 2
    assert all(beside(ready, made) == [row.id] for made in records(ready))


def after_rest(portal, *rows):
    for minutes in range(10, 200, 10):
        try:
            with portal.open(AT.replace(hour=9 + minutes // 60, minute=minutes % 60)) as crm:
                return crm.write(rows)
        except Later:
            continue
    raise AssertionError("It never answered.")


# Without objects of the portal's own --------------------------------------------------------------------------------
def test_without_the_object_the_company_is_written_and_records_are_told(portal):
    portal.fake.settings.scopes = BASIC
    with portal.open() as crm:
        crm.set_up()
    row = company(portal)
    said = write(portal, of_company(row), record(row), removed(row, "seats"))
    assert [(one.id, one.fault) for one in said] == [(row.id, None), ("", None), ("", None)]
    assert "Not written: “Entitlements” are no object of this portal" in said[1].words
    assert portal.asked("/batch/upsert") == []


def test_once_the_object_is_there_records_are_written(portal):
    row = company(portal)
    with portal.open() as crm:
        assert crm.write([record(row)])[0].id == ""
        crm.set_up()
        assert crm.write([record(row)])[0].id != ""


def test_a_right_that_is_missing_for_records_is_named(ready):
    ready.fake.settings.scopes = BASIC | {"crm.schemas.custom.read"}
    [said] = write(ready, record(company(ready)))
    assert (said.id, said.fault) == ("", None)
    assert "lacks the scope crm.objects.custom.write" in said.words


def test_a_right_that_is_missing_for_companies_stops_the_flow(ready):
    ready.fake.settings.scopes = BASIC - {"crm.objects.companies.write"}
    with pytest.raises(LoginRefused, match=r"crm\.objects\.companies\.write"):
        write(ready, of_company(company(ready)))


def test_before_anything_is_set_up_the_flow_says_so_once(portal):
    with pytest.raises(Declined, match="none of the properties"):
        write(portal, of_company(company(portal)))


def test_a_portal_that_wants_only_some_of_the_properties_has_those_written(portal):
    client = portal.fake.client()
    client.crm.properties.core_api.create("companies", defined(COMPANY_FIELDS[0], group="companyinformation"))
    row = company(portal)
    assert write(portal, of_company(row))[0].fault is None
    assert [name for name in row.values if name.startswith("desk_")] == ["desk_account_key"]
    with portal.open() as crm:
        assert crm.companies([row.id])[row.id].ours == {"account_key": "acme"}


def test_properties_that_somebody_makes_meanwhile_are_written_at_once(portal):
    client, row = portal.fake.client(), company(portal)
    for field in COMPANY_FIELDS[:2]:
        client.crm.properties.core_api.create("companies", defined(field, group="companyinformation"))
        write(portal, of_company(row))
    assert [name for name in row.values if name.startswith("desk_")] == ["desk_account_key", "desk_plan"]


def test_who_may_not_see_properties_writes_all_of_them(ready):
    ready.fake.settings.scopes = BASIC - {"crm.schemas.companies.read"}
    row = company(ready)
    write(ready, of_company(row))
    assert row.values["desk_plan"] == "Team"


# How values are spelled ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (True, "true"), (False, "false"), (7, "7"), (Decimal("12.50"), "12.5"), (Decimal("1E+3"), "1000"),
        (date(2026, 3, 2), "2026-03-02"), (datetime(2026, 3, 2, 9, tzinfo=UTC), "2026-03-02T09:00:00.000Z"),
        ("Zoë €", "Zoë €"),
    ],
)  # fmt: skip
def test_a_value_is_spelled_as_hubspot_takes_it(value, text):
    assert rendered(value) == text


@pytest.mark.parametrize(
    ("stands", "sort", "text"),
    [
        ("1000.00", Sort.NUMBER, "1000"), ("", Sort.NUMBER, ""), ("1772442000000", Sort.MOMENT, "2026-03-02T09:00:00.000Z"),
        ("2026-03-02T09:00:00Z", Sort.MOMENT, "2026-03-02T09:00:00.000Z"), ("2026-03-02", Sort.DAY, "2026-03-02"),
        ("soon", Sort.MOMENT, "soon"),
    ],
)  # fmt: skip
def test_what_stands_there_is_spelled_the_same_however_it_got_there(stands, sort, text):
    assert plain(stands, sort) == text
