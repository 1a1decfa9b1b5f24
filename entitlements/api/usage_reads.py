"""How much was used, how far that is from the limit, and where it is heading: the figures behind the charts."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.domain.values import UNLIMITED, Amount
from entitlements.api.offers import feature_by_key
from entitlements.api.routes import SCOPE
from entitlements.domain.forecast import Forecast
from entitlements.domain.usage.pace import Day
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from entitlements.queries.usage.lag import Lag, lag_of
from entitlements.queries.usage.overview import Meter, meters_of
from entitlements.queries.usage.series import Part, Series, series_of
from entitlements.queries.usage.terms import terms_of
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound

router = Router(tags=["Usage"], auth=KeyAuth(SCOPE))


class ForecastOut(Schema):
    """When the limit is reached at this pace; a day is null where fewer of the ways use may go on reach it by then."""

    hits_on: date | None = Field(description="The day that is told (UTC).")
    earliest_on: date | None = Field(description="One in ten ways use may go on has reached the limit by then.")
    latest_on: date | None = Field(description="Nine in ten ways have.")
    probability: float = Field(ge=0, le=1, description="That the limit is reached before use starts again.")
    expected_at_reset: int
    basis: Literal["weekdays", "days", "period"] = Field(
        description="What it goes by: two weeks of days and more; fewer days, all alike; only the period so far."
    )


class MeterOut(Schema):
    """One counted feature in its present period; amounts in its smallest unit."""

    feature: str
    name: str
    used: int
    held: int = Field(description="Held by reservations.")
    limit: int | None = Field(description="Null where nothing limits the account in all.")
    percent: int | None = Field(description="Used, in percent of the limit, rounded down.")
    starts_at: datetime | None
    resets_at: datetime | None = Field(description="When use starts again; null where it never does.")
    forecast: ForecastOut | None = Field(description="Null where nothing can be foreseen, or the limit is reached.")


class UsageSet(Schema):
    account: str
    at: datetime
    usage: list[MeterOut]


class DayOut(Schema):
    on: date
    used: int
    level: int = Field(description="What the counter said after the last of it.")


class PartOut(Schema):
    name: str
    used: int
    held: int


class LagOut(Schema):
    """How many seconds after it happened use was reported, of so many reports of the last four weeks."""

    reports: int
    p50_seconds: float
    p95_seconds: float
    p99_seconds: float


class UsageOf(Schema):
    account: str
    at: datetime
    usage: MeterOut
    days: list[DayOut] = Field(description="Days with use (UTC) of the period and of the eight weeks before it.")
    subjects: list[PartOut] = Field(description="The 25 users, agents and devices that used most.")
    choices: list[PartOut] = Field(description="What fell to each choice of a dimension that is counted by itself.")
    lag: LagOut | None = None
    buffer_percent: int = Field(description="Kept back of a hard limit for what is reported late.")


class Shown(Schema):
    at: Annotated[
        Instant | None,
        Field(description="An instant of the period asked about, up to now; the present one if left out."),
    ] = None


@router.get("/accounts/{key}/usage", response={200: UsageSet, **PROBLEMS}, summary="Everything an account uses")
def usage_set(request: HttpRequest, key: str) -> Any:
    """Every counted feature the account has or has used, with what is left of it and where it is heading."""
    account, at = account_by_key(key), timezone.now()
    meters = meters_of(account_id=account.pk, at=at)
    return UsageSet(account=account.key, at=at, usage=[render_meter(meter) for meter in meters])


@router.get("/accounts/{key}/usage/{feature}", response={200: UsageOf, **PROBLEMS}, summary="Use of one feature")
def usage_of(request: HttpRequest, key: str, feature: str, shown: Query[Shown]) -> Any:
    """One period of a feature day by day, who and what it fell to, the forecast, and how late it was reported."""
    account, counted, now = account_by_key(key), feature_by_key(feature), timezone.now()
    if shown.at is not None and shown.at > now:
        raise Invalid("Nothing has been used of what is still to come; ask about a moment up to now.", field="at")
    terms = terms_of(account.pk, at=now)[counted.key]
    if not terms.counted:
        raise NotFound(f"{counted.name} isn't counted.")
    ids = {"account_id": account.pk, "feature_id": counted.pk}
    series = series_of(**ids, terms=terms, shown=shown.at or now, at=now)
    meter = Meter(counted, terms, series.period, series.used, series.held, series.forecast)
    return _answer(account, meter, series, lag_of(**ids, at=now), now)


def _answer(account: Account, meter: Meter, series: Series, lag: Lag | None, now: datetime) -> UsageOf:
    return UsageOf(
        account=account.key,
        at=now,
        usage=render_meter(meter),
        days=[render_day(day) for _, day in sorted(series.days.items())],
        subjects=[render_part(part) for part in series.subjects],
        choices=[render_part(part) for part in series.choices],
        lag=None if lag is None else render_lag(lag),
        buffer_percent=series.terms.buffer_percent,
    )


def render_meter(meter: Meter) -> MeterOut:
    return MeterOut(
        feature=meter.feature.key,
        name=meter.feature.name,
        used=int(meter.used),
        held=int(meter.held),
        limit=_amount(meter.limit),
        percent=meter.percent,
        starts_at=meter.period.start,
        resets_at=meter.period.end,
        forecast=None if meter.forecast is None else render_forecast(meter.forecast),
    )


def render_forecast(found: Forecast) -> ForecastOut:
    return ForecastOut(
        hits_on=found.hits_on,
        earliest_on=found.low,
        latest_on=found.high,
        probability=round(found.probability, 3),
        expected_at_reset=int(found.expected_at_reset),
        basis=found.basis.value,
    )


def render_day(day: Day) -> DayOut:
    return DayOut(on=day.on, used=int(day.amount), level=int(day.level))


def render_part(part: Part) -> PartOut:
    return PartOut(name=part.name, used=int(part.used), held=int(part.held))


def render_lag(lag: Lag) -> LagOut:
    return LagOut(
        reports=lag.events,
        p50_seconds=_seconds(lag.p50),
        p95_seconds=_seconds(lag.p95),
        p99_seconds=_seconds(lag.p99),
    )


def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 3)


def _amount(limit: Amount) -> int | None:
    return None if limit is UNLIMITED else int(limit)
