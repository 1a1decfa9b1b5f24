"""Looking ahead: for each counter that fills up, when its limit will be reached; told before it is, and scored later.

Run often and for a short while each time: whatever counter hasn't been looked at for an hour and has changed since, or
for a day, is looked at, those that waited longest first. So it may be killed, run late or twice. Where the limit is
sure enough to be reached before the reset, the customer and whoever looks after the account are told, once in a period.
What was told stays as it was told; when the period is over and late reports are in, it is held against what came.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.domain.values import UNLIMITED
from entitlements.actions.usage.telling import Word, reachable, tell_of_use
from entitlements.actions.usage.thresholds import announce
from entitlements.actions.webhooks import tell_forecast
from entitlements.domain.forecast import Basis, Forecast
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.operations import LARGEST
from entitlements.domain.usage.pace import DAY, LOOKED_BACK, SHORTEST, SURE, bound, paths_of
from entitlements.domain.usage.terms import UseTerms, use_terms
from entitlements.domain.usage.thresholds import Crossed, reached
from entitlements.models import ThresholdCrossing, UsageCounter, UsageForecast
from entitlements.queries.clock.announcements import Audience
from entitlements.queries.usage.series import Days, days_of, seed_of
from entitlements.queries.usage.words import say_day, say_how_sure
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader

FRESH = timedelta(hours=1)
BATCH = 50
SETTLED = 3 * DAY  # after the end of a period, for what is reported late
LOGGER = logging.getLogger("entitlements.usage")


COLUMNS = (
    "ends_at", "made_at", "used", "limit_amount", "hits_on", "low_on", "high_on", "probability_thousandths", "expected",
    "basis", "told_at",
)  # fmt: skip
Key: TypeAlias = tuple[int, int, datetime]  # account, feature, start of the period


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is read once for many counters; the terms of an account are worked out when its first counter comes.

    `told`: the forecasts of these counters that were told already. `announced`: the thresholds that were, with since
    when they could be.
    """

    catalog: CatalogSnapshot
    reader: Reader
    days: Mapping[tuple[int, int], Days]
    told: Mapping[Key, UsageForecast]
    announced: Collection[tuple[Key, datetime, int]]
    at: datetime
    known: dict[int, Mapping[str, UseTerms]] = field(default_factory=dict)

    def terms(self, account_id: int) -> Mapping[str, UseTerms]:
        if account_id not in self.known:
            facts = snapshot_facts(account_id, reader=self.reader, catalog=self.catalog, billing=True)
            self.known[account_id] = use_terms(facts, at=self.at)
        return self.known[account_id]


def look_ahead(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Foresaw where use is heading, wherever that is due, and told whom it concerns; how many counters were due."""
    score(at=at)
    catalog, looked = None, 0
    while not enough() and (counters := list(_due(at)[:BATCH])):
        catalog = catalog or snapshot_catalog(Reader())
        batch = _read(counters, catalog, at)
        UsageForecast.objects.bulk_create(
            [_looked(counter, batch) for counter in counters],
            update_conflicts=True,
            unique_fields=["account", "feature", "starts_at"],
            update_fields=COLUMNS,
        )
        looked += len(counters)
    return looked


def _due(at: datetime) -> QuerySet[UsageCounter]:
    """Accounts' own counters of running periods that nobody has looked at lately."""
    mine = UsageForecast.objects.filter(
        account=OuterRef("account"), feature=OuterRef("feature"), starts_at=OuterRef("starts_at")
    )
    still = mine.filter(Q(made_at__gt=at - FRESH) | Q(made_at__gt=at - DAY, made_at__gte=OuterRef("updated_at")))
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at, ends_at__gte=F("starts_at") + SHORTEST)
    rows = UsageCounter.objects.filter(running, subject="", choice="", used__gt=0, starts_at__lte=at)
    return rows.filter(~Exists(still)).select_related("account__owner", "feature").order_by("updated_at", "pk")


def _read(counters: Iterable[UsageCounter], catalog: CatalogSnapshot, at: datetime) -> _Batch:
    ids = {counter.account_id for counter in counters}
    told = UsageForecast.objects.filter(account__in=ids, told_at__isnull=False)
    crossings = ThresholdCrossing.objects.filter(account__in=ids, subject="", crossed_at__gte=at - 400 * DAY)
    return _Batch(
        catalog=catalog,
        reader=batch_reader(ids),
        days=days_of(ids, since=(at - LOOKED_BACK).astimezone(UTC).date()),
        told={_key(row): row for row in told},
        announced={(_key(row), row.since, row.percent) for row in crossings},
        at=at,
    )


def _key(row: UsageCounter | UsageForecast | ThresholdCrossing) -> Key:
    return row.account_id, row.feature_id, row.starts_at


def _looked(counter: UsageCounter, batch: _Batch) -> UsageForecast:
    """What there is to keep of one counter; what can't be foreseen is looked at again an hour later all the same."""
    try:
        return _look(counter, batch)
    except Exception:
        LOGGER.exception("Where %s of %s is heading couldn't be foreseen", counter.feature, counter.account)
        row = batch.told.get(_key(counter)) or _row(counter, None, None, at=batch.at)
        row.made_at = batch.at  # or it would be due at once again
        return row


