"""The catalog's features at Stripe, and which product carries which: what is missing is made, what is wrong is put right.

It is a comparison and never a script of steps: run twice it does nothing the second time, and one that broke off is gone
on with by the next. A feature at Stripe is ours where it is linked to one of ours, else where its lookup key is the key of
one; others are left alone, and so is which product carries a feature that the billing gives: there Stripe decides. An
archived one can't be tied to anything any more, so another takes its place. Nothing is ever removed at Stripe but the tie
between a product of ours and a feature that its plan doesn't give any more, or an archived one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import stripe

from catalog.actions.billing_links import Named, set_links
from catalog.models import BillingLink, Feature, Plan
from catalog.models.billing import Mode
from catalog.queries.billing import Slot, links_token
from catalog.queries.effective import effective_of
from catalog.queries.versions import newest_published, on_sale
from entitlements.integrations.stripe.client import (
    PAGE,
    PUSH,
    PUSH_PLANS,
    asking,
    connections,
    every,
    left_for_now,
)
from entitlements.integrations.stripe.offers import push_offers
from entitlements.integrations.stripe.pushed import Pushed, noting
from entitlements.integrations.stripe.refusals import note_refusals
from entitlements.queries.billed.features import given_by_billing
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to stand at Stripe: features by their keys, and for each product the keys of those it carries.

    `ours` are all features that the desk may tie and untie, by what they are called there: a linked id, or our key.
    """

    features: Mapping[str, Feature]
    products: Mapping[str, Collection[str]]
    plans: Mapping[str, Plan]
    ours: Mapping[str, str]

    def key(self, there: stripe.entitlements.Feature) -> str:
        """Our key of a feature there; empty where it is none of ours, or not ours to tie."""
        return self.ours.get(there.id) or self.ours.get(there.lookup_key, "")


def push_catalog(connection: Connection, *, at: datetime, by: Actor | None = None) -> Pushed:
    """Made Stripe's features and those of its products agree with the catalog, as far as products are linked; before
    that, where the connection says so, the products and prices of what is on sale, or these alone.

    Later where Stripe can't be asked at the moment: the next run goes on.
    """
    by, done, plans = by or as_actor(connection), Pushed(), connection.said_yes(PUSH_PLANS)
    if plans:
        push_offers(connection, done, by=by, at=at)
    if connection.said_yes(PUSH) or not plans:
        _push_all_features(connection, done, by=by, at=at)
    note_refusals(connection, done.refused, at=at)
    return done


def _push_all_features(connection: Connection, done: Pushed, *, by: Actor, at: datetime) -> None:
    wanted = wanted_at(Mode(connection.mode), at=at)
    ids = _push_features(connection, wanted, done, at=at)
    for product, keys in wanted.products.items():
        _push_product(connection, product, keys, ids, wanted, done, at=at)
    _link(Mode(connection.mode), ids, wanted, done, by=by, at=at)


def push_everywhere(*, at: datetime) -> list[Pushed]:
    """The same for every connection that was set up to push; one that can't be asked now is left to the next time."""
    done = []
    for connection in connections():
        if connection.said_yes(PUSH) or connection.said_yes(PUSH_PLANS):
            with left_for_now(connection):
                done.append(push_catalog(connection, at=at))
    return done


def wanted_at(mode: Mode, *, at: datetime) -> Wanted:
    """What every plan that is linked to a product gives by the version on sale, else by the last that was."""
    links = BillingLink.objects.filter(mode=mode, plan__isnull=False, interval="").select_related("plan")
    plans = {link.external_id: link.plan for link in links if link.plan is not None}
    versions = {product: on_sale(plan=plan, at=at) or newest_published(plan=plan) for product, plan in plans.items()}
    effective = effective_of(version for version in versions.values() if version is not None)
    features = {feature.pk: feature for feature in Feature.objects.all()}
    linked = dict(BillingLink.objects.filter(mode=mode, feature__isnull=False).values_list("external_id", "feature"))
    given = given_by_billing(at)
    features = {pk: one for pk, one in features.items() if one.key not in given}
    ours = {one.key: one.key for one in features.values()}
    ours |= {told: features[pk].key for told, pk in linked.items() if pk in features}
    products: dict[str, list[str]] = {}
    for product, version in versions.items():
        says = effective[version.pk] if version else None
        spoken = {pk: says.speaking(pk) for pk in features} if says else {}
        products[product] = [features[pk].key for pk, one in spoken.items() if one is not None and one.facts.gives]
    used = {key for keys in products.values() for key in keys}
    return Wanted({one.key: one for one in features.values() if one.key in used}, products, plans, ours)


def _push_features(connection: Connection, wanted: Wanted, done: Pushed, *, at: datetime) -> dict[str, str]:
    """What each feature of ours is called at Stripe, by our key."""
    with asking(connection, at=at) as client:
        listed = [one for one in every(client.v1.entitlements.features.list({"limit": PAGE})) if one.active]
    there = {wanted.key(one): one for one in sorted(listed, key=lambda one: one.id in wanted.ours)}
    ids = {}
    for key, feature in wanted.features.items():
        with noting(done, f"feature {key}"), asking(connection, at=at) as client:
            ids[key] = _feature(client, feature, there.get(key), done)
    return ids


def _feature(
    client: stripe.StripeClient, feature: Feature, found: stripe.entitlements.Feature | None, done: Pushed
) -> str:
    name = feature.name[:80]
    if found is None:
        made = client.v1.entitlements.features.create({"name": name, "lookup_key": feature.key})
        done.made.append(feature.key)
        return made.id
    if found.name != name:
        client.v1.entitlements.features.update(found.id, {"name": name})
        done.renamed.append(feature.key)
    return found.id


def _push_product(
    connection: Connection, product: str, keys: Collection[str], ids: Mapping[str, str], wanted: Wanted, done: Pushed,
    *, at: datetime,
) -> None:  # fmt: skip
    plan = wanted.plans[product]
    with noting(done, f"product {product}"), asking(connection, at=at) as client:
        listed = every(client.v1.products.features.list(product, {"limit": PAGE}))
        tied = {one.entitlement_feature.id: one for one in listed}
        for key in keys:
            if key in ids and ids[key] not in tied:
                client.v1.products.features.create(product, {"entitlement_feature": ids[key]})
                done.tied.append(f"{plan.key}: {key}")
        kept = {ids.get(key, "") for key in keys}
        for feature_id, one in tied.items():
            key = wanted.key(one.entitlement_feature)
            # What Stripe refused to make anew may be tied in its former shape: that stays.
            if key and feature_id not in kept and (key not in keys or key in ids):
                client.v1.products.features.delete(product, one.id)
                done.untied.append(f"{plan.key}: {key}")


def _link(mode: Mode, ids: Mapping[str, str], wanted: Wanted, done: Pushed, *, by: Actor, at: datetime) -> None:
    """Keeps in the catalog what each feature is called at Stripe."""
    standing = dict(
        BillingLink.objects.filter(mode=mode, feature__isnull=False).values_list("feature__key", "external_id")
    )
    new = {key: told for key, told in ids.items() if standing.get(key) != told}
    if not new:
        return
    named = [Named(Slot(feature_id=wanted.features[key].pk), told) for key, told in new.items()]
    set_links(mode=mode, named=named, seen=links_token(mode=mode), by=by, at=at, reason="As they are called there")
    done.linked += sorted(new)
