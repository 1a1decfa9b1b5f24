"""What is used, as products tell it: consume, report, reserve; one, or up to a thousand at once.

`prepare` turns requests into operations and `answer_of` turns outcomes into answers; between them stands `record`, so
that whoever gathers the operations of many requests into one transaction says the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias

from msgspec import Raw

from entitlements.actions.answers_given import name_of
from entitlements.actions.usage.access import note_access
from entitlements.actions.usage.recording import SCOPE, Answer, record
from entitlements.api.runtime.answers import ItemAnswer, ManyAnswer, OfferAnswer, UseAnswer, use_answer
from entitlements.api.runtime.knowledge import all_named, known, sources_at
from entitlements.api.runtime.problems import IdMissing, problem_of, refusal_of
from entitlements.api.runtime.refusals import offers_to
from entitlements.api.runtime.requests import ReserveRequest, UseRequest, decode
from entitlements.domain.usage.operations import (
    Act,
    Operation,
    Outcome,
    UnfitUse,
    digest_of,
    is_our_source,
    refuse_moment,
)
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.account_names import Named
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.wanted import NOT_FOR_SALE
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

Asked: TypeAlias = UseRequest | ReserveRequest


@dataclass(frozen=True, slots=True)
class Told:
    """A request that can be decided: the account it means, and the operation."""

    request: Asked
    account: Named
    operation: Operation


def consume(request: UseRequest, *, by: Actor, now: datetime, key: str = "") -> UseAnswer:
    """Check and count: where it is allowed it is counted, once. `key`: the Idempotency-Key, where `id` is left out."""
    return _one(Act.CONSUME, request, by=by, now=now, key=key)


def report(request: UseRequest, *, by: Actor, now: datetime, key: str = "") -> UseAnswer:
    """Count what has happened, once, also past the limit."""
    return _one(Act.REPORT, request, by=by, now=now, key=key)


def reserve(request: ReserveRequest, *, by: Actor, now: datetime, key: str = "") -> UseAnswer:
    """Hold an estimate, once, where it is allowed."""
    return _one(Act.RESERVE, request, by=by, now=now, key=key)


def consume_many(events: Sequence[Raw], *, by: Actor, now: datetime) -> ManyAnswer:
    return tell_many(Act.CONSUME, read_many(events), by=by, now=now)


def report_many(events: Sequence[Raw], *, by: Actor, now: datetime) -> ManyAnswer:
    return tell_many(Act.REPORT, read_many(events), by=by, now=now)


def read_many(events: Sequence[Raw]) -> list[UseRequest | Refusal]:
    """Each as a request, or what is wrong with it."""
    return [_tried(partial(decode, event, UseRequest)) for event in events]


def _one(act: Act, request: Asked, *, by: Actor, now: datetime, key: str) -> UseAnswer:
    by.require(SCOPE)
    named = all_named([request.account])
    told = prepare(act, request, named=named, by=by, now=now, key=key)
    sources = sources_at(now, [told.account])
    [outcome] = record([told.operation], by=by, at=now, sources=sources)
    answer = answer_of(told, outcome, by=by, now=now, sources=sources)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def tell_many(act: Act, requests: Sequence[Asked | Refusal], *, by: Actor, now: datetime) -> ManyAnswer:
    """All that can be told in one transaction; each answered by itself, in order."""
    by.require(SCOPE)
    named = all_named({one.account for one in requests if not isinstance(one, Refusal)})
    told = [
        one if isinstance(one, Refusal) else _tried(partial(prepare, act, one, named=named, by=by, now=now))
        for one in requests
    ]
    fit = [one for one in told if isinstance(one, Told)]
    sources = sources_at(now, {one.account for one in fit})
    outcomes = iter(record([one.operation for one in fit], by=by, at=now, sources=sources))
    answers = [
        one if isinstance(one, Refusal) else answer_of(one, next(outcomes), by=by, now=now, sources=sources)
        for one in told
    ]
    return ManyAnswer([item_of(request, answer) for request, answer in zip(requests, answers, strict=True)])


def _tried(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Refusal as refusal:
        return refusal


def prepare(act: Act, request: Asked, *, named: Mapping[str, Named], by: Actor, now: datetime, key: str = "") -> Told:
    """The operation that a request means; a Refusal where it can't be one. `named`: accounts by what they are called."""
    account = known(named, request.account)
    name = request.id or key
    if not name:
        words = "Name what you tell by an “id” of its own, or by the header Idempotency-Key, so that it counts once."
        raise IdMissing(words, field="id")
    _refuse_name(name, request.source, header=not request.id)
    happened = getattr(request, "at", None)
    if happened is not None:
        _refuse_moment(act, happened, now=now)
    quantity = Decimal(request.quantity)
    parts = {"subject": request.subject, "choice": request.choice, "value": request.value}
    return Told(request, account, Operation(
        act=act, source=request.source or by.key, id=name, account_id=account.id, feature=request.feature,
        quantity=quantity, at=happened or now, until=_until(request, now),
        digest=digest_of(act, account.id, request.feature, quantity, at=happened, **parts), **parts,
    ))  # fmt: skip


