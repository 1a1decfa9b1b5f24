"""Taking theirs for many differences, and looking again at all that waited for something: long work, one by one."""

from collections.abc import Sequence
from datetime import datetime

from entitlements.actions.billed.findings import PERMISSION
from entitlements.domain.billed.findings import FindingState
from entitlements.integrations.stripe.comparing import in_words
from entitlements.integrations.stripe.drift import Seen, seen, taken
from entitlements.models import BillingFinding
from journal.domain.actor import Actor
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


def ask(*, job: Job, item: JobItem | None, cursor: str, at: datetime) -> Seen | None:
    """How it stands at Stripe now; nothing is asked for what was settled meanwhile."""
    finding = _open(item) if item is not None else None
    if finding is None:
        return None
    with in_words():
        return seen(finding.connection, finding.billing_id, at=at)


def act(*, job: Job, item: JobItem, by: Actor, at: datetime, seen: Seen | None) -> Outcome:
    """Follow it, by whoever asked for it."""
    finding = _open(item)
    if finding is None or seen is None:
        return Outcome.passed_over(SETTLED)
    by.require(PERMISSION)
    if seen.gone and job.payload.get("by_itself"):
        return Outcome.passed_over("It is not there any more. A person decides whether it ends here.")
    followed = taken(seen, finding, by=by, at=at)
    words = " ".join(f"{said.rstrip('.')}." for said in (followed.words, *followed.findings))
    return Outcome.passed_over(words) if followed.findings else Outcome.done(words)


def _open(item: JobItem) -> BillingFinding | None:
    rows = BillingFinding.objects.filter(pk=int(item.key), state=FindingState.OPEN)
    return rows.select_related("connection").first()


TAKING = JobHandler("Taking what is billed", PERMISSION, plan, act, ask=ask)
LOOKING = JobHandler("Looking again at what waited", PERMISSION, plan, act, ask=ask)
