"""From a request to its answer: credential, limits, faults on order, scopes, checked parameters, the handler."""

import json
import traceback
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.faults import Fault, Faults
from tests.fakes.hubspot import injectors, kinds, params, routes
from tests.fakes.hubspot.clock import in_header
from tests.fakes.hubspot.errors import Refused, invalid, missing_scopes, not_found, unauthenticated
from tests.fakes.hubspot.limits import Limits
from tests.fakes.hubspot.nouns import NOUNS
from tests.fakes.hubspot.state import State
from tests.fakes.serving import Answer, ConnectionCut

PREFIXES = ("/crm/", "/crm-object-schemas/", "/webhooks/", "/account-info/", "/oauth/", "/automation/", "/cms/")
FAULTY = Refused("The counterpart itself failed.", "COUNTERPART_FAULT", 500)


@dataclass
class Asked:
    """One request as it came, and what it was answered."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any = None
    status: int = 0
    answer: Any = None
    says: str = ""  # the client's class of the answer
    unheeded: list[str] = field(default_factory=list)


class Api:
    nouns = NOUNS  # what it answers for

    def __init__(self, state: State, token: str, developer_key: str) -> None:
        self.state, self.token, self.developer_key = state, token, developer_key
        self.revoked = False
        self.injectors = Faults(injectors.KINDS)
        self.limits = Limits(state)
        self.requests: list[Asked] = []
        self.faults: list[str] = []  # our own: whoever ends the counterpart hears of them

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What HubSpot would say; `ConnectionCut` where it would say nothing."""
        split = urlsplit(target)
        asked = Asked(method, unquote(split.path), parse_qs(split.query, keep_blank_values=True), headers)
        with self.state.lock:
            self.requests.append(asked)
            correlation = self.state.ids.correlation()
        said = {"X-HubSpot-Correlation-Id": correlation, "Content-Type": "application/json;charset=utf-8",
                "Date": in_header(self.state.clock.now())}  # fmt: skip
        try:
            status, whole = self._answered(asked, body, correlation)
        except Refused as no:
            asked.status, said = no.status, said | no.headers
            if no.html:
                return Answer(no.status, no.html.encode(), {"Content-Type": "text/html; charset=UTF-8"})
            status, whole = no.status, no.body(correlation)
        except ConnectionCut:
            raise
        except Exception:
            self.faults.append(traceback.format_exc())
            status, whole = FAULTY.status, FAULTY.body(correlation)
        asked.status, asked.answer = status, whole
        said |= self.limits.headers(asked.path.endswith("/search"))
        return Answer(status, b"" if whole is None else json.dumps(whole).encode(), said)

    def _answered(self, asked: Asked, body: bytes, correlation: str) -> tuple[int, Any]:
        match = routes.found(asked.method, asked.path)
        if match is None:
            raise self._no_address(asked)
        one, path = match
        asked.says = one.says
        self._allowed(asked, one)
        with self.state.lock:
            if one.key == "token":
                self.limits.count(correlation, asked.path.endswith("/search"))
            fault = self.injectors.take(asked.method, asked.path)
            scope = self._scope(one, path)
        injectors.before(fault, correlation, [scope] if scope else [])
        held = self.state.settings.scopes
        if scope and held is not None and scope not in held:
            raise missing_scopes([scope])
        with self.state.lock:
            self.state.changes += asked.method != "GET"
            status, whole = self._handled(asked, one, path, body, fault)
        injectors.after(fault)
        return status, whole

    def _handled(
        self, asked: Asked, one: routes.Route, path: dict[str, str], body: bytes, fault: Fault | None
    ) -> tuple[int, Any]:
        unknown = sorted(set(asked.query) - set(one.query) - {"hapikey"})
        if unknown:
            raise invalid(f"Unknown query parameter: {unknown[0]}")
        asked.body = params.checked(_read(body), one.takes)
        spoiled = injectors.Spoiler(fault, self.state.drawn)
        call = routes.Call(self.state, path, asked.query, asked.body, spoiled, self.limits, asked.unheeded)
        said = one.answer(call)
        status, whole = said if isinstance(said, tuple) else (one.status, said)
        return status, json.loads(json.dumps(_shown(whole)))  # a copy: what is answered changes no more

    def _allowed(self, asked: Asked, one: routes.Route) -> None:
        if one.key == "developer":
            if asked.query.get("hapikey") != [self.developer_key]:
                raise unauthenticated()
            return
        if self.revoked or asked.headers.get("authorization") != f"Bearer {self.token}":
            raise unauthenticated()

    def _scope(self, one: routes.Route, path: dict[str, str]) -> str:
        if "{kind}" not in one.scope:
            return one.scope
        deed, area = one.scope.rpartition(".")[2], one.scope.split(".")[1]
        return kinds.scope_of(self.state, path["kind"], deed).replace("objects", area)

    def _no_address(self, asked: Asked) -> Refused:
        others = routes.methods_at(asked.path)
        if others:
            return Refused(
                f"HTTP method {asked.method} is not allowed here; {', '.join(others)} would be.",
                "METHOD_NOT_ALLOWED",
                405,
            )
        return not_found(f"This counterpart knows no address {asked.method} {asked.path}.")


def _read(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise invalid("Invalid input JSON: it cannot be read.") from None


def _shown(whole: Any) -> Any:
    """Without what is only ours."""
    if isinstance(whole, dict):
        return {name: _shown(value) for name, value in whole.items() if not name.startswith("_")}
    return [_shown(one) for one in whole] if isinstance(whole, list) else whole
