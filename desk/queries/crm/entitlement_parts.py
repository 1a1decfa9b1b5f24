"""Each entitlement of an account as its record in a CRM: whether it is had, how much, by what, and how far it is used.

Which ones: every feature that the account has now, or has used in the running period, or of which a record was written
before; that one then says that it isn't had any more. What the catalog no longer knows is left out, and so removed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.values import UNLIMITED, Amount, Enforcement, Kind, Nature
from catalog.domain.window import MOMENT, Window, last_day
from desk.domain.crm.outgoing import ENTITLEMENT_FIELDS, Out, Outgoing, fitted
from desk.domain.crm.upselling import Beyond, Used, signal
from desk.queries.crm.gathered import Gathered
from entitlements.domain.decision import furthest
from entitlements.domain.facts import Facts
from entitlements.domain.resolution import Resolution, earliest
from entitlements.domain.saying import in_words
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.pace import bound, foreseeable, paths_of
from entitlements.domain.usage.saying import said
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, CreditBalance, UsageForecast
from entitlements.queries.credits.courses import course_at
from entitlements.queries.usage.series import seed_of
from entitlements.queries.usage.tallies import told_anew
from entitlements.queries.usage.words import say_roughly

SHORTEST = timedelta(days=1)  # what starts again sooner is a rate: how much of it was used says nothing by tomorrow


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of credits, and until when that is so if nothing of them is used."""

    left: Amount
    until: datetime | None


@dataclass(slots=True)
class Meters:
    """How far one account has used what it has."""

    gathered: Gathered
    account: Account
    facts: Facts
    balances: dict[int, Balance] = field(default_factory=dict)  # those that were read, by their features

    def used(self, feature: Any, terms: UseTerms, period: Window) -> Decimal | None:
        """In the running period; None where it isn't counted, is a balance, or starts again at once."""
        if not terms.counted or terms.shape.kind is Kind.CREDIT or is_rate(period):
            return None
        key = CounterKey(self.account.pk, feature.pk, start_of(period))
        if key[:3] in self.gathered.outdated:
            return told_anew(Line(key, terms, terms.limit, None, Why.LIMIT_REACHED, period.end)).used
        return self.gathered.counters.get(key[:3], Decimal(0))

    def left(self, feature: Any, terms: UseTerms, used: Decimal | None) -> Amount | None:
        if terms.shape.kind is Kind.CREDIT:
            balance = self.balance(feature, terms)
            return None if balance is None else balance.left
        if used is None or terms.answer.each_of is not None or terms.limit is UNLIMITED:
            return None
        return max(terms.limit - used, Decimal(0))

    def balance(self, feature: Any, terms: UseTerms) -> Balance | None:
        """As it stands; None where it is none of the account's own."""
        had = terms.answer.granted or (self.account.pk, feature.pk) in self.gathered.balances
        if terms.shape.kind is not Kind.CREDIT or not had or not terms.usable or terms.shared:
            return None
        if feature.pk not in self.balances:
            self.balances[feature.pk] = self._read_balance(feature)
        return self.balances[feature.pk]

    def _read_balance(self, feature: Any) -> Balance:
        known = CreditBalance.objects.filter(account=self.account, feature=feature).first()
        row = known or CreditBalance(account=self.account)
        row.feature = feature
        at = max(self.gathered.at, row.settled_at or self.gathered.at)
        course = course_at(row, facts=self.facts, at=at)
        left = course.left
        if course.quiet_until is None:  # it was written at this very instant, so that nobody has looked ahead yet
            course.advance(at + MOMENT)
        return Balance(left, course.quiet_until)

    def reached_on(self, feature: Any, terms: UseTerms, period: Window, used: Decimal) -> date | None:
        """The day on which the limit will be reached: as it was foreseen last, or anew where that no longer holds."""
        limit, at = bound(terms), self.gathered.at
        if limit is None or not used or used >= limit or not foreseeable(terms, period):
            return None
        row = self.gathered.foreseen.get((self.account.pk, feature.pk, start_of(period)))
        if row is not None and _still_holds(row, limit, used, at=at):
            return row.hits_on
        days, seed = self.gathered.days_of(self.account, feature.pk), seed_of(self.account.pk, feature.pk)
        paths = paths_of(terms, period, used=used, days=days, at=at, seed=seed)
        return None if paths is None else paths.forecast(used=used, limit=limit).hits_on


