"""Idempotency-Key where the answer holds a licence key: a repeat acts once and names the licence, without its key.

What is kept of an answer is kept in the clear for a day, and a licence key is kept nowhere: so the door can't do it.
"""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from entitlements.api.licence_schemas import IssuedOut
from journal.actions.idempotency import Named, claim, settle
from journal.api.idempotency import HEADER, REPLAYED
from journal.domain.actor import Actor
from journal.domain.idempotency import parse_key, request_digest

JSON = "application/json"


def issued_once(request: HttpRequest, *, by: Actor, act: Callable[[], IssuedOut]) -> IssuedOut | HttpResponse:
    """What `act` answers; on a repeat what it answered, with `key` null."""
    header = request.headers.get(HEADER)
    if header is None:
        return act()
    method, path = request.method or "", request.get_full_path()
    named = Named(by.key, parse_key(header), method, path, request_digest(method, path, request.body))
    with transaction.atomic():
        record = claim(named, at=timezone.now())
        if record.status is not None:
            return HttpResponse(record.body, status=record.status, content_type=JSON, headers={REPLAYED: "true"})
        told = act()
        kept = told.model_copy(update={"key": None}).model_dump_json()
        settle(record, status=200, body=kept, content_type=JSON, headers={})
        return told
