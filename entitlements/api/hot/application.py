"""The raw ASGI application: what it can't answer plainly goes to Django, with the body it has read.

`rest` is Django behind its bridge, as an ASGI application that takes a body that was read already.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from time import time
from typing import Any, TypeAlias

import msgspec

from entitlements.actions.usage.recording import SCOPE as COUNT
from entitlements.api.hot.checks import check
from entitlements.api.hot.gates import PATH as GATE
from entitlements.api.hot.gates import away, check_away, gate, gate_away
from entitlements.api.hot.gathering import Gatherer
from entitlements.api.hot.licences import VALIDATE, asking_licence, validate
from entitlements.api.hot.requests import (
    Answer,
    Asking,
    asking,
    broken,
    given,
    is_small,
    let_in,
    limited,
    refused,
    unchanged,
)
from entitlements.api.hot.telling import Said, Telling
from entitlements.api.hot.wholes import State, asked_for, being_learned, is_same, keep, kept_for, learning, state_of
from entitlements.api.licence_access import take_known
from entitlements.api.runtime.checking import SCOPE as READ
from entitlements.api.runtime.cloud_events import reports_of
from entitlements.api.runtime.requests import MOST_BYTES, ReserveRequest, decode, decode_use
from entitlements.api.runtime.using import read_many
from entitlements.domain.usage.operations import Act
from entitlements.queries.check import memory
from journal.domain.idempotency import parse_key
from journal.domain.rate import Taken
from journal.domain.refusal import Refusal

Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
Rest: TypeAlias = Callable[..., Awaitable[None]]
CHECK = "/api/v1/check"
USE = {"/api/v1/consume": Act.CONSUME, "/api/v1/report": Act.REPORT, "/api/v1/reservations": Act.RESERVE}
EVENTS = "/api/v1/events"
KEY = b"idempotency-key"
_instant = msgspec.json.Encoder().encode


class NotHere(Refusal):
    """Only Django's route reads this; nobody sees it refused."""

    def __init__(self) -> None:
        super().__init__("")


