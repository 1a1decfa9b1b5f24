"""For which profiles a change of the catalog asks to read accounts again.

For those that a publication at renewal may reach, those of which one fell into the time before their `latest`, and
those of which a trial that is past has another outcome. Any other change is brought in when the profile is worked out.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from catalog.domain.rollouts import Audience, RolloutFact
from entitlements.domain.profiles import Profile
from entitlements.domain.trials import UNMOVED

Edition: TypeAlias = tuple[RolloutFact | None, RolloutFact | None]


def outdated(profile: Profile, *, latest: datetime, changed: Collection[Edition], retold: Collection[str]) -> bool:
    """Whether accounts of this profile have to be read again after the catalog changed.

    `changed` are the publications that differ, as they were and as they are; `retold` the versions of which what they
    keep after a trial is told in another way. New cohorts are told apart by their members, and not here.
    """
    if profile.parent is not None and outdated(profile.parent, latest=latest, changed=changed, retold=retold):
        return True
    if profile.tried and (not profile.tried.isdisjoint(retold) or any(_past(pair, latest) for pair in changed)):
        return True
    pins = {item.pinned for item in profile.items if item.recorded_at != UNMOVED}
    return any(_parts(rollout, latest) for pair in changed for rollout in _moving(pair, pins))


def _moving(pair: Edition, pins: set[str]) -> Iterator[RolloutFact]:
    """What of a changed publication moves any of these versions; retiring it moves nobody."""
    before, after = pair
    if before is not None and after is not None and replace(before, sold_until=after.sold_until) == after:
        return
    yield from (one for one in pair if one is not None and one.audience.moves and not pins.isdisjoint(one.moves_from))


def _parts(rollout: RolloutFact, latest: datetime) -> bool:
    """Whether it comes to accounts of one profile at different instants, or to some of them only."""
    return rollout.audience is Audience.AT_RENEWAL or rollout.effective_at < latest


def _past(pair: Edition, latest: datetime) -> bool:
    """Whether it may have another outcome for a trial that lapsed by then."""
    ends = {None if one is None else one.sold_until for one in pair}
    if None not in pair and len(ends) == 2:
        return any(end is not None and end <= latest for end in ends)
    return any(one is not None and one.effective_at <= latest for one in pair)
