"""What every list of findings asks, whoever finds them: what is open comes first, how many are, what was done about one."""

from typing import Any

from django.db.models import Case, Model, QuerySet, Value, When

from entitlements.domain.billed.findings import FindingState
from journal.models import AuditEvent

OPEN_FIRST = Case(When(state=FindingState.OPEN, then=Value(0)), default=Value(1))
MOST_COUNTED = 99
MOST_BEFORE = 20


def count_open(findings: type[Model]) -> int:
    """How many are open, as far as a figure in the sidebar goes."""
    return findings._default_manager.filter(state=FindingState.OPEN).order_by()[: MOST_COUNTED + 1].count()


def deeds_about(same: QuerySet[Any]) -> list[AuditEvent]:
    """What was done about those that said the same, the newest first."""
    keys = [str(pk) for pk in same.order_by("-pk").values_list("pk", flat=True)[:MOST_BEFORE]]
    events = AuditEvent.objects.filter(subject_type=same.model._meta.model_name, subject_key__in=keys)
    return list(events.order_by("-seq")[:50])
