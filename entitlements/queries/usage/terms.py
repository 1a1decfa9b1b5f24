"""The terms by which use is counted, read from the rows."""

from collections.abc import Mapping
from datetime import datetime

from entitlements.domain.usage.terms import UseTerms, use_terms
from entitlements.snapshots import Reader, snapshot_facts


def terms_of(account_id: int, *, at: datetime) -> Mapping[str, UseTerms]:
    """The terms of every feature of the account at the instant; LookupError where there is no such account."""
    return use_terms(snapshot_facts(account_id, reader=Reader(), billing=True), at=at)
