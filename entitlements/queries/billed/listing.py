"""Findings and what is billed, as the pages about them list them. Nothing is written."""

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account, BilledFeature, BilledSubscription, BillingFinding
from entitlements.queries.findings import count_open, deeds_about
from journal.models import Approval, AuditEvent
from journal.queries.approvals import deciders_of

SUBJECT = "billingfinding"


def open_count() -> int:
    return count_open(BillingFinding)


def decided_about(finding: BillingFinding) -> list[AuditEvent]:
    """What was done about it and about those before it that said the same, the newest first."""
    same = BillingFinding.objects.filter(
        connection=finding.connection_id, kind=finding.kind, billing_id=finding.billing_id, about=finding.about
    )
    return deeds_about(same)


def asked_second(finding: BillingFinding) -> Approval | None:
    """The last time a second person was asked to say yes about it."""
    rows = Approval.objects.filter(subject_type=SUBJECT, subject_key=str(finding.pk))
    return rows.order_by("-requested_at", "-pk").first()


def names_of_deciders(approval: Approval) -> list[str]:
    return [person.name() for person in deciders_of(approval)]


def billed_for(account: Account) -> QuerySet[BilledSubscription]:
    """What is billed for an account today: also what was sold to one that was merged into it."""
    rows = BilledSubscription.objects.select_related("connection", "subscription")
    whose = Q(subscription__account=account) | Q(subscription=None, account=account)
    return rows.filter(whose).order_by("connection_id", "billing_id")


def given_features(account: Account) -> QuerySet[BilledFeature]:
    """The features that the billing says the account has now."""
    return (
        BilledFeature.objects.filter(account=account, ends_at=None).select_related("feature").order_by("feature__name")
    )


def open_of(account: Account) -> QuerySet[BillingFinding]:
    rows = BillingFinding.objects.filter(account=account, state=FindingState.OPEN)
    return rows.select_related("connection").order_by("first_at", "pk")


def last_told() -> datetime | None:
    """When a subscription was last looked at where it is billed."""
    found: datetime | None = BilledSubscription.objects.aggregate(last=Max("told_at"))["last"]
    return found
