"""Many requests about use, decided and committed in one transaction for each key, and answered one by one."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import Any, TypeAlias

from django.db import InterfaceError, OperationalError, connection

from entitlements.actions.usage.recording import Contended, record
from entitlements.api.hot.names import names_of
from entitlements.api.hot.wholes import used
from entitlements.api.runtime.answers import ManyAnswer, UseAnswer, encode
from entitlements.api.runtime.cloud_events import named_by
from entitlements.api.runtime.knowledge import sources_at
from entitlements.api.runtime.requests import ReserveRequest, UseRequest
from entitlements.api.runtime.using import Told, answer_of, item_of, prepare
from entitlements.domain.usage.operations import Act
from entitlements.queries.account_names import Named
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

Asked: TypeAlias = UseRequest | ReserveRequest
Answered: TypeAlias = UseAnswer | Refusal
Said: TypeAlias = bytes | Refusal | Exception
AWAY = (OperationalError, InterfaceError)
LOGGER = logging.getLogger("entitlements.hot")


@dataclass(frozen=True, slots=True)
class Telling:
    """One request: what it tells, and whose key it came with. `many`: answered as a list, of CloudEvents by their ids."""

    act: Act
    asked: Sequence[Asked | Refusal]
    by: Actor
    many: bool = False
    key: str = ""
    events: list[Any] | None = None


def tell(tellings: Sequence[Telling], *, now: datetime) -> list[Said]:
    """What each is answered, after the commit. Where all together can't be counted, each is tried by itself, so that
    one that is odd is no fault of its neighbours; an exception in place of an answer is a fault of ours."""
    try:
        return _together(tellings, now)
    except AWAY:
        connection.close()  # it may have been cut long ago; a new one is tried once
    except Exception as fault:
        if len(tellings) == 1:
            return [_as_answer(fault)]
    if not _reachable():
        return [Contended("The desk's database is away for a moment; nothing was counted. Send it again.")] * len(
            tellings
        )
    return [_alone(one, now) for one in tellings]


def _alone(telling: Telling, now: datetime) -> Said:
    try:
        return _together([telling], now)[0]
    except Exception as fault:
        return _as_answer(fault)


def _as_answer(fault: Exception) -> Said:
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, AWAY):
        return Contended("The desk's database is away for a moment; nothing was counted. Send it again.")
    LOGGER.error("What was told could not be counted.", exc_info=fault)
    return fault


def _reachable() -> bool:
    try:
        connection.ensure_connection()
    except AWAY:
        return False
    return True


def _together(tellings: Sequence[Telling], now: datetime) -> list[Said]:
    named = names_of({one.account for telling in tellings for one in telling.asked if not isinstance(one, Refusal)})
    sources = sources_at(now, named.values())
    by_actor: dict[Actor, list[Told]] = {}
    prepared = [[_prepared(telling, one, named, now) for one in telling.asked] for telling in tellings]
    for telling, ones in zip(tellings, prepared, strict=True):
        by_actor.setdefault(telling.by, []).extend(one for one in ones if isinstance(one, Told))
    outcomes = {
        actor: iter(record([one.operation for one in told], by=actor, at=now, sources=sources))
        for actor, told in by_actor.items()
    }
    counted_at = time()  # after the commit: what was read before it doesn't know of this
    for account in named.values():
        used(account.id, counted_at)
    said: list[Said] = []
    for telling, ones in zip(tellings, prepared, strict=True):
        answers = [
            one
            if isinstance(one, Refusal)
            else answer_of(one, next(outcomes[telling.by]), by=telling.by, now=now, sources=sources)
            for one in ones
        ]
        said.append(_encoded(telling, answers))
    return said


def _prepared(telling: Telling, one: Asked | Refusal, named: Mapping[str, Named], now: datetime) -> Told | Refusal:
    if isinstance(one, Refusal):
        return one
    try:
        return prepare(telling.act, one, named=named, by=telling.by, now=now, key=telling.key)
    except Refusal as refusal:
        return refusal


def _encoded(telling: Telling, answers: Sequence[Answered]) -> Said:
    if telling.many:
        items = [item_of(request, answer) for request, answer in zip(telling.asked, answers, strict=True)]
        answer = ManyAnswer(items)
        return encode(answer if telling.events is None else named_by(answer, telling.events))
    [one] = answers
    return one if isinstance(one, Refusal) else encode(one)
