"""What the catalog must ask about customers, whom it doesn't know: the app that does registers the answers.

Registered once in AppConfig.ready(), like the handlers of approvals, so that a guard of publishing or retiring stands
in the action itself although holders live one app above.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Holders:
    """`count(version_ids=, at=)`: by version, how many accounts have it at the instant (versions nobody has left out).

    `running_trials(version_ids=, at=)`: those of the versions that a trial still running will have when it lapses.
    `cohort_name(key)`: the name of the frozen cohort of that key; None where there is none, or it isn't frozen.
    `by_market(at=)`: how many accounts each market has, by its id; None for those without a market.
    `billed(feature_id=, at=)`: of how many accounts the billing says at the instant that they have the feature.
    """

    count: Callable[..., Mapping[int, int]]
    running_trials: Callable[..., Collection[int]]
    cohort_name: Callable[[str], str | None]
    by_market: Callable[..., Mapping[int | None, int]]
    billed: Callable[..., int]


_known: list[Holders] = []


def register(holders: Holders) -> None:
    if _known and _known[0] != holders:
        raise ValueError("Another app answers for the holders of plans already.")
    _known[:] = [holders]


def count_holders(*, version_ids: Collection[int], at: datetime) -> Mapping[int, int]:
    return _answers().count(version_ids=version_ids, at=at)


def with_running_trials(*, version_ids: Collection[int], at: datetime) -> Collection[int]:
    return _answers().running_trials(version_ids=version_ids, at=at)


def frozen_cohort(key: str) -> str | None:
    return _answers().cohort_name(key)


def accounts_by_market(*, at: datetime) -> Mapping[int | None, int]:
    return _answers().by_market(at=at)


def named_by_billing(*, feature_id: int, at: datetime) -> int:
    return _answers().billed(feature_id=feature_id, at=at)


def _answers() -> Holders:
    if not _known:
        raise LookupError("Nobody answers for the holders of plans; register them in AppConfig.ready().")
    return _known[0]
