"""What an operation lands on: the terms that speak for it, whose counters it touches, what bounds it besides.

Everything that is read for that is read here, once for a whole transaction.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from catalog.domain.values import UNLIMITED, Aggregation, Kind
from catalog.models import Feature
from entitlements.actions.usage.counters import Counters
from entitlements.domain.facts import Facts
from entitlements.domain.usage.allowances import Holder, SubjectAllowance, lines_of
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import AHEAD, Operation, UnfitUse, refuse_unfit
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, SubjectLimit, UsageEvent
from entitlements.queries.usage.overage import caps_of, overage_price, priced
from entitlements.queries.usage.terms import terms_of
from entitlements.snapshots import Reader, snapshot_facts

Terms: TypeAlias = Mapping[str, UseTerms]
HIGHEST_ABOVE = 5
Value: TypeAlias = tuple[CounterKey, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """An operation with everything it is decided by."""

    operation: Operation
    holders: tuple[Holder, ...]
    lines: tuple[Line, ...]
    amount: Decimal

    @property
    def terms(self) -> UseTerms:
        return self.holders[0].terms

    @property
    def feature_id(self) -> int:
        return self.holders[0].feature_id

    @property
    def capped(self) -> bool:
        """Whether a spend cap bounds it, so that what other features cost decides too."""
        own = self.lines[0]
        return own.most is not None and priced(own.terms) and own.limit is not UNLIMITED

    @property
    def of_credits(self) -> bool:
        return self.terms.shape.kind is Kind.CREDIT


Landing: TypeAlias = tuple[tuple[Holder, ...], tuple[Line, ...]]


@dataclass(slots=True)
class Sources:
    """The rows behind a transaction's operations. `terms` may be given by a memory that answers as the rows do."""

    at: datetime
    terms: Callable[[int], Terms] | None = None
    features: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[int, int, str], SubjectAllowance] = field(default_factory=dict)
    known: dict[tuple[int, datetime | None], Terms] = field(default_factory=dict)
    landings: dict[tuple[int, str, datetime, str, str], Landing] = field(default_factory=dict)

    def read_ahead(self, operations: Sequence[Operation]) -> None:
        self.landings.clear()
        keys = {operation.feature for operation in operations} - self.features.keys()
        if keys:
            self.features.update(Feature.objects.filter(key__in=keys).values_list("key", "pk"))
        named = {(one.account_id, one.subject) for one in operations if one.subject}
        if not named:
            return
        rows = SubjectLimit.objects.filter(
            account__in={account for account, _ in named}, subject__in={subject for _, subject in named}
        )
        for row in rows:
            whole = (row.starts_at, row.ends_at) if row.in_all else (None, None)
            self.subjects[row.account_id, row.feature_id, row.subject] = SubjectAllowance(Decimal(row.amount), *whole)

    def feature_id(self, key: str) -> int:
        try:
            return self.features[key]
        except KeyError:
            raise UnfitUse(f"No feature has the key {key!r}.", field="feature", code="unknown_feature") from None

    def terms_for(self, account_id: int, *, at: datetime) -> Terms:
        """As they stand now; of what happened before, as they stood then."""
        late = self.at - at > AHEAD
        name = (account_id, at if late else None)
        if name not in self.known:
            fast = None if late else self.terms
            self.known[name] = fast(account_id) if fast else terms_of(account_id, at=at if late else self.at)
        return self.known[name]

    def facts_for(self, account_id: int) -> Facts:
        return snapshot_facts(account_id, reader=Reader(), billing=True)

    def holders(self, account_id: int, feature: str, *, at: datetime) -> tuple[Holder, ...]:
        """The account, and those above it whose allowance it shares."""
        pk = self.feature_id(feature)
        found = [Holder(account_id, pk, self.terms_for(account_id, at=at)[feature])]
        while found[-1].terms.shared and len(found) <= HIGHEST_ABOVE:
            above = Account.objects.filter(pk=found[-1].account_id).values_list("parent_id", flat=True).first()
            if above is None:
                break
            found.append(Holder(above, pk, self.terms_for(above, at=at)[feature]))
        return tuple(found)


def lands_on(operation: Operation, sources: Sources, *, now: datetime) -> Ready:
    """The operation with its counters; UnfitUse where it can't be told of this feature."""
    name = (operation.account_id, operation.feature, operation.at, operation.subject, operation.choice)
    known = sources.landings.get(name)
    holders = known[0] if known else sources.holders(operation.account_id, operation.feature, at=operation.at)
    own = holders[0]
    refuse_unfit(operation, own.terms, now=now)
    if known is None:
        known = sources.landings[name] = holders, tuple(_lines(operation, holders, sources))
    return Ready(operation, holders, known[1], own.terms.weighed(operation.quantity, operation.choice))


def _lines(operation: Operation, holders: tuple[Holder, ...], sources: Sources) -> list[Line]:
    own = holders[0]
    price = overage_price(own.terms) if priced(own.terms) and own.terms.limit is not UNLIMITED else None
    held = sources.terms_for(operation.account_id, at=operation.at)
    caps = () if price is None else tuple(caps_of(own.account_id, own.feature_id, held=held, at=operation.at))
    allowance = sources.subjects.get((own.account_id, own.feature_id, operation.subject))
    return lines_of(
        holders,
        at=operation.at,
        subject=operation.subject,
        choice=operation.choice,
        allowance=None if allowance is None else allowance.as_of(operation.at),
        price=price,
        caps=caps,
    )


def seen_before(ready: Collection[Ready], counters: Counters) -> set[Value]:
    """Of the distinct things told, those that the locked counters count already."""
    seen: set[Value] = set()
    wanted: dict[CounterKey, tuple[Line, set[str]]] = {}
    for one in ready:
        if one.terms.aggregation is Aggregation.DISTINCT:
            for line in one.lines:
                wanted.setdefault(line.key, (line, set()))[1].add(one.operation.value)
    for key, (line, values) in wanted.items():
        events = UsageEvent.objects.filter(
            account_id=key.account_id,
            feature_id=key.feature_id,
            value__in=values,
            at__gte=counters.said[key].since or key.start,
        )
        if line.end is not None:
            events = events.filter(at__lt=line.end)
        if key.subject:
            events = events.filter(subject=key.subject)
        if key.choice:
            events = events.filter(choice=key.choice)
        seen |= {(key, value) for value in events.values_list("value", flat=True).distinct()}
    return seen
