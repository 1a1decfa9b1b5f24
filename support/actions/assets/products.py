"""Products: the kinds of equipment that are serviced, and the warranty a new one comes with."""

from datetime import datetime

from django.db import transaction

from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from support.actions.assets.held import PRODUCTS, Borne, refuse_borne, spoken
from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import LONGEST_MONTHS
from support.models import Product
from support.queries.assets.tokens import product_token


@transaction.atomic
def add_product(
    *,
    key: str,
    name: str,
    by: Actor,
    at: datetime,
    maker: str = "",
    category: str = "",
    warranty_months: int | None = None,
    warranty_basis: WarrantyBasis = WarrantyBasis.SHIPPED,
    warranty_transferable: bool = True,
    borne: Borne | None = None,
) -> Product:
    """A kind of equipment was put on the list of what is serviced."""
    by.require(PRODUCTS)
    key = spoken(key).lower()
    if Product.objects.filter(key=key).exists():
        raise Invalid(f"There is a product {key} already.", field="key")
    product = Product(key=key)
    _write(product, name, maker, category, warranty_months, warranty_basis, warranty_transferable, borne or Borne())
    changes = pending_changes(product)
    deed = begin(by=by, at=at)
    keep(product, deed=deed)
    record(deed, "product:add", subject=product, changes=changes)
    return product


@transaction.atomic
def edit_product(
    *,
    product: Product,
    name: str,
    by: Actor,
    at: datetime,
    maker: str = "",
    category: str = "",
    warranty_months: int | None = None,
    warranty_basis: WarrantyBasis = WarrantyBasis.SHIPPED,
    warranty_transferable: bool = True,
    borne: Borne | None = None,
    seen: str | None = None,
) -> Product:
    """What a product is called, or what a new one comes with, was changed.

    Warranties that have begun stay as they are; those that wait for their day will count by the new terms.
    """
    by.require(PRODUCTS)
    product = _lock(product, seen=seen)
    _write(product, name, maker, category, warranty_months, warranty_basis, warranty_transferable, borne or Borne())
    changes = pending_changes(product)
    if not changes:
        return product
    deed = begin(by=by, at=at)
    keep(product, deed=deed)
    record(deed, "product:edit", subject=product, changes=changes)
    return product


@transaction.atomic
def retire_product(*, product: Product, by: Actor, at: datetime, seen: str | None = None) -> Product:
    """From now on no new one is registered; what is in service stays, with its warranties and covers."""
    by.require(PRODUCTS)
    product = _lock(product, seen=seen)
    if product.retired_at is not None:
        raise Refusal(f"{product} is retired already; nothing was changed.")
    deed = begin(by=by, at=at)
    product.retired_at = at
    keep(product, deed=deed)
    record(deed, "product:retire", subject=product, changes={"retired_at": [None, at]})
    return product


@transaction.atomic
def bring_product_back(*, product: Product, by: Actor, at: datetime, seen: str | None = None) -> Product:
    """New ones may be registered again."""
    by.require(PRODUCTS)
    product = _lock(product, seen=seen)
    if product.retired_at is None:
        return product
    deed = begin(by=by, at=at)
    before, product.retired_at = product.retired_at, None
    keep(product, deed=deed)
    record(deed, "product:bring_back", subject=product, changes={"retired_at": [before, None]})
    return product


def _lock(product: Product, *, seen: str | None) -> Product:
    held = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if seen is not None and seen != product_token(held):
        raise Stale
    return held


def _write(
    product: Product,
    name: str,
    maker: str,
    category: str,
    months: int | None,
    basis: WarrantyBasis,
    transferable: bool,
    borne: Borne,
) -> None:
    if not spoken(name):
        raise Invalid("Give the product a name.", field="name")
    if months is not None and not 1 <= months <= LONGEST_MONTHS:
        raise Invalid(f"A warranty lasts from 1 to {LONGEST_MONTHS} months.", field="warranty_months")
    if months is not None and not borne.says_something:
        raise Invalid("Say what of labour, parts or travel the warranty bears, in percent.", field="parts")
    refuse_borne(borne)
    product.name, product.maker, product.category = spoken(name), spoken(maker), spoken(category)
    product.warranty_months, product.warranty_basis, product.warranty_transferable = months, basis, transferable
    product.labour, product.parts, product.travel = borne.labour, borne.parts, borne.travel
