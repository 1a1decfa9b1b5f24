"""The story of how the tables came to be ends in the tables that the models describe."""

import sqlite3
from pathlib import Path

import pytest

from tests.journeys.desk import DATABASE, desk_in

pytestmark = pytest.mark.kill  # it only waits for processes, so that it begins first

STRAIGHT = "tests.journeys.straight_settings"


def shape_of(database: Path) -> dict[str, object]:
    """Each table's columns with their types and whether they may be empty; indexes and triggers by name."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        named = connection.execute("SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        shape: dict[str, object] = {
            f"{kind} {name}": table for kind, name, table in named if name != "django_migrations"
        }
        for table in {str(table) for table in shape.values()}:
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            shape[f"columns of {table}"] = sorted((name, kind, empty) for _, name, kind, empty, _, _ in columns)
    return shape


def test_migrating_makes_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    desk_in(tmp_path / "migrated").run("manage.py", "migrate", "--verbosity", "0")
    straight = desk_in(tmp_path / "straight", DJANGO_SETTINGS_MODULE=STRAIGHT)
    straight.run("manage.py", "migrate", "--run-syncdb", "--verbosity", "0")
    migrated, described = (shape_of(tmp_path / name / DATABASE) for name in ("migrated", "straight"))
    assert migrated == described
