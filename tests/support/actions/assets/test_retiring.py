from datetime import timedelta

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from support.actions.assets.held import AssetRetired
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import bring_asset_back, retire_asset
from support.actions.assets.warranties import void_warranty
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import press, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset():
    return registered(AccountFactory(key="acme"), press())


def test_its_warranties_end_with_it(asset, support_agent, at):
    retired = retire_asset(asset=asset, reason="Scrapped", by=support_agent, at=at)
    warranty = asset.warranties.get()
    assert (retired.retired_at, retired.retire_reason) == (at, "Scrapped")
    assert (warranty.voided_at, warranty.void_reason) == (at, "The asset was retired.")
    event = AuditEvent.objects.get(verb="asset:retire")
    assert (event.account_key, event.reason) == ("acme", "Scrapped")


def test_brought_back_its_warranty_goes_on(asset, support_agent, at):
    retire_asset(asset=asset, reason="Scrapped", by=support_agent, at=at)
    back = bring_asset_back(asset=asset, reason="The wrong one", by=support_agent, at=at)
    assert (back.retired_at, back.retire_reason, asset.warranties.get().voided_at) == (None, "", None)
    with pytest.raises(Refusal, match="in service"):
        bring_asset_back(asset=asset, reason="Again", by=support_agent, at=at)


def test_what_was_ended_for_another_reason_stays_ended(asset, at):
    void_warranty(warranty=asset.warranties.get(), reason="Opened by the customer", by=SYSTEM, at=at)
    retire_asset(asset=asset, reason="Scrapped", by=SYSTEM, at=at)
    bring_asset_back(asset=asset, reason="Repaired after all", by=SYSTEM, at=at)
    assert asset.warranties.get().void_reason == "Opened by the customer"


def test_what_a_replacement_took_over_stays_there(asset, at):
    new = replace_asset(asset=asset, serial="P-2", reason="Broken", by=SYSTEM, at=at)
    bring_asset_back(asset=asset, reason="Refurbished", by=SYSTEM, at=at + timedelta(days=30))
    assert asset.warranties.get().voided_at == at
    assert new.warranties.get().voided_at is None


def test_it_is_retired_once_for_a_reason_and_at_a_moment_that_can_be(asset, at):
    day = timedelta(days=1)
    for given, field in (
        ({"reason": ""}, "reason"),
        ({"retired_at": at + day}, "retired_on"),
        ({"retired_at": asset.held_since - day}, "retired_on"),
    ):
        with pytest.raises(Invalid) as refused:
            retire_asset(**{"asset": asset, "reason": "Scrapped", "by": SYSTEM, "at": at} | given)
        assert refused.value.field == field
    retire_asset(asset=asset, reason="Scrapped", by=SYSTEM, at=at)
    with pytest.raises(AssetRetired):
        retire_asset(asset=asset, reason="Scrapped", by=SYSTEM, at=at)


def test_who_may_not_retires_nothing(asset, auditor, at):
    for act in (retire_asset, bring_asset_back):
        with pytest.raises(NotAllowed):
            act(asset=asset, reason="x", by=auditor, at=at)
