"""The same candidates asked again, of another channel or at another instant, without another read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from catalog.domain.window import Window
from entitlements.domain.resolve import resolve_some
from support.domain.cover_terms import Counts, Source
from support.domain.covers import Choice, CoverFact, choose
from support.queries.covering import Covering, tier_ranks
from support.snapshots.policies import SUPPORT_TIER

MOST_BOUNDARIES = 100


def on_channel(found: Covering, channel: str) -> Choice:
    """Who decides where help is asked for in this way."""
    covers = [one.cover for one in found.choice.candidates]
    return choose(covers, asked=replace(found.asked, channel=channel))


def choices_ahead(found: Covering, *, at: datetime) -> Iterator[tuple[datetime, Choice]]:
    """Who decides from each later instant on at which a candidate begins or ends, by what is known now.

    What is left of prepaid help is taken as it is: nobody knows when it will be used up.
    """
    agreed = [one.cover for one in found.choice.candidates if one.cover.source is not Source.TIER]
    edges = {edge for cover in agreed for edge in (cover.window.start, cover.window.end) if edge is not None}
    held, moment = found.held, at
    for _ in range(MOST_BOUNDARIES):
        known = {*edges, *([held.valid_until] if held is not None and held.valid_until is not None else [])}
        later = [edge for edge in known if edge > moment]
        if not later:
            return
        moment = min(later)
        held = resolve_some(found.facts, {SUPPORT_TIER} & found.facts.features.keys(), at=moment).get(SUPPORT_TIER)
        tier = replace(found, held=held)
        yield moment, choose([*agreed, *_tier_then(tier)], asked=replace(found.asked, at=moment))


def _tier_then(found: Covering) -> Iterator[CoverFact]:
    """What the account holds by the resolver at that instant."""
    held = found.held
    if held is None or not held.granted or not isinstance(held.value, str):
        return
    yield CoverFact(
        key="tier",
        source=Source.TIER,
        name=held.shape.label(held.value),
        account=found.asked.account,
        window=Window(),
        tier=held.value,
        rank=tier_ranks(found.facts).get(held.value, 0),
        left=tuple(one.left for one in found.prepaid if one.allowance.counts == Counts.CASES),
        promised=held.value in found.policies,
    )
