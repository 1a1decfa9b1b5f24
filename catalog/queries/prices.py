"""What a version costs, and what it does around a trial, in words."""

from collections.abc import Iterable

from catalog.domain.sale_diff import USUAL_GRACE, say_days
from catalog.domain.words import say_money
from catalog.models import PlanPrice, PlanVersion
from catalog.models.plan import Interval

_EACH = {Interval.MONTH: "a month", Interval.YEAR: "a year"}


def say_plan_price(price: PlanPrice) -> str:
    """ "$25 a month", "Free" or "By agreement with sales"."""
    if price.contact or price.amount_micros is None:
        return "By agreement with sales"
    if price.amount_micros == 0:
        return "Free"
    return f"{say_money(price.amount_micros, price.currency)} {_EACH[Interval(price.interval)]}"


def say_plan_prices(prices: Iterable[PlanPrice]) -> str:
    """Each price once: a plan that is free by the month and by the year is simply free."""
    return ", ".join(dict.fromkeys(say_plan_price(price) for price in prices)) or "No price yet"


def say_trial(version: PlanVersion) -> str:
    """ "No trial" or "14 days, then Free"."""
    if version.trial_days is None:
        return "No trial"
    return f"{version.trial_days} days, then {version.after_trial or 'it ends'}"


def say_grace(version: PlanVersion) -> str:
    """ "14 days after a failed payment, 30 days after leaving"."""
    grace = USUAL_GRACE if version.grace_days is None else version.grace_days
    return f"{say_days(grace)} after a failed payment, {say_days(version.wind_down_days or 0)} after leaving"
