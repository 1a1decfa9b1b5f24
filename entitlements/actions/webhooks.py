"""What other systems are told that is no audited deed: what changed for a customer, what ended, how far use has come.

Each is written in the transaction of what it tells of, under a key that is made from it: told twice, it goes out once.
Reasons that staff gave are for staff, so they stay out of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from catalog.domain.units import smallest_unit
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.domain.forecast import Forecast
from entitlements.domain.plain import plain
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, EntitlementChange, ThresholdCrossing
from entitlements.queries.clock.endings import Ending
from entitlements.webhook_events import CHANGED, FORECAST, OF_ENDINGS, THRESHOLD
from journal.actions.webhooks.telling import spell_instant, tell
from journal.domain.verbs import in_words
from journal.models import AuditEvent

MOST_BYTES = 14_000  # of changes in one message; further ones are counted, and receivers read the whole set


def tell_changes(
    rows: Sequence[EntitlementChange],
    before: Mapping[str, Resolution],
    after: Mapping[str, Resolution],
    *,
    at: datetime,
    act: AuditEvent | None = None,
) -> int:
    """Told what changed for one account at one instant; the rows are those that are written for the first time."""
    if not rows:
        return 0
    account, instant = rows[0].account, rows[0].effective_at
    changes = [
        {
            "feature": row.feature_key,
            "name": row.feature_name,
            "before": plain(before.get(row.feature_key)),
            "after": plain(after.get(row.feature_key)),
        }
        for row in rows
    ]
    told = list(_fitting(changes))
    cause = str(act.pk) if act else f"{instant.isoformat()}:{_digest(row.feature_key for row in rows)}"
    return tell(
        CHANGED,
        data={
            "account": account.key,
            "effective_at": spell_instant(instant),
            "verb": act.verb if act else None,
            "cause": in_words(act.verb) if act else rows[0].cause,
            "changes": told,
            "more": len(changes) - len(told),
        },
        account_key=account.key,
        once_key=f"changes:{account.pk}:{cause}",
        at=at,
    )


def tell_ending(account: Account, ending: Ending, *, at: datetime) -> int:
    """Told that something ended, or took effect, by itself."""
    event = OF_ENDINGS.get(ending.kind)
    if event is None:
        return 0
    return tell(
        event,
        data={
            "account": account.key,
            "subject": {"type": event.partition(".")[0], "label": ending.words},
            "verb": None,
            "at": spell_instant(ending.at),
        },
        account_key=account.key,
        once_key=f"ending:{ending.key}:{ending.at.isoformat()}",
        at=at,
    )


def tell_threshold(row: ThresholdCrossing, period: Window, *, at: datetime) -> int:
    """Told that use came to a threshold, when people are."""
    return tell(
        THRESHOLD,
        data={
            **_use(row.account, row.feature, used=Decimal(row.used), limit=Decimal(row.limit_amount), period=period),
            "subject": row.subject or None,
            "percent": row.percent,
            "at": spell_instant(row.crossed_at),
        },
        account_key=row.account.key,
        once_key=f"threshold:{row.pk}",
        at=at,
    )


def tell_forecast(
    forecast: Forecast,
    account: Account,
    feature: Feature,
    *,
    used: Decimal,
    limit: Decimal,
    period: Window,
    key: str,
    at: datetime,
) -> int:
    """Told when a limit will be reached at this pace, when people are."""
    return tell(
        FORECAST,
        data={
            **_use(account, feature, used=used, limit=limit, period=period),
            "expected_on": _day(forecast.hits_on),
            "not_before": _day(forecast.low),
            "not_after": _day(forecast.high),
            "probability": round(forecast.probability, 2),
        },
        account_key=account.key,
        once_key=key,
        at=at,
    )


def _use(account: Account, feature: Feature, *, used: Decimal, limit: Decimal, period: Window) -> dict[str, Any]:
    return {
        "account": account.key,
        "feature": feature.key,
        "used": int(used),
        "limit": int(limit),
        "unit": smallest_unit(feature.shape),
        "period": {name: at and spell_instant(at) for name, at in (("start", period.start), ("end", period.end))},
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _fitting(changes: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """As many as a message carries, in their order; one that is too large by itself is passed over."""
    left = MOST_BYTES
    for change in changes:
        size = len(json.dumps(change, ensure_ascii=False).encode())
        if size <= left:
            left -= size
            yield change


def _digest(features: Iterable[str]) -> str:
    return sha256("\n".join(sorted(features)).encode()).hexdigest()[:16]
