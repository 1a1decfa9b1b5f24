"""A case is about another device than was said: what is better by it comes, what would be less never does."""

from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.cases.about import ForeignAsset, UnknownAsset
from support.actions.cases.handling import CaseCancelled
from support.actions.cases.naming import name_device
from support.domain.case_events import CaseState, EventKind
from support.models import Asset, Case
from tests.conftest import actor
from tests.support.alarms import alarmed, in_force, promise
from tests.support.casework import NOW, OPENED, clock, happened, hour, opened
from tests.support.factories import AssetFactory, ProductFactory, WarrantyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    """It holds `standard`: first responses within 30, 120 and 240 minutes. `priority` promises half of it."""
    account = alarmed([])
    in_force(promise({"first_response": (15, 60, 120)}, tier="priority"))
    return account


def press(acme: Account, serial: str = "SN-1", **warranty: Any) -> Asset:
    """Under a warranty that answers sooner than the customer's own tier."""
    asset = AssetFactory(account=acme, serial=serial)
    WarrantyFactory(asset=asset, tier="priority", recorded_at=hour(-48), **warranty)
    return asset


def named(case: Case, asset: str, **told: Any) -> Case:
    return name_device(case=case, asset=asset, by=SYSTEM, at=hour(0.5), **told)


def test_a_device_that_was_forgotten_brings_its_better_cover(acme: Account) -> None:
    asset, case = press(acme), opened(acme)
    case = named(case, "sn 1")
    assert (case.asset, case.product, case.tier) == (asset, asset.product, "priority")
    assert clock(case, "first_response").due_at == hour(1)
    assert case.promises.count() == 2
    event = AuditEvent.objects.get(verb="case:name_device")
    assert event.changes["asset"] == [None, str(asset)]
    assert event.changes["tier"] == ["standard", "priority"]


def test_what_covered_it_at_the_opening_counts_though_it_is_over_by_now(acme: Account) -> None:
    press(acme, ends_at=hour(0.25))
    assert named(opened(acme), "SN-1").tier == "priority"


def test_a_lesser_device_takes_nothing(acme: Account) -> None:
    press(acme)
    plain = AssetFactory(account=acme, serial="SN-2")
    case = opened(acme, asset="SN-1")
    assert case.tier == "priority"
    case = named(case, "SN-2")
    assert (case.asset, case.tier, case.promises.count()) == (plain, "priority", 1)
    case = named(case, "")
    assert (case.asset, case.product, case.tier) == (None, None, "priority")


def test_what_would_be_due_later_by_it_stays(acme: Account) -> None:
    in_force(promise({"first_response": (60, 180, 300)}, tier="priority_plus"))
    asset = AssetFactory(account=acme, serial="SN-1")
    WarrantyFactory(asset=asset, tier="priority_plus")
    case = named(opened(acme), "SN-1")
    assert (case.asset, case.tier, clock(case, "first_response").due_at) == (asset, "standard", hour(2))


def test_a_chosen_cover_is_never_replaced_by_it(acme: Account) -> None:
    press(acme)
    case = named(opened(acme, cover="tier"), "SN-1")
    assert (case.chosen_cover, case.tier) == ("tier", "standard")


def test_without_a_device_the_product_may_be_said(acme: Account) -> None:
    product = ProductFactory(key="press")
    case = named(opened(acme), "", product="press")
    assert (case.asset, case.product) == (None, product)


def test_nobody_s_case_may_be_about_a_device_too(acme: Account) -> None:
    asset = press(acme)
    case = named(opened(None), "SN-1")
    assert (case.asset, case.tier) == (asset, "")


def test_a_closed_case_keeps_its_promise(acme: Account) -> None:
    asset, case = press(acme), opened(acme)
    happened(case, EventKind.STATE, hour(0.25), to=CaseState.CLOSED)
    case = named(case, "SN-1")
    assert (case.asset, case.tier) == (asset, "standard")


def test_what_can_t_be_is_refused_and_nothing_is_changed(acme: Account) -> None:
    press(acme)
    AssetFactory(serial="SN-9")
    case = opened(acme, asset="SN-1")
    for asset, refusal in (("SN-404", UnknownAsset), ("SN-9", ForeignAsset), ("SN-1", Refusal)):
        with pytest.raises(refusal):
            named(case, asset)
    with pytest.raises(Stale):
        named(case, "", instead_of=None)
    with pytest.raises(NotAllowed):
        name_device(case=case, asset="", by=actor("sales"), at=NOW)
    happened(case, EventKind.STATE, OPENED, to=CaseState.CANCELLED)
    with pytest.raises(CaseCancelled):
        named(case, "")
    assert not AuditEvent.objects.filter(verb="case:name_device").exists()
