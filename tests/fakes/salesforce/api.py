"""From a request to its answer: a fault on order, the session, the day's count, then the address."""

import json
import random
import re
import traceback
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.faults import Faults
from tests.fakes.salesforce import injectors, opening, routes
from tests.fakes.salesforce.addresses import ALL
from tests.fakes.salesforce.clock import in_header
from tests.fakes.salesforce.errors import JSON, Refused, Wrong, missing, no_session
from tests.fakes.salesforce.routes import Call, Reply
from tests.fakes.salesforce.state import Row, State
from tests.fakes.serving import Answer, ConnectionCut

DATA = re.compile(r"/services/data/v(\d+\.\d)(/.*)?\Z")
VERSIONS = range(46, 68)
# Heeded, or about what this org has not: rules of duplicates and of assignment.
HEADERS = {"sforce-query-options", "sforce-call-options", "sforce-duplicate-rule-header", "sforce-auto-assign"}
FAULTY = b'[{"errorCode":"COUNTERPART_FAULT","message":"The counterpart itself failed."}]'

assert ALL


@dataclass
class Asked:
    """One request as it came, and what it was answered."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int = 0  # 0: nothing was heard
    answer: Any = None
    user: str = ""
    token: str = field(default="", repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Api:
    prefixes = ("/services/", "/id/")

    def __init__(self, state: State) -> None:
        self.state = state
        self.injectors = Faults(injectors.KINDS, injectors.WHERE)
        self.requests: list[Asked] = []
        self.faults: list[str] = []  # our own: whoever ends the counterpart hears of them
        self._drawn = random.Random(f"{state.seed}:injectors")

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What Salesforce would say; `ConnectionCut` where it would say nothing."""
        split = urlsplit(target)
        params = dict(parse_qsl(split.query, keep_blank_values=True))
        asked = Asked(method, split.path, params, headers, body)
        asked.token = headers.get("authorization", "").removeprefix("Bearer ").strip()
        self.requests.append(asked)
        try:
            reply = self._answered(asked)
            status, said = reply.status, {"Content-Type": JSON} | reply.headers
            whole = reply.body if isinstance(reply.body, bytes) else _json(reply.body)
        except Refused as no:
            status, said, whole = no.status, {"Content-Type": no.type, **no.headers}, no.body()
        except ConnectionCut:
            raise
        except Exception:
            self.faults.append(traceback.format_exc())
            status, said, whole = 500, {"Content-Type": JSON}, FAULTY
        asked.status, asked.answer = status, _read(whole, said["Content-Type"])
        return Answer(status, whole, self._headers(split.path, status) | said)

    def _headers(self, path: str, status: int) -> dict[str, str]:
        said = {"Date": in_header(self.state.clock.now())}
        if path.startswith(injectors.WHERE) and status != 401:
            said["Sforce-Limit-Info"] = f"api-usage={self.state.used()}/{self.state.settings.daily_limit}"
        return said

    def _answered(self, asked: Asked) -> Reply:
        fault = self.injectors.take(asked.method, asked.path)
        injectors.before(fault, self.state, asked.token)
        with self.state.lock:
            self.state.changes += asked.method != "GET"
            self.state.spoiling = injectors.spoiling(fault, self._drawn)
            try:
                reply = self._data(asked) if asked.path.startswith(injectors.WHERE.rstrip("/")) else self._open(asked)
            finally:
                self.state.spoiling = None
        injectors.after(fault)
        return reply

    def _open(self, asked: Asked) -> Reply:
        """Logging in, and who one is."""
        return opening.answered(self.state, asked.method, asked.path, asked.params, asked.headers, asked.body)

    def _data(self, asked: Asked) -> Reply:
        match = DATA.match(asked.path)
        if match is None and asked.path.rstrip("/") == "/services/data":
            return Reply(body=[{"label": f"v{one}", "url": f"/services/data/v{one}.0", "version": f"{one}.0"} for one in VERSIONS])  # fmt: skip
        user = self._user(asked)
        self.state.count()
        if match is None or float(match[1]) not in [float(one) for one in VERSIONS]:
            raise missing()
        unknown = sorted(name for name in asked.headers if name.startswith("sforce-") and name not in HEADERS)
        if unknown:
            raise Refused(Wrong("COUNTERPART_UNSIMULATED", f"This counterpart knows no header {unknown[0]!r}"))
        call = Call(self.state, user, match[1], asked.method, {}, asked.params, asked.headers, asked.body)
        return routes.answered(call, match[2] or "/")

    def _user(self, asked: Asked) -> Row:
        user = self.state.session(asked.token)
        if user is None:
            raise no_session()
        asked.user = user["Id"]
        return user


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _read(whole: bytes, kind: str) -> Any:
    return json.loads(whole) if whole and kind == JSON else whole.decode(errors="replace")
