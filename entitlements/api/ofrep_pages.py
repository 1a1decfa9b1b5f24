"""OFREP's two addresses. Its errors are of its own shape, and its keys may come as X-API-Key."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from entitlements.api.runtime.answers import encode
from entitlements.api.runtime.ofrep import BadEvaluation, evaluate, evaluate_all
from entitlements.api.runtime.requests import MOST_BYTES
from journal.api.conditional import is_unchanged
from journal.api.problems import problem
from journal.api.rate import take_for
from journal.domain.rate import RateLimited, named
from journal.queries.live_keys import authenticate_cached

SCOPE = "entitlements:read"
JSON = "application/json"
logger = logging.getLogger("entitlements.api")
View = Callable[..., HttpResponse]


def by_key(view: View) -> View:
    """Only with a key issued for reading, and as often as it may ask; headers tell how often that still is."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def ask(request: HttpRequest, **values: str) -> HttpResponse:
        key = authenticate_cached(_plain(request), now=time.time())
        if key is None:
            words = "Send a key that is neither expired nor revoked: Authorization: Bearer ed_…, or X-API-Key."
            return problem(401, code="not_authenticated", title="No valid API key", detail=words)
        taken = take_for(key)
        if not taken.allowed:
            response = problem(429, code="rate_limited", title="Too Many Requests", detail=RateLimited(taken).message)
        elif SCOPE not in key.scopes:
            words = f"This key was not issued for {SCOPE}. Ask an administrator for one that is."
            response = problem(403, code="not_allowed", title="Forbidden", detail=words)
        else:
            response = _answered(view, request, values)
        for name, value in named(taken.headers):
            response[name] = value
        return response

    return ask


def _plain(request: HttpRequest) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else request.headers.get("X-API-Key", "").strip()


def _answered(view: View, request: HttpRequest, values: dict[str, str]) -> HttpResponse:
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise BadEvaluation("PARSE_ERROR", f"Send at most {MOST_BYTES:,} bytes.")
        return view(request, **values)
    except BadEvaluation as bad:
        told: dict[str, Any] = {"errorCode": bad.code, "errorDetails": bad.details}
        return JsonResponse(values | told, status=bad.status)
    except Exception:
        if settings.DEBUG:
            raise
        logger.exception("A flag could not be evaluated.")
        return JsonResponse({"errorDetails": "Something broke here. The error was logged."}, status=500)


@by_key
def flag(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(encode(evaluate(key, request.body, now=timezone.now())), content_type=JSON)


@by_key
def flags(request: HttpRequest) -> HttpResponse:
    told, etag = evaluate_all(request.body, now=timezone.now())
    unchanged = is_unchanged(request.headers.get("If-None-Match", ""), etag)
    response = HttpResponse(status=304) if unchanged else HttpResponse(told, content_type=JSON)
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response


class Anything(StringConverter):
    """A flag's key is any text, with slashes and line breaks too: what is none of ours is answered, not left to Django."""

    regex = r"[\s\S]+"


register_converter(Anything, "anything")
urls = [
    path("evaluate/flags/<anything:key>", flag, name="flag"),
    path("evaluate/flags", flags, name="flags"),
]
