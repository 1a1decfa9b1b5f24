"""Assets that go elsewhere: to another location of the same customer, or to another customer."""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_all, refuse_merged
from entitlements.models import Account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal
from support.actions.assets.held import lock_asset, reason_of, refuse_foreign, require
from support.actions.assets.warranties import stop
from support.domain.warranties import moved
from support.models import Asset, AssetMove, Location
from support.queries.assets.warranties import span_held


@transaction.atomic
def move_asset(
    *,
    asset: Asset,
    by: Actor,
    at: datetime,
    location: Location | None = None,
    account: Account | None = None,
    reason: str = "",
    moved_at: datetime | None = None,
    seen: str | None = None,
) -> Asset:
    """An asset went to another location, or to another customer from an instant on.

    With another customer it gets a move on record, and warranties that don't go along end. What the customer before
    had of it, cases and covers, stays that customer's.
    """
    require(by)
    accounts = lock_all({asset.account_id, account.pk if account is not None else asset.account_id})
    asset = lock_asset(asset, seen=seen)
    to = accounts[account.pk] if account is not None else accounts.get(asset.account_id, asset.account)
    refuse_foreign(location, account_id=to.pk, name=str(to))
    if to.pk == asset.account_id:
        return _within(asset, location, by=by, at=at)
    refuse_merged(to)
    return _to_another(asset, to, location, reason=reason_of(reason), moved_at=moved_at or at, by=by, at=at)


def _within(asset: Asset, location: Location | None, *, by: Actor, at: datetime) -> Asset:
    if asset.location_id == (location.pk if location else None):
        where = f"at {location.name}" if location else "at no location"
        raise Refusal(f"{asset} is {where} already; nothing was changed.", field="location")
    deed = begin(by=by, at=at)
    before, asset.location = asset.location, location
    keep(asset, deed=deed)
    changes = {"location": [before.name if before else None, location.name if location else None]}
    record(deed, "asset:relocate", subject=asset, account_key=asset.account.key, changes=changes)
    return asset


def _to_another(
    asset: Asset, to: Account, location: Location | None, *, reason: str, moved_at: datetime, by: Actor, at: datetime
) -> Asset:
    if moved_at > at:
        raise Invalid("It hasn’t gone yet: record the move once it has.", field="moved_on")
    if moved_at < asset.held_since:
        raise Invalid(f"{asset.account} got it only later, on {asset.held_since:%Y-%m-%d}.", field="moved_on")
    deed = begin(by=by, at=at)
    giver = asset.account
    for row in asset.warranties.filter(voided_at__isnull=True, transferable=False):
        row.asset = asset
        if moved(span_held(row), transferable=False, at=moved_at).stopped_at is not None:
            stop(row, reason=f"It doesn’t go along to {to}.", at=moved_at, verb="warranty:end_by_move", deed=deed)
    asset.account, asset.location, asset.held_since = to, location, moved_at
    keep(asset, deed=deed)
    keep(
        AssetMove(asset=asset, from_account=giver, to_account=to, at=moved_at, recorded_at=at, reason=reason), deed=deed
    )
    changes = {"account": [giver.key, to.key], "location": [None, location.name if location else None]}
    for key in (giver.key, to.key):
        record(deed, "asset:move", subject=asset, account_key=key, reason=reason, changes=changes)
    return asset
