"""What stands open between the billing and the desk: how much, how old, and what waits for a second person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.models import Account, BilledSubscription, BillingFinding
from journal.models import Approval, Connection

KEEPING = "billing_difference"  # the kind of request by which ours is kept


@dataclass(frozen=True, slots=True)
class OpenFindings:
    """How many of a kind are open, and since when the oldest is."""

    kind: FindingKind
    number: int
    oldest_at: datetime

    def age(self, at: datetime) -> timedelta:
        return at - self.oldest_at


def standing(connection: Connection, billing_id: str, kind: FindingKind = FindingKind.DRIFT) -> BillingFinding | None:
    """What is open of the whole subscription, in this kind."""
    rows = BillingFinding.objects.filter(connection=connection, billing_id=billing_id, kind=kind, about="")
    return rows.filter(state=FindingState.OPEN).first()


def any_standing(connection: Connection, billing_id: str) -> bool:
    """Whether anything of the subscription, in whatever kind, is open or kept."""
    rows = BillingFinding.objects.filter(connection=connection, billing_id=billing_id)
    return rows.filter(state__in=(FindingState.OPEN, FindingState.KEPT)).exists()


def open_findings(connection: Connection | None = None) -> list[OpenFindings]:
    """By kind, the fullest first; of one connection, or of all. One query."""
    rows = BillingFinding.objects.filter(state=FindingState.OPEN)
    rows = rows if connection is None else rows.filter(connection=connection)
    counted = rows.order_by().values("kind").annotate(number=Count("pk"), oldest=Min("first_at"))
    found = [OpenFindings(FindingKind(row["kind"]), row["number"], row["oldest"]) for row in counted]
    return sorted(found, key=lambda one: (-one.number, one.kind))


def drifted(ids: Collection[int]) -> QuerySet[BillingFinding]:
    """Those of these findings that are open differences of a subscription, the one that was found first before the others."""
    rows = BillingFinding.objects.filter(pk__in=ids, kind=FindingKind.DRIFT, about="", state=FindingState.OPEN)
    return rows.select_related("connection", "account").order_by("first_at", "pk")


def open_drift(connection: Connection) -> QuerySet[BillingFinding]:
    """The open differences of a connection's subscriptions, the one that was found first before the others."""
    rows = BillingFinding.objects.filter(connection=connection, kind=FindingKind.DRIFT, about="")
    return rows.filter(state=FindingState.OPEN).order_by("first_at", "pk")


def mendable(connection: Connection) -> QuerySet[BillingFinding]:
    """The open differences that need nobody's decision: what is not there any more does, and what is asked to be kept."""
    asked = Approval.objects.filter(kind=KEEPING, state=Approval.State.PENDING).values_list("subject_key", flat=True)
    return open_drift(connection).exclude(evidence__has_key="gone").exclude(pk__in=[int(key) for key in asked])


def waiting_alike(finding: BillingFinding) -> QuerySet[BillingFinding]:
    """All that is open at its connection and waits for the same: the link of a price, whose a customer is."""
    rows = BillingFinding.objects.filter(
        connection=finding.connection_id, kind=finding.kind, about=finding.about, state=FindingState.OPEN
    )
    return rows.select_related("connection", "account").order_by("first_at", "pk")


def billed_for(account: Account) -> QuerySet[BilledSubscription]:
    """What is billed elsewhere for the account, as it was told last; by what is held where it is held."""
    mine = Q(subscription__account=account) | Q(subscription=None, account=account)
    return BilledSubscription.objects.filter(mine).select_related("connection", "account", "subscription__account")


# Keeping ours -----------------------------------------------------------------------------------------------------
def keeping_asked(finding: BillingFinding) -> Approval | None:
    """The request to keep ours that waits for a second person."""
    asked = asked_second(finding)
    return asked if asked is not None and asked.state == Approval.State.PENDING else None


def asked_second(finding: BillingFinding) -> Approval | None:
    """The last request to keep ours, whatever became of it."""
    return Approval.objects.filter(kind=KEEPING, subject_key=str(finding.pk)).order_by("-pk").first()


def outdated_keeping(approval: Approval) -> str:
    """Why it can't be approved any more; nothing while it can."""
    row = BillingFinding.objects.filter(pk=int(approval.subject_key)).first()
    if row is None or row.state != FindingState.OPEN:
        return "The difference was settled meanwhile."
    if row.evidence.get("steps", []) != approval.payload["steps"]:
        return "The billing says something else by now than when this was asked for."
    return ""
