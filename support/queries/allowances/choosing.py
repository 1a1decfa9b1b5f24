"""On which of several allowances time counts: what fits of each when it was worked, by its channel. Nothing here writes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from entitlements.domain.usage.operations import UnfitUse
from entitlements.models import Account
from entitlements.queries.usage.landing import Sources
from support.domain.time_entries import Offer, choose_allowance, share
from support.queries.allowances.balances import BalanceLine
from support.queries.allowances.room import Taking, room_for


def chosen_line(
    account: Account, lines: Sequence[BalanceLine], minutes: int, *, channel: str, worked_at: datetime, at: datetime
) -> BalanceLine | None:
    """The one that the rule chooses for an entry; where there is but one, that."""
    if len(lines) < 2:
        return next(iter(lines), None)
    offers = list(_offers(account, lines, minutes, channel=channel, worked_at=worked_at, at=at))
    chosen = choose_allowance(offers, minutes)
    return next((line for line in lines if line.allowance.pk == chosen), None)


def _offers(
    account: Account, lines: Sequence[BalanceLine], minutes: int, *, channel: str, worked_at: datetime, at: datetime
) -> Iterator[Offer]:
    """What is left now says too little: a part for the channel may be used up, and work of last week counts on what
    there was last week."""
    sources = Sources(at)
    for line in lines:
        offer = line.offer()
        whole = share(minutes, unit=offer.unit, room=None).rounded
        try:
            room = room_for(Taking(account, line.allowance, channel, worked_at, at), wanted=whole, sources=sources)
        except UnfitUse:  # nothing of it could be counted then
            yield replace(offer, left=0, overdraws=False)
            continue
        bounds = [one for one in (room.left, room.part) if one is not None]
        yield replace(offer, left=min(bounds, default=None) if offer.overdraws else room.bound)
