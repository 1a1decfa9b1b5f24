"""May this account do this, and why: the same answers as the screens, for engineers."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from entitlements.api.render import render_entitlement, render_explanation
from entitlements.api.schemas import EntitlementAnswer, EntitlementSet, ExplanationAnswer, ExplanationSet
from entitlements.domain.resolution import Resolution
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots.account import UnknownAccount
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound

SCOPE = "entitlements:read"

router = Router(tags=["Entitlements"], auth=KeyAuth(SCOPE))


class Moment(Schema):
    """Which instant is asked about, and as known when."""

    at: Annotated[
        Instant | None, Field(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None
    known_at: Annotated[
        Instant | None,
        Field(description="Answer from what was known at this instant, instead of from what is known today."),
    ] = None


def _resolved(key: str, moment: Moment) -> tuple[Account, dict[str, Any], dict[str, Resolution]]:
    account = account_by_key(key)
    now = timezone.now()
    if moment.known_at is not None and moment.known_at > now:
        raise Invalid("What will be known later can't be told; ask about a moment that has passed.", field="known_at")
    at: datetime = moment.at or now
    try:
        resolutions = entitlements_of(account=account, at=at, known_at=moment.known_at)
    except UnknownAccount:
        raise NotFound(f"The account {key!r} was not known yet at {moment.known_at}.") from None
    return account, {"account": account.key, "at": at, "known_at": moment.known_at}, dict(resolutions)


def _one(resolutions: dict[str, Resolution], feature: str) -> Resolution:
    try:
        return resolutions[feature]
    except KeyError:
        raise NotFound(f"No feature has the key {feature!r}.") from None


@router.get("/accounts/{key}/entitlements", response={200: EntitlementSet, **PROBLEMS}, summary="The whole set")
def entitlement_set(request: HttpRequest, key: str, moment: Query[Moment]) -> Any:
    """Everything the account may do at an instant. The key is ours, or any connected system's id (`stripe:cus_1`)."""
    _account, head, resolutions = _resolved(key, moment)
    return EntitlementSet(**head, entitlements=[render_entitlement(r) for r in resolutions.values()])


@router.get(
    "/accounts/{key}/entitlements/{feature}", response={200: EntitlementAnswer, **PROBLEMS}, summary="One feature"
)
def entitlement(request: HttpRequest, key: str, feature: str, moment: Query[Moment]) -> Any:
    """What the account may do with one feature at an instant."""
    _account, head, resolutions = _resolved(key, moment)
    return EntitlementAnswer(**head, entitlement=render_entitlement(_one(resolutions, feature)))


@router.get(
    "/accounts/{key}/entitlements/{feature}/explain",
    response={200: ExplanationAnswer, **PROBLEMS},
    summary="One feature, with every reason",
)
def explanation(request: HttpRequest, key: str, feature: str, moment: Query[Moment]) -> Any:
    """The same answer with every source that spoke, kept or lost, and the rule that decided, in words."""
    account, head, resolutions = _resolved(key, moment)
    return ExplanationAnswer(**head, explanation=render_explanation(_one(resolutions, feature), zone=account.zone))


@router.get("/accounts/{key}/explain", response={200: ExplanationSet, **PROBLEMS}, summary="All, with every reason")
def explanation_set(request: HttpRequest, key: str, moment: Query[Moment]) -> Any:
    """Every feature of the account with its reasons."""
    account, head, resolutions = _resolved(key, moment)
    return ExplanationSet(**head, explanations=[render_explanation(r, zone=account.zone) for r in resolutions.values()])
