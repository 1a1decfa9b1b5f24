"""What becomes of an item whose trial nobody has converted (E4).

From the instant the trial lapses the item gives nothing. If the version it had at that instant names a plan for
afterwards, an item of that plan follows, pinned to the version that was on sale at that instant, until the item's own
window ends. It belongs to the same subscription and keeps its phases but the trial; rollouts move it like any other
item, and the old item's hold does not bind it. It is one unit of that plan, whatever quantity was tried: nobody
bought more.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from catalog.domain.rollouts import version_on_sale
from catalog.domain.window import Window
from entitlements.domain.facts import Facts, ItemFact, Phase, VersionFact
from entitlements.domain.phases import pin_at


class IncompleteFacts(LookupError):
    """The facts name a plan version that they don't hold."""


def version_named(version: str, *, versions: Mapping[str, VersionFact]) -> VersionFact:
    try:
        return versions[version]
    except KeyError:
        raise IncompleteFacts(f"The plan version {version} is held by an item but isn't among the facts.") from None


def stretches(item: ItemFact, *, facts: Facts) -> tuple[ItemFact, ...]:
    """The item up to the lapse of its trial, and what follows; the item itself if no trial of it lapses."""
    lapse = item.trial_lapses_at
    if lapse is None or (item.window.end is not None and item.window.end <= lapse):
        return (item,)
    tried = item.window.intersection(Window(None, lapse))
    rest = item.window.intersection(Window(lapse, None))
    before = () if tried is None else (replace(item, window=tried, trial_lapses_at=None),)
    after = None if rest is None else _after_trial(item, facts=facts, lapse=lapse, rest=rest)
    return before if after is None else (*before, after)


def _after_trial(item: ItemFact, *, facts: Facts, lapse: datetime, rest: Window) -> ItemFact | None:
    tried = version_named(pin_at(item, rollouts=facts.rollouts, at=lapse), versions=facts.versions)
    if tried.after_trial is None:
        return None
    on_sale = version_on_sale(plan=tried.after_trial, rollouts=facts.rollouts, at=lapse)
    if on_sale is None:
        return None
    return ItemFact(
        id=f"{item.id}:after-trial",
        subscription=item.subscription,
        plan=tried.after_trial,
        pinned=on_sale,
        quantity=1,
        window=rest,
        phases=tuple(entry for entry in item.phases if entry[0] is not Phase.TRIAL),
        interval=item.interval,
        lent=item.lent,
        note=f"after the trial of {tried.plan_name}",
    )
