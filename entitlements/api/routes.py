"""May this account do this, and why: the same answers as the screens, for engineers."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from catalog.domain.values import Kind
from entitlements.actions.answers_given import remember_answer
from entitlements.api.render import render_decision, render_entitlement, render_explanation, render_told, render_value
from entitlements.api.schemas import (
    Entitlement,
    EntitlementAnswer,
    EntitlementSet,
    Explanation,
    ExplanationAnswer,
    ExplanationSet,
    UseNow,
)
from entitlements.domain.decision import ANYTHING, Asked, UnfitQuestion
from entitlements.domain.safeguards import Safeguard
from entitlements.domain.usage.saying import by_balance
from entitlements.domain.usage.terms import UseTerms, use_terms
from entitlements.in_use import in_use
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from entitlements.queries.usage.used_now import Used, used_now
from entitlements.snapshots import Reader, snapshot_facts
from entitlements.snapshots.account import UnknownAccount
from journal.api.auth import KeyAuth
from journal.api.conditional import CONDITIONAL, etag_of, is_unchanged
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
    terms: Mapping[str, UseTerms]
    used: Mapping[str, Used]
    now: bool

    def entitlement(self, feature: str) -> Entitlement:
        terms = _one(self.terms, feature)
        told = render_entitlement(terms.answer, safeguard=_safeguard(terms))
        told.use = _use(self.used.get(feature))
        told.granted = told.granted or self._bought(feature)
        return told

    def explanation(self, feature: str, asked: Asked = ANYTHING) -> Explanation:
        terms, zone = _one(self.terms, feature), self.account.zone
        if asked.used is None and self.now:
            asked = replace(asked, used=self._in_use(feature))
        try:
            told = render_explanation(terms.answer, zone=zone, asked=asked, safeguard=_safeguard(terms))
        except UnfitQuestion as unfit:
            raise Invalid(str(unfit), field=unfit.field) from None
        used = self.used.get(feature)
        told.use = _use(used)
        if used is not None and self._bought(feature) and isinstance(used.left, Decimal):
            amount = Decimal(1) if asked.quantity is None else asked.quantity
            decision = by_balance(terms, free=used.left, amount=amount)
            told.granted, told.decision = True, render_decision(decision)
            told.in_words = [*told.in_words[:-1], decision.words]
        return told

    def _bought(self, feature: str) -> bool:
        """Whether there are credits to use that no plan gives."""
        used = self.used.get(feature)
        return used is not None and used.bought

    def _in_use(self, feature: str) -> Decimal | None:
        """By the counters, holds included, or by who else counts: of several the most. None where it isn't one figure:
        each seat has its own, and credits are bounded by their balance."""
        terms, used = self.terms[feature], self.used.get(feature)
        if terms.shape.kind is Kind.CREDIT or terms.answer.each_of is not None:
            return None
        known = [amount for amount in (in_use(self.account, self.head["at"]).get(feature),) if amount is not None]
        return max(*known, used.used + used.held, Decimal(0)) if used else max(known, default=None)


def _resolved(key: str, moment: Moment) -> _Answers:
    account = account_by_key(key)
    now = timezone.now()
    if moment.known_at is not None and moment.known_at > now:
        raise Invalid("What will be known later can't be told; ask about a moment that has passed.", field="known_at")
    at: datetime = moment.at or now
    now_asked = moment.at is None and moment.known_at is None
    try:
        facts = snapshot_facts(account.pk, reader=Reader(moment.known_at), billing=now_asked)
    except UnknownAccount:
        raise NotFound(f"The account {key!r} was not known yet at {moment.known_at}.") from None
    head = {"account": account.key, "at": at, "known_at": moment.known_at}
    terms = use_terms(facts, at=at)
    return _Answers(
        account, head, terms, used_now(account, terms, facts=facts, at=at) if now_asked else {}, now=now_asked
    )


def _safeguard(terms: UseTerms) -> Safeguard:
    return Safeguard(terms.reliance, terms.thresholds, terms.buffer_percent)


def _use(used: Used | None) -> UseNow | None:
    if used is None:
        return None
    left = render_value(used.left)
    return UseNow(used=int(used.used), held=int(used.held), left=left, resets_at=used.resets_at)


def _remember(request: HttpRequest, found: _Answers, told: Iterable[Entitlement]) -> None:
    """What programs act on is kept; that it couldn't be kept is no reason to leave them without an answer."""
    if not found.now:
        return
    answers = {answer.feature: render_told(answer) for answer in told}
    try:
        remember_answer(account=found.account, answers=answers, by=request.auth, at=found.head["at"])  # type: ignore[attr-defined]
    except Exception:
        logger.exception("What was told about %s was not remembered.", found.account.key)


def _one(terms: Mapping[str, UseTerms], feature: str) -> UseTerms:
    try:
        return terms[feature]
    except KeyError:
        raise NotFound(f"No feature has the key {feature!r}.") from None


@router.get(
    "/accounts/{key}/entitlements",
    response={200: EntitlementSet, 304: None, **PROBLEMS},
    summary="The whole set",
    openapi_extra=CONDITIONAL,
)
def entitlement_set(request: HttpRequest, response: HttpResponse, key: str, moment: Query[Moment]) -> Any:
    """Everything the account may do at an instant, and how far it has come where that is now. The key is ours, or any
    connected system's id (`stripe:cus_1`). `If-None-Match` with the last ETag gets 304 as long as nothing changed but
    the hour.
    """
    found = _resolved(key, moment)
    answers = [found.entitlement(feature) for feature in found.terms]
    _remember(request, found, answers)
    whole = EntitlementSet(**found.head, entitlements=answers)
    etag = etag_of(whole.model_dump_json(exclude={"at"} if found.now else None).encode())
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    if is_unchanged(request.headers.get("If-None-Match", ""), etag):
        return Status(304, None)
    return whole


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
    answers = [found.explanation(feature) for feature in found.terms]
    _remember(request, found, answers)
    return ExplanationSet(**found.head, explanations=answers)
