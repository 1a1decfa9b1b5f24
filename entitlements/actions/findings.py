"""The life of what a person has to look at: noted once, seen again, then settled by itself or by somebody.

Whoever finds something (what is billed, a connected CRM) keeps rows of its own; `noun` is what the audit calls them.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeVar

from django.db import models

from entitlements.domain.billed.findings import FindingState
from entitlements.models import Account
from journal.actions.deeds import Deed, keep, record
from journal.domain.refusal import Stale

Found = TypeVar("Found", bound=models.Model)
SEEN_AGAIN_AFTER = timedelta(days=1)  # the same finding, found again sooner, writes nothing
LONGEST_WORDS = 500
ACTS = {FindingState.MENDED: "mend", FindingState.KEPT: "keep", FindingState.GONE: "settle"}


def note_once(
    findings: type[Found],
    about: Mapping[str, Any],
    *,
    words: str,
    evidence: Mapping[str, Any],
    account: Account | None,
    noun: str,
    deed: Deed,
    first: bool = False,
) -> Found:
    """Note it, or see it again; what somebody decided to keep is not noted again as long as it is the same.

    `about`: the columns that say which it is. `first`: that nothing of it was ever noted is known already.
    """
    known: Any = None if first else findings._default_manager.filter(**about).order_by("-pk").first()
    words = words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
    says = (words, dict(evidence), account and account.pk)
    if known is not None and (known.words, known.evidence, known.account_id) == says:
        lately = deed.at - known.last_at < SEEN_AGAIN_AFTER
        if known.state == FindingState.KEPT or (known.state == FindingState.OPEN and lately):
            return known  # type: ignore[no-any-return]
    row: Any = known if known is not None and known.state == FindingState.OPEN else None
    fresh = row is None
    row = row or findings(**about, first_at=deed.at)
    row.words, row.evidence, row.account = words, dict(evidence), account
    row.last_at = max(deed.at, row.first_at)
    keep(row, deed=deed)
    if fresh:
        record(deed, f"{noun}:open", subject=row, account_key=account.key if account is not None else "")
    return row  # type: ignore[no-any-return]


def still_open(finding: Found) -> Found:
    """The finding as it stands, held; Stale where it is open no more."""
    rows = type(finding)._default_manager.select_for_update(of=("self",)).select_related("connection")
    row: Any = rows.get(pk=finding.pk)
    if row.state != FindingState.OPEN:
        raise Stale("Somebody settled this since you opened it. Look again.")
    return row  # type: ignore[no-any-return]


def settle_one(row: Any, state: FindingState, *, noun: str, reason: str, deed: Deed) -> None:
    """Nobody has to look at it any more."""
    row.state, row.settled_at, row.settled_by, row.reason = state, deed.at, deed.by.name[:200], reason[:500]
    keep(row, deed=deed)
    key = row.account.key if row.account is not None else ""
    record(deed, f"{noun}:{ACTS[state]}", subject=row, account_key=key, reason=reason)