def _look(counter: UsageCounter, batch: _Batch) -> UsageForecast:
    at, terms = batch.at, batch.terms(counter.account_id).get(counter.feature.key)
    limit = None if terms is None else bound(terms)
    if terms is None or limit is None or start_of(terms.period(at)) != counter.starts_at:
        return _row(counter, None, None, at=at)
    announce(_unannounced(counter, terms, batch), at=at)
    if (told := batch.told.get(_key(counter))) is not None:
        told.made_at = at  # and it stays as it was told
        return told
    days = batch.days.get((counter.account_id, counter.feature_id), {})
    seed, used = seed_of(counter.account_id, counter.feature_id), Decimal(counter.used)
    paths = paths_of(terms, terms.period(at), used=used, days=days, at=at, seed=seed)
    forecast = None if paths is None else paths.forecast(used=used, limit=limit)
    row = _row(counter, forecast, limit, at=at)
    if forecast is not None and _worth_telling(forecast, terms, used, at=at):
        row.told_at = _tell(forecast, counter, terms, at=at)
    return row


def _unannounced(counter: UsageCounter, terms: UseTerms, batch: _Batch) -> Iterator[Crossed]:
    """Thresholds that stand reached without further use, because the limit came down to it; each once."""
    limit, period, used = terms.limit, terms.period(batch.at), Decimal(counter.used)
    if limit is UNLIMITED:
        return
    since = counter.since if counter.since > counter.starts_at else None
    for one in reached(terms.thresholds, used=used, limit=limit):
        crossed = Crossed(counter.account_id, counter.feature_id, "", period, one.percent, used, limit, one.told, since)
        if (_key(counter), crossed.armed_at(batch.at), one.percent) not in batch.announced:
            yield crossed


def _worth_telling(forecast: Forecast, terms: UseTerms, used: Decimal, *, at: datetime) -> bool:
    """Sure enough, by more than a guess, no further ahead than is looked back, and still ahead: that the limit is
    reached, the thresholds say."""
    limit, guess, hit = terms.limit, forecast.basis is Basis.PERIOD, forecast.hits_on
    soon = hit is not None and hit <= (at + LOOKED_BACK).date()
    return limit is not UNLIMITED and used < limit and forecast.probability >= SURE and soon and not guess


def _tell(forecast: Forecast, counter: UsageCounter, terms: UseTerms, *, at: datetime) -> datetime | None:
    """Told everybody concerned, once; when that was, or None where nobody is to be told."""
    period = terms.period(at)
    if period.end is None or forecast.hits_on is None or not reachable(counter.account, at=at):
        return None
    word = Word(
        account=counter.account,
        feature=counter.feature,
        terms=terms,
        period=period,
        used=Decimal(counter.used),
        limit=terms.limit if isinstance(terms.limit, Decimal) else Decimal(0),
        headline=f"At this pace the limit of {counter.feature.name} is reached about {say_day(forecast.hits_on)}",
        key=f"forecast:{counter.account_id}:{counter.feature_id}:{counter.starts_at.isoformat()}",
        sentences=(say_how_sure(forecast, period, zone=counter.account.zone),),
    )
    with transaction.atomic():
        tell_of_use(word, audiences=tuple(Audience), at=at)
        tell_forecast(
            forecast, word.account, word.feature, used=word.used, limit=word.limit, period=period, key=word.key, at=at
        )
    return at


def _row(counter: UsageCounter, forecast: Forecast | None, limit: Decimal | None, *, at: datetime) -> UsageForecast:
    """How it looks now; without a basis where nothing can be foreseen."""
    row = UsageForecast(account=counter.account, feature=counter.feature, starts_at=counter.starts_at)
    row.ends_at, row.made_at, row.used, row.limit_amount = counter.ends_at, at, counter.used, int(limit or 0)
    row.probability_thousandths, row.expected = 0, 0
    if forecast is not None:
        row.hits_on, row.low_on, row.high_on = forecast.hits_on, forecast.low, forecast.high
        row.probability_thousandths = round(forecast.probability * 1000)
        row.expected = int(min(forecast.expected_at_reset, LARGEST))
        row.basis = forecast.basis.value
    return row


def score(*, at: datetime) -> int:
    """Held forecasts of periods that are over against what came: whether the limit they named was reached."""
    over = UsageForecast.objects.filter(scored_at__isnull=True, ends_at__lte=at - SETTLED).exclude(basis="")
    scored = 0
    for row in over.order_by("ends_at")[:BATCH]:
        came = UsageCounter.objects.filter(
            account=row.account_id, feature=row.feature_id, starts_at=row.starts_at, subject="", choice="",
            used__gte=row.limit_amount,
        ).exists()  # fmt: skip
        scored += UsageForecast.objects.filter(pk=row.pk).update(came_true=came, scored_at=at)
    return scored
