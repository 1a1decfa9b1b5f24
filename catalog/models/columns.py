"""Columns that several tables of the catalog share, so that a key or a choice is the same thing everywhere."""

from enum import StrEnum
from typing import Any

from django.core.validators import RegexValidator
from django.db import models

KEY_RULE = RegexValidator(
    r"^[a-z][a-z0-9_]*$",
    "Use small letters, digits and underscores, starting with a letter, for example database_size.",
)


def key_column(*, what: str, **options: Any) -> models.CharField:
    options.setdefault("unique", True)
    return models.CharField(
        max_length=64, validators=[KEY_RULE], help_text=f"How engineers call the {what}; it never changes.", **options
    )


def choice_column(choices: type[StrEnum], *, blank: bool = False, **options: Any) -> models.CharField:
    return models.CharField(
        max_length=24,
        choices=[(choice.value, words_of(choice)) for choice in choices],
        blank=blank,
        **({"default": ""} if blank else {}) | options,
    )


def words_of(choice: StrEnum) -> str:
    return getattr(choice, "words", None) or choice.value.replace("_", " ").capitalize()


def one_of(name: str, column: str, choices: type[StrEnum], *, blank: bool = False) -> models.CheckConstraint:
    """The database too knows the words a column may hold."""
    values = [choice.value for choice in choices] + ([""] if blank else [])
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": values}), name=name)
