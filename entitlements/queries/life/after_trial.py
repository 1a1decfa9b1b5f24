"""What the end of a trial will take, or took, from one customer: the resolver's own answer, before and after."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from catalog.domain.values import AtTrialEnd
from catalog.domain.window import MOMENT, Window
from entitlements.domain.after_trial import AfterTrial, Kept, Less
from entitlements.domain.facts import Facts, ItemFact, Phase, TermFact
from entitlements.domain.figures import Direction, FeatureEffect
from entitlements.domain.impact import Answers, effects_between
from entitlements.domain.phases import pin_at
from entitlements.domain.resolve import resolve
from entitlements.domain.trials import kept_after, kept_if_used, say_kept, stretches, version_named
from entitlements.models import Subscription
from entitlements.queries.entitlements import facts_of

__all__ = ["AfterTrial", "Kept", "Less", "after_trial"]


def after_trial(subscription: Subscription, *, at: datetime, ends_at: datetime | None = None) -> AfterTrial | None:
    """What is so from the end of its trial on, as far as is known at the moment; None where the trial never lapses.

    `ends_at`: as it would be if the trial ended then. A trial with a card, and one that was converted, goes on.
    """
    facts = facts_of(account=subscription.account)
    if ends_at is not None:
        items = tuple(_ending(item, ends_at) if _tried(item, subscription) else item for item in facts.items)
        facts = replace(facts, items=items)
    tried = [item for item in facts.items if _tried(item, subscription)]
    lapse = next((item.trial_lapses_at for item in tried), None)
    if lapse is None:
        return None
    before, after = resolve(facts, at=lapse - MOMENT), resolve(facts, at=lapse)
    worse = _worse(before, after)
    awaited = {key for item in tried for key in kept_if_used(item, facts=facts) if at < lapse} & worse.keys()
    told = [effect for key, effect in worse.items() if key not in awaited]
    bare = _worse(after, resolve(_keeping_nothing(facts), at=lapse))
    return AfterTrial(
        plan=_plan(tried, facts, lapse),
        at=lapse,
        lost=tuple(effect.name for effect in told if not after[effect.feature].granted),
        less=tuple(Less(effect.name, effect.before, effect.after) for effect in told if after[effect.feature].granted),
        kept=tuple(kept for key, kept in _kept(tried, facts, lapse) if key in bare),
        if_used=tuple(fact.shape.name for key, fact in facts.features.items() if key in awaited),
    )


def _worse(before: Answers, after: Answers) -> dict[str, FeatureEffect]:
    effects = effects_between(before, after)
    return {effect.feature: effect for effect in effects if effect.direction is Direction.WORSE}


def _keeping_nothing(facts: Facts) -> Facts:
    """The same, if every trial took all at once: what is the same then too isn't worth telling as kept."""
    versions = {
        key: replace(version, terms=tuple(_ending_at_once(term) for term in version.terms))
        for key, version in facts.versions.items()
    }
    return replace(facts, versions=versions)


def _ending_at_once(term: TermFact) -> TermFact:
    return replace(term, at_trial_end=AtTrialEnd.ENDS, kept_days=None)


def _tried(item: ItemFact, subscription: Subscription) -> bool:
    return item.subscription == str(subscription.pk) and item.trial_lapses_at is not None


def _ending(item: ItemFact, ends_at: datetime) -> ItemFact:
    """The item as if its trial ended then; a subscription that would have ended before lasts as long."""
    window, lapse = item.window, item.trial_lapses_at
    if window.end is not None and lapse is not None and lapse <= window.end < ends_at:
        window = Window(window.start, ends_at)
    trial = [(phase, Window(when.start, ends_at)) for phase, when in item.phases if phase is Phase.TRIAL]
    others = [entry for entry in item.phases if entry[0] is not Phase.TRIAL]
    return replace(item, window=window, phases=(*others, *trial), trial_lapses_at=ends_at)


def _plan(tried: list[ItemFact], facts: Facts, lapse: datetime) -> str | None:
    """The version that follows the trial."""
    for stretch in (one for item in tried for one in stretches(item, facts=facts)):
        if stretch.only is None and stretch.window.contains(lapse):
            version = version_named(pin_at(stretch, rollouts=facts.rollouts, at=lapse), versions=facts.versions)
            return f"{version.plan_name} v{version.number}"
    return None


def _kept(tried: list[ItemFact], facts: Facts, lapse: datetime) -> Iterator[tuple[str, Kept]]:
    """What stays, in the order of the features."""
    staying = [pair for item in tried for pair in kept_after(item, facts=facts) if pair[1].window.contains(lapse)]
    for key, fact in facts.features.items():
        for rule, item in staying:
            if key in (item.only or ()):
                yield key, Kept(fact.shape.name, item.window.end, say_kept(rule))
