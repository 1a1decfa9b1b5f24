"""What some of the demo's customers used in the last ten weeks: rows as products would have left them, from a seed.

Working days are busier than weekends, some customers grow, two are close to a limit and one is beyond it. Each figure
is a share of what the customer's plan gives, so that the demo stays true whatever the price page says.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED, Aggregation, Enforcement, Kind
from catalog.models import Feature
from desk.demo.customers import SEED, Customer, Fate
from desk.demo.purchases import holding
from entitlements.actions.usage.forecasting import look_ahead
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.answers import keep_answer
from entitlements.domain.usage.operations import Act, Outcome
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, UsageCounter, UsageDay, UsageEvent
from entitlements.queries.usage.terms import terms_of

DAY = timedelta(days=1)
DAYS, EVENTS_OF = 70, 36  # how far back days go, and events
MONTH = 30.4
WEEK = (1.15, 1.2, 1.1, 1.1, 0.95, 0.4, 0.35)  # Monday first
SHARES = (0.97, 0.6, 1.6, 0.3, 1.2, 0.7, 1.35, 0.2)  # of the allowance, in a period
AGENTS = (("agent:writer", 0.6), ("agent:reviewer", 0.3), ("user:dana", 0.1))
BY_AGENTS = "ai_requests"
SOURCE = "demo/metering"


@dataclass(frozen=True, slots=True)
class Use:
    """One feature of one account: what it used each day, and in which period each day falls."""

    account: Account
    feature: Feature
    terms: UseTerms
    days: Mapping[date, int]


def use_things(customers: Sequence[Customer], *, at: datetime) -> None:
    """Ten weeks of use by a few customers of each plan, and where it is heading."""
    features = {feature.key: feature for feature in Feature.objects.all()}
    accounts = [*holding(customers, "pro")[:4], *holding(customers, "team")[:2]]
    accounts += holding(customers, "free", fate=Fate.FREE)[:2]
    uses = [use for number, account in enumerate(accounts) for use in _of(account, number, features, at=at)]
    counters = [row for use in uses for row in _counters(use, at=at)]
    events = [row for use in uses for row in _events(use, at=at)]
    UsageDay.objects.bulk_create(row for use in uses for row in _days(use))
    UsageCounter.objects.bulk_create(counters)
    UsageEvent.objects.bulk_create(events)
    look_ahead(at=at)  # thresholds that are reached are told by the desk's own clock, as everywhere


def _of(account: Account, number: int, features: Mapping[str, Feature], *, at: datetime) -> Iterator[Use]:
    for place, (key, terms) in enumerate(terms_of(account.pk, at=at).items()):
        if terms.shape.kind is Kind.CREDIT:
            continue  # told by the engineers themselves (credits.py)
        if not terms.counted or not terms.answer.granted or terms.limit is UNLIMITED or terms.limit <= 0:
            continue
        share = SHARES[(number + place) % len(SHARES)]
        draw = random.Random(f"{SEED}:{account.key}:{key}")  # noqa: S311 - not for secrets
        amounts = {} if terms.shape.kind is Kind.CAPACITY else _amounts(terms, share, draw, at=at)
        yield Use(account, features[key], terms, amounts)


def _amounts(terms: UseTerms, share: float, draw: random.Random, *, at: datetime) -> dict[date, int]:
    """What was used each day. A level (a size, a peak) is near its share each day; nothing passes a hard limit."""
    assert isinstance(terms.limit, Decimal)  # what is unlimited isn't drawn
    adds = terms.aggregation in {Aggregation.SUM, Aggregation.DISTINCT}
    period = terms.period(at)
    length = (period.end - period.start) / DAY if period.start and period.end else MONTH
    usual = float(terms.limit) * share / (length if adds else 1)
    growth, today = draw.choice((1.0, 1.0, 1.03, 1.06)), at.astimezone(UTC).date()
    found: dict[date, int] = {}
    spent: dict[datetime, float] = defaultdict(float)
    for back in range(DAYS, -1, -1):
        on = today - back * DAY
        busy = WEEK[on.weekday()] if adds else 0.9
        part = (at - datetime.combine(today, time(), UTC)) / DAY if back == 0 and adds else 1.0
        amount = usual * busy * growth ** (-back / 7) * draw.lognormvariate(0, 0.18 if adds else 0.04) * part
        if terms.answer.enforcement is Enforcement.HARD and adds:
            start = start_of(terms.period(_noon(on, at)))
            amount = min(amount, float(terms.limit) - spent[start])
            spent[start] += amount
        found[on] = max(int(amount), 0)
    return found


def _noon(on: date, at: datetime) -> datetime:
    return min(datetime.combine(on, time(12), UTC), at)


def _days(use: Use) -> Iterator[UsageDay]:
    said: dict[datetime, list[int]] = defaultdict(list)
    for on, amount in use.days.items():
        period = said[start_of(use.terms.period(datetime.combine(on, time(12), UTC)))]
        period.append(amount)
        row = UsageDay(account=use.account, feature=use.feature, on=on, amount=amount, events=1)
        row.level = _level(period, use.terms)
        yield row


def _level(amounts: Sequence[int], terms: UseTerms) -> int:
    """What these days come to."""
    match terms.aggregation:
        case Aggregation.SUM | Aggregation.DISTINCT:
            return sum(amounts)
        case Aggregation.PEAK:
            return max(amounts)
        case Aggregation.AVERAGE:
            return sum(amounts) // len(amounts)
        case Aggregation.LATEST:
            return amounts[-1]


def _counters(use: Use, *, at: datetime) -> Iterator[UsageCounter]:
    if not use.days:  # seats and the like: held rather than used up
        limit = int(use.terms.limit) if isinstance(use.terms.limit, Decimal) else 0
        yield _counter(use, [max(limit * 2 // 3, 1)], _noon(at.date(), at), at=at)
        return
    periods: dict[datetime, list[int]] = defaultdict(list)
    for on, amount in use.days.items():
        periods[start_of(use.terms.period(_noon(on, at)))].append(amount)
    for start, amounts in periods.items():
        yield _counter(use, amounts, start, at=at)
    if use.feature.key == BY_AGENTS:
        for agent, part in AGENTS:
            yield _counter(use, [int(amount * part) for amount in amounts], start, at=at, subject=agent)


def _counter(use: Use, amounts: Sequence[int], within: datetime, *, at: datetime, **more: Any) -> UsageCounter:
    period = use.terms.period(within)
    start = start_of(period)
    told = {"starts_at": start, "ends_at": period.end, "since": start, "updated_at": at, "events": len(amounts)}
    row = UsageCounter(account=use.account, feature=use.feature, total=sum(amounts), **told, **more)
    row.used = _level(amounts, use.terms)
    return row


def _events(use: Use, *, at: datetime) -> Iterator[UsageEvent]:
    """One for each day, or for each agent of it: most reported within a minute, a few hours later. Distinct things
    would take one for each thing."""
    draw = random.Random(f"{SEED}:{use.account.key}:{use.feature.key}:late")  # noqa: S311 - not for secrets
    if use.terms.aggregation is Aggregation.DISTINCT:
        return
    agents = AGENTS if use.feature.key == BY_AGENTS else (("", 1.0),)
    for on, amount in list(use.days.items())[-EVENTS_OF:]:
        for agent, part in agents:
            happened = _noon(on, at) - timedelta(seconds=draw.randint(60, 3000))
            late = timedelta(seconds=draw.lognormvariate(2.5, 1.6))
            yield _event(use, int(amount * part), agent, on, happened, min(happened + late, at))


def _event(use: Use, amount: int, agent: str, on: date, happened: datetime, recorded: datetime) -> UsageEvent:
    # By the day it is for: shortly after midnight, what happened today lies in yesterday too.
    name = f"{use.account.key}:{use.feature.key}:{agent}:{on}"
    outcome = Outcome(allowed=True, because="counted", quantity=Decimal(amount))
    return UsageEvent(
        account=use.account,
        feature=use.feature,
        source=SOURCE,
        event_id=name,
        act=Act.REPORT,
        quantity=amount,
        amount=amount,
        subject=agent,
        at=happened,
        recorded_at=recorded,
        digest="0" * 64,
        answer=keep_answer(outcome),
        told_by="demo",
    )
