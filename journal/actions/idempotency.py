"""Answers kept under the key of their request. They run inside the transaction of what the request does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection

from journal.domain.idempotency import KeyInUse, KeyReused
from journal.models import IdempotencyRecord

KEPT = timedelta(days=1)  # at least: a client that tries again for a day finds its answer
PATIENCE = "'5s'"  # how long a repeat waits for the first on PostgreSQL; on SQLite it waits its turn like any writer
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Named:
    """A request as its record knows it."""

    actor_key: str
    key: str
    method: str
    path: str
    digest: str


def claim(request: Named, *, at: datetime) -> IdempotencyRecord:
    """The record of this request: new and without a status, or the answer it was given before.

    KeyReused where the key named another request, KeyInUse where the first is not done within PATIENCE.
    """
    record, is_new = _found_or_added(request, at=at)
    if not is_new and record.request_digest != request.digest:
        raise KeyReused(
            f"This Idempotency-Key was used for another request: {record.method} {record.path}. "
            "Use a new key for each request, and the same only to repeat it unchanged."
        )
    return record


def settle(record: IdempotencyRecord, *, status: int, body: str, content_type: str, headers: Mapping[str, str]) -> None:
    """Kept how the request was answered."""
    record.status, record.body = status, body
    record.content_type, record.headers = content_type, dict(headers)
    record.save(update_fields=["status", "body", "content_type", "headers"])


def prune_idempotency(*, before: datetime) -> int:
    """Forgot the answers given before that instant; their keys may be used anew. How many went."""
    gone = 0
    while keys := list(IdempotencyRecord.objects.filter(at__lt=before).values_list("pk", flat=True)[:BATCH]):
        gone += IdempotencyRecord.objects.filter(pk__in=keys).delete()[0]
    return gone


def _found_or_added(request: Named, *, at: datetime) -> tuple[IdempotencyRecord, bool]:
    """On PostgreSQL the unique index makes a repeat wait for the first to commit or roll back: up to PATIENCE."""
    new = {"method": request.method, "path": request.path, "request_digest": request.digest, "at": at}
    _set_patience(PATIENCE)
    try:
        return IdempotencyRecord.objects.get_or_create(actor_key=request.actor_key, key=request.key, defaults=new)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        raise KeyInUse(
            "The first request under this Idempotency-Key is still being answered. Repeat it in a moment."
        ) from error
    finally:
        if not connection.needs_rollback:
            _set_patience("DEFAULT")


def _set_patience(patience: str) -> None:
    """How long a lock is waited for, in this transaction only; `patience` is one of our own words."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO {patience}")
