"""A page about one row that someone else may edit at the same time."""

from typing import Any, TypeVar

from django.db import models

from journal.admin.base import version_of
from journal.domain.refusal import Stale

Row = TypeVar("Row", bound=models.Model)


def token_of(*rows: models.Model) -> str:
    """What a form carries, so that it is refused once one of the rows it showed has changed."""
    return "-".join(version_of(row)[:16] for row in rows)


def refuse_stale(token: str, *rows: Any) -> None:
    if token != token_of(*rows):
        raise Stale()
