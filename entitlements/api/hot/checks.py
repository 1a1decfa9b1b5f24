"""A gate, a setting or a choice asked about plainly: answered from memory, in bytes that were written once.

What is counted isn't answered here: how much is left comes from its counter, which Django's route reads.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from time import time
from typing import Any, NamedTuple

import msgspec

from entitlements.actions.answers_given import name_of as actor_name
from entitlements.actions.usage.access import note_access
from entitlements.api.hot.names import name_of
from entitlements.api.runtime.answers import CheckAnswer, OfferAnswer, encode, head_of
from entitlements.api.runtime.checking import trace_of
from entitlements.api.runtime.refusals import known_offers
from entitlements.domain.decision import Decision
from entitlements.domain.usage.operations import Why
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.account_names import Named
from entitlements.queries.check import memory
from entitlements.queries.check.answers import Ruling
from entitlements.queries.check.holding import FOREVER, Compiled
from entitlements.queries.usage.standing import Question, Standing, decided
from journal.domain.actor import Actor


class Plain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `CheckRequest` that asks nothing else. Names need no looking at: memory knows them, or nobody is told here."""

    account: str
    feature: str
    point: str = ""


class _Plain(NamedTuple):
    """What a ruling answers to it; `written` where it is allowed: a refusal names what could be bought."""

    counted: bool
    allowed: bool
    written: tuple[bytes, ...]


DECODER = msgspec.json.Decoder(Plain)
WRITTEN = "hot check"
_NOBODY = "\x01account"
_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
_instant = msgspec.json.Encoder().encode


class Checked(NamedTuple):
    """An answer ready to be sent; `note` counts it at its enforcement point, once it is."""

    said: bytes
    note: Callable[[], None]


def check(body: bytes, *, by: Actor, want: Callable[[str], None]) -> Checked | None:
    """The answer; None where Django's route has to give it. `want` is told of an account that memory doesn't know."""
    try:
        asked = DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    account, now = name_of(asked.account), time()
    compiled = None if account is None else compiled_for(asked.account, now)
    held = memory.store.names.get(asked.account)
    if account is None or compiled is None or held is None:
        want(asked.account)
        return None
    ruling, view = compiled.ruling(asked.feature), memory.store.known_view
    feature_id = None if view is None else view.feature_ids.get(asked.feature)
    if ruling is None or feature_id is None or not _is_point(asked.point):
        return None
    plain = ruling.kept.get(WRITTEN)
    if plain is None:
        plain = ruling.kept[WRITTEN] = _plain(ruling)
    said = None if plain.counted else _said(plain, account, ruling, now, min(held.until, compiled.until))
    if said is None:
        return None
    return Checked(said, partial(note_plainly, asked, account, feature_id, ruling, by, now, allowed=plain.allowed))


def _said(plain: "_Plain", account: Named, ruling: Ruling, now: float, end: float) -> bytes | None:
    at = datetime.fromtimestamp(now, UTC)
    until = None if end == FOREVER else datetime.fromtimestamp(end, UTC)
    if not plain.allowed:
        return _refused(ruling, account, at, until)
    as_of = at if memory.heard_at >= now else datetime.fromtimestamp(memory.heard_at, UTC)
    before, first, second, third, fourth = plain.written
    moments = (first, _instant(until), second, _instant(at), third, _instant(as_of), fourth)
    return b"".join((before, _instant(account.key), *moments))


def _is_point(point: str) -> bool:
    return not point or (len(point) <= LONGEST_NAME and "\x00" not in point)


def compiled_for(name: str, now: float) -> Compiled | None:
    """What the account's profile comes to, if memory knows it for certain at this moment without reading a row."""
    held = memory.store.names.get(name)
    if held is None or not held.since <= now < held.until or not memory.trusted:
        return None
    compiled = held.shared.compiled
    if compiled.number != memory.store.number or not compiled.since <= now < compiled.until:
        return None
    return compiled


def _plain(ruling: Ruling) -> "_Plain":
    """What is the same for all who ask; the answer is cut where the account and the moments stand."""
    if ruling.terms.counted:
        return _Plain(True, False, ())
    if not decided_plainly(ruling)[0].allowed:
        return _Plain(False, False, ())
    before, rest = encode(_answer(ruling, _NOBODY, _MOMENT, _MOMENT)).split(encode(_NOBODY), 1)
    return _Plain(False, True, (before, *rest.split(encode(_MOMENT))))


def _refused(ruling: Ruling, account: Named, at: datetime, until: datetime | None) -> bytes | None:
    """A refusal with what would allow it, if that was worked out a moment ago."""
    offers = known_offers(account.id, ruling.terms.shape.key, None, at=at)
    return None if offers is None else encode(_answer(ruling, account.key, at, until, offers=offers))


def decided_plainly(ruling: Ruling) -> tuple[Decision, str | None]:
    """The decision on a question that asks nothing else, and the kind of refusal."""
    decision = decided(ruling.terms, Question(ruling.terms.shape.key))
    why = None if decision.allowed else _why(ruling)
    return decision, None if why is None else why.value


def _why(ruling: Ruling) -> Why:
    return Why.LIMIT_REACHED if ruling.terms.answer.granted else Why.NOT_ENTITLED


def _answer(
    ruling: Ruling, account: str, at: datetime, until: datetime | None, offers: list[OfferAnswer] | None = None
) -> CheckAnswer:
    """`until` is the account's own end of it: those who share the ruling end at other moments."""
    (decision, why), terms = decided_plainly(ruling), ruling.terms
    return CheckAnswer(
        account=account,
        allowed=decision.allowed,
        because=decision.because,
        why=why,
        certain=decision.certain,
        **head_of(terms) | {"valid_until": until},
        at=at,
        as_of=at,
        source="cache",
        offers=offers or [],
    )


def note_plainly(
    asked: Plain, account: Named, feature_id: int, ruling: Ruling, by: Actor, now: float, *, allowed: bool
) -> None:
    question, at = Question(asked.feature), datetime.fromtimestamp(now, UTC)

    def traced() -> dict[str, Any]:
        decision, why = decided_plainly(ruling)
        kind = None if why is None else Why(why)
        return trace_of(Standing(account, feature_id, ruling.terms, decision, kind), question)

    note_access(
        point=asked.point,
        feature_id=feature_id,
        account_id=account.id,
        allowed=allowed,
        asked_by=actor_name(by),
        question=lambda: asdict(question),
        answer=traced,
        at=at,
    )