def _refuse_name(name: str, source: str, *, header: bool) -> None:
    """A header may be longer than an id; and what the desk names itself is nobody else's to name."""
    if len(name) > LONGEST_NAME:
        words = f"An id has at most {LONGEST_NAME} characters, also where the header Idempotency-Key stands for it."
        raise Invalid(words, field="Idempotency-Key" if header else "id")
    if is_our_source(source):
        raise Invalid(f"The desk itself tells under the source {source!r}; name another, or none.", field="source")


def _refuse_moment(act: Act, at: datetime, *, now: datetime) -> None:
    try:
        refuse_moment(act, at, now=now)
    except UnfitUse as unfit:
        raise refusal_of(unfit) from None


def _until(request: Asked, now: datetime) -> datetime | None:
    return now + timedelta(seconds=request.hold_seconds) if isinstance(request, ReserveRequest) else None


def answer_of(told: Told, outcome: Answer, *, by: Actor, now: datetime, sources: Sources) -> UseAnswer | Refusal:
    """What is told of what was decided; whoever asked is noted at its enforcement point."""
    if isinstance(outcome, UnfitUse):
        return refusal_of(outcome)
    operation = told.operation
    if operation.act is not Act.REPORT and not outcome.replayed:
        _note(told, outcome, by=by, now=now, sources=sources)
    return use_answer(
        outcome, id=operation.id, source=operation.source, account=told.account.key, feature=operation.feature, at=now,
        offers=[] if outcome.allowed else _offers(told, outcome, now),
    )  # fmt: skip


def _offers(told: Told, outcome: Outcome, now: datetime) -> list[OfferAnswer]:
    if outcome.why in NOT_FOR_SALE:
        return []
    wanted = outcome.used + outcome.held + outcome.quantity
    return offers_to(told.account.id, told.account.key, told.operation.feature, wanted, at=now)


def _note(told: Told, outcome: Outcome, *, by: Actor, now: datetime, sources: Sources) -> None:
    why = None if outcome.why is None else outcome.why.value
    note_access(
        point=told.request.point,
        feature_id=sources.feature_id(told.operation.feature),
        account_id=told.account.id,
        allowed=outcome.allowed,
        asked_by=name_of(by),
        question=lambda: asdict(told.operation),
        answer=lambda: {"why": why, "because": [outcome.because]},
        at=now,
    )


def item_of(request: Asked | Refusal, answer: UseAnswer | Refusal) -> ItemAnswer:
    name = "" if isinstance(request, Refusal) else request.id
    if isinstance(answer, Refusal):
        problem = problem_of(answer)
        return ItemAnswer(name, problem.status, problem=problem)
    return ItemAnswer(name, HTTPStatus.OK, answer=answer)
