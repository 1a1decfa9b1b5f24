"""Taking theirs for many differences, and looking again at all that waited for something: long work, one by one.

Nothing ends because Stripe has it no longer, unless that is what somebody saw when they said so.
"""

from collections.abc import Sequence
from datetime import datetime

from entitlements.actions.billed.findings import PERMISSION
from entitlements.actions.billed.following import Followed
from entitlements.domain.billed.findings import FindingState
from entitlements.integrations.stripe.client import NotThere
from entitlements.integrations.stripe.comparing import in_words
from entitlements.integrations.stripe.drift import CUSTOMER, GONE_UNSEEN, Seen, ends_unseen, seen, taken
from entitlements.integrations.stripe.features import look_at_features
from entitlements.models import BillingFinding
from entitlements.queries.billed.findings import keeping_asked
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job, JobItem

CHUNK = 500
SETTLED = "It was settled meanwhile."


def plan(*, job: Job, cursor: str, at: datetime, seen: None) -> tuple[Sequence[Planned], str | None]:
    first = int(cursor or 0)
    ids = job.payload["findings"][first : first + CHUNK]
    rows = BillingFinding.objects.filter(pk__in=ids).select_related("account").order_by("first_at", "pk")
    units = [
        Planned(str(row.pk), f"{row.billing_id} of {row.account}" if row.account else row.billing_id) for row in rows
    ]
    return units, str(first + CHUNK) if len(ids) == CHUNK else None


def ask(*, job: Job, item: JobItem | None, cursor: str, at: datetime) -> Seen | Followed | None:
    """How it stands at Stripe now; nothing is asked for what was settled meanwhile. A customer’s features are followed
    at once: that is by the connection, as when Stripe tells of them."""
    finding = _open(item) if item is not None else None
    if finding is None or not finding.billing_id:
        return None
    with in_words():
        if finding.billing_id.startswith(CUSTOMER):
            return _features(finding, at=at)
        return seen(finding.connection, finding.billing_id, at=at)


def _features(finding: BillingFinding, *, at: datetime) -> Followed:
    try:
        return look_at_features(finding.connection, finding.billing_id, at=at)
    except NotThere as gone:
        raise Refusal(f"Stripe never had this customer in this mode. {gone}") from None


def act(*, job: Job, item: JobItem, by: Actor, at: datetime, seen: Seen | Followed | None) -> Outcome:
    """Follow it, by whoever asked for it."""
    if isinstance(seen, Followed):
        return _said(seen)
    finding = _open(item)
    if finding is None or seen is None:
        return Outcome.passed_over(SETTLED)
    by.require(PERMISSION)
    by_itself = job.payload.get("by_itself")
    if seen.gone and by_itself:
        return Outcome.passed_over("It is not there any more. A person decides whether it ends here.")
    if ends_unseen(seen, finding):
        return Outcome.passed_over(GONE_UNSEEN)
    if by_itself and keeping_asked(finding) is not None:
        return Outcome.passed_over("Somebody has asked to keep what the desk has.")
    return _said(taken(seen, finding, by=by, at=at))


def _said(followed: Followed) -> Outcome:
    words = " ".join(f"{said.rstrip('.')}." for said in (followed.words, *followed.findings))
    return Outcome.passed_over(words) if followed.findings else Outcome.done(words)


def _open(item: JobItem) -> BillingFinding | None:
    rows = BillingFinding.objects.filter(pk=int(item.key), state=FindingState.OPEN)
    return rows.select_related("connection").first()


TAKING = JobHandler("Taking what is billed", PERMISSION, plan, act, ask=ask)
LOOKING = JobHandler("Looking again at what waited", PERMISSION, plan, act, ask=ask)
