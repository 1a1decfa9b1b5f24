"""Who may decide what waits, and what waits for whom."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from journal.approvals import handler_of, kinds
from journal.domain.waiting import REMINDED_AFTER, reminder_due
from journal.models import Approval, Staff
from journal.queries.api_keys import PROGRAM, issuer_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


def asked_by(approval: Approval, key: str) -> bool:
    """Whether this person asked: by themselves, by a program whose key they issued and so may hold, or by a system that
    asked for them."""
    return key in _askers(approval)


def _askers(approval: Approval) -> set[str]:
    return {approval.requested_by_key, approval.requested_for_key, issuer_of(approval.requested_by_key)}


def deciders_of(approval: Approval) -> list[Staff]:
    """Everybody at work who may decide it: never the one who asked, and only of the role it names, if it names one."""
    rows = Staff.objects.with_perm(handler_of(approval.kind).permission, backend=BACKEND)
    if approval.approver_role:
        rows = rows.filter(groups__name=approval.approver_role)
    asked = _askers(approval)
    return [one for one in rows.distinct().order_by("pk") if f"staff:{one.pk}" not in asked]


def waiting_for(user: Any) -> QuerySet[Approval]:
    """What this member of staff can decide and nobody has yet, the oldest first."""
    decides = [kind for kind in kinds() if user.has_perm(handler_of(kind).permission)]
    of_role = Q(approver_role="") | Q(approver_role__in=user.groups.values("name"))
    rows = Approval.objects.filter(of_role, state=Approval.State.PENDING, kind__in=decides)
    rows = rows.exclude(requested_for_key=f"staff:{user.pk}")
    return rows.exclude(requested_by_key__in=_asked_as(user)).order_by("requested_at", "pk")


def _asked_as(user: Any) -> list[str]:
    """Themselves, and the programs they issued keys to; only who may issue keys is looked for among those."""
    own = f"staff:{user.pk}"
    if not user.has_perm("journal.issue_api_key"):
        return [own]
    pending = Approval.objects.filter(state=Approval.State.PENDING, requested_by_key__startswith=PROGRAM).order_by()
    programs = pending.values_list("requested_by_key", flat=True).distinct()
    return [own, *(program for program in programs if issuer_of(program) == own)]


def decides_anything(user: Any) -> bool:
    return any(user.has_perm(handler_of(kind).permission) for kind in kinds())


def may_decide(approval: Approval, *, user: Any, roles: Collection[str]) -> bool:
    """Whether this member of staff decides it, if nobody has yet."""
    if not user.has_perm(handler_of(approval.kind).permission) or asked_by(approval, f"staff:{user.pk}"):
        return False
    return not approval.approver_role or approval.approver_role in roles


def overdue(*, at: datetime) -> list[Approval]:
    """What has waited for longer than it should; what nobody here can decide any more is left out."""
    asked = at - timedelta(days=REMINDED_AFTER)
    rows = Approval.objects.filter(state=Approval.State.PENDING, kind__in=kinds(), requested_at__lte=asked)
    return [row for row in rows.order_by("requested_at", "pk") if reminder_due(row.requested_at) <= at]
