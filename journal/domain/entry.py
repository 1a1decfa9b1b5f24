"""How an audit event is spelled for its digest: the same on any database, now and in ten years.

Adding a column means a new spelling beside this one, never a change of it: old digests must still be met.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

SEALED = (
    "id",
    "seq",
    "at",
    "actor_kind",
    "actor_key",
    "actor_name",
    "verb",
    "subject_type",
    "subject_key",
    "subject_label",
    "account_key",
    "reason",
    "changes",
)


def spell(columns: Mapping[str, Any]) -> dict[str, object]:
    """The sealed columns as plain values: ids as text, the instant in UTC to the microsecond."""
    at = columns["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return {**columns, "id": str(columns["id"]), "at": at}
