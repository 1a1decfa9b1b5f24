"""The catalog's files from the command line."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Market
from journal.models import AuditEvent

pytestmark = pytest.mark.django_db
MARKETS = 'key,name,countries\nbenelux,Benelux,"NL, BE"\n'


def run(name: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def brought(folder: Path, text: str, **options: Any) -> str:
    file = folder / "markets.csv"
    file.write_text(text)
    return run("import_catalog", "markets", str(file), **options)


def test_a_file_is_checked_and_written(tmp_path: Path) -> None:
    assert brought(tmp_path, MARKETS) == "1 new, 0 changed, 0 as they are, 0 wrong.\n1 row written.\n"
    assert brought(tmp_path, MARKETS) == "0 new, 0 changed, 1 as they are, 0 wrong.\n"


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    assert "1 new" in brought(tmp_path, MARKETS, dry_run=True)
    assert not Market.objects.exists()


def test_wrong_rows_are_told_and_can_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 row can't be imported"):
        brought(tmp_path, MARKETS + "x,X,XX\n")
    assert "Row 3: Countries: " in brought(tmp_path, MARKETS + "x,X,XX\n", leave_out_wrong=True)
    assert Market.objects.count() == 1


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        run("import_catalog", "markets", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="is empty"):
        brought(tmp_path, "")


def test_records_are_written_to_the_file_its_name_says(tmp_path: Path) -> None:
    brought(tmp_path, MARKETS)
    run("export_catalog", "markets", to=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[1] == 'benelux,Benelux,"BE, NL"'
    run("export_catalog", "markets", to=tmp_path / "out.xlsx")
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")
    assert AuditEvent.objects.filter(verb="catalog:export").count() == 2


def test_a_form_there_is_none_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="let the name end in"):
        run("export_catalog", "markets", to=tmp_path / "out.pdf")
