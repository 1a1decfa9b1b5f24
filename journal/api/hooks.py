"""The one address that outside systems post to: what comes is proved, stored, and acknowledged; it is read later.

Whoever posts is told next to nothing: whether it was stored, or in one word why not.
"""

import logging

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from journal.actions.receiving import note_refused, receive, require_ours
from journal.domain.receiving import Forged, Message, Reason, Received
from journal.models import Connection
from journal.queries.connections import address_of, opened, receiving_by_key
from journal.vendors import Vendor, vendor_of

logger = logging.getLogger("journal.arrivals")
LARGEST = 1_048_576  # bytes: 1 MiB
AGAIN_AFTER = "30"  # seconds


@csrf_exempt
@require_POST
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Stored what an outside system posts, before anything of it is read."""
    try:
        connection = receiving_by_key(key)
        return _answer(request, connection) if connection is not None else _said(404, "unknown")
    except UnreadablePostError:
        return _said(400, Reason.UNREADABLE.value)
    except (DatabaseError, InterfaceError):
        logger.exception("What came to %s could not be stored; its sender was asked to send it again", key)
        return _again()


def _answer(request: HttpRequest, connection: Connection) -> HttpResponse:
    vendor, at = vendor_of(connection.vendor), now()
    assert vendor is not None, "a connection whose vendor is unknown receives nothing"
    try:
        message = _read(request, connection)
        received = _proved(connection, vendor, message)
        require_ours(connection, vendor, received)
    except Forged as forged:
        logger.warning("Refused what came to %s: %s", connection.key, forged.reason.words)
        note_refused(connection=connection, reason=forged.reason, at=at)
        return _refused(forged.reason)
    receive(connection=connection, vendor=vendor, message=message, received=received, at=at)
    told = vendor.acknowledgement
    return HttpResponse(told.body, content_type=told.content_type)


def _read(request: HttpRequest, connection: Connection) -> Message:
    """The bytes as they came, no more of them than may be; nothing parses them before."""
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Forged(Reason.TOO_LARGE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.META.get("QUERY_STRING", "")
    return Message(body, headers, address_of(connection) + (f"?{query}" if query else ""))


def _proved(connection: Connection, vendor: Vendor, message: Message) -> list[Received]:
    purposes = [kind.purpose for kind in vendor.secrets if kind.verifies]
    at = now()
    secrets = opened(connection, purposes, at=at)
    if not secrets:
        raise Forged(Reason.UNCHECKED)
    try:
        return list(vendor.verify(message, secrets=secrets, at=at))
    except Forged:
        raise
    except Exception as error:  # it is signed, perhaps, and shaped as nobody expected: the sender tries again
        logger.exception("What came to %s can't be read", connection.key)
        raise Forged(Reason.UNREADABLE) from error


def _refused(reason: Reason) -> HttpResponse:
    match reason:
        case Reason.UNCHECKED:
            return _again()
        case Reason.TOO_LARGE:
            return _said(413, reason.value)
    return _said(400, reason.value)


def _again() -> HttpResponse:
    response = _said(503, "unavailable")
    response["Retry-After"] = AGAIN_AFTER
    return response


def _said(status: int, word: str) -> HttpResponse:
    return JsonResponse({"error": word}, status=status)
