"""What a person has to look at: noted once, seen again, settled by itself, or kept as it is by somebody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.domain.crm.findings import CrmFindingKind
from desk.models import CrmFinding
from entitlements.actions.findings import note_once, settle_one, still_open
from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from journal.actions.deeds import Deed, begin
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Connection

PERMISSION = "desk.link_companies"
NOUN = "crm_finding"
LONGEST_ABOUT = 200


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
    told: dict[str, Any] = {"words": noted.words, "evidence": noted.evidence, "account": account}
    return note_once(CrmFinding, about, **told, noun=NOUN, deed=deed, first=first)


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
    return still_open(finding)


def settle(row: CrmFinding, state: FindingState, *, reason: str, deed: Deed) -> None:
    """Nobody has to look at it any more."""
    settle_one(row, state, noun=NOUN, reason=reason, deed=deed)
