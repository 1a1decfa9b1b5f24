"""What a person has to look at: noted once, seen again, settled by itself, or kept as it is by somebody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmFinding
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Connection

PERMISSION = "desk.link_companies"
SEEN_AGAIN_AFTER = timedelta(days=1)  # the same finding, found again sooner, writes nothing
LONGEST_WORDS, LONGEST_ABOUT = 500, 200
VERBS = {
    FindingState.MENDED: "crm_finding:mend",
    FindingState.KEPT: "crm_finding:keep",
    FindingState.GONE: "crm_finding:settle",
}


@dataclass(frozen=True, slots=True)
class Noted:
    """Something for a person to look at, before it is written down."""

    kind: CrmFindingKind
    about: str
    words: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def note(
    noted: Noted, *, connection: Connection, subject: str, account: Account | None, deed: Deed, first: bool = False
) -> CrmFinding:
    """Note it, or see it again; what somebody decided to keep is not noted again as long as it is the same.

    `first`: that nobody was told anything of the record, or all of it is mended, is known already.
    """
    about = {"connection": connection, "kind": noted.kind, "subject": subject, "about": noted.about[:LONGEST_ABOUT]}
    known = None if first else CrmFinding.objects.filter(**about).order_by("-pk").first()
    words = noted.words if len(noted.words) <= LONGEST_WORDS else f"{noted.words[: LONGEST_WORDS - 1]}…"
    says = (words, dict(noted.evidence), account and account.pk)
    if known is not None and (known.words, known.evidence, known.account_id) == says:
        lately = deed.at - known.last_at < SEEN_AGAIN_AFTER
        if known.state == FindingState.KEPT or (known.state == FindingState.OPEN and lately):
            return known
    row = known if known is not None and known.state == FindingState.OPEN else None
    fresh = row is None
    row = row or CrmFinding(**about, first_at=deed.at)
    row.words, row.evidence, row.account = words, dict(noted.evidence), account
    row.last_at = max(deed.at, row.first_at)
    keep(row, deed=deed)
    if fresh:
        record(deed, "crm_finding:open", subject=row, account_key=account.key if account is not None else "")
    return row


def told_of(connection: Connection, subjects: Collection[str]) -> frozenset[str]:
    """The records of which a person was told anything that isn't mended."""
    rows = CrmFinding.objects.filter(connection=connection, subject__in=subjects).exclude(state=FindingState.MENDED)
    return frozenset(rows.order_by().values_list("subject", flat=True))


def settle_gone(
    *,
    connection: Connection,
    subject: str,
    kinds: Collection[CrmFindingKind],
    still: Collection[Noted],
    deed: Deed,
    abouts: Collection[str] | None = None,
) -> None:
    """Settle as mended what was found of the record in these kinds, and is found no more; `abouts`: of these alone."""
    found = {(noted.kind, noted.about[:LONGEST_ABOUT]) for noted in still}
    rows = CrmFinding.objects.filter(
        connection=connection, subject=subject, kind__in=list(kinds), state=FindingState.OPEN
    )
    if abouts is not None:
        rows = rows.filter(about__in=list(abouts))
    for row in rows.select_related("account").order_by("pk"):
        if (row.kind, row.about) not in found:
            settle(row, FindingState.MENDED, reason="", deed=deed)


@transaction.atomic
def keep_as_is(*, finding: CrmFinding, reason: str, by: Actor, at: datetime) -> CrmFinding:
    """Decided that it stays as it is, and why; it is not found again as long as it says the same."""
    by.require(PERMISSION)
    row = locked(finding)
    if not reason.strip():
        raise Refusal("Say why it stays as it is.", field="reason")
    settle(row, FindingState.KEPT, reason=reason.strip(), deed=begin(by=by, at=at))
    return row


def locked(finding: CrmFinding) -> CrmFinding:
    """The finding as it stands, if it is still open."""
    rows = CrmFinding.objects.select_for_update(of=("self",)).select_related("connection")
    row = rows.get(pk=finding.pk)
    if row.state != FindingState.OPEN:
        raise Stale("Somebody settled this since you opened it. Look again.")
    return row


def settle(row: CrmFinding, state: FindingState, *, reason: str, deed: Deed) -> None:
    """Nobody has to look at it any more."""
    row.state, row.settled_at, row.settled_by, row.reason = state, deed.at, deed.by.name[:200], reason[:500]
    keep(row, deed=deed)
    key = row.account.key if row.account is not None else ""
    record(deed, VERBS[state], subject=row, account_key=key, reason=reason)
