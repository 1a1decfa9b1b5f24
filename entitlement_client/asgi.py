"""For any ASGI application: `await scope["entitlements"].check("exports")`, and Denied as a problem document.

app = EntitlementsMiddleware(app, checker=client, account_of=lambda scope: scope["user"].account)
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from entitlement_client.answers import Answer, Checker, Denied, problem_of
from entitlement_client.guard import check_async

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
AccountOf = Callable[[Scope], str]


class ScopeEntitlements:
    """What whoever sent this request may do. What isn't remembered is asked in a thread, so that no loop waits."""

    def __init__(self, scope: Scope, checker: Checker, account_of: AccountOf) -> None:
        self._scope, self._checker, self._account_of = scope, checker, account_of

    async def check(self, feature: str, **question: Any) -> Answer:
        point = f"{self._scope.get('method', '')} {self._scope.get('path', '')}".strip()
        asked = {"account": self._account_of(self._scope), "feature": feature, "point": point[:200], **question}
        return await check_async(self._checker, **asked)

    async def require(self, feature: str, **question: Any) -> Answer:
        """The answer where it is allowed; Denied, which the middleware answers, where it isn't."""
        answer = await self.check(feature, **question)
        if not answer.allowed:
            raise Denied(answer)
        return answer


class EntitlementsMiddleware:
    """`account_of`: a function of the scope that names the account."""

    def __init__(self, app: App, *, checker: Checker, account_of: AccountOf) -> None:
        self._app, self._checker, self._account_of = app, checker, account_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        scope["entitlements"] = ScopeEntitlements(scope, self._checker, self._account_of)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Any) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Denied as denied:
            if begun:
                raise  # half an answer is out; the server cuts the connection
            await _refuse(denied, send)


async def _refuse(denied: Denied, send: Send) -> None:
    body = json.dumps(problem_of(denied.answer), ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
