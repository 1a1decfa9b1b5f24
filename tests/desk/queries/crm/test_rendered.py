"""What should stand in a CRM for its companies."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import PlanKind
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, ENTITLEMENT_FIELDS
from desk.models import CrmCompany
from desk.queries.crm.rendered import rendered, renderings
from entitlements.actions.accounts import set_standing
from entitlements.actions.subscriptions import add_item
from entitlements.actions.usage.forecasting import look_ahead
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, UsageForecast
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.catalog.factories import PlanFactory
from tests.desk.integrations.crm.written_there import company_of, connected
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted, days_before
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Connection:
    return connected()[0]


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def shop(db: None) -> Catalog:
    return catalog()


def said(company: CrmCompany, part: str = COMPANY, *, at: datetime = AT) -> dict[str, Any]:
    return dict(rendered([company], at=at)[company.pk][part].fields)


def told(company: CrmCompany, part: str, *names: str, at: datetime = AT) -> list[Any]:
    fields = said(company, part, at=at)
    return [fields[name] for name in names]


# The company ---------------------------------------------------------------------------------------------------------
def test_plans_add_ons_and_where_it_stands(connection: Connection, shop: Catalog) -> None:
    acme = account()
    packs = PlanFactory(key="pack", name="Storage pack", kind=PlanKind.ADD_ON)
    publish_plan(packs, {shop.storage: 10 * GB})
    held = subscribed(acme, shop.team)
    add_item(subscription=held, plan=packs, quantity=3, starts_at=AT - DAY, by=SYSTEM, at=AT - DAY)
    found = told(company_of(acme, connection), COMPANY, "account_key", "plan", "add_ons", "phase", "covered")
    assert found == ["acme", "Team", "3 × Storage pack", "Active", False]


def test_an_add_on_of_two_subscriptions_is_counted_once(connection: Connection, shop: Catalog) -> None:
    acme = account()
    packs = PlanFactory(key="pack", name="Storage pack", kind=PlanKind.ADD_ON)
    publish_plan(packs, {shop.storage: 10 * GB})
    for quantity in (1, 2):
        held = subscribed(acme, shop.team)
        add_item(subscription=held, plan=packs, quantity=quantity, starts_at=AT - DAY, by=SYSTEM, at=AT - DAY)
    assert told(company_of(acme, connection), COMPANY, "add_ons") == ["3 × Storage pack"]


def test_an_account_that_bought_nothing(connection: Connection, shop: Catalog) -> None:
    parts = rendered([company := company_of(account(), connection)], at=AT)[company.pk]
    fields = parts[COMPANY].fields
    assert set(parts) == {COMPANY}
    assert (fields["plan"], fields["phase"], fields["renews_on"]) == ("", "Nothing bought", None)


def test_every_field_is_said_or_emptied(connection: Connection, world: Metered) -> None:
    company = company_of(customer(world), connection)
    assert set(said(company)) == {one.name for one in COMPANY_FIELDS}
    assert set(said(company, "calls")) == {one.name for one in ENTITLEMENT_FIELDS}


def test_a_trial_with_its_last_day_where_the_customer_is(connection: Connection, shop: Catalog) -> None:
    acme = account(zone="America/New_York")
    subscribed(acme, shop.team, trial_days=14, at=AT - 5 * DAY)
    company = company_of(acme, connection)
    phase, ends, renews, upsell = told(company, COMPANY, "phase", "trial_ends_on", "renews_on", "upsell")
    assert (phase, renews) == ("In trial", None)
    assert upsell == f"Trial of Team through {ends.day} March, nobody has bought it yet"


def test_when_it_renews(connection: Connection, shop: Catalog) -> None:
    acme = account()
    subscribed(acme, shop.team, at=AT - 10 * DAY)
    assert told(company_of(acme, connection), COMPANY, "renews_on", "renewal") == [
        date(2026, 3, 20), "Team renews on 20 March 2026",
    ]  # fmt: skip


def test_what_was_sold_for_a_time_ends(connection: Connection, shop: Catalog) -> None:
    acme = account(zone="UTC")
    subscribed(acme, shop.team, ends_at=datetime(2026, 3, 15, tzinfo=AT.tzinfo))
    assert told(company_of(acme, connection), COMPANY, "renews_on", "renewal") == [
        date(2026, 3, 14), "Team lasts through 14 March 2026 (UTC)",
    ]  # fmt: skip


def test_overrides_in_force_and_to_come(connection: Connection, shop: Catalog) -> None:
    acme = account()
    subscribed(acme, shop.team)
    overridden(acme, shop.seats, Mode.ADD, Decimal(5), at=AT - DAY)
    overridden(acme, shop.storage, Mode.ADD, 20 * GB, at=AT - DAY, starts_at=AT + DAY)
    number, lines = told(company_of(acme, connection), COMPANY, "open_overrides", "overrides")
    assert number == 2
    assert [line.split(":")[0] for line in lines.split("\n")] == ["Seats", "Storage"]
    assert lines.startswith("Seats: + 5 ")


@pytest.mark.parametrize(("standing", "words"), [(Standing.SUSPENDED, "Suspended"), (Standing.CLOSED, "Closed")])
def test_who_is_suspended_or_closed_has_nothing(
    connection: Connection, world: Metered, standing: Standing, words: str
) -> None:
    acme = customer(world)
    counted(acme, world.calls, 900)
    set_standing(account=acme, standing=standing, reason="Unpaid", by=SYSTEM, at=AT - DAY)
    company = company_of(acme, connection)
    assert said(company)["phase"] == words
    assert told(company, "calls", "granted", "amount", "limit") == [False, "not included", None]
    assert said(company)["upsell"] is None


def test_a_link_to_the_account(connection: Connection, shop: Catalog) -> None:
    assert said(company_of(account(), connection))["desk_link"].endswith("/account/acme/")


# Its entitlements ----------------------------------------------------------------------------------------------------
def test_use_of_a_limit_with_its_signal(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    counted(acme, world.calls, 820)
    days_before(acme, world.calls, [10] * 60)
    company = company_of(acme, connection)
    found = told(company, "calls", "granted", "amount", "limit", "used", "left", "unit", "used_percent", "resets_on")
    assert found == [True, "1,000 a month", 1000, 820, 180, "call", 82, date(2026, 4, 1)]
    reached, signal, upsell = said(company, "calls")["reached_on"], said(company, "calls")["signal"], said(company)
    assert signal == f"82 % of API calls, limit reached about {reached.day} March"
    assert (upsell["upsell"], upsell["near_limits"]) == (signal, 1)


def test_what_was_foreseen_last_is_told_as_long_as_it_holds(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    row = counted(acme, world.calls, 500)
    kept = {"account": acme, "feature": world.calls, "starts_at": row.starts_at, "ends_at": row.ends_at, "used": 500}
    UsageForecast.objects.create(
        **kept, made_at=AT, limit_amount=1000, hits_on=date(2026, 3, 24), probability_thousandths=900, expected=1200,
        basis="weekdays",
    )  # fmt: skip
    company = company_of(acme, connection)
    assert said(company, "calls")["reached_on"] == date(2026, 3, 24)
    overridden(acme, world.calls, Mode.ADD, Decimal(100_000), at=AT - DAY)
    assert said(company, "calls")["reached_on"] is None  # of another limit nothing was foreseen


def test_amounts_are_in_the_unit_that_people_know(connection: Connection, shop: Catalog) -> None:
    acme = account()
    subscribed(acme, shop.team)
    company = company_of(acme, connection)
    assert told(company, "storage", "amount", "limit", "unit") == ["100 GB", 100, "GB"]
    assert told(company, "sso", "granted", "amount", "limit", "unit") == [True, "on", None, None]
    assert told(company, "tier", "amount", "unit") == ["Smart", None]


def test_seats_in_use(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    counted(acme, world.seats, 5)
    found = told(company_of(acme, connection), "seats", "limit", "used", "left", "used_percent", "resets_on", "signal")
    assert found == [5, 5, 0, 100, None, "Seats: all 5 in use"]


def test_a_rate_has_no_use_to_tell_of(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    counted(acme, world.requests, 59)
    found = told(company_of(acme, connection), "requests", "granted", "limit", "used", "resets_on", "signal")
    assert found == [True, 60, None, None, None]


def test_what_is_not_had_has_no_record_unless_one_was_written(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    company = company_of(acme, connection)
    assert "sso" not in rendered([company], at=AT)[company.pk]
    company.written = {"records": {COMPANY: "x", "acme.sso": "y", "acme.archived": "z"}}
    parts = rendered([company], at=AT)[company.pk]
    assert (parts["sso"].fields["granted"], "archived" in parts) == (False, False)


def test_who_gives_it_and_until_when(connection: Connection, shop: Catalog) -> None:
    acme = account(zone="UTC")
    subscribed(acme, shop.team)
    overridden(acme, shop.seats, Mode.ADD, Decimal(5), at=AT - DAY, through_on=date(2026, 3, 31))
    source, ends, limit = told(company_of(acme, connection), "seats", "source", "ends_on", "limit")
    assert (source.split(",")[0][:4], ends, limit) == ("Team", date(2026, 3, 31), 15)


def test_use_beyond_what_stops_nothing(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    counted(acme, world.mails, 60)
    percent, left, signal = told(company_of(acme, connection), "mails", "used_percent", "left", "signal")
    assert (percent, left, signal) == (120, 0, "Mails: 60 of 50 (120 %), more goes on without a charge")


# Which company bears them --------------------------------------------------------------------------------------------
def test_of_two_companies_of_one_account_the_first_bears_its_records(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    first, second = company_of(acme, connection, id="001"), company_of(acme, connection, id="002")
    found = rendered([second, first], at=AT)
    assert (len(found[first.pk]) > 1, set(found[second.pk])) == (True, {COMPANY})
    first.gone = True
    first.save()
    found = rendered([first, second], at=AT)
    assert (found[first.pk], len(found[second.pk]) > 1) == ({}, True)


def test_each_connection_has_its_own(connection: Connection, world: Metered) -> None:
    acme, other = customer(world), connected()[0]
    both = [company_of(acme, connection), company_of(acme, other)]
    assert [len(parts) > 1 for parts in rendered(both, at=AT).values()] == [True, True]


def test_who_is_nobodys_is_emptied_once_it_was_written(connection: Connection, world: Metered) -> None:
    never = company_of(None, connection, id="001")
    once = company_of(None, connection, id="002", written={"records": {COMPANY: "x"}})
    left = company_of(customer(world), connection, left_out=True, written=once.written)
    found = rendered([never, once, left], at=AT)
    assert [set(found[one.pk]) for one in (never, once, left)] == [set(), {COMPANY}, {COMPANY}]
    assert {name for name, value in found[once.pk][COMPANY].fields.items() if value} == {"written_at"}


# How long it says the same -------------------------------------------------------------------------------------------
def until(company: CrmCompany) -> datetime | None:
    return renderings([company], at=AT)[0].until


def test_it_is_looked_at_again_within_a_day_in_any_case(connection: Connection, shop: Catalog) -> None:
    acme = account()
    assert AT + timedelta(hours=20) <= (until(company_of(acme, connection)) or AT) <= AT + DAY


@pytest.mark.parametrize("hours", [1, 5])
def test_an_end_by_time_alone_is_when_it_is_looked_at(connection: Connection, shop: Catalog, hours: int) -> None:
    acme, end = account(), AT + timedelta(hours=hours)
    subscribed(acme, shop.team, ends_at=end)
    company = company_of(acme, connection)
    assert until(company) == end
    assert (said(company)["plan"], said(company, at=end)["plan"]) == ("Team", "")


def test_use_starts_again_by_time_alone(connection: Connection, world: Metered) -> None:
    acme = customer(world)
    counted(acme, world.visitors, 2)
    assert until(company_of(acme, connection)) == datetime(2026, 3, 3, tzinfo=AT.tzinfo)


# What it costs -------------------------------------------------------------------------------------------------------
def reads(companies: list[CrmCompany]) -> int:
    with CaptureQueriesContext(
        database,
    ) as asked:
        rendered(companies, at=AT)
    return len(asked)


def customers(world: Metered, connection: Connection, number: int) -> list[CrmCompany]:
    found = []
    for place in range(number):
        one: Account = customer(world, f"customer-{number}-{place}")
        counted(one, world.calls, 300 + place)
        found.append(company_of(one, connection))
    return found


@pytest.mark.parametrize("foreseen", [False, True])
def test_an_account_more_costs_no_read(connection: Connection, world: Metered, foreseen: bool) -> None:
    few, many = customers(world, connection, 3), customers(world, connection, 13)
    if foreseen:
        look_ahead(at=AT)
    assert reads(many) == reads(few)


def test_another_limit_costs_a_read_of_that_account_alone(connection: Connection, world: Metered) -> None:
    few, many = customers(world, connection, 3), customers(world, connection, 13)
    look_ahead(at=AT)
    same = reads(few)
    assert few[0].account is not None
    overridden(few[0].account, world.calls, Mode.ADD, Decimal(100), at=AT - DAY)
    assert reads(few) == same + 1
    assert reads(many) == same
