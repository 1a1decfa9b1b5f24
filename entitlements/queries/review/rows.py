"""The rows of the review queue: what was granted, who stands for it, and when somebody last looked at it.

What a contract or a loan provides is looked after there, and what a promotional code gave is meant to end: none of
these is anybody's exception, so they stay out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from catalog.domain.window import start_of_day
from entitlements.domain.reviewing import LATELY, LONGEST_KEPT, ReviewFacts
from entitlements.models import Override
from entitlements.models.override import OverrideState
from journal.models import Approval, AuditEvent, Staff

KEEP = "override:keep"
STAFF = "staff:"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the queue is asked for; empty is all of it. `owner` is a member of staff by their number."""

    section: str = ""
    owner: int | None = None
    feature: str = ""
    reason_code: str = ""
    team: str = ""

    def condition(self) -> Q:
        told = {
            "account__owner": self.owner,
            "feature__key": self.feature,
            "reason_code__key": self.reason_code,
            "requested_as": self.team,
        }
        return Q(**{column: wanted for column, wanted in told.items() if wanted})


def granted_rows(*, at: datetime) -> QuerySet[Override]:
    """Every override a review may be about: approved, not revoked, begun, and not over for long."""
    return Override.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at - LATELY),
        state=OverrideState.APPROVED,
        revoked_at__isnull=True,
        starts_at__lte=at,
        loan__isnull=True,
        contract_line__isnull=True,
        redemptions__isnull=True,
        account__merged_into__isnull=True,
    ).annotate(renewed=Exists(_followers()))


def _followers() -> QuerySet[Override]:
    alive = (OverrideState.APPROVED, OverrideState.REQUESTED)
    return Override.objects.filter(follows=OuterRef("pk"), state__in=alive, revoked_at__isnull=True)


def kept_at(*, at: datetime) -> Mapping[str, datetime]:
    """When each override was last looked at and kept, by its number; what was kept longer ago rests no more."""
    since = at - LONGEST_KEPT - timedelta(days=2)  # a day of review begins at a midnight somewhere
    events = AuditEvent.objects.filter(verb=KEEP, subject_type="override", at__gte=since, at__lte=at)
    return dict(events.order_by().values_list("subject_key").annotate(Max("at")))


@dataclass(frozen=True, slots=True)
class Leavers:
    """Who can no longer sign in, and the overrides that one of them approved."""

    names: Mapping[str, str]
    approved: Mapping[str, str]

    def of(self, row: Override) -> tuple[str, ...]:
        """Those who stood for the override and left, each once."""
        found = (self.names.get(row.requested_by_key), self.names.get(self.approved.get(str(row.pk), "")))
        return tuple(dict.fromkeys(name for name in found if name))


def leavers() -> Leavers:
    names = {f"{STAFF}{person.pk}": person.name() for person in Staff.objects.filter(is_active=False)}
    if not names:
        return Leavers({}, {})
    decided = Approval.objects.filter(kind="override", state=Approval.State.APPROVED, decided_by_key__in=list(names))
    return Leavers(names, dict(decided.order_by().values_list("subject_key", "decided_by_key")))


def facts_by_time(row: Override, *, kept: Mapping[str, datetime]) -> ReviewFacts:
    """What the row's own dates say; what it does for the customer is weighed elsewhere."""
    return ReviewFacts(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        review_at=None if row.review_on is None else start_of_day(row.review_on, row.account.zone),
        kept_at=kept.get(str(row.pk)),
        renewed=bool(row.__dict__["renewed"]),
    )
