"""What moves an item from version to version, beside its own row: its account's cohorts, its subscription's periods.

Both are only read where a rollout asks: most catalogs have none for a cohort or at renewal.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.window import Window
from entitlements.domain.facts import Hold
from entitlements.domain.periods import Periods
from entitlements.models import BillingPeriod, Cohort, CohortMember
from entitlements.snapshots.reading import Reader

NOBODYS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The frozen cohorts by account and the recorded periods by subscription, as far as any rollout asks for them."""

    cohorts: Mapping[int, frozenset[str]] = field(default_factory=dict)
    periods: Mapping[int, list[Any]] = field(default_factory=dict)

    def moving(self, row: Any, *, subscription: Any, zone: str) -> dict[str, Any]:
        """The columns of an ItemFact that say what moves it, or keeps it."""
        return {
            "holds": tuple(holds_of(row)),
            "recorded_at": row.recorded_at,
            "cohorts": self.cohorts.get(subscription.account_id, NOBODYS),
            "periods": periods_of(row, subscription, zone=zone, recorded=self.periods.get(subscription.id, [])),
        }


def read_surroundings(
    reader: Reader,
    *,
    account_ids: Collection[int],
    subscription_ids: Collection[int],
    rollouts: Iterable[RolloutFact],
    billing: bool = False,
) -> Surroundings:
    """At most three reads, however many accounts; none where all rollouts move everybody at one instant.

    `billing`: the recorded periods are read in any case, because use starts again with them.
    """
    audiences = {rollout.audience for rollout in rollouts if rollout.moves_holders}
    return Surroundings(
        cohorts=_cohorts(reader, account_ids) if Audience.COHORT in audiences else {},
        periods=_periods(reader, subscription_ids) if billing or Audience.AT_RENEWAL in audiences else {},
    )


def holds_of(row: Any) -> Iterator[Hold]:
    """The hold of an item, and the former ones, which speak for the time in which they lasted."""
    for start, end, reason in row.former_holds:
        yield Hold(Window(datetime.fromisoformat(start), datetime.fromisoformat(end)), reason)
    if row.held_from is not None:
        yield Hold(Window(row.held_from, row.held_until), row.hold_reason)


def periods_of(row: Any, subscription: Any, *, zone: str, recorded: list[Any]) -> Periods:
    """The periods as a publication at renewal counts them: an item renews with its subscription.

    So one that begins with a renewal, such as another quantity from then on, has what is published for it.
    """
    last = recorded[-1] if recorded else None
    return Periods(
        starts_at=subscription.starts_at,
        begun=subscription.starts_at,
        interval=row.interval or "month",
        zone=zone,
        recorded=tuple(period.starts_at for period in recorded),
        last_end=None if last is None else last.ends_at,
    )


def _cohorts(reader: Reader, account_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    members = reader.rows(CohortMember, account_id__in=list(account_ids))
    cohorts = reader.rows(Cohort, id__in=list({member.cohort_id for member in members}))
    frozen = {cohort.id: cohort.key for cohort in cohorts if cohort.frozen_at is not None}
    found: dict[int, set[str]] = defaultdict(set)
    for member in members:
        if member.cohort_id in frozen:
            found[member.account_id].add(frozen[member.cohort_id])
    return {account_id: frozenset(keys) for account_id, keys in found.items()}


def _periods(reader: Reader, subscription_ids: Collection[int]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = reader.rows(BillingPeriod, subscription_id__in=list(subscription_ids))
    for row in sorted(rows, key=lambda row: row.starts_at):
        found[row.subscription_id].append(row)
    return found
