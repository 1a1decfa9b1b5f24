"""What an account uses up, at a glance: a bar for each counted feature, when it starts again, and where it is heading."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from catalog.domain.values import UNLIMITED
from catalog.domain.words import say_value
from catalog.queries.instants import say_instant
from entitlements.domain.saying import in_words
from entitlements.domain.usage.saying import said
from entitlements.models import Account
from entitlements.queries.usage.overview import Meter, meters_of
from entitlements.queries.usage.words import say_hit, say_roughly

NEAR = 80  # percent of the limit


def usage_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """What is used or held stands first; what was never touched is listed by name."""
    meters = meters_of(account_id=account.pk, at=at)
    return {
        "meters": [line_of(meter, account) for meter in meters if meter.touched],
        "untouched": [line_of(meter, account) for meter in meters if not meter.touched],
    }


def usage_url(account: Account, feature: str) -> str:
    return reverse("admin:entitlements_account_usage", args=[account.key, feature])


def line_of(meter: Meter, account: Account) -> dict[str, Any]:
    """One feature as a line: words, and how long its bar is."""
    limit, period = meter.limit, meter.period
    return {
        "feature": meter.feature,
        "url": usage_url(account, meter.feature.key),
        "used": say_roughly(meter.used, meter.terms),
        "held": say_roughly(meter.held, meter.terms) if meter.held else "",
        "limit": _said_limit(meter),
        "has": in_words(meter.terms.answer),
        "percent": meter.percent,
        "state": state_of(meter),
        "bar": list(_bar(meter)) if limit is not UNLIMITED and limit > 0 else [],
        "again": say_instant(period.end, zone=account.zone) if period.end else "",
        "ahead": say_hit(meter.forecast, period, zone=account.zone) if meter.forecast else "",
        "warned": meter.forecast is not None and meter.forecast.hits_on is not None,
    }


def _said_limit(meter: Meter) -> str:
    each = meter.terms.answer.each_of
    if each is not None:
        return f"{said(meter.terms.limit, meter.terms)} for each seat of {each.name}"
    if not meter.terms.answer.granted:
        return "not included any more"
    return say_value(meter.terms.limit, shape=meter.terms.shape, typed_unit=meter.terms.answer.typed_unit)


def state_of(meter: Meter) -> tuple[str, str]:
    """A word and a colour."""
    percent, limit = meter.percent, meter.limit
    if percent is None or limit is UNLIMITED:
        return ("counted", "")
    if meter.used > limit:
        return ("over the limit", "red")
    if meter.used == limit:
        return ("limit reached", "red")
    return ("near the limit", "amber") if percent >= NEAR else ("fine", "green")


def _bar(meter: Meter) -> Iterator[tuple[str, float]]:
    """The parts of the bar in percent of its length: used, then held; the whole is the limit, or what goes beyond it."""
    limit = meter.limit
    assert isinstance(limit, Decimal)  # without a limit there is no bar
    whole = max(limit, meter.used + meter.held)
    for name, amount in (("used", meter.used), ("held", meter.held)):
        if amount > 0:
            yield name, round(float(amount * 100 / whole), 1)
