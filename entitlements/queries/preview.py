"""What an answer would become: the same resolver on facts with one override more, or one less. Nothing is written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from entitlements.domain.facts import Mode, OverrideFact, Standing
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Override
from entitlements.queries.entitlements import facts_of

NOT_KEPT_YET = "0"


def with_override(*, override: Override, at: datetime) -> Mapping[str, Resolution]:
    """The answer with an override that nobody has kept yet, at its start or now, whichever is later."""
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
    return resolve(replace(facts, overrides=(*facts.overrides, fact)), at=max(override.starts_at, at))


def without_override(*, override: Override, at: datetime) -> Mapping[str, Resolution]:
    """The answer without an override that is in force or to come, as it would be from now or from its start on."""
    facts = facts_of(account=override.account)
    others = tuple(fact for fact in facts.overrides if fact.id != str(override.pk))
    return resolve(replace(facts, overrides=others), at=max(override.starts_at, at))


def with_standing(*, account: Account, standing: Standing, at: datetime) -> Mapping[str, Resolution]:
    """The answer if the account were opened, suspended or closed at this moment."""
    facts = facts_of(account=account)
    return resolve(replace(facts, standings=(*facts.standings, (at, standing))), at=at)
