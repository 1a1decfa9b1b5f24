"""Whom an allowance concerns, and what a change of it would do. Nothing here writes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.domain.values import TermState
from catalog.models import Feature, PlanTerm
from entitlements.models import CreditBalance, CreditGrant, SubscriptionItem
from support.domain.case_events import OPEN_STATES
from support.models import Allowance, CaseCount


@dataclass(frozen=True, slots=True)
class Concerned:
    """Customers who were granted or have used some of it, or whose plan gives it; open cases counted on it now."""

    granted: int
    by_plan: int
    customers: int
    open_cases: int


def concerned_by(feature: Feature, *, at: datetime) -> Concerned:
    """Counted at the moment, in a handful of reads. A plan that gives it through a group of features isn't seen."""
    granted = set(CreditGrant.objects.filter(feature=feature).values_list("account_id", flat=True))
    granted |= set(CreditBalance.objects.filter(feature=feature).values_list("account_id", flat=True))
    versions = PlanTerm.objects.filter(feature=feature).exclude(state=TermState.NOT_INCLUDED).values("version__plan")
    lasts = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    held = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=at)
    items = SubscriptionItem.objects.filter(lasts & held, version__plan__in=versions, starts_at__lte=at)
    by_plan = set(items.values_list("subscription__account_id", flat=True))
    counts = CaseCount.objects.filter(
        allowance__feature=feature, given_back_at__isnull=True, case__state__in=OPEN_STATES
    )
    return Concerned(len(granted), len(by_plan), len(granted | by_plan), counts.count())


def allowance_token(row: Allowance) -> str:
    """What a form was opened with: another as soon as anything about it is."""
    seen = list(Allowance.objects.filter(pk=row.pk).values_list())
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
