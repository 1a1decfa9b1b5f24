"""What an account may do, and why: was true at T, or believed at T. Nothing here writes."""

from collections.abc import Mapping
from datetime import datetime

from entitlements.domain.facts import Facts
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts


def entitlements_of(
    *, account: Account, at: datetime, known_at: datetime | None = None, catalog: CatalogSnapshot | None = None
) -> Mapping[str, Resolution]:
    """The answer for every feature at an instant.

    With the facts as known now it is what *was true at* that instant; with `known_at` it is what was *believed* then,
    from the rows as history had them.
    """
    return resolve(facts_of(account=account, known_at=known_at, catalog=catalog), at=at)


def facts_of(*, account: Account, known_at: datetime | None = None, catalog: CatalogSnapshot | None = None) -> Facts:
    return snapshot_facts(account.pk, reader=Reader(known_at), catalog=catalog)
