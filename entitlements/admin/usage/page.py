"""How much of one feature a customer uses, period by period: drawn, foreseen, told in words and listed in figures."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.urls import reverse

from catalog.domain.values import UNLIMITED
from catalog.domain.window import Window
from catalog.models import Feature
from catalog.queries.instants import say_instant, say_until
from entitlements.admin.pages import AccountPage, account_url
from entitlements.admin.usage.block import line_of
from entitlements.admin.usage.charts import days_chart, levels_of, period_chart
from entitlements.domain.saying import say_part_name
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.pace import DAY, SHORTEST, foreseeable
from entitlements.domain.usage.saying import said
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import ThresholdCrossing
from entitlements.queries.usage.lag import Lag, lag_of
from entitlements.queries.usage.overview import Meter
from entitlements.queries.usage.reliability import reliability
from entitlements.queries.usage.series import Part, Series, periods_before, series_of
from entitlements.queries.usage.terms import terms_of
from entitlements.queries.usage.words import price_beyond, say_at_the_limit, say_day, say_roughly

PERIODS = 12


class UsagePage(AccountPage):
    """`?period=` is the first day of the period to be shown; the present one if left out."""

    template_name = "entitlements/usage/chart.html"

    @cached_property
    def counted(self) -> Feature:
        return self.feature(self.kwargs["feature"])

    @cached_property
    def terms(self) -> UseTerms:
        terms = terms_of(self.account.pk, at=self.at)[self.counted.key]
        if not terms.counted:
            raise Http404("This feature isn't counted.")
        return terms

    @cached_property
    def periods(self) -> list[Window]:
        present = self.terms.period(self.at)
        if present.start is None or present.end is None or present.end - present.start < SHORTEST:
            return [present]
        return periods_before(self.terms, at=self.at, most=PERIODS)

    @cached_property
    def shown(self) -> Window:
        """An address that names no period of these shows the present one."""
        asked = self.request.GET.get("period", "")
        return next((one for one in self.periods if _name(one, self.zone) == asked), self.periods[0])

    @cached_property
    def series(self) -> Series:
        shown = self.at if self.shown == self.periods[0] else start_of(self.shown)
        ids = {"account_id": self.account.pk, "feature_id": self.counted.pk}
        return series_of(**ids, terms=self.terms, shown=shown, at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        series, terms, ids = self.series, self.terms, {"feature_id": self.counted.pk}
        meter = Meter(self.counted, terms, series.period, series.used, series.held, series.forecast)
        lag = lag_of(account_id=self.account.pk, **ids, at=self.at)
        stops = say_at_the_limit(terms, series.period, zone=self.zone, price=price_beyond(terms))
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: use of {self.counted.name}",
            "back": account_url(self.account, part="usage"),
            "feature": self.counted,
            "series": series,
            "meter": line_of(meter, self.account),
            "period_words": say_period(series.period, zone=self.zone),
            "chart": period_chart(series, at=self.at),
            "days": days_chart(series, at=self.at),
            "at_the_limit": stops if terms.answer.granted and terms.answer.each_of is None else "",
            "basis": series.paths.basis.words if series.paths else "",
            "unforeseen": series.running and not foreseeable(terms, series.period),
            "expected": self._expected(),
            "trust": reliability(**ids, at=self.at),
            "periods": list(self._choices()),
            "crossings": list(self._crossings()),
            "splits": list(_splits(series)),
            "rows": list(_rows(series, at=self.at)),
            "lag": say_lag(lag) if lag else "",
            "buffer": terms.buffer_percent,
            "explain": reverse("admin:entitlements_account_explain", args=[self.account.key, self.counted.key]),
        }

    def _expected(self) -> str:
        expected = self.series.expected
        if expected is None:
            return ""
        step = 10 ** max(len(str(int(expected))) - 3, 0)
        return say_roughly(Decimal(int(expected) // step * step), self.terms)

    def _choices(self) -> Iterator[dict[str, Any]]:
        for one in self.periods if len(self.periods) > 1 else ():
            words = say_period(one, zone=self.zone)
            yield {"name": _name(one, self.zone), "words": words, "shown": one == self.shown}

    def _crossings(self) -> Iterator[str]:
        rows = ThresholdCrossing.objects.filter(
            account=self.account, feature=self.counted, subject="", starts_at=start_of(self.series.period)
        )
        for row in rows.order_by("crossed_at", "percent"):
            of = said(Decimal(row.limit_amount), self.terms)
            told = f"{row.told} told" if row.told_at else f"{row.told} will be told"
            yield f"{row.percent} % of {of} on {say_instant(row.crossed_at, zone=self.zone)}: {told}"


def _name(period: Window, zone: str) -> str:
    return f"{start_of(period).astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def say_period(period: Window, *, zone: str) -> str:
    if period.start is None or period.end is None:
        return "in all, for it never starts again"
    return f"{say_instant(period.start, zone=zone).partition(' (')[0]} {say_until(period.end, zone=zone)}"


def _splits(series: Series) -> Iterator[dict[str, Any]]:
    """Who of the account's users and agents used it, and which choices it fell to."""
    for title, column, parts in (
        ("By user, agent or device", "Who", series.subjects),
        ("By choice", "Choice", series.choices),
    ):
        if parts:
            yield {"title": title, "column": column, "lines": list(_lines(series, parts, column == "Choice"))}


def _lines(series: Series, parts: Sequence[Part], choices: bool) -> Iterator[dict[str, Any]]:
    most = max((part.used for part in parts), default=Decimal(0)) or Decimal(1)
    for part in parts:
        limit = series.terms.answer.sub_limits.get(part.name) if choices else None
        yield {
            "name": say_part_name(part.name) if choices else part.name,
            "used": say_roughly(part.used, series.terms),
            "held": say_roughly(part.held, series.terms) if part.held else "",
            "limit": said(limit, series.terms) if limit is not None and limit is not UNLIMITED else "",
            "width": round(float(max(part.used, Decimal(0)) * 100 / most), 1),
        }


def _rows(series: Series, *, at: datetime) -> Iterator[tuple[str, str, str]]:
    """Each day of the period that isn't to come, the latest first: its use, and what had been used by its end."""
    for on, level in reversed(levels_of(series, at=at)):
        amount = series.days[on].amount if on in series.days else Decimal(0)
        yield say_day(on, year=True), say_roughly(amount, series.terms), say_roughly(level, series.terms)


def say_lag(lag: Lag) -> str:
    count = f"{lag.events:,} report{'' if lag.events == 1 else 's'}"
    half, most, nearly = (say_short(one) for one in (lag.p50, lag.p95, lag.p99))
    return f"Half of the use is reported within {half}, 95 % within {most}, 99 % within {nearly} ({count})."


def say_short(length: timedelta) -> str:
    """ "a second", "40 seconds", "12 minutes", "3 hours", "2 days": rounded up."""
    for size, noun in ((DAY, "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if length >= 2 * size:
            return f"{-(-length // size)} {noun}s"
    seconds = -(-length // timedelta(seconds=1))
    return "a second" if seconds <= 1 else f"{seconds} seconds"
