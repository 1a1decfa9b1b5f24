"""Squashed migrations make at once what the migrations that they stand for come to."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import pytest_django
from django.db import ConnectionHandler
from django.db.migrations.state import ProjectState

from journal.squashing import TablesAtOnce

ROOT = Path(__file__).resolve().parents[2]
LANDED = {
    app: sorted((ROOT / app / "migrations").glob("0*.py")) for app in ("journal", "catalog", "entitlements", "support")
}


def test_what_writes_rows_is_not_left_out_unsaid() -> None:
    with pytest.raises(ValueError, match="0003_move_promises does more than shape tables"):
        TablesAtOnce("support", ["0003_move_promises"])
    assert TablesAtOnce("support", ["0003_move_promises"], rows_only=["0003_move_promises"]).changes == []


def test_tables_come_at_once_and_go_again(django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    connection = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})["default"]
    at_once = TablesAtOnce("catalog", ["0001_initial"])  # what it makes refers to no other app
    before, after = ProjectState(), ProjectState()
    at_once.state_forwards("catalog", after)
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            at_once.database_forwards("catalog", editor, before, after)
        assert set(connection.introspection.table_names()) == {f"catalog_{name}" for _, name in after.models}
        with connection.schema_editor() as editor:
            at_once.database_backwards("catalog", editor, after, before)
        assert connection.introspection.table_names() == []


@pytest.mark.parametrize("app", LANDED)
def test_one_squashed_migration_stands_for_the_first_ones_without_a_gap(app: str) -> None:
    names = [path.stem for path in LANDED[app]]
    (squashed,) = (name for name in names if "_squashed_" in name)
    replaced = [name for _, name in import_module(f"{app}.migrations.{squashed}").Migration.replaces]
    assert replaced == [name for name in names if name != squashed][: len(replaced)]
    assert squashed == f"0001_squashed_{replaced[-1]}"


def test_no_migration_depends_on_a_squashed_one() -> None:
    """`makemigrations` writes it so; but then the squashed one could never be taken out or made anew."""
    files = [path for paths in LANDED.values() for path in paths]
    assert not [path for path in files if re.search(r"[\"']\w+_squashed_\w+[\"']", path.read_text())]
