"""Contracts in words: their lines, their terms, their days."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as spell

from catalog.domain.words import say_value
from catalog.models import Feature, Plan
from catalog.models.plan import Interval
from entitlements.domain.contract_terms import Term, Terms
from entitlements.domain.facts import Mode
from entitlements.models.override import override_value

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
PAID = {Interval.MONTH: "paid by the month", Interval.YEAR: "paid by the year"}


def say_day(day: date) -> str:
    return spell(day, "j F Y")


def say_ordinal(number: int) -> str:
    """ "second"; from eleven on "11th"."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def say_line(line: Any, *, plan: Plan | None = None, feature: Feature | None = None) -> str:
    """ "5 × Team, paid by the year", "Seats become 25, from 1 May 2026 through 30 June 2026".

    Of a line as history had it, the plan or the feature it names is given along.
    """
    plan, feature = plan or line.plan, feature or line.feature
    what = _say_item(line, plan) if plan is not None else _say_change(line, feature)
    days = [
        *([f"from {say_day(line.starts_on)}"] if line.starts_on else []),
        *([f"through {say_day(line.through_on)}"] if line.through_on else []),
    ]
    return f"{what}, {' '.join(days)}" if days else what


def _say_item(line: Any, plan: Plan) -> str:
    paid = f", {PAID[Interval(line.interval)]}" if line.interval else ""
    return f"{line.quantity} × {plan.name}{paid}"


def _say_change(line: Any, feature: Feature) -> str:
    shape = feature.shape
    value = override_value(line, shape=shape)
    said = "" if value is None else say_value(value, shape=shape, typed_unit=line.typed_unit)
    match Mode(line.mode):
        case Mode.REPLACE:
            return f"{feature.name}: {said}"
        case Mode.ADD:
            return f"{feature.name}: + {said}"
        case Mode.AT_LEAST:
            return f"{feature.name}: at least {said}"
        case Mode.AT_MOST:
            return f"{feature.name}: at most {said}"
        case Mode.DENY:
            return f"{feature.name}: denied"


def say_months(months: int) -> str:
    """ "12 months", "a month"."""
    return "a month" if months == 1 else f"{months} months"


def say_terms(terms: Terms) -> str:
    """ "12 months from 1 March 2026; then it renews by 12 months each time. Notice: 30 days before the end."."""
    first = say_day(terms.first_day)
    notice = "day" if terms.notice_days == 1 else "days"
    if terms.months is None:
        return f"From {first} until somebody ends it, {terms.notice_days} {notice} after notice."
    length = f"{say_months(terms.months)} from {first}"
    if not terms.renews or terms.renewal_months is None:
        return f"{length[:1].upper()}{length[1:]}; then it ends."
    renews = f"{length[:1].upper()}{length[1:]}; then it renews by {say_months(terms.renewal_months)} each time."
    return f"{renews} Notice: {terms.notice_days} {notice} before the end." if terms.notice_days else renews


def say_term(term: Term, *, zone: str) -> str:
    """ "second term, 1 March 2026 through 28 February 2027 (Europe/Amsterdam)"."""
    return f"{say_ordinal(term.number)} term, {say_day(term.first_day)} through {say_day(term.last_day)} ({zone})"


def say_state_of_notice(contract: Any, *, ends: str) -> str:
    """Who ended it and until when it lasts, of one that somebody ended."""
    if contract.ended_early_at is not None:
        return f"Ended before its time: it lasts {ends}."
    return f"{contract.notice_by} gave notice: it lasts {ends}."


def on_day(at: datetime, zone: str) -> date:
    """The day of an instant in the contract's zone."""
    return at.astimezone(ZoneInfo(zone)).date()
