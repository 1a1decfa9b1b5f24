"""May this account do this, and why: the same answers as the screens, for engineers."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from entitlements.actions.answers_given import remember_answer
from entitlements.api.render import render_entitlement, render_explanation, render_told
from entitlements.api.schemas import (
    Entitlement,
    EntitlementAnswer,
    EntitlementSet,
    Explanation,
    ExplanationAnswer,
    ExplanationSet,
)
from entitlements.domain.decision import ANYTHING, Asked, UnfitQuestion
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.safeguards import Safeguard, safeguards
from entitlements.in_use import in_use
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots.account import UnknownAccount
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound

SCOPE = "entitlements:read"

LARGEST = 2**63 - 1  # what the desk can store of any feature
MOST_TYPED = 200

router = Router(tags=["Entitlements"], auth=KeyAuth(SCOPE))
logger = logging.getLogger("entitlements.api")


class Moment(Schema):
    """Which instant is asked about, and as known when."""

    at: Annotated[
        Instant | None, Field(description="The instant asked about, between 1970 and 2200; now if left out.")
    ] = None
    known_at: Annotated[
        Instant | None,
        Field(description="Answer from what was known at this instant, instead of from what is known today."),
    ] = None


class Question(Moment):
    """What somebody wants to do with the feature; amounts in its smallest unit."""

    quantity: Annotated[
        int | None, Field(ge=0, le=LARGEST, description="How much more is asked for; anything at all if left out.")
    ] = None
    used: Annotated[
        int | None,
        Field(ge=0, le=LARGEST, description="How much is in use; where left out, what the desk knows, if anything."),
    ] = None
    choice: Annotated[
        str,
        Field(max_length=MOST_TYPED, description="The choice asked for, of a configuration or by which use is parted."),
    ] = ""

    @property
    def asked(self) -> Asked:
        quantity, used = (None if amount is None else Decimal(amount) for amount in (self.quantity, self.used))
        return Asked(quantity, used, self.choice)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What was asked about one account: the head of every answer, and each feature with its safeguard.

    `now`: asked neither about the past nor about the future, so that programs act on it.
    """

    account: Account
    head: dict[str, Any]
    resolutions: dict[str, Resolution]
    safeguards: dict[str, Safeguard]
    now: bool

    def entitlement(self, feature: str) -> Entitlement:
        return render_entitlement(_one(self.resolutions, feature), safeguard=self.safeguards.get(feature))

    def explanation(self, feature: str, asked: Asked = ANYTHING) -> Explanation:
        resolution, zone = _one(self.resolutions, feature), self.account.zone
        if asked.used is None and self.now:
            asked = replace(asked, used=in_use(self.account, self.head["at"]).get(feature))
        try:
            return render_explanation(resolution, zone=zone, asked=asked, safeguard=self.safeguards.get(feature))
        except UnfitQuestion as unfit:
            raise Invalid(str(unfit), field=unfit.field) from None


def _resolved(key: str, moment: Moment) -> _Answers:
    account = account_by_key(key)
    now = timezone.now()
    if moment.known_at is not None and moment.known_at > now:
        raise Invalid("What will be known later can't be told; ask about a moment that has passed.", field="known_at")
    at: datetime = moment.at or now
    try:
        facts = facts_of(account=account, known_at=moment.known_at)
    except UnknownAccount:
        raise NotFound(f"The account {key!r} was not known yet at {moment.known_at}.") from None
    head = {"account": account.key, "at": at, "known_at": moment.known_at}
    now_asked = moment.at is None and moment.known_at is None
    return _Answers(account, head, resolve(facts, at=at), safeguards(facts, at=at), now=now_asked)


def _remember(request: HttpRequest, found: _Answers, told: Iterable[Entitlement]) -> None:
    """What programs act on is kept; that it couldn't be kept is no reason to leave them without an answer."""
    if not found.now:
        return
    answers = {answer.feature: render_told(answer) for answer in told}
    try:
        remember_answer(account=found.account, answers=answers, by=request.auth, at=found.head["at"])  # type: ignore[attr-defined]
    except Exception:
        logger.exception("What was told about %s was not remembered.", found.account.key)


def _one(resolutions: dict[str, Resolution], feature: str) -> Resolution:
    try:
        return resolutions[feature]
    except KeyError:
        raise NotFound(f"No feature has the key {feature!r}.") from None


@router.get("/accounts/{key}/entitlements", response={200: EntitlementSet, **PROBLEMS}, summary="The whole set")
def entitlement_set(request: HttpRequest, key: str, moment: Query[Moment]) -> Any:
    """Everything the account may do at an instant. The key is ours, or any connected system's id (`stripe:cus_1`)."""
    found = _resolved(key, moment)
    answers = [found.entitlement(feature) for feature in found.resolutions]
    _remember(request, found, answers)
    return EntitlementSet(**found.head, entitlements=answers)


@router.get(
    "/accounts/{key}/entitlements/{feature}", response={200: EntitlementAnswer, **PROBLEMS}, summary="One feature"
)
def entitlement(request: HttpRequest, key: str, feature: str, moment: Query[Moment]) -> Any:
    """What the account may do with one feature at an instant."""
    found = _resolved(key, moment)
    answer = found.entitlement(feature)
    _remember(request, found, [answer])
    return EntitlementAnswer(**found.head, entitlement=answer)


@router.get(
    "/accounts/{key}/entitlements/{feature}/explain",
    response={200: ExplanationAnswer, **PROBLEMS},
    summary="One feature, with every reason",
)
def explanation(request: HttpRequest, key: str, feature: str, question: Query[Question]) -> Any:
    """The same answer with every source that spoke, kept or lost, the rule that decided, and what that means for what
    is asked, in the words of the screen.
    """
    found = _resolved(key, question)
    answer = found.explanation(feature, question.asked)
    _remember(request, found, [answer])
    return ExplanationAnswer(**found.head, explanation=answer)


@router.get("/accounts/{key}/explain", response={200: ExplanationSet, **PROBLEMS}, summary="All, with every reason")
def explanation_set(request: HttpRequest, key: str, moment: Query[Moment]) -> Any:
    """Every feature of the account with its reasons."""
    found = _resolved(key, moment)
    answers = [found.explanation(feature) for feature in found.resolutions]
    _remember(request, found, answers)
    return ExplanationSet(**found.head, explanations=answers)
