"""What an answer would become: the same resolver on facts with one override more, or one less. Nothing is written."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from entitlements.domain.facts import Facts, Mode, OverrideFact, Standing
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Override
from entitlements.queries.entitlements import facts_of

NOT_KEPT_YET = "0"


def with_override(*, override: Override, at: datetime, replacing: Override | None = None) -> Mapping[str, Resolution]:
    """The answer with an override that nobody has kept yet, at its start or now, whichever is later.

    `replacing` is the one it takes the place of, as an edit does.
    """
    window = override.window
    assert window is not None  # only a revoked one can have none
    fact = OverrideFact(
        id=NOT_KEPT_YET,
        feature=override.feature.key,
        mode=Mode(override.mode),
        window=window,
        value=override.value,
        scope_subscription=None if override.subscription_id is None else str(override.subscription_id),
        reason=override.reason,
    )
    facts = facts_of(account=override.account)
    others = facts.overrides if replacing is None else _others(facts, {str(replacing.pk)})
    return resolve(replace(facts, overrides=(*others, fact)), at=max(override.starts_at, at))


def without_override(*, override: Override, at: datetime) -> Mapping[str, Resolution]:
    """The answer without an override that is in force or to come, as it would be from now or from its start on."""
    facts = facts_of(account=override.account)
    return resolve(replace(facts, overrides=_others(facts, {str(override.pk)})), at=max(override.starts_at, at))


def without_overrides(
    *, account: Account, overrides: Collection[Override], at: datetime
) -> Mapping[int, tuple[Resolution, Resolution]]:
    """For each of these overrides of one account, the answer about its feature with them and without all of them.

    Read once for all of them; each at its own start or now, whichever is later.
    """
    facts = facts_of(account=account)
    fewer = replace(facts, overrides=_others(facts, {str(override.pk) for override in overrides}))
    starts = {override.pk: max(override.starts_at, at) for override in overrides}
    answers = {start: (resolve(facts, at=start), resolve(fewer, at=start)) for start in set(starts.values())}
    return {
        override.pk: (before[override.feature.key], after[override.feature.key])
        for override in overrides
        for before, after in [answers[starts[override.pk]]]
    }


def _others(facts: Facts, ids: Collection[str]) -> tuple[OverrideFact, ...]:
    return tuple(fact for fact in facts.overrides if fact.id not in ids)


def with_standing(*, account: Account, standing: Standing, at: datetime) -> Mapping[str, Resolution]:
    """The answer if the account were opened, suspended or closed at this moment."""
    facts = facts_of(account=account)
    return resolve(replace(facts, standings=(*facts.standings, (at, standing))), at=at)
