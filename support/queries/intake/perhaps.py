"""Where help or a feature isn't theirs at the moment, but may be: then nobody is refused by it. Nothing here writes.

A block rests on the channel, a balance, or a feature that is named. It doesn't on what nobody has named (which device is
broken, who of the customer's people writes), on how it stands with the account, or on what begins later.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from catalog.queries.instants import say_instant
from entitlements.domain.facts import Facts
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve_some
from entitlements.models import Account
from support.domain.cover_terms import Aspect
from support.domain.covers import Candidate, Scope, lost_because
from support.models import Warranty
from support.queries.covering import Covering
from support.queries.covering_again import choices_ahead

MOST_AHEAD = 3  # instants at which something changes that are looked at


def perhaps_owed(account: Account, found: Covering, *, at: datetime) -> str:
    """Why help may be owed on this channel though nobody owes it by what was named, in a sentence; empty: it isn't.

    One read more where no device was named.
    """
    if not found.asked.is_open:
        return found.asked.standing_words or "The account isn’t open."
    return next(
        (said for said in (*_narrowed(found), *_warranted(account, found), *_later(found, zone=account.zone)) if said), ""
    )  # fmt: skip


def _narrowed(found: Covering) -> Iterator[str]:
    """Covers for this channel that are for certain devices, places, people or kinds, or of an account that is shut."""
    anyhow = replace(found.asked, shut={})
    for one in found.choice.candidates:
        if not one.kept and _promises(one):
            wide = replace(one.cover, scope=Scope(channels=one.cover.scope.channels))
            if not lost_because(wide, anyhow):
                yield f"{one.cover.name}: {one.reason}"


def _promises(one: Candidate) -> bool:
    return one.cover.promised and one.cover.speaks_of(Aspect.RESPONSE)


def _warranted(account: Account, found: Covering) -> Iterator[str]:
    """Warranties are looked up by the device; where none was named, one that comes with support may apply."""
    if found.asked.asset is not None:
        return
    rows = Warranty.objects.filter(asset__account=account, asset__retired_at__isnull=True, voided_at__isnull=True)
    within = rows.filter(starts_at__lte=found.asked.at, ends_at__gt=found.asked.at)
    if within.filter(tier__in=list(found.policies)).exists():
        yield "They have devices under a warranty that comes with support, and no device was named."


def _later(found: Covering, *, zone: str) -> Iterator[str]:
    for moment, choice in islice(choices_ahead(found, at=found.asked.at), MOST_AHEAD):
        if choice.promising is not None:
            yield f"{choice.promising.name} covers them from {say_instant(moment, zone=zone)} on."


def begins_later(answer: Resolution, *, key: str, facts: Facts) -> datetime | None:
    """When they have the feature by what is known now; None: never, or only after much else has changed."""
    moment = answer.valid_until
    for _ in range(MOST_AHEAD):
        if moment is None:
            return None
        then = resolve_some(facts, [key], at=moment)[key]
        if then.granted:
            return moment
        moment = then.valid_until
    return None
