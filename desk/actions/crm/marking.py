"""Which companies of a CRM may have to be written anew: by what changed here, by use, and by time.

What changed for one account, and a threshold that its use came to, marks its companies at once. What concerns everybody,
use of the last hour, and time, let their turn come: `feed` takes those when nobody else waits, so many at a time, so
that one customer's new plan never stands behind fifty thousand others.

That a company is marked says only that somebody has to look; whether anything is written, its digests decide.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from desk.domain.crm.flows import Flow
from desk.models import CrmCompany, CrmFlow
from desk.queries.crm.tails import read_tails
from entitlements.models import Account, UsageCounter, UsageForecast
from entitlements.models.facts_change import EVERYBODY
from entitlements.queries.check.log import Log
from entitlements.snapshots.batch import batches
from journal.models import Connection
from support.snapshots.policies import policies_at

FED = 200  # at a time
USE_EVERY = timedelta(hours=1)
LONGEST_WRITE = timedelta(minutes=5)  # between a counter's own instant and its commit
FORGOTTEN_AFTER = timedelta(hours=12)  # the log is pruned after a day
CHUNK = 500
LEVELS = 5


@transaction.atomic
def mark_changed(connection: Connection, *, at: datetime) -> int:
    """Marked every company of which something may have changed since the last time; how many there were."""
    CrmFlow.objects.get_or_create(connection=connection, flow=Flow.ENTITLEMENTS)
    row = CrmFlow.objects.select_for_update(of=("self",)).get(connection=connection, flow=Flow.ENTITLEMENTS)
    read: dict[str, Any] = dict(row.read)
    log = Log(row.fact if "read_at" in read else None, 0, {int(key): xid for key, xid in read.get("seen", {}).items()})
    changed = log.read(database)
    tails, policies = read_tails(read.get("tails", {}), at=at), sorted(one.pk for one in policies_at(at).values())
    everybody = _was_forgotten(read, at=at) or {None, EVERYBODY} & set(changed) or tails.everybody
    accounts = {one for one in changed if one} | tails.accounts
    marked = _mark(connection, accounts, at=at)
    if everybody or policies != read.get("policies"):
        marked += _soon(_linked(connection), at=at)
    if _use_is_due(read, at=at):
        since = _instant(read.get("use_at")) or at - USE_EVERY
        for users in batches(sorted(_users(since - LONGEST_WRITE)), CHUNK):
            marked += _soon(_of(connection, users), at=at)
        read["use_at"] = at.isoformat()
    row.fact = log.mark or 0
    seen = {str(key): xid for key, xid in log.seen.items()}
    row.read = {**read, "read_at": at.isoformat(), "seen": seen, "tails": tails.kept, "policies": policies}
    row.save(update_fields=["fact", "read"])
    return marked + (0 if _waiting(connection).exists() else feed(connection, at=at))


def make_due(companies: QuerySet[CrmCompany], *, at: datetime) -> int:
    """Said that something of these may differ from what was written; of how many. What is being written just now is
    written once more, since that may be older. News doesn't wait for what failed: that is tried once more with it."""
    return companies.update(**_marked(at=at))


def feed(connection: Connection, *, at: datetime, most: int = FED) -> int:
    """Marked those whose time has come, the longest waiting first; how many."""
    due = CrmCompany.objects.filter(connection=connection, next_at__lte=at)
    ids = list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:most])
    chosen = CrmCompany.objects.filter(pk__in=ids)
    return chosen.update(**_marked(at=at), next_at=None) if ids else 0


def _marked(*, at: datetime) -> dict[str, Any]:
    return {"to_write_at": Coalesce(F("to_write_at"), at), "marks": F("marks") + 1, "write_after": None}


def _was_forgotten(read: dict[str, Any], *, at: datetime) -> bool:
    """Nothing was read yet, or so long ago that what changed since may have gone from the log."""
    last = _instant(read.get("read_at"))
    return last is None or at - last > FORGOTTEN_AFTER


def _use_is_due(read: dict[str, Any], *, at: datetime) -> bool:
    last = _instant(read.get("use_at"))
    return last is None or at - last >= USE_EVERY


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _users(since: datetime) -> set[int]:
    """The accounts that have used anything since, or of which another day is foreseen."""
    used = UsageCounter.objects.filter(updated_at__gte=since, subject="", choice="")
    foreseen = UsageForecast.objects.filter(made_at__gte=since)
    columns = (rows.order_by().values_list("account_id", flat=True).distinct() for rows in (used, foreseen))
    return {account for rows in columns for account in rows}


def _mark(connection: Connection, accounts: Collection[int], *, at: datetime) -> int:
    """These, and all that belong to them: a parent gives, and covers, its children."""
    every = _with_children(accounts)
    return sum(make_due(_of(connection, every[first : first + CHUNK]), at=at) for first in range(0, len(every), CHUNK))


def _with_children(accounts: Collection[int]) -> list[int]:
    found, level = set(accounts), set(accounts)
    for _ in range(LEVELS):
        if not level:
            break
        ids = sorted(level)
        below: set[int] = set()
        for first in range(0, len(ids), CHUNK):
            children = Account.objects.filter(parent__in=ids[first : first + CHUNK]).order_by()
            below |= set(children.values_list("pk", flat=True))
        level = below - found
        found |= level
    return sorted(found)


def _of(connection: Connection, accounts: Collection[int]) -> QuerySet[CrmCompany]:
    """Their companies, and those of whoever was merged into them."""
    theirs = Q(account__in=accounts) | Q(account__merged_into__in=accounts)
    ids = CrmCompany.objects.filter(theirs, connection=connection).values_list("pk", flat=True)
    return CrmCompany.objects.filter(pk__in=list(ids))


def _linked(connection: Connection) -> QuerySet[CrmCompany]:
    """All that are somebody's, or to which anything was written."""
    return CrmCompany.objects.filter(Q(account__isnull=False) | ~Q(written={}), connection=connection)


def _soon(companies: QuerySet[CrmCompany], *, at: datetime) -> int:
    """Let their turn come now."""
    return companies.filter(Q(next_at=None) | Q(next_at__gt=at)).update(next_at=at)


def _waiting(connection: Connection) -> QuerySet[CrmCompany]:
    """Those that could be written now."""
    return CrmCompany.objects.filter(connection=connection, to_write_at__isnull=False, write_after=None)
