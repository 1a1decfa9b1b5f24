"""What customers have in use, from their counters: what a plan with less of it would leave them over."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from entitlements.models import UsageCounter


def counted_in_use(account_ids: Collection[int], *, at: datetime) -> Mapping[int, Mapping[str, Decimal]]:
    """What each account has used in the period that runs at the moment, by the feature's key; in one read.

    Where a change of plan made a new period begin within another, the later one counts.
    """
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = UsageCounter.objects.filter(running, account_id__in=account_ids, starts_at__lte=at, subject="", choice="")
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for account, feature, used in rows.order_by("starts_at").values_list("account_id", "feature__key", "used"):
        found[account][feature] = Decimal(max(used, 0))
    return found
