"""Reading on in the log of changes, so that none is missed: neither by numbers that commit late nor by reading twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from entitlements.models import FactsChange
from entitlements.models.facts_change import EVERYBODY

TABLE = FactsChange._meta.db_table

# On PostgreSQL a transaction with an earlier id may commit later, and its rows have earlier numbers. So it is read on
# from the oldest transaction that was still open at the last reading: all before it were finished, and seen or undone.
_POSTGRESQL = (
    f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, told.id, told.account_id, told.transaction_id "  # noqa: S608
    f'FROM (SELECT 1) one LEFT JOIN "{TABLE}" told ON told.transaction_id >= %s'
)
_POSTGRESQL_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_POSTGRESQL_OWN = (
    f'SELECT EXISTS (SELECT 1 FROM "{TABLE}" WHERE transaction_id = pg_current_xact_id_if_assigned()::text::bigint)'  # noqa: S608
)
_POSTGRESQL_UNTOLD = (
    f'SELECT id FROM "{TABLE}" WHERE transaction_id >= %s AND (account_id IS NULL OR account_id = {EVERYBODY})'  # noqa: S608
)

# SQLite has one writer at a time, so that numbers are committed in their order.
_SQLITE = f'SELECT id, account_id FROM "{TABLE}" WHERE id > %s ORDER BY id'  # noqa: S608
_SQLITE_NOW = f'SELECT COALESCE(MAX(id), 0) FROM "{TABLE}"'  # noqa: S608
_SQLITE_OWN = f'SELECT EXISTS (SELECT 1 FROM "{TABLE}" WHERE id > %s)'  # noqa: S608
_SQLITE_UNTOLD = f'SELECT id FROM "{TABLE}" WHERE id > %s AND (account_id IS NULL OR account_id = {EVERYBODY})'  # noqa: S608


@dataclass(slots=True)
class Log:
    """How far one process has read. Use it by one thread at a time."""

    mark: int | None = None
    version: int = 0  # the number of the newest change taken up
    seen: dict[int, int] = field(default_factory=dict)  # by number, the transactions that may not have been the last

    def read(self, connection: BaseDatabaseWrapper) -> Sequence[int | None]:
        """The accounts that were changed since the last reading, None for the catalog; at first nothing is."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                return self._read_postgresql(cursor)
            if self.mark is None:
                cursor.execute(_SQLITE_NOW)
                self.mark = self.version = cursor.fetchone()[0]
                return ()
            cursor.execute(_SQLITE, [self.mark])
            rows = cursor.fetchall()
            if rows:
                self.mark = self.version = rows[-1][0]
            return [account_id for _number, account_id in rows]

    def _read_postgresql(self, cursor: Any) -> Sequence[int | None]:
        first = self.mark is None
        if first:
            cursor.execute(_POSTGRESQL_NOW)
            self.mark = cursor.fetchall()[0][0]
        cursor.execute(_POSTGRESQL, [self.mark])
        rows = cursor.fetchall()
        found = [(number, account_id, xid) for _low, number, account_id, xid in rows if number is not None]
        fresh = [account_id for number, account_id, _xid in found if number not in self.seen]
        self.mark = rows[0][0]
        self.seen = {number: xid for number, _account, xid in found if xid >= self.mark}
        self.version = max((self.version, *(number for number, _account, _xid in found)))
        return () if first else fresh

    def written_here(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether the transaction that is open on this connection has changed facts itself (or others have just now)."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(_POSTGRESQL_OWN)
            else:
                cursor.execute(_SQLITE_OWN, [self.mark or 0])
            return bool(cursor.fetchone()[0])

    def has_untold(self, connection: BaseDatabaseWrapper) -> bool:
        """Whether the catalog, or everything, was changed since the last reading: committed by others, or written in the
        transaction that is open on this connection."""
        if self.mark is None:
            return True
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL_UNTOLD if connection.vendor == "postgresql" else _SQLITE_UNTOLD, [self.mark])
            return any(number not in self.seen for (number,) in cursor.fetchall())
