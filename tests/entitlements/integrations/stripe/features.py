"""Features at the counterpart of Stripe's, and what accounts have by them."""

from typing import Any

from catalog.models import Feature
from entitlements.integrations.stripe.arrivals import FEATURES
from entitlements.models import Account, BilledFeature
from tests.catalog.factories import FeatureFactory, FeatureRevisionFactory
from tests.entitlements.integrations.stripe.conftest import Shop, only_account
from tests.entitlements.world import AT, answer


def carries(shop: Shop, *keys: str, product: str = "") -> dict[str, Any]:
    """The product carries features of these lookup keys; each by its key."""
    made = {key: shop.stripe.v1.entitlements.features.create({"name": key, "lookup_key": key}) for key in keys}
    for one in made.values():
        shop.stripe.v1.products.features.create(product or shop.product, {"entitlement_feature": one.id})
    shop.told()
    return made


def by_billing(key: str, **more: Any) -> Feature:
    """A feature of ours of which the billing decides who has it."""
    feature = Feature.objects.filter(key=key).first() or FeatureFactory(key=key, name=key.title())
    FeatureRevisionFactory(feature=feature, given_by="billing", **more)
    return feature


def has(key: str, *, at: Any = AT, account: Account | None = None) -> bool:
    return answer(account or only_account(), key, at).granted


def rows() -> list[tuple[str, bool]]:
    """What the billing says, by our keys, and whether it still does."""
    found = BilledFeature.objects.select_related("feature").order_by("feature__key", "pk")
    return [(row.feature.key, row.ends_at is None) for row in found]


def summaries(shop: Shop) -> list[Any]:
    """Of what was told since it was asked last, that about features alone; all else is lost."""
    return [event for event in shop.told() if event["type"] == FEATURES]


def deliver_only_features(shop: Shop) -> None:
    for event in summaries(shop):
        assert shop.post(event) == 200
    shop.take()


def deliver_without_features(shop: Shop) -> None:
    for event in shop.told():
        if event["type"] != FEATURES:
            assert shop.post(event) == 200
    shop.take()
