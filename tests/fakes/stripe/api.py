"""From a request to its answer: key, version, faults on order, kept answers, checked parameters, the handler."""

import json
import time
import traceback
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.faults import Fault, Faults
from tests.fakes.serving import Answer, ConnectionCut
from tests.fakes.stripe import agenda, injectors, params, routes
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.events import VERSION
from tests.fakes.stripe.idempotency import Idempotency
from tests.fakes.stripe.nouns import NOUNS
from tests.fakes.stripe.rendering import answered
from tests.fakes.stripe.state import Asking, State

PREFIXES = ("/v1/", "/v2/")
FAULTY = Refused(
    "The counterpart itself failed.", type="api_error", status=500, headers={"Stripe-Should-Retry": "false"}
)


@dataclass
class Asked:
    """One request as it came, and what it was answered."""

    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    status: int = 0
    answer: Any = None
    ignored: list[str] = field(default_factory=list)


class Api:
    nouns = NOUNS  # what it answers for

    def __init__(self, state: State, key: str) -> None:
        self.state, self.key = state, key
        self.injectors, self.kept = Faults(injectors.KINDS), Idempotency()
        self.requests: list[Asked] = []
        self.faults: list[str] = []  # our own: whoever ends the counterpart hears of them
        self._ran = 0

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What Stripe would say; `ConnectionCut` where it would say nothing."""
        split, request_id = urlsplit(target), self.state.ids("req_")
        asked = Asked(method, split.path, {}, headers)
        self.requests.append(asked)
        said = {"Request-Id": request_id, "Stripe-Version": VERSION}
        try:
            status, whole, more = self._answered(asked, split.query, body, request_id)
        except Refused as no:
            status, whole, more = no.status, _json(no.body(request_id)), no.headers
        except ConnectionCut:
            raise
        except Exception:
            self.faults.append(traceback.format_exc())
            status, whole, more = 500, _json(FAULTY.body(request_id)), FAULTY.headers
        asked.status, asked.answer = status, json.loads(whole)
        if "idempotency-key" in headers:
            said["Idempotency-Key"] = headers["idempotency-key"]
        return Answer(status, whole, said | more)

    def _answered(self, asked: Asked, query: str, body: bytes, request_id: str) -> tuple[int, bytes, dict[str, str]]:
        self._allowed(asked.headers)
        fault = self.injectors.take(asked.method, asked.path)
        injectors.before(fault)
        text = body.decode()
        key = asked.headers.get("idempotency-key", "") if asked.method == "POST" else ""
        if not key:
            return *self._handled(asked, query, text, request_id, fault), {}
        with self.state.lock:
            held = self.kept.begin(key, asked.method, asked.path, text, self.state.clock.now(), request_id)
        if held:
            return held.status, held.answer, {"Idempotent-Replayed": "true", "Original-Request": held.request}
        return *self._kept_under(key, asked, query, text, request_id, fault), {}

    def _kept_under(
        self, key: str, asked: Asked, query: str, text: str, request_id: str, fault: Fault | None
    ) -> tuple[int, bytes]:
        """An answer is kept once its handler has begun: a refused parameter leaves the key free."""
        try:
            status, whole = self._handled(asked, query, text, request_id, fault)
        except _NotBegun as no:
            self.kept.forget(key)
            raise no.why from None
        except Refused as no:
            self.kept.keep(key, no.status, _json(no.body(request_id)))
            raise
        except ConnectionCut as cut:
            self.kept.keep(key, *cut.args)
            raise
        self.kept.keep(key, status, whole)
        return status, whole

    def _handled(self, asked: Asked, query: str, text: str, request_id: str, fault: Fault | None) -> tuple[int, bytes]:
        try:
            route, path, given = self._understood(asked, query, text)
        except Refused as no:
            raise _NotBegun(no) from None
        with self.state.lock:
            self.tick()
            self.state.changes += asked.method != "GET"
            self.state.asking = Asking(request_id, asked.headers.get("idempotency-key") or None)
            try:
                call = routes.Call(self.state, routes.Params(given), path, asked.path)
                row = route.answer(call)
                whole = _json(answered(self.state, row, given.get("expand", [])))
            finally:
                self.state.asking = Asking()
            asked.ignored = call.params.unseen()
        if fault and fault.kind == "500_after":
            raise injectors.refused(fault)
        if fault and fault.kind == "timeout":
            time.sleep(fault.seconds)
            asked.status, asked.answer = 200, json.loads(whole)
            raise ConnectionCut(200, whole)
        return 200, whole

    def _understood(self, asked: Asked, query: str, text: str) -> tuple[routes.Route, dict[str, str], dict[str, Any]]:
        match = routes.found(asked.method, asked.path)
        if match is None:
            where = f"({asked.method}: {asked.path})"
            raise Refused(f"Unrecognized request URL {where}. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.", status=404)  # fmt: skip
        route, path = match
        as_json = asked.path.startswith("/v2/") and text
        raw = json.loads(text) if as_json else params.decoded(text if asked.method == "POST" else query)
        turned = {name: raw.pop(name) for name in ("page",) if asked.path.startswith("/v2/") and name in raw}
        asked.params = params.checked(raw, route.params) | turned  # the client only ever follows `next_page_url`
        return route, path, asked.params

    def _allowed(self, headers: dict[str, str]) -> None:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not given:
            raise Refused("You did not provide an API key.", status=401)
        if given != self.key:
            raise Refused(f"Invalid API Key provided: {given[:8]}****{given[-4:]}", status=401)
        version = headers.get("stripe-version", VERSION)
        if version != VERSION:
            raise Refused(f"Invalid Stripe API version: {version}. This counterpart only speaks {VERSION}.")

    def tick(self) -> None:
        """What fell due while nobody asked is done before anybody is answered."""
        now = self.state.clock.now()
        if now > self._ran:
            agenda.run(self.state, None, now)
            self.state.clock.hold(None)
            self._ran = now


class _NotBegun(Refused):
    def __init__(self, why: Refused) -> None:
        super().__init__(why.message, why.code, why.param, why.type, why.status, why.more, why.headers)
        self.why = why


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
