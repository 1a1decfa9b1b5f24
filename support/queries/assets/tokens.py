"""The tokens of forms about equipment: they differ as soon as anything does that the form has shown."""

import hashlib

from support.models import Asset, Product


def asset_token(asset: Asset) -> str:
    """Where the asset stands, with its warranties."""
    row = Asset.objects.filter(pk=asset.pk).values_list()
    return _digest([*row, *asset.warranties.order_by("pk").values_list()])


def product_token(product: Product) -> str:
    return _digest([*Product.objects.filter(pk=product.pk).values_list()])


def _digest(seen: list[object]) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
