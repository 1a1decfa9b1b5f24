"""Idempotency-Key on every writing operation (draft-ietf-httpapi-idempotency-key-header), by no route's own doing.

`once` is put around each operation by the door. The record and what the operation does are one transaction: both are
kept, or neither. A request that is refused or breaks keeps nothing, so it may be tried again under the same key.
While the first is still running, a repeat waits for it: on PostgreSQL for five seconds, then it is told
`idempotency_key_in_use` (409); on SQLite for its turn to write, as every writer does.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from ninja.operation import Operation

from journal.actions.idempotency import Named, claim, settle
from journal.domain.actor import Actor
from journal.domain.idempotency import parse_key, request_digest
from journal.models import IdempotencyRecord

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_MARK, _BEFORE, _STANDS = "_idempotent_by_itself", "_done_before", "_stands"

View = TypeVar("View", bound=Callable[..., Any])
Answer = TypeVar("Answer", bound=HttpResponse)


def idempotent_by_itself(view: View) -> View:
    """Marks a route (below its @router line) that keeps its own promise, such as usage told once per source and id."""
    setattr(view, _MARK, True)
    return view


def done_before(act: Callable[..., None]) -> Callable[[View], View]:
    """Marks a route (below its @router line) with what may take long and changes nothing: done before the transaction.

    It is called as the route is, with or without a key, and leaves what it found at the request.
    """

    def mark(view: View) -> View:
        setattr(view, _BEFORE, act)
        return view

    return mark


def stands(response: Answer) -> Answer:
    """Marks an answer that tells of a refusal, but of one that was written down: it is kept like any other."""
    setattr(response, _STANDS, True)
    return response


def takes_key(operation: Operation) -> bool:
    """Whether this operation is kept under its key here."""
    return bool(WRITES & set(operation.methods)) and not getattr(operation.view_func, _MARK, False)


def once(operation: Operation) -> Callable[..., Any]:
    """The operation's view, acting once per key where the request bears one."""
    view = operation.view_func

    @wraps(view)
    def act_once(request: HttpRequest, **values: Any) -> Any:
        getattr(view, _BEFORE, _nothing)(request, **values)
        header, by = request.headers.get(HEADER), getattr(request, "auth", None)
        if header is None or not isinstance(by, Actor):
            return view(request, **values)
        key = parse_key(header)
        with transaction.atomic():
            record = claim(_named(request, by=by, key=key), at=now())
            if record.status is not None:
                return _again(record)
            response = _answer(operation, request, view(request, **values), values)
            if response.status_code >= 400 and not getattr(response, _STANDS, False):
                transaction.set_rollback(True)
            else:
                _keep(record, response)
            return response

    return act_once


def _nothing(request: HttpRequest, **values: Any) -> None:
    """What most routes do before."""


def _named(request: HttpRequest, *, by: Actor, key: str) -> Named:
    method, path = request.method or "", request.get_full_path()
    return Named(by.key, key, method, path, request_digest(method, path, request.body))


def _answer(operation: Operation, request: HttpRequest, result: Any, values: dict[str, Any]) -> HttpResponse:
    """What Ninja makes of a view's result, made here already: the text of it is kept in the same transaction."""
    taken = values.get(operation.signature.response_arg or "")
    response = operation._result_to_response(request, result, taken or operation.api.create_temporal_response(request))
    assert isinstance(response, HttpResponse), "A stream can't be kept: mark its route idempotent_by_itself."
    return response


def _keep(record: IdempotencyRecord, response: HttpResponse) -> None:
    headers = dict(response.headers)
    kind = headers.pop("Content-Type", "")
    settle(record, status=response.status_code, body=response.content.decode(), content_type=kind, headers=headers)


def _again(record: IdempotencyRecord) -> HttpResponse:
    assert record.status is not None
    told = {**record.headers, REPLAYED: "true"}
    return HttpResponse(record.body, status=record.status, content_type=record.content_type or None, headers=told)
