"""May it pass? The answer for a proxy: a status, and headers by which a plain HTTP cache obeys the feature's fallback.

A proxy asks before it lets a request through, keeps the answer for seconds, and may go on with it while the desk can't
be reached for as long as `stale-if-error` says: what is left of the age of a last known answer; a month for what goes
on without the desk, and for its refusal of whoever doesn't have it; nothing where a limit was reached, or the fallback
refuses; and never past the end of what it says (RFC 9111, RFC 5861).
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from catalog.domain.fallbacks import LONGEST, Fallback, Reliance
from entitlements.api.runtime.answers import CheckAnswer
from entitlements.api.runtime.requests import (
    AccountName,
    CheckRequest,
    ChoiceName,
    FeatureName,
    Point,
    Subject,
    fault_of,
)
from entitlements.queries.check.answers import NOT_ENTITLED
from journal.api.problems import MEDIA_TYPE, problem_body

FRESH = 5  # seconds an answer is given again without asking
NAMED_BY_HEADER = {"account": "X-Entitlement-Account", "feature": "X-Entitlement-Feature"}


class GateRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A check whose answer a proxy understands."""

    account: AccountName
    feature: FeatureName
    quantity: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    subject: Subject = ""
    choice: ChoiceName = ""
    point: Point = ""

    @property
    def question(self) -> CheckRequest:
        return CheckRequest(**{name: getattr(self, name) for name in self.__struct_fields__})


class Gate(NamedTuple):
    """What a proxy is told."""

    status: int
    headers: dict[str, str]
    body: bytes


class Ground(NamedTuple):
    """What a gate's answer rests on; instants are seconds since 1970."""

    allowed: bool
    because: str
    why: str
    source: str
    reliance: Reliance
    as_of: float
    until: float


def read_gate(query: Mapping[str, str], headers: Mapping[str, str]) -> GateRequest:
    """The account and the feature may stand in headers; the address goes first. Invalid, with the field."""
    named = {field: headers[name] for field, name in NAMED_BY_HEADER.items() if headers.get(name)}
    try:
        return msgspec.convert({**named, **query}, GateRequest, strict=False)
    except msgspec.ValidationError as fault:
        raise fault_of(str(fault)) from None


def ground_of(answer: CheckAnswer, *, until: float) -> Ground:
    """`until`: up to when memory knows that nothing ends, where the answer came from there."""
    fallback, valid = answer.fallback, answer.valid_until
    reliance = Reliance(Fallback.DENY)
    if fallback is not None:
        reliance = Reliance(Fallback(fallback.on_unreachable), fallback.max_age_seconds)
    return Ground(
        answer.allowed, answer.because, answer.why or "", answer.source, reliance, answer.as_of.timestamp(),
        until if valid is None else min(until, valid.timestamp()),
    )  # fmt: skip


def gate_of(ground: Ground, *, now: datetime) -> Gate:
    headers = {"Cache-Control": _cached(ground, now.timestamp()), "Entitlement-Source": ground.source}
    if ground.allowed:
        return Gate(HTTPStatus.NO_CONTENT, headers, b"")
    headers |= {"Entitlement-Why": ground.why, "Entitlement-Because": _for_header(ground.because)}
    body = problem_body(
        HTTPStatus.FORBIDDEN,
        code="gate_closed",
        title=HTTPStatus.FORBIDDEN.phrase,
        detail=ground.because,
        why=ground.why,
    )
    return Gate(HTTPStatus.FORBIDDEN, {"Content-Type": MEDIA_TYPE, **headers}, body)


def _cached(ground: Ground, now: float) -> str:
    """In whole seconds, rounded down; what is kept while it is stale is counted from the end of its freshness."""
    lives = _lives(ground, now)
    if not lives:
        return "max-age=0, must-revalidate"
    fresh = min(1 if ground.source == "fallback" else FRESH, lives)  # the desk may be whole again any moment
    stale = lives - fresh
    return f"max-age={fresh}, stale-while-revalidate={min(FRESH, stale)}, stale-if-error={stale}"


def _lives(ground: Ground, now: float) -> int:
    """How many seconds the answer may be given at all, the desk being away or not."""
    left = min(ground.until - now, LONGEST)
    match ground.reliance.fallback:
        case Fallback.DENY:
            return 0
        case Fallback.ALLOW:
            settled = ground.allowed or ground.why == NOT_ENTITLED  # a limit that was reached stops nobody for long
            return max(int(left if settled else min(left, FRESH)), 0)
        case Fallback.LAST_KNOWN:
            return max(int(min(left, (ground.reliance.max_age_seconds or 0) - (now - ground.as_of))), 0)


def _for_header(words: str) -> str:
    """As a header, and a proxy inside a text of JSON, may say it: letters of ASCII, and nothing that ends the text."""
    plain = words.translate(str.maketrans('“”‘’"\\', "'''''/"))
    return "".join(letter if letter.isprintable() else " " for letter in plain.encode("ascii", "replace").decode())


def parameters() -> list[dict[str, Any]]:
    """For the OpenAPI document."""
    found: list[dict[str, Any]] = []
    schema = msgspec.json.schema_components([GateRequest], ref_template="{name}")[1]["GateRequest"]["properties"]
    for name, told in schema.items():
        described = {key: value for key, value in told.items() if key != "default"}
        required = name not in NAMED_BY_HEADER and "default" not in told
        found.append({"name": name, "in": "query", "required": required, "schema": described})
    for field, name in NAMED_BY_HEADER.items():
        words = f"The {field}, where the address doesn't name it."
        found.append(
            {"name": name, "in": "header", "required": False, "description": words, "schema": {"type": "string"}}
        )
    return found
