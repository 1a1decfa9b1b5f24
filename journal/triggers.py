"""What the database itself refuses, in one registry.

Apps register rules in AppConfig.ready(). They are installed after every migration, on both engines, because
Django's table rebuilds silently drop SQLite's triggers; and they are taken off before migrations that have something
to do, because neither engine alters a table whose columns a trigger names. `suspended` is the one other way round,
for the flush between tests and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import truncate_name
from django.db.models import Field, Model
from simple_history.models import HistoricalChanges

PREFIX = "desk_"
LONGEST_NAME = 63  # PostgreSQL cuts longer names silently


@dataclass(frozen=True, slots=True)
class Trigger:
    """One named trigger on one table: the statements that make it, in order. `writes` is the table it writes into."""

    name: str
    table: str
    statements: tuple[str, ...]
    writes: str = ""


class Rule(Protocol):
    """What can be registered. Other apps may bring rules of their own."""

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]: ...


@dataclass(frozen=True, slots=True)
class Immutable:
    """Rows are written once: no update, no delete, no truncation."""

    model_label: str

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        table = _model(self.model_label)._meta.db_table
        message = f"desk: {table} is append-only"
        made = [_row_trigger(table, event, "", message, vendor=vendor) for event in ("UPDATE", "DELETE")]
        return (
            *made,
            *self._no_replacement(table, message, vendor=vendor),
            *_no_truncate(table, message, vendor=vendor),
        )

    def _no_replacement(self, table: str, message: str, *, vendor: str) -> tuple[Trigger, ...]:
        """SQLite's REPLACE deletes without a delete trigger, unless the connection asked for recursive ones."""
        if vendor != "sqlite":
            return ()
        unique = [field.column for field in _model(self.model_label)._meta.local_concrete_fields if field.unique]
        taken = " OR ".join(f'"{column}" = NEW."{column}"' for column in unique)
        exists = f'EXISTS (SELECT 1 FROM "{table}" WHERE {taken})'  # noqa: S608 — our own table and columns
        return (_row_trigger(table, "INSERT", exists, message, vendor=vendor),)


@dataclass(frozen=True, slots=True)
class ImmutableVersions:
    """Every table of versions, whatever model it belongs to, is immutable: a new one needs no registration."""

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        labels = [model._meta.label for model in apps.get_models() if issubclass(model, HistoricalChanges)]
        return tuple(trigger for label in labels for trigger in Immutable(label).triggers(vendor=vendor))


@dataclass(frozen=True, slots=True)
class Frozen:
    """Rows for which `when` holds (written over OLD) may no more be deleted, nor changed except in some columns.

    A change may not lead out of the frozen state either: the same condition must still hold over NEW.
    """

    model_label: str
    when: str
    allow_columns: tuple[str, ...] = ()
    called: str = "published"

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        model = _model(self.model_label)
        table = model._meta.db_table
        message = f"desk: a {self.called} {table} never changes"
        differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
        changed = [
            f'OLD."{field.column}" {differs} NEW."{field.column}"'
            for field in model._meta.local_concrete_fields
            if field.column not in self.allow_columns
        ]
        thawed = f"NOT ({self.when.replace('OLD.', 'NEW.')})"
        update = f"({self.when}) AND ({' OR '.join([*changed, thawed])})"
        return (
            _row_trigger(table, "UPDATE", update, message, vendor=vendor),
            _row_trigger(table, "DELETE", self.when, message, vendor=vendor),
            *_no_truncate(table, message, vendor=vendor),
        )


