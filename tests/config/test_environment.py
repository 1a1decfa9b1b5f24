"""Settings from the environment: typed, and refused in words where they can't be right."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_a_postgresql_address_with_all_its_parts() -> None:
    settings = environment.database("postgresql://ana:s%40cret@db.example:5433/desk?sslmode=require")
    assert (settings["NAME"], settings["USER"], settings["PASSWORD"]) == ("desk", "ana", "s@cret")
    assert (settings["HOST"], settings["PORT"]) == ("db.example", "5433")
    assert settings["OPTIONS"] == {"sslmode": "require", "connect_timeout": "5", "tcp_user_timeout": "10000"}


def test_a_postgresql_socket() -> None:
    assert environment.database("postgresql://postgres:@/desk?host=/run/pg")["HOST"] == "/run/pg"


def test_another_database_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        environment.database("mysql://localhost/desk")


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("yes", True), ("False", False), ("no", False)])
def test_flags(monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    monkeypatch.setenv("DESK_X", text)
    assert environment.flag("DESK_X") is expected


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DESK_X"):
        environment.flag("DESK_X")


def test_a_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    first = environment.secret("DESK_NONE", kept_in=kept, required=False)
    assert environment.secret("DESK_NONE", kept_in=kept, required=False) == first
    assert len(first) > 50
    assert kept.stat().st_mode & 0o077 == 0


def test_in_production_a_secret_is_never_made_up(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="DESK_NONE"):
        environment.secret("DESK_NONE", kept_in=tmp_path / "secret", required=True)


@pytest.mark.parametrize("misspelt", ["Production", "prod", ""])
def test_a_misspelt_place_is_never_taken_for_the_demo(monkeypatch: pytest.MonkeyPatch, misspelt: str) -> None:
    monkeypatch.setenv("DESK_X", misspelt)
    with pytest.raises(ImproperlyConfigured, match="demo or production"):
        environment.one_of("DESK_X", ("demo", "production"))
