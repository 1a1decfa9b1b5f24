"""What the runtime answers. Amounts are whole numbers of the feature's smallest unit; instants are UTC."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from catalog.domain.units import smallest_unit
from catalog.domain.values import UNLIMITED, Amount, Nature
from entitlements.api.render import render_value
from entitlements.domain.usage.operations import Outcome
from entitlements.domain.usage.terms import UseTerms

Source = Literal["live", "cache", "fallback"]
Instant = datetime | None


class FieldFault(Struct, frozen=True):
    field: str
    detail: str


class ProblemAnswer(Struct, frozen=True):
    """What was wrong with one of several (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldFault] = []


class OfferAnswer(Struct, frozen=True):
    """A plan or an add-on on sale in the account's market that would allow it."""

    plan: str
    name: str
    kind: Literal["plan", "add_on"]
    prices: Annotated[list[str], Meta(description="In words.", examples=[["$25 a month"]])]
    buy_url: Annotated[str | None, Meta(description="Where to buy it; null where the desk knows no such place.")] = None


class FallbackAnswer(Struct, frozen=True):
    """What to do while the desk can't be reached."""

    on_unreachable: Literal["allow", "deny", "last_known"]
    max_age_seconds: int | None = None


class BoundAnswer(Struct, frozen=True, kw_only=True):
    """One of several limits that bound it: the account's, a subject's, a choice's, or what is shared with a parent."""

    of: Literal["account", "subject", "choice", "parent"]
    name: str = ""
    limit: int | None = None
    used: int
    held: int
    left: int | None = None
    resets_at: Instant = None


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """Whether it is allowed, and how far the account has come."""

    account: str
    feature: str
    allowed: bool
    because: Annotated[str, Meta(description="In words.", examples=["within the limit"])]
    why: Annotated[str | None, Meta(description="The kind of refusal, for programs; null where it is allowed.")] = None
    certain: Annotated[bool, Meta(description="false: allowed only if no more is in use than `because` says.")] = True
    kind: str
    granted: Annotated[bool, Meta(description="Whether the account has the feature at all.")]
    value: Annotated[Any, Meta(description="true, a whole number, a choice, a list or a text; null with `unlimited`.")]
    unlimited: bool = False
    unit: str = ""
    limit: Annotated[int | None, Meta(description="Of what is counted; null: not counted, or unlimited.")] = None
    used: Annotated[int | None, Meta(description="In this period; null: not counted, or not known here.")] = None
    held: Annotated[int | None, Meta(description="By reservations.")] = None
    left: Annotated[int | None, Meta(description="null: not counted, not known here, or unlimited.")] = None
    resets_at: Annotated[Instant, Meta(description="When use starts again at nothing; null: never.")] = None
    enforcement: str | None = None
    bounds: Annotated[list[BoundAnswer], Meta(description="Where more than one limit applies, all of them.")] = []
    valid_until: Annotated[Instant, Meta(description="The terms can't change before this; use can.")] = None
    fallback: FallbackAnswer | None = None
    offers: Annotated[list[OfferAnswer], Meta(description="On a refusal: what would allow it.")] = []
    at: datetime
    as_of: Annotated[datetime, Meta(description="When what the answer rests on was known to be so.")]
    source: Annotated[Source, Meta(description="live: from the rows; cache: from memory, as of `as_of`.")] = "live"
    explanation: Annotated[
        dict[str, Any] | None, Meta(description="With `explain`: every reason, as under …/explain.")
    ] = None


class AccountChecks(Struct, frozen=True):
    """One account's answers, or what is wrong with its name."""

    account: str
    answers: list[CheckAnswer] = []
    problem: ProblemAnswer | None = None


class BatchAnswer(Struct, frozen=True):
    """In the order asked."""

    accounts: list[AccountChecks]
    at: datetime


class UseAnswer(Struct, frozen=True, kw_only=True):
    """What became of it. Not allowed: nothing was counted or held, and `why` says what stood against it."""

    id: str
    source: str
    account: str
    feature: str
    allowed: bool
    because: str
    why: str | None = None
    quantity: Annotated[int, Meta(description="What was counted or held, weights applied; 0 where refused.")]
    used: int
    held: int
    limit: Annotated[int | None, Meta(description="null with `unlimited`.")] = None
    left: Annotated[int | None, Meta(description="null with `unlimited`.")] = None
    unlimited: bool = False
    over: Annotated[int, Meta(description="How far use is past the limit.")] = 0
    resets_at: Instant = None
    replayed: Annotated[bool, Meta(description="It was told before; this is what was answered then.")] = False
    reservation: Annotated[str | None, Meta(description="The key of the hold.")] = None
    held_until: Instant = None
    offers: list[OfferAnswer] = []
    at: Annotated[datetime, Meta(description="When the desk answered.")]


class ItemAnswer(Struct, frozen=True):
    """One of several: its answer, or its problem."""

    id: str
    status: int
    answer: UseAnswer | None = None
    problem: ProblemAnswer | None = None


class ManyAnswer(Struct, frozen=True):
    """In the order told."""

    results: list[ItemAnswer]


class ReservationAnswer(Struct, frozen=True, kw_only=True):
    """A reservation as it stands."""

    reservation: str
    account: str
    feature: str
    state: Literal["held", "committed", "released", "expired"]
    quantity: Annotated[int, Meta(description="As it was estimated.")]
    held: Annotated[int, Meta(description="What it holds now, weights applied.")]
    subject: str
    choice: str
    reserved_at: datetime
    held_until: datetime
    settled_at: Instant = None


def encode(answer: Any) -> bytes:
    return msgspec.json.encode(answer)


def whole(amount: Amount | None) -> int | None:
    """As JSON says it: null where there is no limit."""
    return None if amount is None or amount is UNLIMITED else int(amount)


def utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def unit_of(terms: UseTerms) -> str:
    return smallest_unit(terms.shape) if terms.shape.nature is Nature.QUANTITY else ""


def head_of(terms: UseTerms) -> dict[str, Any]:
    """What every answer about a feature says of its terms."""
    answer, reliance = terms.answer, terms.reliance
    return {
        "feature": terms.shape.key,
        "kind": terms.shape.kind.value,
        "granted": answer.granted,
        "value": render_value(answer.value),
        "unlimited": answer.value is UNLIMITED,
        "unit": unit_of(terms),
        "enforcement": answer.enforcement.value if answer.granted and terms.counted else None,
        "valid_until": utc(answer.valid_until),
        "fallback": FallbackAnswer(reliance.fallback.value, reliance.max_age_seconds),
    }


def use_answer(
    outcome: Outcome,
    *,
    id: str,
    source: str,
    account: str,
    feature: str,
    at: datetime,
    offers: list[OfferAnswer] | None = None,
) -> UseAnswer:
    """What is told of an operation that was decided."""
    return UseAnswer(
        id=id,
        source=source,
        account=account,
        feature=feature,
        allowed=outcome.allowed,
        because=outcome.because,
        why=None if outcome.why is None else outcome.why.value,
        quantity=int(outcome.quantity) if outcome.allowed else 0,
        used=int(outcome.used),
        held=int(outcome.held),
        limit=whole(outcome.limit),
        left=whole(outcome.left),
        unlimited=outcome.limit is UNLIMITED,
        over=int(outcome.over),
        resets_at=utc(outcome.resets_at),
        replayed=outcome.replayed,
        reservation=outcome.reservation or None,
        held_until=utc(outcome.until),
        offers=offers or [],
        at=at,
    )
