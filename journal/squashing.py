"""A database that has no tables yet gets those of an app at once, as its landed migrations leave them in the end.

Migrating one change after another draws dozens of models anew at each of a thousand changes, for tables that nobody
has written a row into. A squashed migration with `TablesAtOnce` walks the same changes on paper, and then makes what
they came to. It says nothing twice: the changes stay in the migrations that it stands for (docs/adr/0029).
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import fields, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

PLAIN = {fields.__name__, models.__name__}  # what only shapes tables; anything else might write rows


class TablesAtOnce(Operation):
    """What the migrations named come to. Those of `rows_only` move rows that stood before, so that none are left out."""

    def __init__(self, app_label: str, names: Sequence[str], rows_only: Sequence[str] = ()) -> None:
        self.app_label, self.names, self.rows_only = app_label, names, rows_only
        self.changes = [change for name in names for change in self._changes_of(name)]

    def _changes_of(self, name: str) -> list[Operation]:
        operations: list[Operation] = import_module(f"{self.app_label}.migrations.{name}").Migration.operations
        plain = [change for change in operations if type(change).__module__ in PLAIN]
        if plain != operations and name not in self.rows_only:
            raise ValueError(f"{self.app_label} {name} does more than shape tables; is it about rows only?")
        return plain

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # drawn models would be drawn anew at every change
        for change in self.changes:
            change.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for model in reversed(self._models(app_label, schema_editor, from_state)):
            schema_editor.delete_model(model)

    def _models(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> list[type[Model]]:
        drawn = state.apps.get_app_config(app_label).get_models()
        return [model for model in drawn if self.allow_migrate_model(schema_editor.connection.alias, model)]

    def describe(self) -> str:
        return f"Make the tables of {self.app_label} as {self.names[-1]} leaves them"
