"""Assets taken out of service for good."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal
from support.actions.assets.held import lock_asset, reason_of, require
from support.actions.assets.warranties import stop, told
from support.models import Asset
from support.queries.assets.warranties import span_held

WITH_IT = "The asset was retired."


@transaction.atomic
def retire_asset(
    *,
    asset: Asset,
    reason: str,
    by: Actor,
    at: datetime,
    retired_at: datetime | None = None,
    seen: str | None = None,
) -> Asset:
    """An asset was taken out of service, with nothing in its place; its warranties end with it, its history stays."""
    require(by)
    lock_account(asset.account_id)
    asset = lock_asset(asset, seen=seen)
    why, retired_at = reason_of(reason), retired_at or at
    if retired_at > at:
        raise Invalid("It is still in service: record it once it is out.", field="retired_on")
    if retired_at < asset.held_since:
        raise Invalid(f"{asset.account} got it only later, on {asset.held_since:%Y-%m-%d}.", field="retired_on")
    deed = begin(by=by, at=at)
    for row in asset.warranties.filter(voided_at__isnull=True):
        row.asset = asset
        if span_held(row).rest(retired_at) is not None:
            stop(row, reason=WITH_IT, at=retired_at, verb="warranty:end_by_retiring", deed=deed)
    asset.retired_at, asset.retire_reason = retired_at, why
    keep(asset, deed=deed)
    changes = {"retired_at": [None, retired_at]}
    record(deed, "asset:retire", subject=asset, account_key=asset.account.key, reason=why, changes=changes)
    return asset


@transaction.atomic
def bring_asset_back(*, asset: Asset, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Asset:
    """A retired asset is in service again: what its retiring ended goes on, what another unit took over does not."""
    require(by)
    lock_account(asset.account_id)
    asset = lock_asset(asset, seen=seen, retired_too=True)
    if asset.retired_at is None:
        raise Refusal(f"{asset} is in service; nothing was changed.")
    why = reason_of(reason)
    deed = begin(by=by, at=at)
    for row in asset.warranties.filter(voided_at=asset.retired_at, void_reason=WITH_IT):
        row.asset, row.voided_at, row.voided_by, row.void_reason = asset, None, "", ""
        keep(row, deed=deed)
        told(deed, "warranty:bring_back", row, asset)
    changes = {"retired_at": [asset.retired_at, None]}
    asset.retired_at, asset.retire_reason = None, ""
    keep(asset, deed=deed)
    record(deed, "asset:bring_back", subject=asset, account_key=asset.account.key, reason=why, changes=changes)
    return asset