@dataclass(frozen=True, slots=True)
class FrozenChild:
    """Rows of a frozen parent may be neither added nor changed nor deleted; `when` is written over the parent."""

    model_label: str
    parent_label: str
    fk: str
    when: str

    def triggers(self, *, vendor: str) -> tuple[Trigger, ...]:
        model = _model(self.model_label)
        table = model._meta.db_table
        message = f"desk: a published {table} never changes"
        made = [self._trigger(event, message, vendor=vendor) for event in ("INSERT", "UPDATE", "DELETE")]
        return (*made, *_no_truncate(table, message, vendor=vendor))

    def _trigger(self, event: str, message: str, *, vendor: str) -> Trigger:
        table = _model(self.model_label)._meta.db_table
        column = _column(self.model_label, self.fk)
        sides = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[event]
        keys = [f'{side}."{column}"' for side in sides]
        if vendor != "sqlite":
            return self._postgresql(table, event, keys, message)
        parent = _model(self.parent_label)._meta
        conditions = [
            f'EXISTS (SELECT 1 FROM "{parent.db_table}" WHERE "{parent.pk.column}" = {key} AND ({self.when}))'  # noqa: S608
            for key in keys
        ]
        return _row_trigger(table, event, " OR ".join(conditions), message, vendor=vendor)

    def _postgresql(self, table: str, event: str, keys: list[str], message: str) -> Trigger:
        """A function of its own: it locks the parent, so that a child cannot slip in while the parent freezes."""
        parent = _model(self.parent_label)._meta
        name = _name(table, event)
        checks = "\n".join(
            f'SELECT ({self.when}) INTO frozen FROM "{parent.db_table}" WHERE "{parent.pk.column}" = {key} FOR SHARE;\n'  # noqa: S608
            f"IF frozen THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            for key in keys
        )
        returned = "OLD" if event == "DELETE" else "NEW"
        function = (
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $desk$\n'
            f"DECLARE frozen boolean;\nBEGIN\n{checks}\nRETURN {returned};\nEND $desk$"
        )
        trigger = f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()'
        return Trigger(name, table, (function, trigger))


_rules: list[Rule] = []


def register(rule: Rule) -> None:
    if rule not in _rules:
        _rules.append(rule)


def expected(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """The names of the triggers that should stand in this database."""
    return frozenset(trigger.name for trigger in _wanted(connection))


def installed(connection: BaseDatabaseWrapper) -> frozenset[str]:
    """The names of the desk's triggers that do stand in this database."""
    return frozenset(name for name, _table in _standing(connection))


def install(connection: BaseDatabaseWrapper) -> None:
    """Put up every rule whose table exists, replacing what stood there."""
    # In one transaction, or each of a hundred statements waits for the disk.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        uninstall(connection)
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(_REFUSE)
        for trigger in _wanted(connection):
            if {trigger.table, trigger.writes or trigger.table} <= tables:
                for statement in trigger.statements:
                    cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name, table in _standing(connection):
            on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without triggers inside the block: for the flush between tests, and for nothing else."""
    uninstall(connection)
    try:
        yield
    finally:
        install(connection)


def reinstall_after_migrations(*, using: str, **_: Any) -> None:
    install(connections[using])


def uninstall_before_migrations(*, using: str, plan: list[Any], **_: Any) -> None:
    if plan:
        uninstall(connections[using])


# Shared by all rules that need nothing but a condition: the message comes as the trigger's argument.
_REFUSE = """
CREATE OR REPLACE FUNCTION desk_refuse() RETURNS trigger LANGUAGE plpgsql AS $desk$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $desk$
"""


def _row_trigger(table: str, event: str, condition: str, message: str, *, vendor: str) -> Trigger:
    name = _name(table, event)
    head = f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW'
    when = f" WHEN ({condition})" if condition else ""
    if vendor == "sqlite":
        return Trigger(name, table, (f"{head}{when} BEGIN SELECT RAISE(ABORT, '{message}'); END",))
    return Trigger(name, table, (f"{head}{when} EXECUTE FUNCTION desk_refuse('{message}')",))


def _no_truncate(table: str, message: str, *, vendor: str) -> tuple[Trigger, ...]:
    """TRUNCATE fires no row trigger on PostgreSQL; SQLite has no TRUNCATE."""
    if vendor == "sqlite":
        return ()
    name = _name(table, "TRUNCATE")
    make = f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION desk_refuse(\'{message}\')'
    return (Trigger(name, table, (make,)),)


def _wanted(connection: BaseDatabaseWrapper) -> list[Trigger]:
    return [trigger for rule in _rules for trigger in rule.triggers(vendor=connection.vendor)]


def _standing(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    if connection.vendor == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(name, table) for name, table in cursor.fetchall() if name.startswith(PREFIX)]


def _name(table: str, event: str) -> str:
    return truncate_name(f"{PREFIX}{table}_{event.lower()}", LONGEST_NAME)


def _column(label: str, field: str) -> str:
    found = _model(label)._meta.get_field(field)
    assert isinstance(found, Field)
    return str(found.column)


def _model(label: str) -> type[Model]:
    return apps.get_model(label)
