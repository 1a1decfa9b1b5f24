"""The warranties of an asset as values, and what a new one would come with."""

from support.domain.cover_terms import WarrantyBasis
from support.domain.warranties import Days, Span, Terms, missing
from support.models import Asset, Product, Warranty


def days_of(asset: Asset) -> Days:
    return Days(asset.shipped_on, asset.installed_on, asset.invoiced_on, asset.in_service_on)


def span_held(row: Warranty) -> Span:
    return Span(row.starts_at, row.ends_at, row.voided_at)


def standard_product(asset: Asset) -> Product | None:
    """The product by whose terms the asset's standard warranty counts; None where it comes with nothing.

    A replacement comes with what it inherits and no more. Only where the replaced one's own had not begun yet does it
    get that whole, by its own dates and by the terms of what was bought. What doesn't go along to another customer and
    had not begun when it went, never begins.
    """
    root, went = asset, went_elsewhere(asset)
    while root.replaces is not None:
        root = root.replaces
        went = went or went_elsewhere(root)
        if has_standard(root):
            return None
    product = root.product
    comes = terms_of(product) is not None and (product.warranty_transferable or not went)
    return product if comes else None


def has_standard(asset: Asset) -> bool:
    """Whether its standard warranty has begun at some time; no read where its warranties are at hand."""
    return any(row.standard for row in asset.warranties.all())


def went_elsewhere(asset: Asset) -> bool:
    return len(asset.moves.all()) > 0


def terms_of(product: Product) -> Terms | None:
    if product.warranty_months is None:
        return None
    return Terms(WarrantyBasis(product.warranty_basis), product.warranty_months)


def waits_for(asset: Asset) -> str:
    """Why its standard warranty hasn't begun, in words; empty: it has, it never will, or there is none."""
    if asset.retired_at is not None or has_standard(asset):
        return ""
    product = standard_product(asset)
    terms = None if product is None else terms_of(product)
    if terms is None:
        return ""
    return missing(terms.basis, days_of(asset))
