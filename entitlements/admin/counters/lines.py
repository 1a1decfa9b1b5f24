"""A counter as a line: whose it is, how far it has come, when it starts again."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.urls import reverse

from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import Window
from catalog.queries.instants import say_instant
from entitlements.admin.usage.page import say_period
from entitlements.domain.saying import say_part_name
from entitlements.domain.usage.allowances import BEGINNING
from entitlements.domain.usage.saying import said
from entitlements.models import UsageCounter
from entitlements.queries.usage.counters import Counted

NEAR, FULL = 80, 100


def line_of_counter(one: Counted, *, key: str, zone: str) -> dict[str, Any]:
    row = one.row
    limit = one.limit if isinstance(one.limit, Decimal) and one.limit > 0 else None
    percent = None if limit is None else int(row.used * 100 // limit)
    return {
        "row": row,
        "feature": row.feature.name,
        "whose": whose(row),
        "used": said(Decimal(row.used), one.terms),
        "held": said(Decimal(row.held), one.terms) if row.held else "",
        "limit": _said_limit(one.limit, one),
        "left": said(one.left, one.terms) if one.left is not None and one.left is not UNLIMITED else "",
        "percent": percent,
        "state": _state(percent) if one.running else ("over", ""),
        "bar": list(_bar(row, limit)) if limit is not None else [],
        "period": say_period(period_of_row(row), zone=zone),
        "again": say_instant(row.ends_at, zone=zone) if row.ends_at and one.running else "",
        "latest": say_instant(row.latest_at, zone=zone) if row.latest_at else "",
        "reset_on": say_instant(row.since, zone=zone) if row.since > row.starts_at else "",
        "url": reverse("admin:entitlements_account_counter", args=[key, row.pk]),
        "reset_url": reverse("admin:entitlements_usage_reset", args=[key, row.pk]),
    }


def period_of_row(row: UsageCounter) -> Window:
    return Window(None if row.starts_at == BEGINNING else row.starts_at, row.ends_at)


def whose(row: UsageCounter) -> str:
    """Of one of the account's users or of one choice; empty: the whole account's."""
    return row.subject or (say_part_name(row.choice) if row.choice else "")


def _state(percent: int | None) -> tuple[str, str]:
    """A word and a colour."""
    if percent is None:
        return "counted", ""
    if percent >= FULL:
        return ("over the limit" if percent > FULL else "limit reached"), "red"
    return ("near the limit", "amber") if percent >= NEAR else ("fine", "green")


def _said_limit(limit: Amount | None, one: Counted) -> str:
    return "no limit of its own" if limit is None else said(limit, one.terms)


def _bar(row: UsageCounter, limit: Decimal) -> Iterator[tuple[str, float]]:
    whole = max(limit, Decimal(row.used + row.held))
    for name, amount in (("used", row.used), ("held", row.held)):
        if amount > 0:
            yield name, round(float(Decimal(amount) * 100 / whole), 1)
