"""Equipment over HTTP: found by its serial number, registered, replaced, moved, retired."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from support.actions.assets.held import SCOPE, product_of
from support.actions.assets.moving import move_asset
from support.actions.assets.registering import register_asset
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import retire_asset
from support.api.asset_render import render_asset
from support.api.asset_schemas import AssetIn, AssetList, AssetOut, DaysIn, MoveIn, ReplaceIn, RetireIn
from support.domain.warranties import Days
from support.queries.assets.listing import LARGEST, WantedAssets, asset_of_id, listed_assets, location_named

READ = "assets:read"
ALL = "/assets"
ONE = f"{ALL}/{{int:asset}}"

router = Router(tags=["Equipment"], auth=KeyAuth(SCOPE))
reading = KeyAuth(READ)


class AssetFilter(Schema):
    """Which equipment; what is left out is any."""

    account: Annotated[str, Field(max_length=200, description="Our key or any system's id.")] = ""
    serial: Annotated[
        str, Field(max_length=200, description="The whole serial number; spaces, hyphens and capitals don't matter.")
    ] = ""
    product: Annotated[str, Field(max_length=64, description="The product's key.")] = ""
    retired: Annotated[bool | None, Field(description="Only what was retired, or only what is in service.")] = None
    after: Annotated[int, Field(ge=0, le=LARGEST, description="`next` of the page before.")] = 0
    most: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 100


@router.get(ALL, response={200: AssetList, **PROBLEMS}, auth=reading, summary="Equipment", url_name="assets")
def asset_list(request: HttpRequest, asked: Query[AssetFilter]) -> Any:
    """In the order it was registered; `next` leads on. Two makers may count alike: one serial number may find several."""
    at = timezone.now()
    account = account_by_key(asked.account) if asked.account else None
    wanted = WantedAssets(account, asked.serial, asked.product, asked.retired)
    rows = listed_assets(wanted, after=asked.after, most=asked.most + 1)
    page = rows[: asked.most]
    following = page[-1].pk if len(rows) > asked.most else None
    return AssetList(assets=[render_asset(row, at=at) for row in page], next=following)


@router.get(ONE, response={200: AssetOut, **PROBLEMS}, auth=reading, summary="One asset", url_name="asset")
def asset_one(request: HttpRequest, asset: int) -> Any:
    """Where it is, its warranties, whose it was, and what it replaced."""
    return render_asset(asset_of_id(asset), at=timezone.now())


@router.post(ALL, response={201: AssetOut, **PROBLEMS}, summary="Register equipment", url_name="assets")
def asset_register(request: HttpRequest, told: AssetIn) -> Any:
    """Register a piece of equipment. It gets the warranty its product comes with, once the day that counts is known.

    A serial number that one of this product has is refused (409 `serial_known`), saying whose it is and where; a
    product nobody knows (422 `unknown_product`) or that was retired (409 `product_retired`), dates in the wrong order
    (422 `dates_out_of_order`), and a location of another customer too.
    """
    account, at = account_by_key(told.account), timezone.now()
    asset = register_asset(
        account=account, product=product_of(told.product), serial=told.serial, name=told.name,
        location=location_named(told.location, account=account), external_id=told.external_id, days=_days(told),
        held_since=told.held_since, by=_by(request), at=at,
    )  # fmt: skip
    return Status(201, _told(asset.pk))


@router.post(
    f"{ONE}/replace",
    response={201: AssetOut, **PROBLEMS},
    summary="Replace it by another unit",
    url_name="asset_replace",
)
def asset_replace(request: HttpRequest, asset: int, told: ReplaceIn) -> Any:
    """Another unit took its place: the answer is the new one. The old one is retired; what was left of its warranties
    goes on, and covers and visits to come that named the old one reach the new one.
    """
    new = replace_asset(
        asset=asset_of_id(asset), serial=told.serial, reason=told.reason, swapped_at=told.swapped_at, days=_days(told),
        product=product_of(told.product) if told.product else None, by=_by(request), at=timezone.now(),
    )  # fmt: skip
    return Status(201, _told(new.pk))


@router.post(f"{ONE}/move", response={200: AssetOut, **PROBLEMS}, summary="Move it", url_name="asset_move")
def asset_move(request: HttpRequest, asset: int, told: MoveIn) -> Any:
    """To another location, or to another customer: warranties that don't go along end then."""
    held = asset_of_id(asset)
    account = account_by_key(told.account) if told.account else None
    move_asset(
        asset=held, account=account, location=location_named(told.location, account=account or held.account),
        reason=told.reason, moved_at=told.moved_at, by=_by(request), at=timezone.now(),
    )  # fmt: skip
    return _told(held.pk)


@router.post(f"{ONE}/retire", response={200: AssetOut, **PROBLEMS}, summary="Retire it", url_name="asset_retire")
def asset_retire(request: HttpRequest, asset: int, told: RetireIn) -> Any:
    """Out of service with nothing in its place: its warranties end with it, its history stays."""
    held = asset_of_id(asset)
    retire_asset(asset=held, reason=told.reason, retired_at=told.retired_at, by=_by(request), at=timezone.now())
    return _told(held.pk)


def _told(number: int) -> AssetOut:
    return render_asset(asset_of_id(number), at=timezone.now())


def _days(told: DaysIn) -> Days:
    return Days(told.shipped_on, told.installed_on, told.invoiced_on, told.in_service_on)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
