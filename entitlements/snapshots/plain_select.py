"""Rows by equality and by membership, whose SQL is written once.

A snapshot asks the same two dozen questions for every account, and building such a query anew costs Django several
times what answering it costs the database. What is asked in any other way goes to Django.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

Converters = dict[int, tuple[list[Callable[..., Any]], Any]]
MOST_VALUES = 500  # more of them, and the statement wouldn't be met again


class _Table(NamedTuple):
    """How rows of a model are read: the beginning of the statement, the columns' names and their conversions."""

    select: str
    names: tuple[str, ...]
    converters: Converters


def select(model: type[Model], **filters: Any) -> list[Any] | None:
    """The rows in order of their primary key; None where Django has to ask. Filters are columns, or columns with __in."""
    connection = connections[DEFAULT_DB_ALIAS]
    where, params = [], []
    for lookup, value in filters.items():
        name, _, how = lookup.partition("__")
        many = how == "in"
        if (how and not many) or (many and len(value) > MOST_VALUES) or value is None or isinstance(value, Model):
            return None
        if many and not value:
            return []
        field = _field(model, name)
        where.append((name, len(value) if many else 0))
        params += [field.get_db_prep_value(each, connection) for each in (value if many else (value,))]
    table = _table(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, tuple(where), connection.vendor), params)
        rows = _converted(cursor.fetchall(), table.converters, connection)
        return [model.from_db(DEFAULT_DB_ALIAS, table.names, row) for row in rows]


@lru_cache(maxsize=2000)
def _statement(model: type[Model], where: tuple[tuple[str, int], ...], vendor: str) -> str:
    """`where` are names with the number of values, 0 for one alone."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    conditions = [
        f"{quote(_field(model, name).column)} " + (f"IN ({', '.join(['%s'] * many)})" if many else "= %s")
        for name, many in where
    ]
    narrowed = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"{_table(model, vendor).select}{narrowed} ORDER BY {quote(_field(model, model._meta.pk.name).column)}"


@lru_cache(maxsize=200)
def _table(model: type[Model], vendor: str) -> _Table:
    connection = connections[DEFAULT_DB_ALIAS]
    quote, fields = connection.ops.quote_name, list(model._meta.concrete_fields)
    compiler = connection.ops.compiler("SQLCompiler")(model._base_manager.all().query, connection, DEFAULT_DB_ALIAS)
    converters = compiler.get_converters([field.get_col(model._meta.db_table) for field in fields])
    columns = ", ".join(quote(field.column) for field in fields if field.column)
    select = f"SELECT {columns} FROM {quote(model._meta.db_table)}"  # noqa: S608 — our own table and columns
    return _Table(select, tuple(field.attname for field in fields), converters)


@lru_cache(maxsize=2000)
def _field(model: type[Model], name: str) -> Any:
    """A column by the name of its field or by its own: account, account_id."""
    return next(field for field in model._meta.concrete_fields if name in (field.name, field.attname))


def _converted(rows: Iterable[Any], converters: Converters, connection: BaseDatabaseWrapper) -> Iterable[list[Any]]:
    for row in map(list, rows):
        for place, (conversions, expression) in converters.items():
            for convert in conversions:
                row[place] = convert(row[place], expression, connection)
        yield row
