"""Licences known by heart: for as long as memory holds their account, and nothing about them changes by itself.

What hangs on an account in memory is told by the same triggers (docs/adr/0017): a licence, its activations and whatever
the account has drop out with the account they hang on, and a change of any policy makes the catalog's number grow.
Heartbeats alone aren't told, because there are many: so a licence is read again where one may have been missed.

Kept by the prefix of the key, beside the key's digest; nothing is kept of a text that is no key.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from entitlements.domain.licences.activations import is_silent
from entitlements.domain.licences.key_text import LicenceKey
from entitlements.domain.licences.standing import LicenceFacts
from entitlements.models.licence import Licence
from entitlements.queries.account_names import Named
from entitlements.queries.check import memory
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.check.finding import AWAY
from entitlements.queries.check.holding import FOREVER, Held
from entitlements.queries.check.reading import instant, seconds
from entitlements.queries.licences.reading import facts_of

MOST = 100_000
NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class Known:
    """A licence as it was read. `kept` is for what is written of it once; `until` in seconds since 1970."""

    licence_id: int
    name: str
    account: Named
    facts: LicenceFacts
    digest: bytes
    number: int
    until: float
    held: Held | None
    kept: dict[Any, Any] = field(default_factory=dict)


_known: Bounded[str, Known] = Bounded(MOST)


def recalled(key: LicenceKey, *, now: float) -> Known | None:
    """From memory alone, for an event loop; None: the rows have to be asked."""
    known = _known.get(key.prefix)
    if known is None or not hmac.compare_digest(known.digest, key.digest) or not _is_true(known, now):
        return None
    return known


def licence_known(key: LicenceKey, *, now: float) -> Known | None:
    """The licence of this key, remembered or read; None: there is none. Compared in the same time, whether there is
    such a prefix or not."""
    return recalled(key, now=now) or _read(key, now=now)


def forget_licences() -> None:
    """For tests, whose rows are rolled back."""
    _known.clear()


def _is_true(known: Known, now: float) -> bool:
    held = known.held
    return (
        held is not None
        and now < known.until
        and known.number == memory.store.number
        and memory.trusted
        and memory.store.ids.get(held.id) is held
        and held.since <= now < held.until
    )


def _read(key: LicenceKey, *, now: float) -> Known | None:
    number, view = memory.store.number, memory.view()
    row = _rows().filter(prefix=key.prefix).first()
    same = hmac.compare_digest(key.digest, NOBODY if row is None else bytes.fromhex(row.digest))
    if row is None or not same:
        return None
    held = _held(row, now)  # before the facts: whoever changes them from here on makes it worthless
    row = _rows().get(pk=row.pk)
    if bytes.fromhex(row.digest) != key.digest:
        return None
    facts = facts_of(row, instant(now), catalog=view.snapshot)
    account = Named(row.account_id, row.account.key)
    known = Known(row.pk, row.name, account, facts, key.digest, number, _until(facts, now), held)
    if held is not None and held.id == row.account_id:
        _known[row.prefix] = known
    return known


def _rows() -> QuerySet[Licence]:
    return Licence.objects.select_related("policy__activation_feature", "policy__plan", "account")


def _held(row: Licence, now: float) -> Held | None:
    """The account in memory, which drops it when anything changes; None where nobody tells memory of changes."""
    if not memory.trusted:
        return None
    try:
        held = memory.found(row.account_id, now)[0]
    except AWAY:
        return None
    return held if memory.store.ids.get(held.id) is held else None


def _until(facts: LicenceFacts, now: float) -> float:
    """When something of it may change by itself, or a heartbeat may have been missed."""
    at = instant(now)
    ends: list[datetime | None] = [facts.until, facts.expires_at, facts.suspended_at, facts.revoked_at]
    if facts.heartbeat is not None:
        ends += [
            one.heard_at + facts.heartbeat
            for one in facts.activations
            if not is_silent(one, heartbeat=facts.heartbeat, at=at)
        ]
    return min((found for end in ends if (found := seconds(end, FOREVER)) > now), default=FOREVER)
