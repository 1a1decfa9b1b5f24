"""The versions of one row, newest first, as an auditor reads them: when, who, what was done, why, and what changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import localize

from journal.models import AuditEvent

UNSAID = frozenset({"edits", "digest"})  # tokens of forms, of no interest to a reader; what keys are known by


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version; `event` is None only for what was written before its act was recorded."""

    at: datetime
    event: AuditEvent | None
    changes: tuple[tuple[str, str, str], ...]  # what, before, after


def version_lines(row: models.Model) -> list[VersionLine]:
    versions = list(row.history.order_by("history_date", "history_id"))  # type: ignore[attr-defined]
    events = AuditEvent.objects.in_bulk({version.history_change_reason for version in versions})
    by_id = {str(key): event for key, event in events.items()}
    lines = [
        VersionLine(newer.history_date, by_id.get(newer.history_change_reason), tuple(_changes(older, newer)))
        for older, newer in pairwise([None, *versions])
    ]
    return lines[::-1]


def _changes(older: Any, newer: Any) -> Iterator[tuple[str, str, str]]:
    for field in newer.instance_type._meta.local_concrete_fields:
        if not hasattr(newer, field.attname):
            continue  # a secret, of which no version is kept
        before = None if older is None else getattr(older, field.attname)
        after = getattr(newer, field.attname)
        if (
            before != after
            and not field.primary_key
            and field.name not in UNSAID
            and not (older is None and after == "")
        ):
            yield str(field.verbose_name).capitalize(), _words(field, before), _words(field, after)


def _words(field: Any, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if field.is_relation:
        try:
            return str(field.related_model._base_manager.get(pk=value))
        except ObjectDoesNotExist:
            return str(value)
    if isinstance(value, datetime):
        return str(localize(timezone.localtime(value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(part[-1]) if isinstance(part, list) else str(part) for part in value)
    return str(dict(field.flatchoices).get(value, value)) if isinstance(value, str | int) else str(value)
