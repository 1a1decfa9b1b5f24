"""The plans that are on sale at Stripe: a product each, with a price for each interval and currency they are sold in.

A comparison, as the push of features is: what is missing is made and linked, and what was made from here is kept as
the catalog has it. A price at Stripe never changes its amount: where the catalog's does, a new one takes the place and
the name of the former, which is sold no more. Whoever pays that one goes on paying it, and its product stands for the
plan all the same. What people made at Stripe, and linked, is never changed from here: where it differs they are told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import stripe

from catalog.actions.billing_links import Named, set_links
from catalog.domain.values import Aggregation, PlanKind
from catalog.domain.words import say_money
from catalog.models import BillingLink, Plan, PlanPrice, PlanVersion, PriceLine
from catalog.models.billing import Mode
from catalog.queries.billing import Slot, links_token, slot_of
from catalog.queries.prices import say_plan_price
from catalog.queries.versions import on_sale
from entitlements.integrations.stripe.client import PAGE, Declined, asking, every
from entitlements.integrations.stripe.money import in_micros, in_their_units
from entitlements.integrations.stripe.pushed import Pushed, noting
from journal.domain.actor import Actor
from journal.models import Connection

OURS = "desk_plan"  # in the metadata of what was made from here: the key of the plan
TAKEN = "resource_already_exists"
Links = Mapping[Slot, BillingLink]


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan or add-on that is on sale, and the prices it is sold at; what is agreed with sales has none."""

    plan: Plan
    version: PlanVersion
    prices: tuple[PlanPrice, ...]

    @property
    def about(self) -> dict[str, str]:
        """What a shop that knows only Stripe needs to know."""
        return {
            OURS: self.plan.key,
            "desk_kind": str(PlanKind(self.plan.kind)),
            "desk_trial_days": str(self.version.trial_days or ""),
        }


def push_offers(connection: Connection, done: Pushed, *, by: Actor, at: datetime) -> None:
    """Made for sale there what is on sale here for an amount, and linked it; and meters for what is charged beyond its
    limit. Later where Stripe can't be asked: what was made by then is found by the next run."""
    sold, links = list(offers(at=at)), links_of(Mode(connection.mode))
    named: list[Named] = []
    try:
        for offer in sold:
            with noting(done, f"plan {offer.plan.key}"):
                named += _pushed(connection, offer, links, done, at=at)
        _push_meters(connection, sold, done, at=at)
    finally:
        _link(Mode(connection.mode), named, links, by=by, at=at)


def offers(*, at: datetime) -> Iterator[Offer]:
    for plan in Plan.objects.all():
        version = on_sale(plan=plan, at=at)
        sums = PlanPrice.objects.filter(version=version, contact=False, amount_micros__gt=0) if version else ()
        if version is not None and sums:
            yield Offer(plan, version, tuple(sorted(sums, key=lambda one: (one.interval, one.currency))))


def links_of(mode: Mode) -> Links:
    return {slot_of(link): link for link in BillingLink.objects.filter(mode=mode, plan__isnull=False)}


def _pushed(connection: Connection, offer: Offer, links: Links, done: Pushed, *, at: datetime) -> Iterator[Named]:
    with asking(connection, at=at) as client:
        product = _product(client, offer, links.get(Slot(plan_id=offer.plan.pk)), done)
    yield product
    for price in offer.prices:
        with noting(done, f"price of {offer.plan.key} by the {price.interval} in {price.currency}"):
            with asking(connection, at=at) as client:
                named = _price(client, product.external_id, price, offer, links, done)
            yield named


def _product(client: stripe.StripeClient, offer: Offer, link: BillingLink | None, done: Pushed) -> Named:
    """Made under an id of ours, so that there is one however often it is made. Declined where the linked one is archived."""
    plan = offer.plan
    product = client.v1.products.retrieve(link.external_id) if link else _made_or_found(client, offer, done)
    if not product.active:
        raise Declined(f"{product.id} is archived there, though {plan.name} is on sale.")
    said = product.metadata.to_dict()
    about = {word: said.get(word, "") for word in offer.about}  # what is empty isn't kept there
    if said.get(OURS) == plan.key and (product.name, about) != (plan.name, offer.about):
        client.v1.products.update(product.id, {"name": plan.name, "metadata": offer.about})
        done.offered.append(f"{plan.key}: called {plan.name}")
    return Named(Slot(plan_id=plan.pk), product.id)


