"""Keeping the log of changes short: what every process has read long ago goes."""

from datetime import datetime, timedelta

from entitlements.models import FactsChange

# A process that hasn't read for ten minutes begins anew (`queries/check/watch.py`); a day leaves room for looking back.
KEPT_FOR = timedelta(days=1)


def prune_changes(*, at: datetime) -> int:
    """Remove what was told more than a day before; how much went. Nothing of it is an act, so nothing is recorded."""
    gone, _by_model = FactsChange.objects.filter(written_at__lt=at - KEPT_FOR).delete()
    return gone
