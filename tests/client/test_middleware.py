"""Django and ASGI: the question on the request, and Denied as an answer."""

import asyncio
import json
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from entitlement_client import asgi, requires
from entitlement_client.answers import Denied
from entitlement_client.django import EntitlementsMiddleware
from tests.client.fake import off
from tests.loops import in_a_loop


@pytest.fixture
def client(desk, connect):
    desk.sets["acme"].append(off("sso"))
    return connect()


def account_of(request):
    return request.headers["X-Account"]


def asked(**headers):
    return RequestFactory().get("/exports", headers={"X-Account": "acme", **headers})


def through(view, client, request, **more):
    """The middleware and the view, as Django's handler joins them."""

    def handled(request):
        try:
            return view(request)
        except Exception as fault:
            answer = middleware.process_exception(request, fault)
            if answer is None:
                raise
            return answer

    middleware = EntitlementsMiddleware(handled, checker=client, account_of=account_of, **more)
    return middleware(request)


def test_a_view_asks_on_the_request(client):
    answer = through(lambda request: HttpResponse(request.entitlements.check("exports").because), client, asked())
    assert answer.content == b"it is included"


def test_denied_is_a_problem_document(client):
    answer = through(lambda request: request.entitlements.require("sso"), client, asked(Accept="application/json"))
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(answer.content)["why"] == "not_entitled"


def test_people_are_shown_a_page(client, settings, tmp_path):
    (tmp_path / "denied.html").write_text("Sorry: {{ answer.because }}")
    settings.TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}]
    answer = through(lambda request: request.entitlements.require("sso"), client, asked(), template="denied.html")
    assert (answer.status_code, answer.content) == (403, b"Sorry: it is not included")


def test_other_faults_are_left_to_django(client):
    def view(request):
        raise KeyError("x")

    with pytest.raises(KeyError):
        through(view, client, asked())


def test_an_async_view_asks_without_holding_up_the_loop(client):
    async def view(request):
        await request.entitlements.arequire("exports", quantity=None)
        return HttpResponse((await request.entitlements.acheck("sso")).because)

    middleware = EntitlementsMiddleware(view, checker=client, account_of=account_of)
    assert asyncio.iscoroutinefunction(middleware) or hasattr(middleware, "_is_coroutine_mark")

    async def whole():
        return await middleware(asked())

    assert in_a_loop(whole()).content == b"it is not included"


def test_settings_name_who_is_asked(settings):
    settings.ENTITLEMENTS = {"CHECKER": "tests.client.as_checker", "ACCOUNT": "tests.client.test_middleware.account_of"}
    middleware = EntitlementsMiddleware(lambda request: HttpResponse(request.entitlements.check("exports").because))
    assert middleware(asked()).content == b"a module says so"


@pytest.mark.parametrize("told", [{}, {"CHECKER": "nowhere.at_all", "ACCOUNT": "x"}, {"CHECKER": "json"}])
def test_settings_that_name_nobody_are_told_at_the_start(settings, told):
    settings.ENTITLEMENTS = told
    with pytest.raises(ImproperlyConfigured, match=r"CHECKER|ACCOUNT"):
        EntitlementsMiddleware(lambda request: None)


def call(app, kind="http"):
    """What the application sent."""
    sent = []

    async def send(message):
        sent.append(message)

    async def whole():
        await app({"type": kind, "method": "GET", "path": "/exports"}, None, send)

    in_a_loop(whole())
    return sent


def wrapped(app, client):
    return asgi.EntitlementsMiddleware(app, checker=client, account_of=lambda scope: "acme")


def test_asgi_denied_is_a_problem_document(client):
    async def app(scope, receive, send):
        await scope["entitlements"].require("exports")
        await scope["entitlements"].require("sso")

    begun, body = call(wrapped(app, client))
    assert (begun["status"], dict(begun["headers"])[b"content-type"]) == (403, b"application/problem+json")
    assert json.loads(body["body"])["feature"] == "sso"


def test_asgi_asks_the_network_in_a_thread_and_memory_at_once(client, monkeypatch):
    threads = []
    check = client.check
    monkeypatch.setattr(client, "check", lambda **asked: threads.append(threading.current_thread()) or check(**asked))

    async def app(scope, receive, send):
        loop = threading.current_thread()
        assert (await scope["entitlements"].check("exports")).source == "live"
        assert (await scope["entitlements"].check("exports")).source == "cache"
        assert [thread is loop for thread in threads] == [False]

    call(wrapped(app, client))


def test_asgi_what_began_is_not_answered_twice(client):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await scope["entitlements"].require("sso")

    with pytest.raises(Denied):
        call(wrapped(app, client))


def test_asgi_leaves_other_events_alone(client):
    async def app(scope, receive, send):
        assert "entitlements" not in scope

    assert call(wrapped(app, client), kind="lifespan") == []


def test_asgi_answers_the_guard_too(client):
    @requires("sso", account=lambda: "acme", checker=client)
    async def sign_on():
        raise AssertionError("It ran.")

    async def app(scope, receive, send):
        await sign_on()

    assert call(wrapped(app, client))[0]["status"] == 403
