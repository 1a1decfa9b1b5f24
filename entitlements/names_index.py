"""The index that finds a customer's name in spite of a typo: what each engine needs beside the tables of the models.

On SQLite a full-text table of three-letter groups, which triggers keep in step with every write, bulk ones too; on
PostgreSQL an index of `pg_trgm`, which keeps itself. Both are put up after every migration, so that neither a rebuilt
table nor a database made without migrations lacks them. Any owner of a PostgreSQL database may create the extension;
where that was forbidden, it is said who can, and until then names are found by reading them all.
"""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from journal.triggers import PREFIX, Trigger

ACCOUNTS = "entitlements_account"
TABLE = "entitlements_account_names"
INDEX = "entitlements_account_name_trgm"

LOGGER = logging.getLogger(__name__)
WITHOUT = (
    "Everything works, but mistyped names of customers are searched slowly: that takes PostgreSQL's extension pg_trgm, "
    "which this role could not create. Let an administrator run CREATE EXTENSION pg_trgm in this database, then run "
    "migrate again."
)

_ADD = f'INSERT INTO "{TABLE}" (rowid, name) '
_DROP = f'DELETE FROM "{TABLE}" WHERE rowid = OLD."id"'  # noqa: S608
_NEW = f"""{_ADD} VALUES (NEW."id", ' ' || NEW."name" || ' ')"""


@dataclass(frozen=True, slots=True)
class NamesKept:
    """On SQLite: the table is filled anew whenever its triggers are put up, for what was written without them."""

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        if vendor != "sqlite":
            return ()
        on = f'ON "{ACCOUNTS}" FOR EACH ROW'
        name = f"{PREFIX}{ACCOUNTS}_named"
        fill = (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS \"{TABLE}\" USING fts5(name, tokenize = 'trigram')",
            f'DELETE FROM "{TABLE}"',  # noqa: S608
            f"""{_ADD} SELECT "id", ' ' || "name" || ' ' FROM "{ACCOUNTS}\"""",  # noqa: S608
        )
        return (
            Trigger(
                f"{name}_insert",
                ACCOUNTS,
                (*fill, f'CREATE TRIGGER "{name}_insert" AFTER INSERT {on} BEGIN {_NEW}; END'),
            ),
            Trigger(
                f"{name}_update",
                ACCOUNTS,
                (f'CREATE TRIGGER "{name}_update" AFTER UPDATE OF "id", "name" {on} BEGIN {_DROP}; {_NEW}; END',),
            ),
            Trigger(
                f"{name}_delete", ACCOUNTS, (f'CREATE TRIGGER "{name}_delete" AFTER DELETE {on} BEGIN {_DROP}; END',)
            ),
        )


def install(*, using: str, **_: Any) -> None:
    """On PostgreSQL: the extension, and the index over names as they are compared. Nothing else waits for them."""
    connection = connections[using]
    if connection.vendor != "postgresql" or ACCOUNTS not in connection.introspection.table_names():
        return
    if refused := _extension_refused(connection):
        LOGGER.warning("%s PostgreSQL said: %s", WITHOUT, refused)
        return
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE INDEX IF NOT EXISTS "{INDEX}" ON "{ACCOUNTS}" USING gin (upper("name") gin_trgm_ops)')


def _extension_refused(connection: BaseDatabaseWrapper) -> str:
    """Why there is no extension; empty: there is one by now."""
    if has_trigrams(connection):
        return ""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except Error as refused:
        return str(refused).strip()
    return "" if has_trigrams(connection) else "it stands in a schema that this role does not search."


def has_trigrams(connection: BaseDatabaseWrapper) -> bool:
    """Whether what the extension brings can be called, wherever it was put."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('word_similarity(text,text)') IS NOT NULL")
        return bool(cursor.fetchone()[0])
