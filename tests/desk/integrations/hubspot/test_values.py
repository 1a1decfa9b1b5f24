"""Values as HubSpot spells them, and what is meant by them: days, instants, numbers, choices, lists of ids."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from desk.domain.crm.outgoing import Sort
from desk.integrations.hubspot.names import instant, milliseconds, plain
from desk.integrations.hubspot.parsing import LONG_AGO, company_of, deal_of, gone_company, line_of, stamp_of

LIMA = ZoneInfo("America/Lima")  # five hours behind
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def row(**values):
    return {"id": "7", "properties": values}


def deal(fields, **values):
    return deal_of(row(**values), company="", lines=(), fields=fields, zone=LIMA, link="", owners={})


@pytest.mark.parametrize(
    ("sort", "said", "read"),
    [
        ("date", "2026-04-01", "2026-04-01"),
        ("datetime", "2026-04-01T03:00:00Z", "2026-03-31T22:00:00-05:00"),
        ("datetime", "2026-04-01T03:00:00.250Z", "2026-03-31T22:00:00.250000-05:00"),
        ("datetime", str(milliseconds(NOON)), "2026-04-01T07:00:00-05:00"),
        ("datetime", "soon", "soon"),
        ("datetime", None, ""),
        ("number", "12345678901234567890.5", "12345678901234567890.5"),
        ("enumeration", "annual_prepaid", "annual_prepaid"),
        ("enumeration", "support;training", "support;training"),
        ("bool", "true", "true"),
        ("string", "as typed ", "as typed "),
    ],
)
def test_a_field_is_told_as_it_stands_and_an_instant_by_the_clock_there(sort, said, read):
    assert deal({"field": sort}, field=said).fields == {"field": read}


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ("2.5", Decimal("2.5")),
        ("12345678901234567890", Decimal("12345678901234567890")),
        ("0", Decimal(0)),
        (None, Decimal(1)),
        ("NaN", Decimal(1)),
        ("Infinity", Decimal(1)),
    ],
)
def test_a_line_without_a_number_is_one(said, quantity):
    assert line_of(row(quantity=said), fields={}, zone=LIMA).quantity == quantity


def test_a_product_is_known_by_its_code_without_the_blanks_around_it():
    assert line_of(row(hs_sku=" team ", hs_product_id="9"), fields={}, zone=LIMA).product == "team"
    assert line_of(row(hs_sku=" ", hs_product_id="9"), fields={}, zone=LIMA).product == "9"


def test_a_deal_is_closed_on_the_day_it_was_in_lima():
    assert deal({}, closedate="2026-04-01T03:00:00Z").closed_on.isoformat() == "2026-03-31"


def test_the_stamp_is_the_propertys_then_the_records_then_long_ago():
    told = {"updatedAt": "2026-04-01T13:00:00Z"}
    assert stamp_of(row(hs_lastmodifieddate="2026-04-01T12:00:00Z") | told) == NOON
    assert stamp_of(row() | told) == NOON + timedelta(hours=1)
    assert stamp_of(row()) == LONG_AGO


def test_what_a_company_was_made_of_and_our_key_of_it():
    told = company_of(row(hs_merged_object_ids="12;9;100", desk_account_key=" acme "), owners={})
    assert (told.parts, told.own_key) == (("9", "12", "100"), "acme")


@pytest.mark.parametrize(("into", "sure", "unsure"), [("8", False, False), ("", True, False), ("", False, True)])
def test_a_company_that_was_merged_or_deleted_is_surely_gone(into, sure, unsure):
    told = gone_company("7", into=into, sure=sure, at=NOON)
    assert (told.gone, bool(told.unsure)) == (True, unsure)


@pytest.mark.parametrize("at", [0, 1, 1_772_442_000_123, 1_772_442_000_999, 4_102_444_799_999])
def test_milliseconds_come_back_as_they_went(at):
    assert milliseconds(instant(str(at))) == at
    assert milliseconds(instant(str(at)) + timedelta(microseconds=999)) == at


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-04-01T12:00:00Z", NOON),
        ("2026-04-01T12:00:00", NOON),
        ("2026-04-01T07:00:00-05:00", NOON),
        ("9" * 30, None),
        ("--5", None),
        ("soon", None),
    ],
)
def test_an_instant_is_read_however_it_is_spelled(said, at):
    assert instant(said) == at


@pytest.mark.parametrize(
    ("sort", "said", "read"),
    [
        (Sort.NUMBER, "5.00", "5"),
        (Sort.NUMBER, "1e3", "1000"),
        (Sort.PERCENT, "five", "five"),
        (Sort.DAY, "2026-04-01T00:00:00Z", "2026-04-01"),
        (Sort.MOMENT, str(milliseconds(NOON)), "2026-04-01T12:00:00.000Z"),
        (Sort.MOMENT, "soon", "soon"),
        (Sort.TEXT, "5.00", "5.00"),
    ],
)
def test_what_stands_in_ours_is_spelled_one_way(sort, said, read):
    assert plain(said, sort) == read
