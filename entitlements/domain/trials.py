"""What becomes of an item whose trial nobody has converted (E4).

From the instant the trial lapses the item gives nothing. If the version it had at that instant names a plan for
afterwards, an item of that plan follows, pinned to the version that was on sale at that instant, until the item's own
window ends. It belongs to the same subscription and keeps its phases but the trial; rollouts move it like any other
item, and the old item's hold does not bind it. It is one unit of that plan, whatever quantity was tried: nobody
bought more.

Beside it stands what the version keeps, feature by feature: for some calendar days of the account's zone, or, of what
was used in the trial, as long as the item itself would have lasted. What is kept is what the trial gave in the end:
the version of that instant, which no publication moves any more, in the quantity that was tried, by the terms that
speak during a trial. It is lent: it never adds up with a plan that is bought, and is no purchase. What multiplies it
is as it stands then: of "10 GB per seat" with the seats gone, nothing is left.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from catalog.domain.rollouts import version_on_sale
from catalog.domain.trial_ends import TrialEnd
from catalog.domain.values import AtTrialEnd
from catalog.domain.window import Window, add_days
from entitlements.domain.facts import Facts, ItemFact, Phase, TermFact, VersionFact
from entitlements.domain.hearing import gives, hear, live, matching
from entitlements.domain.phases import pin_at

UNMOVED = datetime.max.replace(tzinfo=UTC)  # as if sold after every publication, so that none reaches it


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
    return before if rest is None else (*before, *_afterwards(item, facts=facts, lapse=lapse, rest=rest))


def kept_after(item: ItemFact, *, facts: Facts) -> Iterator[tuple[TrialEnd, ItemFact]]:
    """One item for each rule by which the version keeps anything after its trial, with the features it keeps."""
    lapse = item.trial_lapses_at
    if lapse is None:
        return
    tried = _tried(item, facts=facts, lapse=lapse)
    for rule, features in sorted(_kept_features(item, tried, facts=facts, lapse=lapse).items()):
        keeping = _keeping(item, tried, rule, features, lapse=lapse, zone=facts.zone)
        if keeping is not None:
            yield rule, keeping


def kept_if_used(item: ItemFact, *, facts: Facts) -> frozenset[str]:
    """The features that the item keeps after its trial if they are used in it, whether or not they were yet."""
    lapse = item.trial_lapses_at
    if lapse is None:
        return frozenset()
    rules = _kept_features(item, _tried(item, facts=facts, lapse=lapse), facts=facts, lapse=lapse)
    return rules.get((AtTrialEnd.KEPT_IF_USED, None), frozenset())


def say_kept(rule: TrialEnd) -> str:
    """Why a feature is still there: "for 7 days", "because it was used"."""
    days = rule[1]
    return "because it was used" if days is None else f"for {days:,} day{'' if days == 1 else 's'}"


def _afterwards(item: ItemFact, *, facts: Facts, lapse: datetime, rest: Window) -> Iterator[ItemFact]:
    tried = _tried(item, facts=facts, lapse=lapse)
    fallen = _after_trial(item, tried, facts=facts, lapse=lapse, rest=rest)
    if fallen is not None:
        yield fallen
    yield from (keeping for _rule, keeping in kept_after(item, facts=facts))


def _tried(item: ItemFact, *, facts: Facts, lapse: datetime) -> VersionFact:
    """The version that the trial ends in."""
    return version_named(pin_at(item, rollouts=facts.rollouts, at=lapse), versions=facts.versions)


def _after_trial(item: ItemFact, tried: VersionFact, *, facts: Facts, lapse: datetime, rest: Window) -> ItemFact | None:
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
        recorded_at=lapse,
        cohorts=item.cohorts,
        periods=item.periods,
        note=f"after the trial of {tried.plan_name}",
    )


def _keeping(
    item: ItemFact, tried: VersionFact, rule: TrialEnd, features: frozenset[str], *, lapse: datetime, zone: str
) -> ItemFact | None:
    """The item of those features by that rule; None where there is nothing to keep, or no time in which to."""
    days = rule[1]
    kept = features if days is not None else features & item.used_in_trial
    until = None if days is None else add_days(lapse, days, zone)
    window = item.window.intersection(Window(lapse, until))
    if window is None or not kept:
        return None
    others = (entry for entry in item.phases if entry[0] is not Phase.TRIAL)
    return replace(
        item,
        id=f"{item.id}:kept-used" if days is None else f"{item.id}:kept-{days}-days",
        pinned=tried.id,
        window=window,
        phases=(*others, (Phase.TRIAL, window)),
        trial_lapses_at=None,
        lent=True,
        holds=(),
        recorded_at=UNMOVED,
        note=f"kept {say_kept(rule)} after its trial",
        only=kept,
    )


def _kept_features(
    item: ItemFact, tried: VersionFact, *, facts: Facts, lapse: datetime
) -> Mapping[TrialEnd, frozenset[str]]:
    """The features by what the term says of them that speaks during the trial at its end."""
    if all(term.at_trial_end is AtTrialEnd.ENDS for term in tried.terms):
        return {}
    trying = live(item, version=tried, phase=Phase.TRIAL)
    by_feature: dict[str, list[TermFact]] = defaultdict(list)
    for term in matching(tried.terms, by=trying, market=facts.market):
        by_feature[term.feature].append(term)
    found: dict[TrialEnd, frozenset[str]] = {}
    for feature, terms in by_feature.items():
        speaker = hear(terms, by=trying, at=lapse).speaker
        if speaker is not None and gives(speaker) and speaker.at_trial_end is not AtTrialEnd.ENDS:
            rule = (speaker.at_trial_end, speaker.kept_days)
            found[rule] = found.get(rule, frozenset()) | {feature}
    return found
