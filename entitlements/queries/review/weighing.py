"""What overrides do for their customers today: the answer with each and without it, and today's policy about it.

The facts of many accounts are read in batches; per override two or three answers for its one feature are resolved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from catalog.domain.values import Value
from entitlements.domain.facts import Facts, Mode, OverrideFact
from entitlements.domain.policy import Concession, PolicyRule, holds_down, rise_in_percent, verdict
from entitlements.domain.resolution import Resolution, earliest
from entitlements.domain.resolve import resolve_some
from entitlements.models import Override
from entitlements.queries.policies import policy_rules
from entitlements.snapshots import Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader, batches

DAY_IN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Weighed:
    """One override in force: what the customer has now, and without it; and why it is beyond today's policy."""

    now: Resolution
    without: Resolution
    same: bool
    beyond: str = ""


def weigh(rows: Sequence[Override], *, at: datetime) -> dict[int, Weighed]:
    """Each of the overrides by its id, in a number of reads that grows only with each 500 accounts."""
    catalog, rules = snapshot_catalog(Reader()), policy_rules()
    by_account = sorted(rows, key=attrgetter("account_id", "pk"))
    found: dict[int, Weighed] = {}
    for chunk in batches([(pk, list(own)) for pk, own in groupby(by_account, key=attrgetter("account_id"))]):
        reader = batch_reader(pk for pk, _own in chunk)
        for pk, own in chunk:
            facts = snapshot_facts(pk, reader=reader, catalog=catalog)
            found |= _weigh_account(facts, own, rules=rules, at=at)
    return found


def same_without(override: Override, *, facts: Facts, at: datetime) -> bool:
    """Whether the customer has the same without it, from now to its end, as far as is known.

    What holds a customer down is never the same: what it holds back may be bought any day.
    """
    shape = override.feature.shape
    if holds_down(Mode(override.mode), shape=shape):
        return False
    without, end = _without(facts, {str(override.pk)}), override.ends_at
    instant: datetime | None = at
    while instant is not None and (end is None or instant < end):
        has, would = _answer(facts, shape.key, at=instant), _answer(without, shape.key, at=instant)
        if not _alike(has, would):
            return False
        instant = earliest(has.valid_until, would.valid_until)
    return True


def _weigh_account(
    facts: Facts, rows: Sequence[Override], *, rules: Sequence[PolicyRule], at: datetime
) -> dict[int, Weighed]:
    answers = resolve_some(facts, {row.feature.key for row in rows}, at=at)
    return {row.pk: _weigh_one(row, facts, answers[row.feature.key], rules=rules, at=at) for row in rows}


def _weigh_one(row: Override, facts: Facts, now: Resolution, *, rules: Sequence[PolicyRule], at: datetime) -> Weighed:
    key = row.feature.key
    without = _answer(_without(facts, {str(row.pk)}), key, at=at)
    others = [fact for fact in facts.overrides if fact.feature == key and not _over(fact, at)]
    bare = without if len(others) <= 1 else _answer(_without(facts, {fact.id for fact in others}), key, at=at)
    same = _alike(now, without) and same_without(row, facts=facts, at=at)
    return Weighed(now, without, same, _beyond(row, rules, others, base=_value(bare), now=_value(now)))


def _beyond(
    row: Override, rules: Sequence[PolicyRule], others: Sequence[OverrideFact], *, base: Value | None, now: Value | None
) -> str:
    """Why those who asked could not give it alone today; empty where they could, or where no role asked."""
    roles = tuple(filter(None, row.requested_as.split(", ")))
    if not roles:
        return ""
    denies = row.mode == Mode.DENY
    judged = verdict(
        rules,
        roles=roles,
        concession=Concession.DENIAL if denies else Concession.OVERRIDE,
        days=_days(row),
        percent=None if denies else rise_in_percent(base=base, becomes=now, shape=row.feature.shape),
        times=sum((fact.mode is Mode.DENY) == denies for fact in others),
        reason=None if row.reason_code is None else row.reason_code.key,
    )
    return "" if judged.within else judged.because


def _days(row: Override) -> int | None:
    """Days begun from its start to its end; None is without an end."""
    if row.ends_at is None:
        return None
    return int(-(-(row.ends_at - row.starts_at).total_seconds() // DAY_IN_SECONDS))


def _answer(facts: Facts, feature: str, *, at: datetime) -> Resolution:
    return resolve_some(facts, (feature,), at=at)[feature]


def _without(facts: Facts, ids: set[str]) -> Facts:
    return replace(facts, overrides=tuple(fact for fact in facts.overrides if fact.id not in ids))


def _over(fact: OverrideFact, at: datetime) -> bool:
    return fact.window.end is not None and fact.window.end <= at


def _value(answer: Resolution) -> Value | None:
    return answer.value if answer.granted else None


def _alike(one: Resolution, other: Resolution) -> bool:
    return (one.granted, one.value, one.state, one.sub_limits) == (
        other.granted,
        other.value,
        other.state,
        other.sub_limits,
    )
