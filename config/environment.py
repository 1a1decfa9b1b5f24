"""Typed readers for the environment: every setting that differs between machines comes through here."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# A server that is silent is noticed in seconds, also by a request that is already on its way; a URL may say otherwise.
NOTICED = {"connect_timeout": "5", "tcp_user_timeout": "10000"}
ENGINES = {"postgres": "postgresql", "postgresql": "postgresql", "sqlite": "sqlite3"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() not in {"1", "0", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value.lower() in {"1", "true", "yes"}


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """One of the choices, the first if nothing is set; a misspelt one is never taken for another."""
    value = os.environ.get(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, *, kept_in: Path, required: bool) -> str:
    """A secret from the environment; on a demo machine one is made once and kept in a private file."""
    if value := os.environ.get(name):
        return value
    if required:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    if not kept_in.exists():
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        draft = kept_in.with_name(f"{kept_in.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # only one of several processes starting at once wins
            os.link(draft, kept_in)
        draft.unlink()
    return kept_in.read_text().strip()


def database(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name` or `sqlite:///path` as Django's settings."""
    parts = urlsplit(url)
    engine = ENGINES.get(parts.scheme)
    if engine is None:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgresql:// or sqlite://, not {parts.scheme!r}.")
    if engine == "sqlite3":
        return sqlite(Path(unquote(parts.path.removeprefix("/"))))
    options = NOTICED | dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON;"
            ),
        },
    }
