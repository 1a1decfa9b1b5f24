"""When keys were last used, written behind the requests' backs."""

from django.db.models import Q

from journal.models import ApiKey
from journal.queries.live_keys import uses_to_write, uses_written


def flush_last_used() -> int:
    """Wrote the minute each key was last used in, once a minute a key at most; how many rows that took.

    For a background thread or a tick of each web process, at least once a minute. What a killed process hadn't written
    is lost, and the next use makes up for it; a later minute that another process wrote is never put back.
    """
    uses = uses_to_write()
    for prefix, minute in uses.items():
        earlier = Q(last_used_at__isnull=True) | Q(last_used_at__lt=minute)
        ApiKey.objects.filter(earlier, prefix=prefix).update(last_used_at=minute)
    uses_written(uses)
    return len(uses)
