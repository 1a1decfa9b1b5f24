"""What a person has to look at: noted once, seen again, mended by itself, or kept as it is by somebody."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from entitlements.actions.billed.work import Noted
from entitlements.actions.findings import note_once, settle_one, still_open
from entitlements.actions.sales import version_paid_for
from entitlements.domain.billed.findings import FindingKind, FindingState, may_be_kept
from entitlements.models import Account, BillingFinding, Subscription, SubscriptionItem
from entitlements.queries.billed.findings import KEEPING, keeping_asked, outdated_keeping
from journal.actions import approvals
from journal.actions.deeds import Deed, begin
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Approval, Connection

PERMISSION = "entitlements.settle_billing_finding"
NOUN = "billing_finding"


def note(
    noted: Noted, *, connection: Connection, billing_id: str, account: Account | None, deed: Deed
) -> BillingFinding:
    """Note it, or see it again; what somebody decided to keep is not noted again as long as it is the same."""
    about = {"connection": connection, "kind": noted.kind, "billing_id": billing_id, "about": noted.about[:300]}
    told: dict[str, Any] = {"words": noted.words, "evidence": noted.evidence, "account": account}
    return note_once(BillingFinding, about, **told, noun=NOUN, deed=deed)


def settle_gone(
    *, connection: Connection, billing_id: str, kinds: Collection[FindingKind], still: Collection[Noted], deed: Deed
) -> None:
    """Settle as mended what was found of the subscription in these kinds, and is found no more."""
    found = {(noted.kind, noted.about[:300]) for noted in still}
    rows = BillingFinding.objects.filter(
        connection=connection, billing_id=billing_id, kind__in=list(kinds), state=FindingState.OPEN
    )
    for row in rows.select_related("account").order_by("pk"):
        if (row.kind, row.about) not in found:
            settle(row, FindingState.MENDED, reason="", deed=deed)


def settle_kept(
    *, connection: Connection, billing_id: str, still: Collection[str], deed: Deed, mended: bool = False
) -> None:
    """Settle what was kept of the subscription once nothing of it differs any more; `still` are the steps that do.

    Gone, unless theirs was taken after all (`mended`). As long as any of it differs, it is left as it was decided.
    """
    rows = BillingFinding.objects.filter(
        connection=connection, billing_id=billing_id, kind=FindingKind.DRIFT, about="", state=FindingState.KEPT
    )
    for row in rows.select_related("account").order_by("pk"):
        if not set(row.evidence.get("steps", ())) & set(still):
            settle(row, FindingState.MENDED if mended else FindingState.GONE, reason="", deed=deed)


def settle_sold_again(
    subscription: Subscription | None,
    *,
    connection: Connection,
    billing_id: str,
    deed: Deed,
    still: Collection[Noted] = (),
) -> None:
    """Settle what was given though it wasn't sold, once it is sold there, or isn't had any more."""
    found = {noted.about[:300] for noted in still if noted.kind is FindingKind.NOT_SOLD}
    rows = BillingFinding.objects.filter(
        connection=connection, billing_id=billing_id, kind=FindingKind.NOT_SOLD, state=FindingState.OPEN
    )
    for row in rows.exclude(about__in=found).select_related("account").order_by("pk"):
        item = _had(subscription, row.about, at=deed.at)
        if item is None or not version_paid_for(item.subscription, item.plan, starts_at=deed.at, at=deed.at)[1]:
            settle(row, FindingState.MENDED if item is not None else FindingState.GONE, reason="", deed=deed)


def _had(subscription: Subscription | None, plan: str, *, at: datetime) -> SubscriptionItem | None:
    rows = SubscriptionItem.objects.filter(subscription=subscription, plan__key=plan).exclude(billing_id="")
    lasts = rows.filter(Q(ends_at=None) | Q(ends_at__gt=at)) if subscription is not None else rows.none()
    return lasts.select_related("subscription__account__market", "plan").first()


# Keeping ours -----------------------------------------------------------------------------------------------------
@transaction.atomic
def keep_ours(*, finding: BillingFinding, reason: str, by: Actor, at: datetime) -> BillingFinding | Approval:
    """Decided that what the desk has stays as it is, and why; a difference is kept by two people, so it is asked for.

    Until somebody else has said yes it is open, and what the billing says next is followed.
    """
    by.require(PERMISSION)
    row = locked(finding)
    if not may_be_kept(row.kind, row.about):
        raise Refusal(f"{FindingKind(row.kind).words}: {row.to_do}")
    if not reason.strip():
        raise Refusal("Say why it stays as it is.", field="reason")
    if row.kind == FindingKind.DRIFT:
        return _ask_to_keep(row, reason=reason.strip(), by=by, at=at)
    settle(row, FindingState.KEPT, reason=reason.strip(), deed=begin(by=by, at=at))
    return row


def _ask_to_keep(row: BillingFinding, *, reason: str, by: Actor, at: datetime) -> Approval:
    if keeping_asked(row) is not None:
        raise Refusal("Somebody asked to keep this already; it waits for a second person.")
    return approvals.request(
        kind=KEEPING,
        subject=row,
        account_key=row.account.key if row.account is not None else "",
        summary=f"Keep what the desk has of {row.billing_id}. {row.words}.",
        payload={"steps": row.evidence.get("steps", [])},
        reason=reason,
        by=by,
        at=at,
    )


def approve_keeping(*, approval: Approval, by: Actor, at: datetime) -> BillingFinding:
    """Approved that ours stays as it is, as long as the billing says what it said."""
    row = locked(BillingFinding(pk=int(approval.subject_key)))
    if why := outdated_keeping(approval):
        raise Refusal(f"{why} Reject it, and ask anew where it is still needed.")
    settle(row, FindingState.KEPT, reason=approval.reason, deed=begin(by=by, at=at))
    return row


def locked(finding: BillingFinding) -> BillingFinding:
    """The finding as it stands, if it is still open."""
    return still_open(finding)


def settle(row: BillingFinding, state: FindingState, *, reason: str, deed: Deed) -> None:
    settle_one(row, state, noun=NOUN, reason=reason, deed=deed)
