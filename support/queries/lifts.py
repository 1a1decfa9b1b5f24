"""Which rules of a policy hold for an account at a moment, and why: renewals, health and markets.

A renewal is whatever puts the customer before the question of going on: the end of a contract in force, or of the term
in which it renews by itself; the last day for notice on one that renews; and, for what is in no contract, the end of a
subscription, or of the year of one that is bought by the year. What renews each month is no occasion.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from catalog.models.plan import Interval
from catalog.queries.instants import say_instant, say_until
from entitlements.domain.contract_terms import Term, Terms
from entitlements.domain.periods import Periods
from entitlements.models import Account, BillingPeriod, Contract, Subscription
from entitlements.queries.clock.contracts_ahead import SIGNED
from entitlements.queries.contracts.versions import speaking, terms_of
from entitlements.snapshots import Reader
from journal.history import as_known
from support.domain.milestones import Signal
from support.domain.policy_draft import DraftRule, PolicyDraft
from support.domain.policy_words import say_health
from support.models import AccountHealth, TargetRule
from support.queries.policies import rule_of


@dataclass(frozen=True, slots=True)
class Occasion:
    """A renewal or an end ahead, at its instant; `words` begin the sentence that says so."""

    at: datetime
    words: str


def lifts_for(account: Account, version_id: int, *, at: datetime) -> list[dict[str, Any]]:
    """The rules of a policy version that hold for the account, in order, as a case's promise keeps them.

    One read where the version has no rules; else one for each sort of signal they name, and two more for renewals.
    """
    rows = [row for row in Reader().rows(TargetRule, version_id=version_id) if row.ends_at > at]
    return _lifts(account, [rule_of(row) for row in sorted(rows, key=lambda row: (row.position, row.pk))], at=at)


def rules_for(account: Account, draft: PolicyDraft, *, at: datetime) -> list[dict[str, Any]]:
    """The same for a draft that is tried out."""
    return _lifts(account, [rule for rule in draft.rules if rule.ends_at > at], at=at)


def _lifts(account: Account, rules: Iterable[DraftRule], *, at: datetime) -> list[dict[str, Any]]:
    signals = _Signals(account, at)
    return [
        {"milestone": rule.milestone, "percent": rule.percent, "why": f"{why}: {rule.percent} % of the target"}
        for rule in rules
        if (why := signals.why(rule))
    ]


class _Signals:
    """What is known of one account, each sort read when the first rule asks for it."""

    def __init__(self, account: Account, at: datetime) -> None:
        self.account, self.at = account, at
        self._read: dict[Signal, Any] = {}

    def why(self, rule: DraftRule) -> str:
        """The words by which a rule holds; empty where it doesn't."""
        if rule.signal not in self._read:
            self._read[rule.signal] = self._ask(rule.signal)
        found = self._read[rule.signal]
        match rule.signal:
            case Signal.RENEWAL_WITHIN:
                return self._near(found, int(rule.value))
            case Signal.HEALTH:
                return f"The account’s health is {say_health(found)}" if found == rule.value else ""
            case Signal.MARKET:
                return f"In the market {found.name}" if found is not None and found.key == rule.value else ""

    def _ask(self, signal: Signal) -> Any:
        match signal:
            case Signal.RENEWAL_WITHIN:
                return sorted(occasions(self.account, at=self.at), key=lambda one: one.at)
            case Signal.HEALTH:
                return self._health()
            case Signal.MARKET:
                return self.account.market

    def _health(self) -> str | None:
        """As it stood then: what is said of an account today moves no promise that was made before."""
        found = as_known(AccountHealth, known_at=self.at, account=self.account)
        return found[0].level if found else None

    def _near(self, ahead: list[Occasion], days: int) -> str:
        """The first of them, if it is near enough."""
        if not ahead or ahead[0].at > self.at + timedelta(days=days):
            return ""
        return f"{ahead[0].words} is within {days} days"


def occasions(account: Account, *, at: datetime) -> Iterator[Occasion]:
    """Every renewal, end and last day for notice that lies ahead of the account; in any order."""
    yield from _of_contracts(account, at)
    yield from _of_subscriptions(account, at)


def _of_contracts(account: Account, at: datetime) -> Iterator[Occasion]:
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    for row in Contract.objects.filter(lasting, account=account).prefetch_related(SIGNED):
        version = speaking(row.signed, at=at)  # type: ignore[attr-defined]
        if version is None:
            continue
        if row.ends_at is not None:
            yield Occasion(row.ends_at, f"The end of contract {row.key}, {say_until(row.ends_at, zone=version.zone)},")
            continue
        terms = terms_of(version, at=at)
        term = terms.running(at)
        if not terms.renews or term is None or _of_a_month(terms, term):
            continue
        yield Occasion(
            term.ends_at, f"Renewal on {say_instant(term.ends_at, zone=version.zone)}, of contract {row.key},"
        )
        if terms.notice_days and (too_late := terms.notice_until(term)) > at:
            until = say_until(too_late, zone=version.zone)
            yield Occasion(too_late, f"The time to give notice on contract {row.key}, {until},")


def _of_a_month(terms: Terms, term: Term) -> bool:
    return (terms.months if term.number == 1 else terms.renewal_months) == 1


def _of_subscriptions(account: Account, at: datetime) -> Iterator[Occasion]:
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = Subscription.objects.filter(lasting, account=account, starts_at__lte=at, contract__isnull=True)
    subscriptions = list(rows.prefetch_related("items"))
    recorded = _recorded_periods([row for row in subscriptions if row.ends_at is None])
    for row in subscriptions:
        if row.ends_at is not None:
            until = say_until(row.ends_at, zone=account.zone)
            yield Occasion(row.ends_at, f"The end of subscription {row.number}, {until},")
        elif (begun := _bought_by_the_year(row, at)) is not None:
            renews = _renewal(row, begun, recorded[row.pk], zone=account.zone, at=at)
            yield Occasion(
                renews, f"Renewal on {say_instant(renews, zone=account.zone)}, of subscription {row.number},"
            )


def _recorded_periods(subscriptions: Iterable[Subscription]) -> dict[int, list[tuple[datetime, datetime]]]:
    ids = [row.pk for row in subscriptions]
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = BillingPeriod.objects.filter(subscription__in=ids) if ids else BillingPeriod.objects.none()
    for pk, starts_at, ends_at in rows.order_by("starts_at").values_list("subscription_id", "starts_at", "ends_at"):
        found[pk].append((starts_at, ends_at))
    return found


def _bought_by_the_year(row: Subscription, at: datetime) -> datetime | None:
    """Since when an item that is paid by the year runs; None where nothing is."""
    items = [item for item in row.items.all() if item.interval == Interval.YEAR and item.window.contains(at)]
    return min((item.starts_at for item in items), default=None)


def _renewal(
    row: Subscription, begun: datetime, recorded: list[tuple[datetime, datetime]], *, zone: str, at: datetime
) -> datetime:
    periods = Periods(
        starts_at=row.starts_at,
        begun=begun,
        interval="year",
        zone=zone,
        recorded=tuple(starts_at for starts_at, _ in recorded),
        last_end=recorded[-1][1] if recorded else None,
    )
    return periods.renewal(since=at + datetime.resolution)