class Hot:
    """`gatherer` counts what is told; `want` is told of accounts that memory doesn't know yet."""

    def __init__(self, rest: Rest, gatherer: Gatherer, want: Callable[[str], None]) -> None:
        self.rest, self.gatherer, self._want = rest, gatherer, want

    def want(self, name: str) -> None:
        """Not while no row can be read."""
        if not memory.away():
            self._want(name)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == CHECK:
            await self._check(scope, receive, send)
        elif method == "POST" and path == VALIDATE:
            await self._validate(scope, receive, send)
        elif method == "POST" and (path in USE or path == EVENTS):
            await self._use(scope, receive, send)
        elif method == "GET" and path == GATE:
            await self._gate(scope, receive, send)
        elif method == "GET" and (name := asked_for(path)):
            await self._whole_set(name, scope, receive, send)
        else:
            await self.rest(scope, receive, send)

    async def _check(self, scope: Any, receive: Receive, send: Send) -> None:
        asked = asking(scope, scope_needed=READ)
        if asked is None or KEY in asked.headers or not is_small(asked):
            await self.rest(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        checked = check(body, by=asked.key.actor, want=self.want)
        if checked is None and not memory.away():
            await self.rest(scope, receive, send, body=body)
            return
        taken = let_in(asked)
        if not taken.allowed:
            await _send(send, limited(taken))
            return
        if checked is None:
            await _send(send, check_away(body, asked, taken))
            return
        checked.note()
        await _send(send, given(checked.said, taken))

    async def _gate(self, scope: Any, receive: Receive, send: Send) -> None:
        asked = asking(scope, scope_needed=READ, query=True)
        ready = None if asked is None else gate(scope, asked, want=self.want)
        if asked is None or (ready is None and not memory.away()):
            await self.rest(scope, receive, send)
            return
        taken = let_in(asked)
        if not taken.allowed:
            await _send(send, limited(taken))
        elif ready is None:
            await _send(send, gate_away(scope, asked, taken))
        else:
            ready.note()
            await _send(send, ready.answer(taken))

    async def _validate(self, scope: Any, receive: Receive, send: Send) -> None:
        asked, plainly = asking_licence(scope)
        if not plainly:
            await self.rest(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        told = validate(body, want=self.want)
        if told is None:
            await self.rest(scope, receive, send, body=body)
            return
        taken = take_known(told.known) if asked is None else let_in(asked)
        if not taken.allowed:
            await _send(send, limited(taken))
            return
        told.note()
        await _send(send, given(told.body, taken))

    async def _use(self, scope: Any, receive: Receive, send: Send) -> None:
        asked = asking(scope, scope_needed=COUNT)
        if asked is None or not is_small(asked):
            await self.rest(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        try:
            telling, account = _telling(scope["path"], asked, body)
        except Refusal:
            await self.rest(scope, receive, send, body=body)  # it is refused there, in the same words
            return
        taken = let_in(asked)
        if not taken.allowed:
            await _send(send, limited(taken))
            return
        if memory.away():
            await _send(send, away(taken))
            return
        said = await self.gatherer.tell(telling, account=account)
        await _send(send, _answer(said, taken))

    async def _whole_set(self, name: str, scope: Any, receive: Receive, send: Send) -> None:
        asked, now = asking(scope, scope_needed=READ), time()
        state = None if asked is None else state_of(name, now)
        if asked is None or state is None:
            if asked is not None:
                self.want(name)
            await self.rest(scope, receive, send)
            return
        kept = kept_for(name, asked.key.prefix, state, now)
        if kept is None and (learned := being_learned(name, asked.key.prefix)) is not None:
            await learned.wait()
            now = time()
            kept = kept_for(name, asked.key.prefix, state, now)
        if kept is None:
            await self._learn(name, asked, state, scope, receive, send)
            return
        taken = let_in(asked)
        if not taken.allowed:
            await _send(send, limited(taken))
        elif is_same(kept, asked.headers.get(b"if-none-match")):
            await _send(send, unchanged(taken, kept.headers))
        else:
            moment = _instant(datetime.fromtimestamp(now, UTC))
            await _send(send, Answer(HTTPStatus.OK, [*taken.headers, *kept.headers], kept.said(moment)))

    async def _learn(self, name: str, asked: Asking, state: State, scope: Any, receive: Receive, send: Send) -> None:
        """Let the route answer, and keep its text if nothing changed meanwhile."""
        said: list[Any] = []
        now = time()

        async def overheard(message: Any) -> None:
            said.append(message)
            await send(message)

        with learning(name, asked.key.prefix):
            await self.rest(scope, receive, overheard)
            keep(name, asked.key.prefix, state, now, said)


def _answer(said: Said, taken: Taken) -> Answer:
    match said:
        case bytes():
            return given(said, taken)
        case Refusal():
            return refused(said, taken)
    return broken(taken)


def _telling(path: str, asked: Asking, body: bytes) -> tuple[Telling, str]:
    """What a request tells, and an account in it by which a writer is chosen; a Refusal where it can't be read."""
    by, header = asked.key.actor, asked.headers.get(KEY)
    if path == EVENTS:
        reports = reports_of(body, content_type=asked.headers.get(b"content-type", b"").decode("latin-1"))
        if reports is None:
            raise NotHere
        told = Telling(Act.REPORT, reports[0], by, many=reports[1] is not None, events=reports[1])
    else:
        act = USE[path]
        read = decode(body, ReserveRequest) if act is Act.RESERVE else decode_use(body)
        key = "" if header is None or isinstance(read, list) else parse_key(header.decode("latin-1"))
        many = isinstance(read, list)
        told = Telling(act, read_many(read) if isinstance(read, list) else [read], by, many=many, key=key)
    return told, next((one.account for one in told.asked if not isinstance(one, Refusal)), "")


async def _body(receive: Receive) -> bytes | None:
    """All of it; None where the client went away, or sends more than it said."""
    message = await receive()
    if message["type"] != "http.request":
        return None
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts, length = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] != "http.request" or length > MOST_BYTES:
            return None
        parts.append(message.get("body", b""))
        length += len(parts[-1])
    return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
