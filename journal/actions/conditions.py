"""Whether a row is plainly outside of what a constraint speaks of, by its own columns: then nobody need ask the database.

"Unique where a number was given" says nothing about a row without one. Where that can't be told for sure, it isn't said.
"""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q

PLAIN = (str, bool, int)
LISTED = (list, tuple, set, frozenset)


def is_outside(condition: Q | None, row: models.Model) -> bool:
    """Whether the condition is false of the row, which was cleaned before."""
    return condition is not None and _truth(condition, row) is False


def _truth(condition: Q, row: models.Model) -> bool | None:
    """As the database would answer; None where it may be either, or nobody knows, as with what is empty there."""
    found = [_truth(one, row) if isinstance(one, Q) else _holds(one, row) for one in condition.children]
    if condition.connector not in (Q.AND, Q.OR):
        return None
    decisive = condition.connector == Q.OR
    truth = decisive if decisive in found else None if None in found else not decisive
    return truth if truth is None or not condition.negated else not truth


def _holds(asked: Any, row: models.Model) -> bool | None:
    if not isinstance(asked, tuple):
        return None
    name, _, how = asked[0].partition("__")
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if not isinstance(field, models.Field) or not field.concrete:
        return None
    own, wanted = getattr(row, field.attname), asked[1]
    if how == "isnull":
        return (own is None) is bool(wanted)
    if field.is_relation or how not in ("", "exact", "in"):
        return None
    found = {_same(own, one) for one in (wanted if how == "in" and isinstance(wanted, LISTED) else (wanted,))}
    return True if True in found else None if None in found else False


def _same(own: Any, wanted: Any) -> bool | None:
    if not isinstance(own, PLAIN) or not isinstance(wanted, PLAIN) or isinstance(own, str) != isinstance(wanted, str):
        return None
    return bool(own == wanted)
