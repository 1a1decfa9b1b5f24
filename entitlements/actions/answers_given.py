"""What programs were told, kept where it differs from what they were told before (DESIGN.md §4, answered at T)."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from django.db import transaction

from entitlements.models import Account, AnswerGiven
from journal.domain.actor import Actor

READ = "entitlements:read"
MOST_REMEMBERED = 1_000  # pairs of account and key, some 10 kB each where the whole set is asked
LOOKED_BACK = 20  # rows

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Last:
    """What a key was told last about each feature of an account, as of a row."""

    row: int | None
    digests: Mapping[str, bytes]


# Spares reading the row before. Never trusted by itself: another process may have told something since, so that the
# newest row must still be the one it was made of.
_last: OrderedDict[tuple[int, str], _Last] = OrderedDict()
_lock = Lock()


def remember_answer(*, account: Account, answers: Told, by: Actor, at: datetime) -> AnswerGiven | None:
    """A program was told something other than before; None where it was told the same.

    `answers` are those of the features it asked about. The rows are their own audit: they are many, and never change.
    """
    by.require(READ)
    told = name_of(by)
    last = _last_told(account, told)
    digests = {feature: _digest(answer) for feature, answer in answers.items()}
    if all(last.digests.get(feature) == digest for feature, digest in digests.items()):
        return None
    return _write(account, told, answers, _Last(last.row, {**last.digests, **digests}), at)


@transaction.atomic
def _write(account: Account, told: str, answers: Told, now: _Last, at: datetime) -> AnswerGiven:
    whole = _canonical({feature: answers[feature] for feature in sorted(answers)})
    row = AnswerGiven.objects.create(
        account=account, told=told, told_at=at, digest=hashlib.sha256(whole).hexdigest(), answers=dict(answers)
    )
    transaction.on_commit(partial(_remember, (account.pk, told), _Last(row.pk, now.digests)))
    return row


def name_of(by: Actor) -> str:
    """ "Web shop (ed_1f3a_…)": two keys may bear one name, so the part that may be shown stands behind it."""
    prefix = by.key.removeprefix("key:")
    return by.name if prefix == by.key else f"{by.name} (ed_{prefix}_…)"


def _last_told(account: Account, told: str) -> _Last:
    rows = AnswerGiven.objects.filter(account=account, told=told).order_by("-told_at", "-pk")
    newest = rows.values_list("pk", flat=True).first()
    with _lock:
        known = _last.get((account.pk, told))
    if known is not None and known.row == newest:
        return known
    digests: dict[str, bytes] = {}
    for answers in rows.values_list("answers", flat=True)[:LOOKED_BACK]:
        for feature, answer in answers.items():
            digests.setdefault(feature, _digest(answer))
    found = _Last(newest, digests)
    _remember((account.pk, told), found)
    return found


def _remember(key: tuple[int, str], last: _Last) -> None:
    with _lock:
        _last[key] = last
        _last.move_to_end(key)
        while len(_last) > MOST_REMEMBERED:
            _last.popitem(last=False)


def _digest(answer: Any) -> bytes:
    return hashlib.blake2b(_canonical(answer), digest_size=8).digest()


def _canonical(told: Any) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
