"""The runtime's addresses: check, consume, report, reserve, and usage as CloudEvents.

Bodies are read and answers written by `entitlements/api/runtime`, as the raw application does; the OpenAPI document is
made of the same Structs (`runtime/document.py`).
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from entitlements.actions.usage.recording import SCOPE as COUNT
from entitlements.api.runtime.answers import (
    BatchAnswer,
    CheckAnswer,
    ManyAnswer,
    ReservationAnswer,
    UseAnswer,
    encode,
)
from entitlements.api.runtime.checking import SCOPE as READ
from entitlements.api.runtime.checking import check, check_many, gate
from entitlements.api.runtime.cloud_events import take_in
from entitlements.api.runtime.document import PROBLEMS, described, events_described, gate_described
from entitlements.api.runtime.gating import read_gate
from entitlements.api.runtime.requests import (
    MOST_BYTES,
    BatchRequest,
    CheckRequest,
    CommitRequest,
    ManyRequest,
    ReserveRequest,
    UseRequest,
    decode,
    decode_use,
    refuse_size,
)
from entitlements.api.runtime.reserving import commit_reservation, release_reservation, reservation_of
from entitlements.api.runtime.using import consume, consume_many, report, report_many, reserve
from journal.api.auth import KeyAuth
from journal.api.idempotency import HEADER, idempotent_by_itself
from journal.domain.actor import Actor
from journal.domain.idempotency import parse_key

router = Router(tags=["Runtime"])
One: TypeAlias = Callable[..., UseAnswer]
Many: TypeAlias = Callable[..., ManyAnswer]


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _said(answer: Any) -> HttpResponse:
    return HttpResponse(encode(answer), content_type="application/json")


def _body(request: HttpRequest) -> bytes:
    """All of it; what is too large is refused before it is read."""
    try:
        return request.body if int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_BYTES else refuse_size()
    except RequestDataTooBig:
        return refuse_size()


def _key(request: HttpRequest) -> str:
    header = request.headers.get(HEADER)
    return "" if header is None else parse_key(header)


@router.post(
    "/check",
    response=PROBLEMS,
    auth=KeyAuth(READ),
    summary="May it do this now?",
    url_name="check",
    openapi_extra=described(CheckRequest, CheckAnswer),
)
def check_one(request: HttpRequest) -> Any:
    """May this account do this, and how much is left? Nothing is counted. A refusal names what would allow it.

    `consistent` reads the counters themselves; otherwise what is used may come from memory, as of `as_of`. With `at`
    or `known_at` the terms of another moment answer, and what was in use then is not told.
    """
    asked = decode(_body(request), CheckRequest)
    return _said(check(asked, by=_by(request), now=timezone.now()))


@router.post(
    "/checks",
    response=PROBLEMS,
    auth=KeyAuth(READ),
    summary="Many checks at once",
    url_name="checks",
    openapi_extra=described(BatchRequest, BatchAnswer),
)
def check_batch(request: HttpRequest) -> Any:
    """Up to 100 accounts by 100 features. What is wrong with one account's name is told in its place."""
    asked = decode(_body(request), BatchRequest)
    return _said(check_many(asked, by=_by(request), now=timezone.now()))


@router.get(
    "/gate",
    response=PROBLEMS,
    auth=KeyAuth(READ),
    summary="May it pass?",
    url_name="gate",
    openapi_extra=gate_described(),
)
def gate_one(request: HttpRequest) -> Any:
    """A check for a proxy (docs/gateway.md): 204 lets it pass, 403 refuses, with the reason in `Entitlement-Why`.

    `Cache-Control` makes any HTTP cache obey the feature's fallback: how long the answer is fresh, and how long it may
    be given again while the desk can't be reached.
    """
    told = gate(read_gate(request.GET.dict(), request.headers), by=_by(request), now=timezone.now())
    return HttpResponse(told.body, status=told.status, headers=told.headers)


@router.post(
    "/consume",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Check and count",
    url_name="consume",
    openapi_extra=described((UseRequest, ManyRequest), (UseAnswer, ManyAnswer)),
)
@idempotent_by_itself
def consume_use(request: HttpRequest) -> Any:
    """Count what is about to be used, if it is allowed: all limits that apply, or nothing. Once for each id.

    `allowed: false` is an answer (200): nothing was counted, and it may be asked again under the same id. Up to 1,000
    at once under `events`, each answered by itself.
    """
    return _use(request, consume, consume_many)


@router.post(
    "/report",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Count what happened",
    url_name="report",
    openapi_extra=described((UseRequest, ManyRequest), (UseAnswer, ManyAnswer)),
)
@idempotent_by_itself
def report_use(request: HttpRequest) -> Any:
    """Count what has been used, also past the limit, in the period in which it happened. Once for each id."""
    return _use(request, report, report_many)


def _use(request: HttpRequest, one: One, many: Many) -> HttpResponse:
    asked, by, now = decode_use(_body(request)), _by(request), timezone.now()
    if isinstance(asked, list):
        return _said(many(asked, by=by, now=now))
    return _said(one(asked, by=by, now=now, key=_key(request)))


@router.post(
    "/reservations",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Hold an estimate",
    url_name="reservations",
    openapi_extra=described(ReserveRequest, UseAnswer),
)
@idempotent_by_itself
def reserve_use(request: HttpRequest) -> Any:
    """Hold an estimate for work whose size is known at the end. It is given back by itself after `hold_seconds`."""
    asked = decode(_body(request), ReserveRequest)
    return _said(reserve(asked, by=_by(request), now=timezone.now(), key=_key(request)))


@router.get(
    "/reservations/{key}",
    response=PROBLEMS,
    auth=KeyAuth(READ),
    summary="A reservation",
    url_name="reservation",
    openapi_extra=described(None, ReservationAnswer),
)
def reservation_show(request: HttpRequest, key: str) -> Any:
    """How a reservation stands."""
    return _said(reservation_of(key, now=timezone.now()))


@router.post(
    "/reservations/{key}/commit",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Count what it came to",
    url_name="reservation_commit",
    openapi_extra=described(CommitRequest, UseAnswer),
)
@idempotent_by_itself
def reservation_commit(request: HttpRequest, key: str) -> Any:
    """Count what the held work truly came to, more or less than was held; the rest is given back. Once."""
    asked = decode(_body(request), CommitRequest)
    return _said(commit_reservation(key, asked, by=_by(request), now=timezone.now()))


@router.post(
    "/reservations/{key}/release",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Give it back",
    url_name="reservation_release",
    openapi_extra=described(None, ReservationAnswer),
)
@idempotent_by_itself
def reservation_release(request: HttpRequest, key: str) -> Any:
    """Give back what a reservation holds, because the work was not done."""
    return _said(release_reservation(key, by=_by(request), now=timezone.now()))


@router.post(
    "/events",
    response=PROBLEMS,
    auth=KeyAuth(COUNT),
    summary="Usage as CloudEvents",
    url_name="events",
    openapi_extra=events_described(),
)
@idempotent_by_itself
def events_in(request: HttpRequest) -> Any:
    """Usage as CloudEvents 1.0: one as application/cloudevents+json or with `ce-` headers, up to 1,000 as
    application/cloudevents-batch+json. Each is a report, counted once for its source and id, and answered by itself.
    """
    kind = request.headers.get("Content-Type", "")
    body, by = _body(request), _by(request)
    return _said(take_in(body, content_type=kind, headers=request.headers, by=by, now=timezone.now()))
