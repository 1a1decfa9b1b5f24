"""What was imported, and what files with the same headings were taken to mean."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count

from catalog.models import ImportRow, ImportRun
from catalog.models.import_run import RowOutcome, Stage

SEEN = (Stage.CHECKED, Stage.APPLYING, Stage.APPLIED, Stage.UNDOING, Stage.UNDONE)


def headings_digest(header: Sequence[str]) -> str:
    """The same for files with the same headings, however they are written."""
    folded = [" ".join(heading.split()).casefold() for heading in header]
    return hashlib.sha256(json.dumps(folded).encode()).hexdigest()


def remembered_mapping(*, kind: str, digest: str) -> dict[str, int]:
    """How the columns were named the last time a file with these headings was checked."""
    last = (
        ImportRun.objects.filter(kind=kind, header_digest=digest, stage__in=SEEN).order_by("-asked_at", "-pk").first()
    )
    return dict(last.mapping) if last else {}


def same_file(run: ImportRun) -> ImportRun | None:
    """The last time the very same file was applied."""
    earlier = ImportRun.objects.filter(sha256=run.sha256, kind=run.kind, applied_at__isnull=False).exclude(pk=run.pk)
    return earlier.order_by("-applied_at").first()


def outcomes_of(run: ImportRun) -> Mapping[str, int]:
    """How many rows came to what."""
    counted = run.rows.exclude(outcome="").values_list("outcome").annotate(Count("pk")).order_by()
    return {RowOutcome(outcome).value: number for outcome, number in counted}


def differences(row: ImportRow, headings: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a row changes, column by column: the heading, what stands there and what would."""
    if row.after is None:
        return []
    before = row.before or {}
    changed = [name for name, text in row.after.items() if text != before.get(name, "")]
    return [
        {"heading": headings.get(name, name), "before": before.get(name, ""), "after": row.after[name]}
        for name in changed
    ]
