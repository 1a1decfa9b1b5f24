"""What an operation lands on: the terms that speak for it, whose counters it touches, what bounds it besides.

Everything that is read for that is read here, once for all that is asked or told together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from catalog.domain.values import UNLIMITED, Aggregation, Kind
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.domain.facts import Facts
from entitlements.domain.resolution import earliest
from entitlements.domain.usage.allowances import Holder, SubjectAllowance, lines_of
from entitlements.domain.usage.charging import Line, Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import AHEAD, Operation, UnfitUse, refuse_unfit
from entitlements.domain.usage.terms import UseTerms, use_terms
from entitlements.models import Account, SpendCap, SubjectLimit, UsageEvent
from entitlements.queries.usage.overage import caps_of, overage_price, priced, spend_caps
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
    def capped(self) -> set[tuple[int, int]]:
        """The accounts, and the feature of each, whose spend cap bounds it, so that what others cost decides too."""
        wholes = (line for line in self.lines if line.is_whole)
        return {
            (line.key.account_id, line.key.feature_id)
            for line in wholes
            if line.most is not None and priced(line.terms) and line.limit is not UNLIMITED
        }

    @property
    def of_credits(self) -> bool:
        return self.terms.shape.kind is Kind.CREDIT


Landing: TypeAlias = tuple[tuple[Holder, ...], tuple[Line, ...]]


@dataclass(slots=True)
class Sources:
    """The rows behind some operations. `terms` may be given by a memory that answers as the rows do; `caps` by whoever
    counts, who locks them (`actions/usage/caps.py`)."""

    at: datetime
    terms: Callable[[int], Terms] | None = None
    caps: Callable[[int], Sequence[SpendCap]] = spend_caps
    features: dict[str, int] = field(default_factory=dict)
    subjects: dict[tuple[int, int, str], SubjectAllowance] = field(default_factory=dict)
    known: dict[int, Terms] = field(default_factory=dict)
    past: dict[int, list[tuple[Window, Terms]]] = field(default_factory=dict)
    facts: dict[int, Facts] = field(default_factory=dict)
    landings: dict[tuple[int, str, datetime, str, str], Landing] = field(default_factory=dict)

    def read_ahead(self, operations: Sequence[Operation]) -> None:
        self.landings.clear()
        keys = {operation.feature for operation in operations} - self.features.keys()
        if keys:
            self.features |= dict(Feature.objects.filter(key__in=keys).values_list("key", "pk"))
        for at, account_id in sorted({(one.at, one.account_id) for one in operations if self._is_late(one.at)}):
            self.terms_for(account_id, at=at)  # in the order of time, so that each stretch is met at its beginning
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
        if self._is_late(at):
            return self._terms_then(account_id, at)
        if account_id not in self.known:
            self.known[account_id] = self.terms(account_id) if self.terms else self._resolved(account_id, self.at)
        return self.known[account_id]

    def _is_late(self, at: datetime) -> bool:
        return self.at - at > AHEAD

    def _terms_then(self, account_id: int, at: datetime) -> Terms:
        """Worked out once for all the time in which they were the same."""
        known = self.past.setdefault(account_id, [])
        found = next((terms for time, terms in known if time.contains(at)), None)
        if found is None:
            found = self._resolved(account_id, at)
            ends = earliest(*(terms.answer.valid_until for terms in found.values()))
            known.append((Window(at, ends), found))
        return found

    def _resolved(self, account_id: int, at: datetime) -> Terms:
        return use_terms(self.facts_for(account_id), at=at)

    def facts_for(self, account_id: int) -> Facts:
        """The account's facts, read once for all that is asked or told together."""
        if account_id not in self.facts:
            self.facts[account_id] = snapshot_facts(account_id, reader=Reader(), billing=True)
        return self.facts[account_id]

    def holders(self, account_id: int, feature: str, *, at: datetime) -> tuple[Holder, ...]:
        """The account, and those above it whose allowance it shares."""
        pk = self.feature_id(feature)
        found = [self._holder(account_id, pk, feature, at)]
        while found[-1].terms.shared and len(found) <= HIGHEST_ABOVE:
            above = Account.objects.filter(pk=found[-1].account_id).values_list("parent_id", flat=True).first()
            if above is None:
                break
            found.append(self._holder(above, pk, feature, at))
        return tuple(found)

    def _holder(self, account_id: int, feature_id: int, feature: str, at: datetime) -> Holder:
        held = self.terms_for(account_id, at=at)
        terms = held[feature]
        caps = self.caps(account_id) if priced(terms) and terms.limit is not UNLIMITED else ()
        price = overage_price(terms) if caps else None  # what more costs decides only where somebody has set a cap
        if price is None:
            return Holder(account_id, feature_id, terms)
        return Holder(
            account_id, feature_id, terms, price, tuple(caps_of(account_id, feature_id, caps=caps, held=held, at=at))
        )


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
    allowance = sources.subjects.get((own.account_id, own.feature_id, operation.subject))
    return lines_of(
        holders,
        at=operation.at,
        subject=operation.subject,
        choice=operation.choice,
        allowance=None if allowance is None else allowance.as_of(operation.at),
    )


def seen_before(ready: Collection[Ready], said: Mapping[CounterKey, Tallied]) -> set[Value]:
    """Of the distinct things told, those that the counters count already, by what these say."""
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
            at__gte=said[key].since or key.start,
        )
        if line.end is not None:
            events = events.filter(at__lt=line.end)
        if key.subject:
            events = events.filter(subject=key.subject)
        if key.choice:
            events = events.filter(choice=key.choice)
        seen |= {(key, value) for value in events.values_list("value", flat=True).distinct()}
    return seen
