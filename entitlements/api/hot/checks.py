"""A gate, a setting or a choice asked about plainly: answered from memory, in bytes that were written once.

What is counted isn't answered here: how much is left comes from its counter, which Django's route reads.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from time import time
from typing import Any, NamedTuple

import msgspec

from entitlements.actions.answers_given import name_of as actor_name
from entitlements.actions.usage.access import note_access
from entitlements.api.hot.names import name_of
from entitlements.api.runtime.answers import CheckAnswer, OfferAnswer, encode, head_of
from entitlements.api.runtime.checking import trace_of
from entitlements.api.runtime.refusals import known_offers
from entitlements.api.runtime.standing import Question, Standing, decided
from entitlements.domain.decision import Decision
from entitlements.domain.usage.operations import Why
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.account_names import Named
from entitlements.queries.check import memory
from entitlements.queries.check.answers import Ruling
from entitlements.queries.check.holding import Compiled
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


def check(body: bytes, *, by: Actor, want: Callable[[str], None]) -> bytes | None:
    """The answer; None where Django's route has to give it. `want` is told of an account that memory doesn't know."""
    try:
        asked = DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    account, now = name_of(asked.account), time()
    compiled = None if account is None else compiled_for(asked.account, now)
    if account is None or compiled is None:
        want(asked.account)
        return None
    ruling = compiled.ruling(asked.feature)
    if ruling is None or not _is_point(asked.point):
        return None
    plain = ruling.kept.get(WRITTEN)
    if plain is None:
        plain = ruling.kept[WRITTEN] = _plain(ruling)
    return None if plain.counted else _said(plain, asked, account, ruling, by, now)


def _said(plain: "_Plain", asked: "Plain", account: Named, ruling: Ruling, by: Actor, now: float) -> bytes | None:
    at = datetime.fromtimestamp(now, UTC)
    if not plain.allowed:
        refusal = _refused(ruling, account, at)
        if refusal is not None:
            _note(asked, account, ruling, by, at, allowed=False)
        return refusal
    _note(asked, account, ruling, by, at, allowed=True)
    as_of = at if memory.heard_at >= now else datetime.fromtimestamp(memory.heard_at, UTC)
    before, first, second, third = plain.written
    return b"".join((before, _instant(account.key), first, _instant(at), second, _instant(as_of), third))


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
    if not _decided(ruling).allowed:
        return _Plain(False, False, ())
    before, rest = encode(_answer(ruling, _NOBODY, _MOMENT)).split(encode(_NOBODY), 1)
    return _Plain(False, True, (before, *rest.split(encode(_MOMENT))))


def _refused(ruling: Ruling, account: Named, at: datetime) -> bytes | None:
    """A refusal with what would allow it, if that was worked out a moment ago."""
    offers = known_offers(account.id, ruling.terms.shape.key, None, at=at)
    return None if offers is None else encode(_answer(ruling, account.key, at, offers=offers))


def _decided(ruling: Ruling) -> Decision:
    return decided(ruling.terms, Question(ruling.terms.shape.key))


def _answer(ruling: Ruling, account: str, at: datetime, offers: list[OfferAnswer] | None = None) -> CheckAnswer:
    decision, terms = _decided(ruling), ruling.terms
    why = None if decision.allowed else Why.LIMIT_REACHED if terms.answer.granted else Why.NOT_ENTITLED
    return CheckAnswer(
        account=account,
        allowed=decision.allowed,
        because=decision.because,
        why=None if why is None else why.value,
        certain=decision.certain,
        **head_of(terms),
        at=at,
        as_of=at,
        source="cache",
        offers=offers or [],
    )


def _note(asked: Plain, account: Named, ruling: Ruling, by: Actor, at: datetime, *, allowed: bool) -> None:
    feature_id = memory.store.edition()[0].feature_ids[asked.feature]
    question = Question(asked.feature)

    def traced() -> dict[str, Any]:
        decision = _decided(ruling)
        why = None if decision.allowed else Why.LIMIT_REACHED if ruling.terms.answer.granted else Why.NOT_ENTITLED
        return trace_of(Standing(account, feature_id, ruling.terms, decision, why), question)

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