def _still_holds(row: UsageForecast, limit: Decimal, used: Decimal, *, at: datetime) -> bool:
    """Whether nothing has happened since that was left out of it: another limit, a reset, the day itself."""
    passed = row.hits_on is not None and row.hits_on < at.astimezone(UTC).date()
    return bool(row.basis) and row.limit_amount == int(limit) and row.used <= used and not passed


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One record, what sales is told of it, and until when it says the same if nobody does anything."""

    outgoing: Outgoing
    used: Used | None
    until: datetime | None


def entitlements(
    account: Account, terms: Mapping[str, UseTerms], *, facts: Facts, company: str, written: Collection[str], gathered: Gathered
) -> Iterator[Entitlement]:  # fmt: skip
    """The records of an account, in the order of the plan sheet; `written` are the names of those that stand there."""
    meters = Meters(gathered, account, facts)
    features = sorted(gathered.catalog.features.values(), key=lambda row: (row.group_id, row.position, row.pk))
    for feature in features:
        term = terms.get(feature.key)
        if term is None:
            continue
        period = term.period(gathered.at) if term.counted else Window()
        used, name = meters.used(feature, term, period), f"{account.key}.{feature.key}"
        if term.answer.granted or used or name in written or _has_rest(meters, feature, term):
            yield _entitlement(meters, feature, term, period, used, name=name, company=company)


def _has_rest(meters: Meters, feature: Any, terms: UseTerms) -> bool:
    """Credits that were bought beside any plan."""
    return terms.shape.kind is Kind.CREDIT and bool(meters.left(feature, terms, None))


def is_rate(period: Window) -> bool:
    return period.start is not None and period.end is not None and period.end - period.start < SHORTEST


def _entitlement(
    meters: Meters, feature: Any, terms: UseTerms, period: Window, used: Decimal | None, *, name: str, company: str
) -> Entitlement:
    answer, zone, at = terms.answer, meters.account.zone, meters.gathered.at
    meter = None if used is None else _meter(meters, feature, terms, period, used)
    left, end = meters.left(feature, terms, used), None if is_rate(period) else period.end
    today = at.astimezone(ZoneInfo(zone)).date()
    values: dict[str, Out] = {
        "key": name,
        "name": feature.name,
        "granted": answer.granted,
        "amount": in_words(answer),
        "limit": _limit(answer),
        "used": None if used is None else _in_units(max(used, Decimal(0)), answer),
        "left": None if left is None or left is UNLIMITED else _in_units(left, answer),
        "unit": answer.shape.unit if answer.shape.nature is Nature.QUANTITY else None,
        "used_percent": meter.percent if meter is not None else None,
        "resets_on": None if end is None or used is None else day_of(end, zone),
        "reached_on": meter.reached_on if meter is not None else None,
        "source": ", ".join(dict.fromkeys(one.name for one in answer.because if one.kept)),
        "ends_on": _ends_on(answer, zone),
        "signal": signal(meter, today=today) if meter is not None else None,
        "written_at": at,
    }
    outgoing = Outgoing(feature.key, name, company, fitted(ENTITLEMENT_FIELDS, values))
    balance = meters.balance(feature, terms)
    until = earliest(answer.valid_until, end, None if balance is None else balance.until)
    return Entitlement(outgoing, meter, until)


def _meter(meters: Meters, feature: Any, terms: UseTerms, period: Window, used: Decimal) -> Used | None:
    """None where nothing limits it, or each seat has its own."""
    limit = terms.limit
    if limit is UNLIMITED or limit <= 0 or terms.answer.each_of is not None:
        return None
    reached_on = meters.reached_on(feature, terms, period, used)
    zone, end = meters.account.zone, period.end
    return Used(
        name=feature.name,
        percent=int(max(used, Decimal(0)) * 100 // limit),
        used=say_roughly(used, terms),
        limit=said(limit, terms),
        beyond=_beyond(terms, limit),
        reached_on=reached_on,
        resets_on=None if end is None else day_of(end, zone),
        held=terms.shape.kind is Kind.CAPACITY,
    )


def _beyond(terms: UseTerms, limit: Decimal) -> Beyond:
    if terms.answer.enforcement is Enforcement.TRACK:
        return Beyond.CHARGED
    most = furthest(terms.answer, limit, buffer_percent=terms.buffer_percent)
    return Beyond.GOES_ON if most is None or most > limit else Beyond.STOPS


def _limit(answer: Resolution) -> Decimal | None:
    value = answer.value
    if not answer.granted or not isinstance(value, Decimal) or answer.shape.kind is Kind.CREDIT:
        return None
    return _in_units(value, answer)


def _in_units(amount: Decimal, answer: Resolution) -> Decimal:
    return amount / answer.shape.scale


def _ends_on(answer: Resolution, zone: str) -> date | None:
    """The first end among what gives it."""
    ends = [one.until for one in answer.because if one.kept and one.until is not None]
    return last_day_of(min(ends), zone) if answer.granted and ends else None


def day_of(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def last_day_of(end: datetime, zone: str) -> date:
    """The last day that anything lasts which ends at the instant."""
    return last_day(end, zone) or day_of(end, zone)
