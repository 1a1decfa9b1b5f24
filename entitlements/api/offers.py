"""What could this account upgrade to: what is on sale in its market, and what each would change for it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import Field as Described

from catalog.models import Feature
from entitlements.api.render import render_entitlement
from entitlements.api.routes import SCOPE
from entitlements.api.schemas import Entitlement
from entitlements.domain.figures import FeatureEffect
from entitlements.queries.accounts import account_by_key
from entitlements.queries.selling.offers import Offer, offers, to_get
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import NotFound

router = Router(tags=["Offers"], auth=KeyAuth(SCOPE))


class Difference(Schema):
    """One feature as it is today and as it would be."""

    feature: str = Field(examples=["sso"])
    name: str = Field(examples=["Single sign-on"])
    before: str = Field(examples=["not included"])
    after: str = Field(examples=["on"])


class OfferedPlan(Schema):
    """A plan or an add-on the account could buy at that instant."""

    plan: str = Field(description="The key of the plan or add-on.", examples=["team"])
    name: str = Field(examples=["Team"])
    kind: Literal["plan", "add_on"]
    version: int = Field(description="The number of the version a customer would get.")
    instead_of: str = Field("", description="The plan whose place it takes; empty where it comes besides.")
    held: int = Field(0, description="How many of it the account has already.")
    prices: list[str] = Field(description="What it costs, in words.", examples=[["$25 a month"]])
    gains: list[Difference]
    losses: list[Difference]
    others: list[Difference] = Field(description="What is otherwise, and neither better nor worse.")
    entitlement: Entitlement | None = Field(
        None, description="What the account would have of the feature asked about; null if none was."
    )


class OfferSet(Schema):
    account: str
    at: datetime = Field(description="The instant the answer is for.")
    standing: Literal["open", "suspended", "closed"] = Field(
        description="An account that isn't open is offered nothing."
    )
    feature: str | None = None
    offers: list[OfferedPlan]


class Asked(Schema):
    """Which instant is asked about, and for the sake of which feature."""

    at: Annotated[
        Instant | None, Described(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None
    feature: Annotated[
        str | None, Described(description="The key of a feature: only what would give the account more of it.")
    ] = None


@router.get("/accounts/{key}/offers", response={200: OfferSet, **PROBLEMS}, summary="What the account could upgrade to")
def offer_set(request: HttpRequest, key: str, asked: Query[Asked]) -> Any:
    """The plans and add-ons on sale in the account's market, each with what the account would gain and lose."""
    account, at = account_by_key(key), asked.at or timezone.now()
    feature = None if asked.feature is None else feature_by_key(asked.feature)
    found = offers(account=account, at=at) if feature is None else to_get(account=account, feature=feature, at=at)
    about = None if feature is None else feature.key
    return OfferSet(
        account=account.key,
        at=at,
        standing=found.standing.value,
        feature=about,
        offers=[render_offer(offer, feature=about) for offer in found.offers],
    )


def feature_by_key(key: str) -> Feature:
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No feature has the key {key!r}.")
    return found


def render_offer(offer: Offer, *, feature: str | None) -> OfferedPlan:
    bought = offer.upgrade
    return OfferedPlan(
        plan=bought.version.plan,
        name=bought.version.plan_name,
        kind=bought.version.kind.value,
        version=bought.version.number,
        instead_of=bought.instead_of,
        held=bought.held,
        prices=list(offer.prices),
        gains=[_difference(effect) for effect in bought.gains],
        losses=[_difference(effect) for effect in bought.losses],
        others=[_difference(effect) for effect in bought.others],
        entitlement=None if feature is None else render_entitlement(bought.answers[feature]),
    )


def _difference(effect: FeatureEffect) -> Difference:
    return Difference(feature=effect.feature, name=effect.name, before=effect.before, after=effect.after)
