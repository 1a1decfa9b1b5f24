from datetime import UTC, date, datetime

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.assets.held import Borne, WarrantyBeforePurchase, WarrantyNotBegun
from support.actions.assets.warranties import add_warranty, void_warranty
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import Days
from support.queries.assets.tokens import asset_token
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import press, registered
from tests.support.world import the_plans

pytestmark = pytest.mark.django_db

BOUGHT = Days(shipped=date(2026, 1, 10), invoiced=date(2026, 1, 5))


@pytest.fixture
def asset():
    account = AccountFactory(key="acme", zone="America/New_York")
    return registered(account, press(warranty_months=None, borne=None), days=BOUGHT)


def given(**other):
    told = {"name": "Extended", "basis": WarrantyBasis.SHIPPED, "months": 1, "borne": Borne(parts=100)}
    return {**told, **other}


def test_months_count_from_the_day_of_the_basis_in_the_customers_zone(asset, support_agent, at):
    warranty = add_warranty(asset=asset, **given(), by=support_agent, at=at)
    assert (warranty.through_on, warranty.zone, warranty.standard) == (date(2026, 2, 9), "America/New_York", False)
    assert warranty.starts_at == datetime(2026, 1, 10, 5, tzinfo=UTC)
    assert warranty.ends_at == datetime(2026, 2, 10, 5, tzinfo=UTC)
    assert (warranty.recorded_at, warranty.recorded_by) == (at, support_agent.name)
    assert AuditEvent.objects.get(verb="warranty:add").account_key == "acme"


def test_a_last_day_may_be_said_instead(asset, at):
    told = given(months=None, through_on=date(2026, 8, 31), first_on=date(2026, 3, 1))
    warranty = add_warranty(asset=asset, **told, by=SYSTEM, at=at)
    assert (warranty.through_on, warranty.months) == (date(2026, 8, 31), None)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"months": None}, "months"),
        ({"months": 0}, "months"),
        ({"months": 601}, "months"),
        ({"months": 1, "through_on": date(2027, 1, 1)}, "months"),
        ({"months": None, "through_on": date(2026, 1, 9)}, "through_on"),
        ({"borne": Borne()}, "parts"),
        ({"borne": Borne(parts=101)}, "parts"),
        ({"tier": "golden"}, "tier"),
        ({"priority": 0}, "priority"),
    ],
)
def test_what_cant_be_is_refused_beside_the_field(asset, at, said, field):
    the_plans()
    with pytest.raises(Invalid) as refused:
        add_warranty(asset=asset, **given(**said), by=SYSTEM, at=at)
    assert refused.value.field == field
    assert not asset.warranties.exists()


def test_a_tier_may_be_all_it_comes_with(asset, at):
    the_plans()
    warranty = add_warranty(asset=asset, **given(borne=None, tier="priority"), by=SYSTEM, at=at)
    assert (warranty.tier, warranty.parts) == ("priority", None)


def test_nothing_is_under_warranty_before_it_was_bought(asset, at):
    with pytest.raises(WarrantyBeforePurchase, match="bought on 2026-01-05") as refused:
        add_warranty(asset=asset, **given(first_on=date(2026, 1, 4)), by=SYSTEM, at=at)
    assert refused.value.field == "first_on"
    add_warranty(asset=asset, **given(first_on=date(2026, 1, 5)), by=SYSTEM, at=at)


def test_without_the_day_it_counts_from_it_says_what_to_do(asset, at):
    with pytest.raises(WarrantyNotBegun, match="no installation day yet") as refused:
        add_warranty(asset=asset, **given(basis=WarrantyBasis.INSTALLED), by=SYSTEM, at=at)
    assert refused.value.field == "first_on"


def test_one_is_ended_once_for_a_reason(asset, support_agent, at):
    warranty = add_warranty(asset=asset, **given(months=24), by=SYSTEM, at=at)
    with pytest.raises(Invalid, match="Say why"):
        void_warranty(warranty=warranty, reason="", by=support_agent, at=at)
    ended = void_warranty(warranty=warranty, reason="Seal broken", by=support_agent, at=at)
    assert (ended.voided_at, ended.voided_by, ended.void_reason) == (at, support_agent.name, "Seal broken")
    with pytest.raises(Refusal, match="ended already"):
        void_warranty(warranty=warranty, reason="Seal broken", by=support_agent, at=at)
    assert AuditEvent.objects.get(verb="warranty:void").reason == "Seal broken"


def test_what_is_over_isnt_ended(asset, at):
    warranty = add_warranty(asset=asset, **given(), by=SYSTEM, at=at)
    with pytest.raises(Refusal, match="over after 2026-02-09"):
        void_warranty(warranty=warranty, reason="Late", by=SYSTEM, at=at)


def test_a_form_that_somebody_overtook_writes_nothing(asset, at):
    seen = asset_token(asset)
    add_warranty(asset=asset, **given(), by=SYSTEM, at=at, seen=seen)
    with pytest.raises(Stale):
        add_warranty(asset=asset, **given(), by=SYSTEM, at=at, seen=seen)


def test_who_may_not_writes_none(asset, finance, at):
    with pytest.raises(NotAllowed):
        add_warranty(asset=asset, **given(), by=finance, at=at)
