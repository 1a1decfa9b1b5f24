"""What one version changes for those who have another: the terms that speak in every case, the trial, prices, names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from catalog.domain.cases import GENERAL, Case, cases_between
from catalog.domain.sale_diff import Sale, diff_sale, renamed
from catalog.domain.values import Reset
from catalog.domain.version_diff import NOTHING, Change, TermFacts, diff
from catalog.models import Feature, FeatureRevision, Plan, PlanVersion
from catalog.models.plan import Interval
from catalog.queries.effective import Effective, effective_of
from catalog.queries.prices import say_plan_price
from catalog.queries.versions import newest_published
from catalog.queries.vocabulary import Words, words
from journal.history import as_known

_PRICES = {Interval.MONTH: "Price a month", Interval.YEAR: "Price a year"}
_EMPTY = Effective({})


def diff_of_draft(*, version: PlanVersion) -> tuple[Change, ...]:
    """Every difference between the draft and the version published before it, in the order of the sheet."""
    return diff_versions(old=newest_published(plan=version.plan), new=version)


def diff_versions(*, old: PlanVersion | None, new: PlanVersion) -> tuple[Change, ...]:
    """Every difference between two versions, in the order of the sheet: what speaks in every case, and the sale.

    A case of its own is told only where it changes otherwise than in general: where another term speaks in it.
    """
    if old is not None and old.pk == new.pk:
        return ()
    speaking = effective_of([version for version in (old, new) if version is not None])
    was, is_now = (speaking[old.pk] if old else _EMPTY), speaking[new.pk]
    plan, known, changes = new.plan.name, words(), list[Change]()
    features = list(Feature.objects.select_related("group"))
    resets = _own_resets()
    for feature in features:
        for case, before, after in _differing(feature.pk, was, is_now):
            pair = (_with_reset(before, resets, feature.pk), _with_reset(after, resets, feature.pk))
            changes += _diff_feature(plan, feature, case, pair, known=known)
    if old is not None:
        changes += diff_sale(plan=plan, old=_sale(old), new=_sale(new))
        changes += renamed(plan=plan, names=_names(old, new, features, was.features | is_now.features))
    return tuple(changes)


def _differing(feature: int, was: Effective, is_now: Effective) -> Iterator[tuple[Case, TermFacts, TermFacts]]:
    """What is said before and after in each case in which it isn't the same two terms that speak as in a wider one."""
    seen: set[tuple[object, object]] = set()
    for case in cases_between(was.written_for(feature) | is_now.written_for(feature)):
        before, after = was.speaking(feature, case), is_now.speaking(feature, case)
        pair = (before and before.term.pk, after and after.term.pk)
        if pair in seen:
            continue
        seen.add(pair)
        yield case, before.facts if before else NOTHING, after.facts if after else NOTHING


def _diff_feature(
    plan: str, feature: Feature, case: Case, pair: tuple[TermFacts, TermFacts], *, known: Words
) -> Sequence[Change]:
    key = feature.key
    return diff(
        plan=plan,
        old={key: pair[0]},
        new={key: pair[1]},
        shapes={key: feature.shape},
        case=case,
        market=known.market_names.get(case.market, "") if case != GENERAL else "",
        names=known.vocabulary,
    )


def _with_reset(facts: TermFacts, resets: Mapping[int, Reset], feature: int) -> TermFacts:
    """A term that names no period has the feature's own."""
    return replace(facts, reset=facts.reset or resets.get(feature)) if facts.gives else facts


def _own_resets() -> dict[int, Reset]:
    """The reset of each feature by the newest of its rules."""
    rows = FeatureRevision.objects.order_by("effective_at").values_list("feature", "default_reset")
    return {feature: Reset(reset) for feature, reset in rows if reset}


def _sale(version: PlanVersion) -> Sale:
    prices = version.prices.all()
    return Sale(
        trial_days=version.trial_days,
        after_trial=str(version.after_trial or ""),
        grace_days=version.grace_days,
        wind_down_days=version.wind_down_days,
        prices={f"{_PRICES[Interval(row.interval)]} in {row.currency}": say_plan_price(row) for row in prices},
    )


def _names(
    old: PlanVersion, new: PlanVersion, features: Sequence[Feature], spoken_of: set[int]
) -> Iterator[tuple[str, str, str]]:
    """What the plan, and each feature that either version speaks about, was called when the old one was published."""
    published: datetime | None = old.published_at
    if published is None:
        return
    if old.plan_id == new.plan_id:
        for plan in as_known(Plan, known_at=published, ids=[old.plan_id]):
            yield "Name", plan.name, new.plan.name
    then = {row.pk: row.name for row in as_known(Feature, known_at=published, ids=spoken_of)}
    for feature in features:
        if feature.pk in then:
            yield feature.key, then[feature.pk], feature.name