def _made_or_found(client: stripe.StripeClient, offer: Offer, done: Pushed) -> stripe.Product:
    key = f"desk_{offer.plan.key}"
    try:
        made = client.v1.products.create({"id": key, "name": offer.plan.name, "metadata": offer.about})
    except stripe.InvalidRequestError as error:
        if error.code != TAKEN:
            raise
        return client.v1.products.retrieve(key)
    done.offered.append(f"{offer.plan.key}: its product")
    return made


def _price(
    client: stripe.StripeClient, product: str, price: PlanPrice, offer: Offer, links: Links, done: Pushed
) -> Named:
    """What asks what the catalog says. Declined where another was linked by people and asks something else."""
    slot, key = Slot(offer.plan.pk, price.interval, price.currency), offer.plan.key
    link, name = links.get(slot), f"{key}_{price.interval}_{price.currency.lower()}"
    found = client.v1.prices.retrieve(link.external_id) if link else _named(client, name)
    if found is not None and found.active and _asks(found, price):
        return Named(slot, found.id, link.lookup_key if link else name)
    if found is not None and found.metadata.to_dict().get(OURS) != key:
        raise Declined(f"{found.id} asks {_said(found)}, and the catalog says {say_plan_price(price)}.")
    made = client.v1.prices.create(_new_price(product, price, key, name))
    done.offered.append(f"{key}: {say_plan_price(price)}")
    if found is not None and found.active:
        client.v1.prices.update(found.id, {"active": False})
    return Named(slot, made.id, name)


def _named(client: stripe.StripeClient, name: str) -> stripe.Price | None:
    """What has the name already: made by a push that broke off before it was linked."""
    return next(iter(client.v1.prices.list({"lookup_keys": [name], "limit": 1}).data), None)


def _new_price(product: str, price: PlanPrice, plan: str, name: str) -> Any:
    return {
        "product": product,
        "currency": price.currency.lower(),
        "unit_amount_decimal": _sum(price),
        "recurring": {"interval": price.interval},
        "lookup_key": name,
        "transfer_lookup_key": True,
        "metadata": {OURS: plan},
    }


def _asks(found: stripe.Price, price: PlanPrice) -> bool:
    repeats = found.recurring
    every_one = repeats is not None and (repeats.interval, repeats.interval_count) == (price.interval, 1)
    return every_one and found.currency == price.currency.lower() and found.unit_amount_decimal == _sum(price)


def _sum(price: PlanPrice) -> Decimal:
    assert price.amount_micros is not None  # what is agreed with sales isn't offered
    return in_their_units(price.amount_micros, price.currency)


def _said(found: stripe.Price) -> str:
    currency = found.currency.upper()
    if found.unit_amount_decimal is None or found.recurring is None:
        return "something else than one sum again and again"
    count = found.recurring.interval_count
    each = f"a {found.recurring.interval}" if count == 1 else f"every {count} {found.recurring.interval}s"
    return f"{say_money(in_micros(found.unit_amount_decimal, currency), currency)} {each}"


def _push_meters(connection: Connection, sold: list[Offer], done: Pushed, *, at: datetime) -> None:
    """One for each feature that adds up and is charged beyond its limit."""
    lines = PriceLine.objects.filter(
        term__version__in=[offer.version.pk for offer in sold],
        per_amount__isnull=False,
        term__feature__aggregation=Aggregation.SUM,
    )
    charged = dict(lines.order_by().values_list("term__feature__key", "term__feature__name"))
    if not charged:
        return
    with noting(done, "meters"), asking(connection, at=at) as client:
        listed = every(client.v1.billing.meters.list({"status": "active", "limit": PAGE}))
        there = {one.event_name for one in listed}
        for key in sorted(charged.keys() - there):
            told: Any = {"event_name": key, "display_name": charged[key], "default_aggregation": {"formula": "sum"}}
            client.v1.billing.meters.create(told)
            done.offered.append(f"the meter {key}")


def _link(mode: Mode, named: list[Named], links: Links, *, by: Actor, at: datetime) -> None:
    """Keeps in the catalog what each product and price is called there."""
    new = [
        one
        for one in named
        if (link := links.get(one.slot)) is None
        or (link.external_id, link.lookup_key) != (one.external_id, one.lookup_key)
    ]
    if new:
        seen = links_token(mode=mode)
        set_links(mode=mode, named=new, seen=seen, by=by, at=at, reason="As they are called there")
