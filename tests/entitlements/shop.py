"""A small shop for tests of selling: five add-ons, a bundle of them, and promotional codes of each sort."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.actions.bundles import create_bundle
from catalog.actions.promo_codes import CodeTerms, create_code
from catalog.domain.values import AddOnEffect, Scaling
from catalog.models import Bundle, Feature, Plan, PromoCode
from catalog.models.offer import Gift
from entitlements.actions.bundles import sell_bundle
from entitlements.actions.redemptions import redeem
from entitlements.actions.spend_caps import set_cap
from entitlements.actions.subscriptions import add_item
from entitlements.models import Account
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, AddOnFactory, FeatureFactory, PlanVersionFactory, SeatsFactory, publish_now
from tests.entitlements.world import GB, Catalog, add_on, catalog, term
from tests.remembered import remembered


@dataclass(frozen=True)
class Shop:
    """IPv4 gives one address for each; the others of the bundle each a gate of its own."""

    catalog: Catalog
    addresses: Feature
    ipv4: Plan
    parts: Sequence[Plan]
    bundle: Bundle


@remembered
def shop() -> Shop:
    return shop_in(catalog())


def shop_in(world: Catalog) -> Shop:
    addresses = SeatsFactory(key="addresses", name="Addresses", unit="address")
    ipv4 = per_unit("ipv4", "IPv4", addresses, Decimal(1))
    gates = [FeatureFactory(key=key, name=key.upper()) for key in ("hipaa", "drain", "domain", "mfa")]
    parts = [ipv4, *(add_on(f"{gate.key}_pack", {gate: True}) for gate in gates)]
    told = {"name": "Starter", "pick": 3, "add_ons": parts}
    return Shop(world, addresses, ipv4, parts, create_bundle(key="starter", by=SYSTEM, at=EPOCH, **told))


def per_unit(key: str, name: str, feature: Feature, each: Decimal, **plan: Any) -> Plan:
    """An add-on that gives so much for each one of it."""
    sold = AddOnFactory(key=key, name=name, effect=plan.pop("effect", AddOnEffect.ADDS))
    draft = PlanVersionFactory(plan=sold)
    keep(term(draft, feature, each, scaling=Scaling.PER_UNIT), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    return sold


def code(text: str = "SPRING-26", **terms: Any) -> PromoCode:
    """A code that lends Team for 30 days, or as said."""
    told = {"gives": Gift.TRIAL, "days": 30} | terms
    return create_code(code=text, name="Spring", terms=CodeTerms(**told), by=SYSTEM, at=EPOCH)


def storage_code(feature: Feature, text: str = "MORE-GB", **terms: Any) -> PromoCode:
    """A code that gives 20 GB more for 14 days."""
    told = {"gives": Gift.OVERRIDE, "days": 14, "feature": feature, "mode": "add", "value": 20 * GB, "typed_unit": "GB"}
    return code(text, **(told | terms))


def sold_to(acme: Account, world: Catalog, *, at: datetime) -> dict[str, object]:
    """One of each thing that is sold beside plans, by the names of the permission table."""
    offered = shop_in(world)
    held, of_it = acme.subscriptions.get(), {"by": SYSTEM, "at": at}
    bundle = sell_bundle(subscription=held, bundle=offered.bundle, add_ons=offered.parts[1:4], **of_it)
    made = storage_code(world.storage)
    return {
        "catalog_bundle": offered.bundle.pk,
        "catalog_promocode": made.pk,
        "entitlements_redemption": redeem(account=acme, code=made.code, **of_it).pk,
        "extra_item": add_item(subscription=held, plan=offered.ipv4, quantity=3, **of_it).pk,
        "bundle_part": bundle.parts.earliest("pk").pk,
        "sold_bundle": bundle.pk,
        "spend_cap": set_cap(account=acme, feature=None, amount_micros=100_000_000, currency="USD", **of_it).pk,
    }
