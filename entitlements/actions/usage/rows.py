"""Many rows in one statement as one parameter: one round trip however many they are, and the same on both engines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.db import connection

LARGEST = 2**63 - 1
Row = Mapping[str, Any]


@cache
def given(vendor: str, **columns: str) -> str:
    """What stands in FROM for the rows of the parameter; columns by their PostgreSQL types. It is named `given`."""
    if vendor == "postgresql":
        kinds = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        return f"json_to_recordset(%s::json) AS given({kinds})"
    arrow = {"jsonb": "->"}
    read = ", ".join(f"value {arrow.get(kind, '->>')} '$.{name}' AS \"{name}\"" for name, kind in columns.items())
    return f"(SELECT {read} FROM json_each(%s)) AS given"  # noqa: S608 — our own words


class Statement(NamedTuple):
    """A statement with `{given}` where its rows stand, their columns, and the rows."""

    sql: str
    columns: Mapping[str, str]
    rows: Sequence[Row]


def write(*statements: Statement) -> None:
    """Write the rows of each, in order; on PostgreSQL in one round trip."""
    told = [
        (one.sql.format(given=given(connection.vendor, **one.columns)), encoded(one.rows))
        for one in statements
        if one.rows
    ]
    if not told:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(";".join(sql for sql, _ in told), [rows for _, rows in told])
        else:
            for sql, rows in told:
                cursor.execute(sql, [rows])


def encoded(rows: Sequence[Row]) -> str:
    return msgspec.json.encode(rows).decode()


def stored(at: datetime) -> str:
    """An instant as the engine keeps it."""
    return at.isoformat() if connection.vendor == "postgresql" else str(connection.ops.adapt_datetimefield_value(at))


def whole(amount: Decimal | int) -> int:
    """As it is stored; OverflowError for more than a column holds, which SQLite would make a float of."""
    number = int(amount)
    if abs(number) > LARGEST:
        raise OverflowError(f"{number} is more than can be stored.")
    return number
