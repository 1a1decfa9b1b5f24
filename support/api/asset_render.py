"""Assets as the API says them."""

from datetime import datetime

from support.api.asset_schemas import AssetOut, MoveOut, PlaceOut, WarrantyOut
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import WarrantyState
from support.models import Asset, Warranty
from support.queries.assets.warranties import span_held, waits_for


def render_asset(row: Asset, *, at: datetime) -> AssetOut:
    """From an asset that was read whole."""
    warranties = [_warranty(one, at=at) for one in row.warranties.all()]
    place, successor = row.location, getattr(row, "replaced_by", None)
    under = row.retired_at is None and any(one.state is WarrantyState.RUNNING for one in warranties)
    return AssetOut(
        id=row.pk, serial=row.serial, product=row.product.key, product_name=row.product.name, account=row.account.key,
        name=row.name, external_id=row.external_id, shipped_on=row.shipped_on, installed_on=row.installed_on,
        invoiced_on=row.invoiced_on, in_service_on=row.in_service_on, held_since=row.held_since,
        location=PlaceOut(name=place.name, address=place.address, country=place.country or None) if place else None,
        retired_at=row.retired_at, retire_reason=row.retire_reason or None, replaces=row.replaces_id,
        replaced_by=None if successor is None else successor.pk, under_warranty=under,
        warranty_waits=waits_for(row) or None, warranties=warranties, moves=_moves(row),
    )  # fmt: skip


def _warranty(row: Warranty, *, at: datetime) -> WarrantyOut:
    return WarrantyOut(
        id=row.pk, name=row.name, state=span_held(row).state(at), basis=WarrantyBasis(row.basis),
        starts_at=row.starts_at, ends_at=row.ends_at, through=row.through_on, zone=row.zone,
        ended_early_at=row.voided_at, ended_early_because=row.void_reason or None, labour=row.labour, parts=row.parts,
        travel=row.travel, tier=row.tier or None, priority=row.priority, transferable=row.transferable,
        standard=row.standard, inherited_from=row.inherited_from_id,
    )  # fmt: skip


def _moves(row: Asset) -> list[MoveOut]:
    return [
        MoveOut(from_account=one.from_account.key, to_account=one.to_account.key, at=one.at, reason=one.reason)
        for one in row.moves.all()
    ]
