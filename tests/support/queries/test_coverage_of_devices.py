"""The whole answer: by device and channel, what is left, who pays, who decides and why, what happened, whose it is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import Reset
from entitlements.actions.accounts import edit_account
from journal.domain.actor import SYSTEM
from support.domain.case_events import Channel
from support.domain.coverage import CoverState
from support.queries.coverage import coverage_of
from support.queries.lookup import lookup
from support.queries.what_is_left import NO_LIMIT
from tests.conftest import AT
from tests.entitlements.factories import ContractFactory
from tests.journal.factories import StaffFactory
from tests.support.factories import (
    AssetFactory,
    CaseFactory,
    CoverFactory,
    CoverScopeFactory,
    LocationFactory,
    ProductFactory,
    VisitFactory,
    WarrantyFactory,
    WorkItemFactory,
)
from tests.support.time_world import a_case, entered, holds, hours, plan_of_hours
from tests.support.world import START, customer, the_plans, the_promise

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def plans(db):
    the_promise()
    return the_plans()


@pytest.fixture
def acme(plans):
    """No plan that covers; a contract covers one of two presses, by phone and e-mail, in full but for half of the parts."""
    account = customer("acme", plan=plans["free"])
    press = ProductFactory(name="Press")
    plant = LocationFactory(account=account, name="Plant 1")
    account.covered = AssetFactory(account=account, product=press, serial="SN-1", location=plant)
    account.bare = AssetFactory(account=account, product=press, serial="SN-2")
    account.cover = CoverFactory(
        account=account, name="Maintenance", starts_at=START, ends_at=datetime(2026, 6, 30, 22, tzinfo=UTC), labour=100,
        parts=50, tier="priority", channels=["phone", "email"], authorisation="Ask the plant manager first.",
    )  # fmt: skip
    CoverScopeFactory(cover=account.cover, kind="asset", product=None, asset=account.covered)
    return account


def asked(account, asset=None, channel=None, at=AT):
    return coverage_of(account=account, at=at, asset=asset, channel=channel)


def test_the_cover_of_the_device_decides(acme):
    answer = asked(acme, acme.covered, Channel.PHONE)
    assert (answer.state, answer.tier, answer.covered_by) == (CoverState.WITH_TARGETS, "priority", "Maintenance")
    assert answer.verdict == "Covered for phone support on Press SN-1"
    assert answer.why.endswith("Covered by Maintenance.")
    assert answer.targets


def test_another_device_is_not_covered_and_it_says_why(acme):
    answer = asked(acme, acme.bare, Channel.PHONE)
    assert answer.verdict == "Not covered for phone support on Press SN-2"
    assert "Maintenance: It reaches" in answer.why
    assert [offer.name for offer in answer.offers] == ["Pro", "Team", "Enterprise"]


def test_without_a_device_it_says_that_some_are_covered(acme):
    answer = asked(acme, channel=Channel.PHONE)
    assert (answer.verdict, answer.partly) == ("Covered for phone support on some devices only", ("Maintenance",))
    assert answer.state is CoverState.NOT_COVERED
    assert (asked(acme, channel=Channel.CHAT).verdict, asked(acme, channel=Channel.CHAT).partly) == (
        "Not covered for chat support", (),
    )  # fmt: skip
    assert asked(acme, at=acme.cover.ends_at).partly == ()


def test_another_channel_is_not_covered_and_it_says_which_are(acme):
    answer = asked(acme, acme.covered, Channel.CHAT)
    assert not answer.covered
    assert answer.instead == ("E-mail", "Phone")
    assert "Maintenance: It is for e-mail and phone only." in answer.why


def test_every_channel_stands_beside_the_others(acme):
    lines = {line.channel: line for line in asked(acme, acme.covered, Channel.PHONE).channels}
    assert list(lines) == [channel.value for channel in Channel]
    assert [key for key, line in lines.items() if line.covered] == ["email", "phone"]
    assert (lines["phone"].asked, lines["email"].asked) == (True, False)
    assert (lines["phone"].by, lines["phone"].is_open) == ("Maintenance", True)
    assert (lines["chat"].is_open, lines["chat"].left) == (None, "")
    assert lines["chat"].why


def test_a_channel_with_targets_of_its_own_is_promised_those(acme):
    answer = asked(acme, acme.covered, Channel.PHONE)
    phone = next(line for line in answer.channels if line.channel == "phone")
    assert phone.hours == "24/7 for Urgent"
    assert {line.severity for line in answer.targets} >= {"urgent", "high"}


def test_who_pays_what(acme):
    labour, parts, travel = asked(acme, acme.covered).shares
    assert (labour.customer_percent, labour.words, labour.by) == (0, "Covered", "Maintenance")
    assert (parts.customer_percent, parts.words) == (50, "Customer pays 50 %")
    assert (travel.customer_percent, travel.by, travel.words) == (100, "", "Customer pays all")
    assert asked(acme, acme.covered).authorisation == "Ask the plant manager first."
    assert asked(acme, acme.bare).authorisation == ""


def test_a_warranty_bears_parts_without_being_cover_for_response(acme):
    WarrantyFactory(asset=acme.bare, name="Maker’s warranty", parts=100)
    answer = asked(acme, acme.bare)
    assert answer.state is CoverState.NOT_COVERED
    assert answer.shares[1].by == "Maker’s warranty"


def test_all_candidates_say_why(acme):
    lines = {line.key: line for line in asked(acme, acme.covered, Channel.PHONE).candidates}
    cover = lines[f"cover:{acme.cover.pk}"]
    assert (cover.kept, cover.decides, cover.tier) == (True, ("response", "labour", "parts"), "Priority")
    assert lines["tier"].name == "Community only"
    assert all(line.reason for line in lines.values())


def test_the_end_of_the_cover_is_news_and_what_follows(acme):
    ends = asked(acme, acme.covered, Channel.PHONE).ends
    assert (ends.at, ends.words) == (acme.cover.ends_at, "through Tuesday 30 June (Amsterdam)")
    assert ends.then.startswith("Not covered")


def test_a_cover_to_come_is_news_too(acme):
    begins = AT + 10 * DAY
    type(acme.cover).objects.filter(pk=acme.cover.pk).update(starts_at=begins)
    answer = asked(acme, acme.covered, Channel.PHONE)
    assert (answer.covered, answer.ends.at) == (False, begins)
    assert answer.ends.then == "Covered, with promised response times (Priority)"


def test_as_of_an_instant_after_its_end(acme):
    assert asked(acme, acme.covered, Channel.PHONE, at=acme.cover.ends_at).covered is False
    assert asked(acme, acme.covered, Channel.PHONE, at=acme.cover.ends_at - DAY).covered is True


def test_without_prepaid_help_nothing_is_counted(acme):
    answer = asked(acme)
    assert (answer.left, answer.prepaid) == (NO_LIMIT, ())


@pytest.fixture
def prepaid(acme):
    """100 hours: 80 by phone, 20 by e-mail; 66 of the former are used."""
    allowance = hours()
    holds(acme, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800, Channel.EMAIL: 1200}, reset=Reset.YEAR))
    case = a_case(acme)
    for day in range(3):
        entered(case, 22 * 60, at=AT + timedelta(hours=2), worked_at=AT - day * DAY - timedelta(hours=23))
    return acme


def test_what_is_left_in_all_and_by_channel(prepaid):
    later = AT + timedelta(hours=3)
    answer = asked(prepaid, prepaid.covered, Channel.PHONE, at=later)
    assert answer.left == "Support hours: 14 h left by phone, 34 h in all."
    line = answer.prepaid[0]
    assert (line.state, line.left) == ("left", "34 h")
    assert {(part.channel, part.left, part.of) for part in line.parts} == {
        ("phone", "14 h", "80 h"), ("email", "20 h", "20 h"),
    }  # fmt: skip
    by = {one.channel: one.left for one in answer.channels}
    assert (by["phone"], by["email"]) == ("Support hours: 14 h left of 80 h", "Support hours: 20 h left of 20 h")
    assert asked(prepaid, at=later).left == "Support hours: 34 h left."


def test_what_is_used_up_says_so(prepaid):
    case = a_case(prepaid, channel=Channel.EMAIL)
    entered(case, 20 * 60, at=AT + timedelta(hours=2), worked_at=AT - timedelta(hours=21))
    answer = asked(prepaid, channel=Channel.EMAIL, at=AT + timedelta(hours=3))
    assert answer.left == "Support hours: nothing left by e-mail, 14 h in all."


def test_the_named_manager(acme):
    assert asked(acme).manager is None
    owner = StaffFactory(first_name="Sanne", last_name="de Vries", email="sanne@desk.example")
    edit_account(account=acme, owner=owner, reason="Hers.", by=SYSTEM, at=AT)
    acme.refresh_from_db()
    assert (asked(acme).manager.name, asked(acme).manager.email) == ("Sanne de Vries", "sanne@desk.example")


def test_parent_and_children(acme, plans):
    for number in range(7):
        child = customer(f"child-{number}", plan=None)
        edit_account(account=child, parent=acme, reason="Ours.", by=SYSTEM, at=AT)
    answer = asked(acme)
    assert ([one.account for one in answer.children], answer.more_children) == (
        [f"child-{number}" for number in range(5)], 2,
    )  # fmt: skip
    child.refresh_from_db()
    assert asked(child).parent.account == "acme"


def test_service_history_is_the_last_ten_of_the_customer_or_of_the_device(acme):
    for number in range(12):
        CaseFactory(account=acme, asset=acme.covered if number % 2 else None, opened_at=START + number * DAY)
    VisitFactory(
        cover=acme.cover, account=acme, asset=acme.covered, state="done", settled_at=START + 40 * DAY, settled_by="Ada"
    )
    WorkItemFactory(account=acme, asset=acme.bare, done_at=START + 50 * DAY)
    WorkItemFactory(account=acme, asset=acme.bare, done_at=AT + DAY)  # to come, as seen from then
    assert [line.kind for line in asked(acme).history] == ["parts", "visit", *["case"] * 8]
    assert [line.kind for line in asked(acme, acme.covered).history] == ["visit", *["case"] * 6]
    assert asked(acme, at=START - DAY).history == ()


def reads(account, **about):
    with CaptureQueriesContext(connection) as made:
        asked(account, **about)
    return len(made)


def test_the_number_of_reads_grows_with_nothing(prepaid):
    few = reads(prepaid, asset=prepaid.covered, channel=Channel.PHONE)
    for number in range(15):
        asset = AssetFactory(account=prepaid, serial=f"MORE-{number}")
        cover = CoverFactory(account=prepaid, contract=ContractFactory(account=prepaid))
        CoverScopeFactory(cover=cover, kind="asset", product=None, asset=asset)
        WarrantyFactory(asset=asset)
        CaseFactory(account=prepaid, asset=asset)
        VisitFactory(cover=cover, account=prepaid, state="done", settled_at=START, settled_by="Ada")
        WorkItemFactory(account=prepaid, asset=asset)
    assert (
        reads(prepaid, asset=prepaid.covered, channel=Channel.PHONE) <= few + 1
    )  # versions of contracts, once there are any
    assert few <= 80


def test_the_screen_and_the_api_ask_the_same(acme):
    found = lookup(text="SN-1", channel=Channel.PHONE, at=AT)
    assert found.answer == asked(acme, acme.covered, Channel.PHONE)
