"""Thresholds that use came to: written down beside the use itself, and told soon after.

The rows are written in the transaction that counts, so that none is lost and none stands for use that wasn't counted;
one insert, for customers wait for it. Telling people takes reading plans and prices, so that the desk does it a moment
later from these rows (`telling.py`). Each is written once for its period, its limit and the last reset by staff: a
raised limit and a reset arm again what lies above the use then.
"""

from collections.abc import Iterable
from datetime import datetime

from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.thresholds import Crossed
from entitlements.models import ThresholdCrossing


def announce(crossings: Iterable[Crossed], *, at: datetime) -> None:
    """Thresholds were reached; whoever the rule names is told of each once. In the transaction of whoever counts."""
    rows = [_row(crossed, at) for crossed in crossings]
    if rows:
        ThresholdCrossing.objects.bulk_create(rows, ignore_conflicts=True)


def _row(crossed: Crossed, at: datetime) -> ThresholdCrossing:
    return ThresholdCrossing(
        account_id=crossed.account_id,
        feature_id=crossed.feature_id,
        subject=crossed.subject,
        starts_at=start_of(crossed.period),
        since=crossed.armed_at(at),
        percent=crossed.percent,
        used=int(crossed.used),
        limit_amount=int(crossed.limit),
        told=crossed.told.value,
        crossed_at=at,
    )
