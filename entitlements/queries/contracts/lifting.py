"""What a contract gives back by ending sooner what its lines hold down, and who may let it: as revoking is judged."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime

from entitlements.domain.policy import Verdict
from entitlements.models import Override
from entitlements.queries.concessions import words_of
from entitlements.queries.contracts.settling import Settlement
from entitlements.queries.policies import judge_revocation
from journal.domain.actor import Actor


def judge_lifting(settled: Settlement, *, by: Actor, at: datetime) -> Iterator[tuple[int, str, Verdict]]:
    """The number of its line, what is lifted, and whether the person may lift it alone; what gives nothing back isn't
    told."""
    for row in _sooner(settled):
        judged = judge_revocation(override=row, by=by, at=at)
        if not judged.within:
            assert row.contract_line is not None  # a contract made it
            because = f"Ending it gives the customer something back. {judged.because}"
            verdict = Verdict(within=False, because=because, approver_role=judged.approver_role)
            yield row.contract_line.number, f"{row.feature} {words_of(row)} ends sooner", verdict


def _sooner(settled: Settlement) -> Iterator[Override]:
    """As they stood until now: what would have lasted longer, and what will never begin."""
    for row, was in settled.override_moves:
        if row.ends_at is not None and (was is None or row.ends_at < was):
            before = copy(row)
            before.ends_at = was
            yield before
    yield from settled.overrides_never
