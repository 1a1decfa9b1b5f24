"""Refusals and mistakes as RFC 9457 problem documents."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from journal.domain.idempotency import KeyMalformed, KeyReused
from journal.domain.rate import RateLimited
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, Stale

MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[Refusal], HTTPStatus] = {
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Stale: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyMalformed: HTTPStatus.BAD_REQUEST,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal: HTTPStatus.CONFLICT,
}
logger = logging.getLogger("journal.api")


class FieldProblem(Schema):
    """One input that cannot be right."""

    field: str
    detail: str


class Problem(Schema):
    """What went wrong and how to mend it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


# What every route may answer besides its own: response={200: …, **PROBLEMS}
PROBLEMS: dict[int, Any] = dict.fromkeys((401, 403, 404, 409, 422), Problem)


def problem(status: int, *, code: str, title: str, detail: str, **extra: Any) -> HttpResponse:
    """`code` is for programs and never changes; `title` and `detail` are for people."""
    body = problem_body(status, code=code, title=title, detail=detail, **extra)
    response = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_body(status: int, *, code: str, title: str, detail: str, **extra: Any) -> bytes:
    """The same for an answer that isn't Django's."""
    told = {"type": type_of(code), "title": title, "status": status, "detail": detail, "code": code}
    return json.dumps({**told, **extra}, ensure_ascii=False).encode("utf-8", "replace")


def type_of(code: str) -> str:
    """The address of the page that explains this problem."""
    return f"{settings.DESK_URL.rstrip('/')}/problems/{code}"


def install(api: NinjaAPI) -> None:
    """Let every error of this API be a problem document, in answers and in the OpenAPI document."""
    answers: dict[type[Exception], Any] = {
        Refusal: _refused,
        ValidationError: _unreadable,
        DjangoValidationError: _not_valid,
        AuthenticationError: _unknown_caller,
        HttpError: _http_error,
        RequestDataTooBig: _too_large,
        Http404: _not_found,
        PermissionDenied: _forbidden,
        OperationalError: _database_away,
        InterfaceError: _database_away,
        Exception: _broken,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)
    _declare_media_type(api)


def status_of(refusal: Refusal) -> HTTPStatus:
    return next(STATUSES[kind] for kind in type(refusal).__mro__ if kind in STATUSES)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = status_of(refusal)
    extra: dict[str, Any] = {}
    if any(refusal.errors):
        extra["errors"] = _fields({field: messages for field, messages in refusal.errors.items() if field})
    response = problem(status, code=refusal.code, title=status.phrase, detail=refusal.message, **extra)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "1"  # seconds: whoever stood in the way is done by then
    return response


def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Inputs that do not fit the schema; the first part of a location (query, body) says where they stood."""
    errors = [
        {"field": ".".join(str(part) for part in fault["loc"][1:]), "detail": fault["msg"]} for fault in error.errors
    ]
    named = ", ".join(sorted({fault["field"] for fault in errors if fault["field"]}))
    detail = f"Look at: {named}." if named else "The request could not be read."
    return problem(422, code="invalid", title="Some inputs cannot be read", detail=detail, errors=errors)


def _not_valid(request: HttpRequest, error: DjangoValidationError) -> HttpResponse:
    fields = error.message_dict if hasattr(error, "error_dict") else {}
    return problem(
        422,
        code="invalid",
        title="Some inputs cannot be right",
        detail=" ".join(error.messages),
        errors=_fields(fields),
    )


def _unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(
        401,
        code="not_authenticated",
        title="No valid API key",
        detail="Send a key that is neither expired nor revoked: Authorization: Bearer ed_…",
    )


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    status = HTTPStatus(error.status_code)
    return problem(status, code=status.name.lower(), title=status.phrase, detail=str(error) or status.phrase)


def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    most = f"{(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1_000_000} MB"
    detail = f"A body may have {most} at most. Send it in several requests."
    return problem(413, code="body_too_large", title="Content Too Large", detail=detail)


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, code="not_found", title="Not Found", detail="There is nothing at this address, or not for you.")


def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, code="not_allowed", title="Forbidden", detail=str(error) or "You may not do this.")


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """It restarts, or is too busy: the next try finds a new connection."""
    logger.warning("The database was away on %s %s: %s", request.method, request.path, error)
    title = HTTPStatus.SERVICE_UNAVAILABLE.phrase
    response = problem(503, code="contended", title=title, detail="The database is away for a moment. Send it again.")
    response["Retry-After"] = "1"
    return response


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    if settings.DEBUG:
        raise error
    logger.error("The API failed on %s %s", request.method, request.path, exc_info=error)
    return broken_problem()


def broken_problem() -> HttpResponse:
    """What is told of a fault of ours."""
    return problem(
        500, code="broken", title="Something broke here", detail="It was not your request. The error was logged."
    )


def _fields(errors: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"field": field, "detail": " ".join(messages)} for field, messages in errors.items()]


def _declare_media_type(api: NinjaAPI) -> None:
    """Ninja documents every answer as application/json; the failures of this API are problem documents."""
    plain_schema = api.get_openapi_schema

    def get_openapi_schema(*args: Any, **kwargs: Any) -> Any:
        schema = plain_schema(*args, **kwargs)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        return schema

    api.get_openapi_schema = get_openapi_schema  # type: ignore[method-assign]  # Ninja has no hook for it
