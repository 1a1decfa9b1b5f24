"""A validation answered from memory: the licence is known by heart, its account is held, and nothing is counted.

What is said of the licence is written once for each place, environment and version that asks, and is true until memory
drops the licence; what its account may do is the check's own answer, put behind it. Everything else goes to Django's
route: keys nobody knows here, caps, files, quantities, heartbeats that may have been missed.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from entitlements.actions.licences.locking import USE
from entitlements.api.hot.checks import check
from entitlements.api.hot.requests import ONLY_TLS, Asking, asking
from entitlements.api.licence_access import software_of
from entitlements.api.licence_schemas import FeatureAsked, ValidateAnswer, ValidateRequest
from entitlements.api.licence_validation import by_licence
from entitlements.api.runtime.answers import encode
from entitlements.api.runtime.requests import MOST_BYTES, Point
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.key_text import parse_key
from entitlements.queries.licences.known import Known, recalled
from journal.domain.actor import Actor

VALIDATE = "/api/v1/licences/validate"
MOST_WRITTEN = 256  # answers kept of one licence
NOTHING_ELSE = b',"entitlement":null}'
_WRITTEN, _SOFTWARE, _ASKS = "hot answers", "software", "hot checks"


class Validated(NamedTuple):
    """The answer, and the licence that its rate is counted for where no API key came. `note` as a check's."""

    body: bytes
    known: Known
    note: Callable[[], None]


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `ValidateRequest` that asks nothing else. The last two have its bounds: they don't wait for an answer to write."""

    key: str
    fingerprint: str = ""
    environment: str = ""
    version: str = ""
    feature: FeatureAsked = ""
    point: Point = ""


class _Written(NamedTuple):
    """`head` is all of the answer but the entitlement."""

    answer: ValidateAnswer
    whole: bytes
    head: bytes


class _Told(msgspec.Struct):
    """What of a check's answer decides here."""

    allowed: bool
    because: str


_ASKED = msgspec.json.Decoder(_Asked)
_TOLD = msgspec.json.Decoder(_Told)


def validate(body: bytes, *, want: Callable[[str], None]) -> Validated | None:
    """None where Django's route has to answer. `want` is told of an account that memory doesn't know."""
    try:
        asked = _ASKED.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    key, now = parse_key(asked.key), time()
    known = None if key is None else recalled(key, now=now)
    if known is None or known.facts.validations_a_month is not None:
        return None
    written = _written(known, asked, now)
    if written is None:
        return None
    if not asked.feature or not written.answer.valid:
        return Validated(written.whole, known, _nothing)
    checked = check(_check_of(known, asked.feature, asked.point), by=_software(known), want=want)
    return None if checked is None else Validated(_with(written, checked.said), known, checked.note)


def asking_licence(scope: Any) -> tuple[Asking | None, bool]:
    """Who asks, and whether anything can be answered here: an API key known by heart, or none at all."""
    headers = dict(scope["headers"])
    if b"authorization" in headers:
        asked = asking(scope, scope_needed=USE)
        length = headers.get(b"content-length", b"0")
        return asked, asked is not None and _is_small(length)
    length = headers.get(b"content-length", b"")
    plain = not scope["query_string"] and b"transfer-encoding" not in headers and _is_small(length)
    return None, plain and (not ONLY_TLS or headers.get(b"x-forwarded-proto") == b"https")


def _nothing() -> None:
    """The licence alone is asked at no point."""


def _is_small(length: bytes) -> bool:
    return len(length) <= 7 and length.isdigit() and int(length) <= MOST_BYTES


def _written(known: Known, asked: _Asked, now: float) -> _Written | None:
    """What is said of the licence in this place; None where the request may be refused for its form."""
    answers = known.kept.setdefault(_WRITTEN, {})
    name = asked.fingerprint, asked.environment, asked.version
    found: _Written | None = answers.get(name)
    if found is None:
        if not _fits(asked):
            return None
        if len(answers) >= MOST_WRITTEN:
            answers.clear()
        found = answers[name] = _write(known, asked, now)
    return found


def _fits(asked: _Asked) -> bool:
    """Whether it keeps to `ValidateRequest`, whose bounds are looked at once for each answer written."""
    try:
        msgspec.convert(
            {"key": asked.key, "fingerprint": asked.fingerprint, "environment": asked.environment,
             "version": asked.version},
            ValidateRequest,
        )  # fmt: skip
    except msgspec.ValidationError:
        return False
    return True


def _write(known: Known, asked: _Asked, now: float) -> _Written:
    request = ValidateRequest(
        key=asked.key, fingerprint=asked.fingerprint, environment=asked.environment, version=asked.version
    )
    answer = by_licence(known, request, now=datetime.fromtimestamp(now, UTC))
    whole = encode(answer)
    assert whole.endswith(NOTHING_ELSE)
    return _Written(answer, whole, whole[: -len(NOTHING_ELSE)])


def _check_of(known: Known, feature: str, point: str) -> bytes:
    """The check's request, written once where no point is named."""
    if point:
        return encode({"account": known.account.key, "feature": feature, "point": point})
    checks: dict[str, bytes] = known.kept.setdefault(_ASKS, {})
    found = checks.get(feature)
    if found is None:
        if len(checks) >= MOST_WRITTEN:
            checks.clear()
        found = checks[feature] = encode({"account": known.account.key, "feature": feature})
    return found


def _software(known: Known) -> Actor:
    found: Actor | None = known.kept.get(_SOFTWARE)
    if found is None:
        found = known.kept[_SOFTWARE] = software_of(known)
    return found


def _with(written: _Written, check: bytes) -> bytes:
    """The licence's answer with the check's behind it."""
    told = _TOLD.decode(check)
    head = written.head
    if not told.allowed:
        code = Code.FEATURE_REFUSED
        refused = structs.replace(written.answer, valid=code.valid, code=code, because=told.because)
        head = encode(refused)[: -len(NOTHING_ELSE)]
    return b"".join((head, b',"entitlement":', check, b"}"))
