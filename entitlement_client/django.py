"""For Django: `request.entitlements.check("exports")`, and Denied as an answer to the browser or the program.

MIDDLEWARE = [..., "entitlement_client.django.EntitlementsMiddleware"]
ENTITLEMENTS = {
    "CHECKER": "shop.desk.client",         # a Client, or whatever else can be asked; a module will do
    "ACCOUNT": "shop.desk.account_of",     # a function of the request that names the account, or "" for nobody
    "TEMPLATE": "denied.html",             # what people are shown; programs get application/problem+json
}
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.module_loading import import_string

from entitlement_client.answers import Answer, Checker, Denied, problem_of
from entitlement_client.guard import check_async

AccountOf = Callable[[HttpRequest], str]


class RequestEntitlements:
    """What whoever sent this request may do. In async views use `acheck` and `arequire`."""

    def __init__(self, request: HttpRequest, checker: Checker, account_of: AccountOf) -> None:
        self._request, self._checker, self._account_of = request, checker, account_of

    def check(self, feature: str, **question: Any) -> Answer:
        return self._checker.check(**self._asked(feature, question))

    def require(self, feature: str, **question: Any) -> Answer:
        """The answer where it is allowed; Denied, which the middleware answers, where it isn't."""
        return _let_in(self.check(feature, **question))

    async def acheck(self, feature: str, **question: Any) -> Answer:
        return await check_async(self._checker, **self._asked(feature, question))

    async def arequire(self, feature: str, **question: Any) -> Answer:
        return _let_in(await self.acheck(feature, **question))

    def _asked(self, feature: str, question: dict[str, Any]) -> dict[str, Any]:
        match = self._request.resolver_match
        point = {"point": match.view_name or match.route} if match is not None else {}
        return {"account": self._account_of(self._request), "feature": feature, **point, **question}


class EntitlementsMiddleware:
    """Under WSGI and ASGI. With `checker` and `account_of` it needs no settings."""

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], Any], *, checker: Checker | None = None,
        account_of: AccountOf | None = None, template: str | None = None,
    ) -> None:  # fmt: skip
        told = getattr(settings, "ENTITLEMENTS", {})
        self._get_response = get_response
        self._checker: Checker = checker if checker is not None else _named(told, "CHECKER")
        self._account_of: AccountOf = account_of if account_of is not None else _named(told, "ACCOUNT")
        self._template = str(told.get("TEMPLATE", "")) if template is None else template
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        request.entitlements = RequestEntitlements(request, self._checker, self._account_of)  # type: ignore[attr-defined]
        answer: HttpResponse | Awaitable[HttpResponse] = self._get_response(request)
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Denied):
            return None
        if self._template and request.accepts("text/html"):
            return render(request, self._template, {"answer": exception.answer}, status=403)
        return JsonResponse(problem_of(exception.answer), status=403, content_type="application/problem+json")


def _let_in(answer: Answer) -> Answer:
    if not answer.allowed:
        raise Denied(answer)
    return answer


def _named(told: dict[str, Any], name: str) -> Any:
    """What the setting names: an attribute by its dotted path, or a module; ImproperlyConfigured where it is neither."""
    path = told.get(name)
    if not path:
        raise ImproperlyConfigured(f"Name the {name} in the setting ENTITLEMENTS.")
    if not isinstance(path, str):
        return path
    try:
        return import_string(path) if "." in path else import_module(path)
    except ImportError as missing:
        try:
            return import_module(path)
        except ImportError:
            raise ImproperlyConfigured(f"ENTITLEMENTS names the {name} {path!r}: {missing}") from missing
