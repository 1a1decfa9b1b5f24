"""The counters under an operation: locked in one order, made from their events where there are none yet, and written.

Plain SQL, the same on both engines: this is the hottest path of the desk.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection

from entitlements.actions.usage.overlaps import outdate_overlapping
from entitlements.actions.usage.rows import Row, Statement, encoded, given, stored, whole, write
from entitlements.domain.usage.charging import Line, Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.models import UsageCounter
from entitlements.queries.usage.tallies import is_outdated, told_anew

READ = """
SELECT one.id, one.account_id, one.feature_id, one.starts_at, one.subject, one.choice,
    one.used, one.held, one.total, one.events, one.latest_at, one.since, one.ends_at
FROM {given} JOIN entitlements_usagecounter one ON {same}
ORDER BY one.account_id, one.feature_id, one.starts_at, one.subject, one.choice{lock}
"""
WRITE = """
UPDATE entitlements_usagecounter AS one
SET used = given.used, held = given.held, total = given.total, events = given.events, latest_at = given.latest_at,
    since = given.since, ends_at = given.ends_at, updated_at = given.updated_at
FROM {given} WHERE one.id = given.id
"""
NAMED = {
    "account_id": "bigint",
    "feature_id": "bigint",
    "starts_at": "timestamptz",
    "subject": "text",
    "choice": "text",
}
BY_NAME = " AND ".join(f"one.{column} = given.{column}" for column in NAMED)
SAID = {
    "id": "bigint",
    "used": "bigint",
    "held": "bigint",
    "total": "bigint",
    "events": "bigint",
    "latest_at": "timestamptz",
    "since": "timestamptz",
    "ends_at": "timestamptz",
    "updated_at": "timestamptz",
}


class NotTogether(Exception):
    """These operations can't be counted in one go, only one after the other."""


class Counters:
    """The locked counters of one transaction: what they say, until when they count, and which rows they are."""

    def __init__(self) -> None:
        self.ends: dict[CounterKey, datetime | None] = {}
        self.ids: dict[CounterKey, int] = {}
        self.said: dict[CounterKey, Tallied] = {}
        self.changed: set[CounterKey] = set()

    def set(self, key: CounterKey, tallied: Tallied) -> None:
        if self.said[key] != tallied:
            self.said[key] = tallied
            self.changed.add(key)


def lock_counters(lines: Iterable[Line], *, at: datetime, beside: Sequence[int] = ()) -> Counters:
    """Lock the counters of these lines in the one order; those that aren't there yet are made from their events.
    `beside` are the ids of others to lock with them.

    A counter is found by its start. Where a plan has begun to start its periods otherwise, one with the same start may
    count to another end; it is then worked out again, as is one that was passed by meanwhile. NotTogether where the lines themselves want two ends of one.
    """
    wanted: dict[CounterKey, Line] = {}
    for line in lines:
        if wanted.setdefault(line.key, line).end != line.end:
            raise NotTogether
    keys = sorted(wanted)
    found = Counters()
    _read(found, sorted({*keys, *_named(beside)}))
    missing = [key for key in keys if key not in found.ids]
    if missing:
        made = [_made(wanted[key], at) for key in missing]
        UsageCounter.objects.bulk_create(made, ignore_conflicts=True)
        _read(found, missing)
    outdated = [key for key in keys if is_outdated(found.said[key], found.ends[key], wanted[key])]
    for key in outdated:
        found.said[key] = told_anew(wanted[key], before=found.said[key])
        found.ends[key] = wanted[key].end
        found.changed.add(key)
    for key in (*missing, *outdated):
        outdate_overlapping(wanted[key], but=keys)
    return found


def lock_by_id(ids: Sequence[int], found: Counters, *, wait: bool = True) -> None:
    """Lock further counters, such as those a hold stands on; not `wait`: but for those that somebody else has."""
    _fill(found, {"id": "bigint"}, "one.id = given.id", [{"id": pk} for pk in dict.fromkeys(ids)], wait=wait)


def _named(ids: Sequence[int]) -> list[CounterKey]:
    rows = UsageCounter.objects.filter(pk__in=ids).order_by() if ids else ()
    return [CounterKey(row.account_id, row.feature_id, row.starts_at, row.subject, row.choice) for row in rows]


def _read(found: Counters, keys: Sequence[CounterKey]) -> None:
    rows = [
        {
            "account_id": key.account_id,
            "feature_id": key.feature_id,
            "starts_at": stored(key.start),
            "subject": key.subject,
            "choice": key.choice,
        }
        for key in keys
    ]
    _fill(found, NAMED, BY_NAME, rows)


def _fill(found: Counters, columns: Mapping[str, str], same: str, rows: Sequence[Row], *, wait: bool = True) -> None:
    if not rows:
        return
    lock = " FOR UPDATE OF one" if connection.vendor == "postgresql" else ""
    lock += " SKIP LOCKED" if lock and not wait else ""
    with connection.cursor() as cursor:
        cursor.execute(READ.format(given=given(connection.vendor, **columns), same=same, lock=lock), [encoded(rows)])
        for row in cursor.fetchall():
            key = CounterKey(row[1], row[2], _read_instant(row[3]), row[4], row[5])
            if key not in found.ids:
                found.ids[key] = row[0]
                latest = None if row[10] is None else _read_instant(row[10])
                amounts = (Decimal(row[6]), Decimal(row[7]), Decimal(row[8]))
                found.said[key] = Tallied(*amounts, row[9], latest, _read_instant(row[11]))
                found.ends[key] = None if row[12] is None else _read_instant(row[12])


def write_counters(counters: Counters, *, at: datetime) -> None:
    """Write what changed, in the order of the locks."""
    write(counters_to_write(counters, at=at))


def counters_to_write(counters: Counters, *, at: datetime) -> Statement:
    rows, updated_at = [], stored(at)
    for key in sorted(counters.changed):
        said, end = counters.said[key], counters.ends[key]
        rows.append(
            {
                "id": counters.ids[key],
                "used": whole(said.used),
                "held": whole(said.held),
                "total": whole(said.total),
                "events": said.events,
                "latest_at": None if said.latest_at is None else stored(said.latest_at),
                "since": stored(said.since or key.start),
                "ends_at": None if end is None else stored(end),
                "updated_at": updated_at,
            }
        )
    return Statement(WRITE, SAID, rows)


def _made(line: Line, at: datetime) -> UsageCounter:
    """A counter of what has come in already: a plan that starts its periods otherwise never zeroes use."""
    key, came = line.key, told_anew(line)
    return UsageCounter(
        account_id=key.account_id,
        feature_id=key.feature_id,
        subject=key.subject,
        choice=key.choice,
        starts_at=key.start,
        ends_at=line.end,
        since=came.since or key.start,
        used=int(came.used),
        held=0,
        total=int(came.total),
        events=came.events,
        latest_at=came.latest_at,
        updated_at=at,
    )


def _read_instant(stored: datetime) -> datetime:
    """SQLite gives an instant without its zone where the ORM isn't asked; what is stored is UTC."""
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)
