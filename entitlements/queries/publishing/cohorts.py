"""Choosing accounts for a cohort: by a pasted list, by the version they have, by market. Nothing here writes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Market, PlanVersion
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.publishing.grandfathering import holders
from entitlements.snapshots.batch import batches

MOST = 100_000  # a cohort is a choice; everybody is another audience
FINDS = (IdentifierKind.KEY, IdentifierKind.EXTERNAL, IdentifierKind.DOMAIN, IdentifierKind.EMAIL)


@dataclass(frozen=True, slots=True)
class Picked:
    """The accounts, by name; which of the pasted words name nobody, and which name several accounts."""

    accounts: tuple[Account, ...]
    unknown: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


def words_in(pasted: str) -> list[str]:
    """The keys and ids in a pasted text: one a line, or divided by commas, semicolons or tabs; each once."""
    found = (word.strip().strip("'\"").strip() for word in re.split(r"[\n\r,;\t]+", pasted))
    return list(dict.fromkeys(word for word in found if word))


def pick(*, pasted: str = "", version: PlanVersion | None = None, market: Market | None = None, at: datetime) -> Picked:
    """Whoever is in the list, has the version at this moment, and is in the market: all that was asked for."""
    words = words_in(pasted)
    named = _named(words)
    ids = {pk for found in named.values() for pk in found if len(found) == 1} if words else None
    if version is not None:
        having = {held.account_id for held in holders(version=version, at=at) if held.account_id is not None}
        ids = having if ids is None else ids & having
    accounts = Account.objects.filter(merged_into__isnull=True) if ids is None else _by_ids(ids)
    kept = [account for account in accounts if market is None or account.market_id == market.pk]
    return Picked(
        accounts=tuple(sorted(kept, key=lambda account: (account.name, account.pk))),
        unknown=tuple(word for word in words if not named[word]),
        several=tuple(word for word in words if len(named[word]) > 1),
    )


def _named(words: Iterable[str]) -> Mapping[str, set[int]]:
    """The accounts that each word names, by key, another system's id, domain or e-mail address."""
    found: dict[str, set[int]] = {word: set() for word in words}
    for chunk in batches(found):
        keys = {word.lower(): word for word in chunk}
        rows = Identifier.objects.filter(kind__in=FINDS, value_key__in=list(keys))
        for value, account in rows.values_list("value_key", "account_id"):
            found[keys[value]].add(account)
        standing = Account.objects.filter(key__in=list(keys), merged_into__isnull=True)
        for key, account in standing.values_list("key", "pk"):
            found[keys[key]].add(account)
    return found


def _by_ids(ids: set[int]) -> list[Account]:
    return [account for chunk in batches(sorted(ids)) for account in Account.objects.filter(pk__in=list(chunk))]
