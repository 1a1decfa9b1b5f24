"""Who may decide what waits, and what waits for whom."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from journal.approvals import handler_of, kinds
from journal.domain.waiting import REMINDED_AFTER, reminder_due
from journal.models import Approval, Staff

BACKEND = "django.contrib.auth.backends.ModelBackend"


def deciders_of(approval: Approval) -> list[Staff]:
    """Everybody at work who may decide it: never the one who asked, and only of the role it names, if it names one."""
    rows = Staff.objects.with_perm(handler_of(approval.kind).permission, backend=BACKEND)
    if approval.approver_role:
        rows = rows.filter(groups__name=approval.approver_role)
    return [one for one in rows.distinct().order_by("pk") if f"staff:{one.pk}" != approval.requested_by_key]


def waiting_for(user: Any) -> QuerySet[Approval]:
    """What this member of staff can decide and nobody has yet, the oldest first."""
    decides = [kind for kind in kinds() if user.has_perm(handler_of(kind).permission)]
    of_role = Q(approver_role="") | Q(approver_role__in=user.groups.values("name"))
    rows = Approval.objects.filter(of_role, state=Approval.State.PENDING, kind__in=decides)
    return rows.exclude(requested_by_key=f"staff:{user.pk}").order_by("requested_at", "pk")


def decides_anything(user: Any) -> bool:
    return any(user.has_perm(handler_of(kind).permission) for kind in kinds())


def may_decide(approval: Approval, *, user: Any, roles: Collection[str]) -> bool:
    """Whether this member of staff decides it, if nobody has yet."""
    if f"staff:{user.pk}" == approval.requested_by_key or not user.has_perm(handler_of(approval.kind).permission):
        return False
    return not approval.approver_role or approval.approver_role in roles


def overdue(*, at: datetime) -> list[Approval]:
    """What has waited for longer than it should; what nobody here can decide any more is left out."""
    asked = at - timedelta(days=REMINDED_AFTER)
    rows = Approval.objects.filter(state=Approval.State.PENDING, kind__in=kinds(), requested_at__lte=asked)
    return [row for row in rows.order_by("requested_at", "pk") if reminder_due(row.requested_at) <= at]
