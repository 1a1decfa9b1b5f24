"""A world for tests of use: one plan with every way of counting, and customers who use it up."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import Aggregation, Enforcement, Kind, Reset
from catalog.models import Feature, Plan, PriceLine
from entitlements.actions.spend_caps import set_cap
from entitlements.actions.usage.recording import Answer, record
from entitlements.domain.usage.operations import Act, Operation, Outcome, digest_of
from entitlements.models import Account
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    EPOCH,
    DimensionChoiceFactory,
    DimensionFactory,
    FeatureFactory,
    FeatureRevisionFactory,
    PlanFactory,
    PlanVersionFactory,
    SeatsFactory,
    publish_now,
)
from tests.entitlements.world import AT, account, subscribed, term
from tests.remembered import remembered

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Metered:
    """Pro: 1,000 calls a month, 60 requests a minute, 100 tokens in all of a month (premium ones count 5), 3 visitors a
    day, a peak of 10 builds, seats for 5, 50 mails a month and then as many as one likes, 20 tasks a month."""

    calls: Feature
    requests: Feature
    tokens: Feature
    visitors: Feature
    builds: Feature
    seats: Feature
    mails: Feature
    sso: Feature
    plan: Plan


def metered_feature(
    key: str, name: str, reset: Reset, aggregation: Aggregation = Aggregation.SUM, **more: Any
) -> Feature:
    feature = FeatureFactory(
        key=key, name=name, kind=Kind.METERED, aggregation=aggregation, unit=more.pop("unit", "call"), **more
    )
    FeatureRevisionFactory(feature=feature, default_reset=reset)
    return feature


@remembered
def metered() -> Metered:
    tokens = metered_feature("tokens", "Tokens", Reset.MONTH, unit="token")
    model = DimensionFactory(feature=tokens, key="model", name="Model")
    DimensionChoiceFactory(dimension=model, key="plain", name="Plain")
    DimensionChoiceFactory(dimension=model, key="premium", name="Premium", weight_thousandths=5000)
    world = Metered(
        calls=metered_feature("calls", "API calls", Reset.MONTH),
        requests=metered_feature("requests", "Requests", Reset.MINUTE, unit="request"),
        tokens=tokens,
        visitors=metered_feature("visitors", "Visitors", Reset.DAY, Aggregation.DISTINCT, unit="visitor"),
        builds=metered_feature("builds", "Builds at once", Reset.DAY, Aggregation.PEAK, unit="build"),
        seats=SeatsFactory(key="seats", name="Seats"),
        mails=metered_feature("mails", "Mails", Reset.MONTH, unit="mail"),
        sso=FeatureFactory(key="sso", name="Single sign-on"),
        plan=PlanFactory(key="pro", name="Pro"),
    )
    draft = PlanVersionFactory(plan=world.plan)
    gives = {
        world.calls: 1000,
        world.requests: 60,
        world.tokens: 100,
        world.visitors: 3,
        world.builds: 10,
        world.seats: 5,
    }
    for feature, amount in gives.items():
        keep(term(draft, feature, Decimal(amount)), deed=begin(by=SYSTEM, at=EPOCH))
    keep(term(draft, world.mails, Decimal(50), enforcement=Enforcement.SOFT), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    return world


def plan_of(
    feature: Feature, amount: int, key: str = "plan", prices: Iterable[tuple[int, int]] = (), **columns: Any
) -> Plan:
    """A plan that gives so much of one feature; beyond it, so many millionths of a dollar for so many."""
    draft = PlanVersionFactory(plan=PlanFactory(key=key, name=key.title()))
    row = keep(term(draft, feature, Decimal(amount), **columns), deed=begin(by=SYSTEM, at=EPOCH))
    for position, (micros, per) in enumerate(prices):
        line = PriceLine(term=row, position=position, amount_micros=micros, currency="USD", per_amount=per)
        keep(line, deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    return draft.plan


def priced(*keys: str, key: str = "acme") -> tuple[Account, list[Feature]]:
    """A customer who pays a dollar for each unit of these features, and caps what it pays in all at ten."""
    features = [metered_feature(one, one.title(), Reset.MONTH) for one in keys]
    acme = account(key, zone="UTC")
    for feature in features:
        dear = plan_of(feature, 0, feature.key, prices=[(1_000_000, 1)], enforcement=Enforcement.TRACK)
        subscribed(acme, dear)
    set_cap(account=acme, feature=None, amount_micros=10_000_000, currency="USD", by=SYSTEM, at=AT)
    return acme, features


def customer(world: Metered, key: str = "acme", *, zone: str = "UTC", **more: Any) -> Account:
    held_by = account(key, zone=zone, **more)
    subscribed(held_by, world.plan)
    return held_by


def operation(
    held_by: Account, feature: Feature, quantity: int = 1, *, act: Act = Act.CONSUME, at: datetime = AT, **more: Any
) -> Operation:
    """What a product would tell, under an id of its own unless it says which."""
    told = {"id": f"event-{next(_numbers)}", "source": "shop"} | more
    parts = {name: told[name] for name in ("subject", "choice", "value") if name in told}
    digest = digest_of(act, held_by.pk, feature.key, Decimal(quantity), at=at, **parts)
    return Operation(
        act, account_id=held_by.pk, feature=feature.key, quantity=Decimal(quantity), at=at, digest=digest, **told
    )


def told(*operations: Operation, at: datetime = AT) -> list[Answer]:
    return record(operations, by=SYSTEM, at=at)


def use(held_by: Account, feature: Feature, quantity: int = 1, *, now: datetime | None = None, **more: Any) -> Outcome:
    """One operation and what came of it."""
    given = operation(held_by, feature, quantity, **more)
    [outcome] = told(given, at=now or given.at)
    assert isinstance(outcome, Outcome), outcome
    return outcome
