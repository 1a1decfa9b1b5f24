"""A proxy's gate, answered from memory; and any check while the database is away, by the feature's fallback."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import time
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from entitlements.actions.usage.recording import Contended
from entitlements.api.hot.checks import Plain, compiled_for, decided_plainly, note_plainly
from entitlements.api.hot.names import name_of
from entitlements.api.hot.requests import JSON, Answer, Asking, refused
from entitlements.api.runtime.answers import encode
from entitlements.api.runtime.checking import check_without_rows, gate_without_rows
from entitlements.api.runtime.gating import NAMED_BY_HEADER, Gate, GateRequest, Ground, gate_of, read_gate
from entitlements.api.runtime.requests import CheckRequest, decode
from entitlements.queries.check import memory
from entitlements.queries.check.answers import Ruling
from entitlements.queries.check.holding import CutOff
from journal.domain.rate import Taken
from journal.domain.refusal import Refusal

PATH = "/api/v1/gate"


class Ready(NamedTuple):
    """An answer, but for the limits that are told with it; `note` counts it, once it is sent."""

    gate: Gate
    note: Callable[[], None]

    def answer(self, taken: Taken) -> Answer:
        return _sent(self.gate, taken)


def _sent(gate: Gate, taken: Taken) -> Answer:
    told = [(name.lower().encode(), value.encode()) for name, value in gate.headers.items()]
    return Answer(gate.status, [*told, *taken.headers], gate.body)


def gate(scope: Any, asked: Asking, *, want: Callable[[str], None]) -> Ready | None:
    """None where Django's route has to answer: what is counted, what can't be read, who isn't known."""
    request = _read(scope, asked)
    if request is None or request.quantity is not None or request.choice or request.subject:
        return None
    account, now = name_of(request.account), time()
    compiled = None if account is None else compiled_for(request.account, now)
    held, view = memory.store.names.get(request.account), memory.store.known_view
    if account is None or compiled is None or held is None or view is None:
        want(request.account)
        return None
    ruling, feature_id = compiled.ruling(request.feature), view.feature_ids.get(request.feature)
    if ruling is None or feature_id is None or ruling.terms.counted:
        return None
    ground = _ground(ruling, now, until=min(held.until, compiled.until))
    plain = Plain(request.account, request.feature, request.point)
    note = partial(note_plainly, plain, account, feature_id, ruling, asked.key.actor, now, allowed=ground.allowed)
    return Ready(gate_of(ground, now=datetime.fromtimestamp(now, UTC)), note)


def _read(scope: Any, asked: Asking) -> GateRequest | None:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    headers = {
        name: asked.headers.get(name.lower().encode(), b"").decode("latin-1") for name in NAMED_BY_HEADER.values()
    }
    try:
        return read_gate(query, headers)
    except Refusal:
        return None


def _ground(ruling: Ruling, now: float, *, until: float) -> Ground:
    decision, why = decided_plainly(ruling)
    reliance = ruling.terms.reliance
    as_of = min(memory.heard_at, now)
    return Ground(decision.allowed, decision.because, why or "", "cache", reliance, as_of, until)


def gate_away(scope: Any, asked: Asking, taken: Taken) -> Answer:
    """A gate while the database is away."""
    request = _read(scope, asked)
    if request is None:
        return away(taken)
    try:
        told = gate_without_rows(request, by=asked.key.actor, now=datetime.now(UTC))
    except CutOff:
        return away(taken)
    return _sent(told, taken)


def check_away(body: bytes, asked: Asking, taken: Taken) -> Answer:
    """A check while the database is away."""
    try:
        told = check_without_rows(decode(body, CheckRequest), by=asked.key.actor, now=datetime.now(UTC))
    except Refusal as refusal:
        return refused(refusal, taken)
    except CutOff:
        return away(taken)
    return Answer(200, [JSON, *taken.headers], encode(told))


def away(taken: Taken) -> Answer:
    """The problem of a database that is away, with nothing known by heart."""
    return refused(Contended("The desk's database is away for a moment. Send it again."), taken)
