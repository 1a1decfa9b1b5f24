"""One account's story, newest first: what was done, what it changed for the customer, who was told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Account
from entitlements.queries.merged import keys_of, merged_into
from entitlements.timeline_sources import Asked, Moment, Source, parse_place, sources
from journal.models import AuditEvent

NEWEST = 50
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """So many moments, newest first; `next_cursor` leads to the older ones, None where there are none."""

    moments: tuple[Moment, ...]
    next_cursor: str | None


def timeline(
    *,
    account: Account,
    sorts: Collection[str] = (),
    feature: str = "",
    who: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    newest: int = NEWEST,
) -> TimelinePage:
    """The newest moments of the account that fit; no `sorts` means every sort. `before` is a page's `next_cursor`.

    Each source reads no more than a page, so a page costs the same after five years as on the first day.
    """
    after = parse_place(before) if before else None
    asked = Asked(account, newest + 1, feature, who, since, until, after=after, merged=merged_into(account))
    found = [moment for source in _chosen(sorts) for moment in source.moments(asked)]
    # Three sorts, each stable: by count, within the source, within the instant.
    found.sort(key=lambda moment: moment.count, reverse=True)
    found.sort(key=lambda moment: moment.sort)
    found.sort(key=lambda moment: moment.at, reverse=True)
    shown = tuple(found[:newest])
    return TimelinePage(shown, str(shown[-1].place) if len(found) > newest else None)


def _chosen(sorts: Collection[str]) -> tuple[Source, ...]:
    return tuple(source for source in sources() if not sorts or source.key in sorts)


def who_acted(*, account: Account) -> tuple[tuple[str, str], ...]:
    """Everybody who did something about the account, by key and name; one read."""
    rows = AuditEvent.objects.filter(account_key__in=keys_of(account)).order_by("actor_name", "actor_key")
    people = dict(rows.values_list("actor_key", "actor_name").distinct()[:MOST_PEOPLE])
    return tuple(people.items())
