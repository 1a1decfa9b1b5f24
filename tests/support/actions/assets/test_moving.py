from datetime import timedelta

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from support.actions.assets.held import ForeignLocation
from support.actions.assets.moving import move_asset
from support.actions.assets.registering import edit_dates
from support.domain.warranties import Days
from support.models import AssetMove
from support.queries.assets.warranties import waits_for
from support.snapshots.covers import warranty_window
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import SHIPPED, THEN, installed_press, press, registered
from tests.support.factories import LocationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme")


@pytest.fixture
def other():
    return AccountFactory(name="Beta", key="beta")


def test_it_goes_to_another_location_of_the_same_customer(acme, support_agent, at):
    asset, plant = registered(acme, press()), LocationFactory(account=acme, name="Plant 2")
    moved = move_asset(asset=asset, location=plant, by=support_agent, at=at)
    assert (moved.location, moved.account, AssetMove.objects.count()) == (plant, acme, 0)
    event = AuditEvent.objects.get(verb="asset:relocate")
    assert (event.account_key, event.changes) == ("acme", {"location": [None, "Plant 2"]})
    with pytest.raises(Refusal, match="at Plant 2 already"):
        move_asset(asset=moved, location=plant, by=support_agent, at=at)


def test_it_goes_to_another_customer_with_its_warranty(acme, other, support_agent, at):
    asset = registered(acme, press(), location=LocationFactory(account=acme))
    move_asset(asset=asset, account=other, reason="Sold on", by=support_agent, at=at)
    asset.refresh_from_db()
    assert (asset.account, asset.location, asset.held_since) == (other, None, at)
    move = AssetMove.objects.get()
    assert (move.from_account, move.to_account, move.at, move.reason) == (acme, other, at, "Sold on")
    assert asset.warranties.get().voided_at is None
    told = AuditEvent.objects.filter(verb="asset:move").values_list("account_key", flat=True)
    assert sorted(told) == ["acme", "beta"]  # both read it on their page


def test_a_warranty_that_doesnt_go_along_ends_with_the_move_and_stays_ended(acme, other, at):
    asset = registered(acme, press(warranty_transferable=False))
    sold = at - timedelta(days=1)
    asset = move_asset(asset=asset, account=other, reason="Sold on", moved_at=sold, by=SYSTEM, at=at)
    warranty = asset.warranties.select_related("asset").get()
    assert (warranty.voided_at, warranty.void_reason) == (sold, "It doesn’t go along to Beta.")
    assert warranty_window(warranty).end == sold
    asset = move_asset(asset=asset, account=acme, reason="Bought back", by=SYSTEM, at=at + timedelta(days=9))
    assert warranty_window(asset.warranties.select_related("asset").get()).end == sold


def test_what_doesnt_go_along_and_hadnt_begun_never_begins(acme, other, at):
    asset = registered(acme, installed_press(warranty_transferable=False))
    asset = move_asset(asset=asset, account=other, reason="Sold on", by=SYSTEM, at=at)
    assert waits_for(asset) == ""
    assert edit_dates(asset=asset, days=Days(SHIPPED.shipped, at.date()), by=SYSTEM, at=at) is None


def test_a_location_of_somebody_else_is_refused(acme, other, at):
    asset, place = registered(acme, press()), LocationFactory(account=acme)
    with pytest.raises(ForeignLocation):
        move_asset(asset=asset, account=other, location=place, reason="Sold on", by=SYSTEM, at=at)
    with pytest.raises(ForeignLocation):
        move_asset(asset=asset, location=LocationFactory(account=other), by=SYSTEM, at=at)


def test_a_move_has_a_reason_and_a_moment_that_can_be(acme, other, at):
    asset = registered(acme, press())
    day = timedelta(days=1)
    with pytest.raises(Invalid, match="Say why"):
        move_asset(asset=asset, account=other, by=SYSTEM, at=at)
    for moved_at, words in ((at + day, "hasn’t gone yet"), (asset.held_since - day, "got it only later")):
        with pytest.raises(Invalid, match=words) as refused:
            move_asset(asset=asset, account=other, reason="Sold", moved_at=moved_at, by=SYSTEM, at=at)
        assert refused.value.field == "moved_on"


def test_who_may_not_moves_nothing(acme, auditor):
    with pytest.raises(NotAllowed):
        move_asset(asset=registered(acme, press()), by=auditor, at=THEN)
