"""What many accounts have and use, read at once for all of them, so that each can be told of to a CRM.

Only help that is owed, balances of credits, counters that use has passed by and what nobody has foreseen yet are read
account by account.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import Q

from entitlements.domain.facts import Facts, Standing
from entitlements.domain.usage.pace import LOOKED_BACK
from entitlements.ending_sources import End, Wanted
from entitlements.models import Account, Contract, CreditBalance, UsageCounter, UsageForecast
from entitlements.models.usage import OUTDATED
from entitlements.queries.check.memory import memory
from entitlements.queries.holdings import Holdings, holdings, standings
from entitlements.queries.renewals.contract_ends import contract_ends
from entitlements.queries.usage.series import Days, days_of
from entitlements.snapshots import CatalogSnapshot, snapshot_facts
from entitlements.snapshots.batch import BatchReader, batch_reader
from support.domain.coverage import Promise
from support.models import Allowance, Cover, SlaPolicyVersion
from support.queries.covering import allowances_in_use
from support.snapshots.policies import policies_at, promises_by_channel

Period = tuple[int, int, datetime]  # account, feature, start of the period


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read for these accounts at the instant.

    `counters` are used amounts of running periods, `outdated` those that use has passed by, so that they are worked out
    again, `foreseen` what was foreseen of them last; `contract_of` names the contract's row of each subscription that is
    of one, `contract_ends` when the running terms end. `allowances` are the kinds of prepaid help, `with_cover` the
    accounts that ever had a cover agreed; `days` the use of those of whom something was never foreseen.
    """

    at: datetime
    catalog: CatalogSnapshot
    reader: BatchReader
    held: Holdings
    standings: Mapping[int, Standing]
    counters: Mapping[Period, Decimal]
    outdated: frozenset[Period]
    foreseen: Mapping[Period, UsageForecast]
    days: dict[int, Mapping[int, Days]]
    balances: Collection[tuple[int, int]]
    contract_of: Mapping[int, str]
    contract_ends: Mapping[str, End]
    policies: Mapping[str, SlaPolicyVersion]
    promises: Mapping[str, Mapping[str, Promise]]
    allowances: list[Allowance]
    with_cover: frozenset[int]

    def facts(self, account: Account) -> Facts:
        """With the billing periods, by which use starts again."""
        return snapshot_facts(account.pk, reader=self.reader, catalog=self.catalog, billing=True)

    def is_uncovered(self, account: Account) -> bool:
        """Neither it nor anybody above it ever agreed a cover."""
        return self.with_cover.isdisjoint(self._line_of(account))

    def _line_of(self, account: Account) -> set[int]:
        found, above = {account.pk}, account.parent_id
        while above is not None and above not in found:
            found.add(above)
            above = next((row.parent_id for row in self.reader.rows(Account, id=above)), None)
        return found

    def days_of(self, account: Account, feature: int) -> Days:
        """Read for one account alone only where what was foreseen of it holds no more."""
        if account.pk not in self.days:
            self.days.update(_days([account.pk], self.at))
        return self.days[account.pk].get(feature, {})


def gather(account_ids: Collection[int], *, at: datetime) -> Gathered:
    """Everything about these accounts that can be read for many at once; the number of reads doesn't grow with them."""
    ids = sorted(set(account_ids))
    catalog, policies = memory.catalog(), policies_at(at)
    in_contracts = Contract.objects.filter(account__in=ids, subscription__isnull=False)
    ends = [end for end in contract_ends(Wanted(at=at, accounts=tuple(ids))) if end.at > at]
    reader, foreseen = batch_reader(ids), _foreseen(ids, at)
    counters, outdated = _counters(ids, at)
    return Gathered(
        at=at,
        catalog=catalog,
        reader=reader,
        held=holdings(account_ids=ids, at=at),
        standings=standings(account_ids=ids, at=at),
        counters=counters,
        outdated=outdated,
        foreseen=foreseen,
        days=_days({period[0] for period, used in counters.items() if used and period not in foreseen}, at),
        balances=set(CreditBalance.objects.filter(account__in=ids).values_list("account_id", "feature_id")),
        contract_of={held: str(pk) for pk, held in in_contracts.values_list("pk", "subscription_id")},
        contract_ends={end.subject_key: end for end in ends},
        policies=policies,
        promises=promises_by_channel(at=at, versions=policies),
        allowances=allowances_in_use(catalog),
        with_cover=frozenset(
            Cover.objects.filter(account__in=reader.accounts).order_by().values_list("account_id", flat=True)
        ),
    )


def _counters(ids: Collection[int], at: datetime) -> tuple[Mapping[Period, Decimal], frozenset[Period]]:
    """What they say, and which of them can't be taken at their word."""
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = UsageCounter.objects.filter(running, account__in=ids, subject="", choice="")
    columns = rows.values_list("account_id", "feature_id", "starts_at", "used", "events")
    found = {(account, feature, starts_at): (used, events) for account, feature, starts_at, used, events in columns}
    outdated = frozenset(period for period, (_, events) in found.items() if events == OUTDATED)
    return {period: Decimal(used) for period, (used, _) in found.items()}, outdated


def _foreseen(ids: Collection[int], at: datetime) -> Mapping[Period, UsageForecast]:
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = UsageForecast.objects.filter(running, account__in=ids)
    return {(row.account_id, row.feature_id, row.starts_at): row for row in rows}


def _days(ids: Collection[int], at: datetime) -> dict[int, Mapping[int, Days]]:
    """By account and feature; of each of these accounts, also where there are none."""
    found: dict[int, dict[int, Days]] = {pk: {} for pk in ids}
    since = (at - LOOKED_BACK).astimezone(UTC).date()
    for (account, feature), days in days_of(ids, since=since).items() if ids else ():
        found[account][feature] = days
    return dict(found)
