"""Whom an account belongs to, who belongs to it, and whom it sells to, with what each of them holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.facts import Standing
from entitlements.models import Account
from entitlements.queries.accounts import ancestors_of
from entitlements.queries.holdings import HeldSubscription, holdings, standings

MOST = 200
DEEPEST = 6
MOST_SOLD = 50


@dataclass(frozen=True, slots=True)
class Relative:
    """One account of the family; `depth` counts from the account at its top."""

    account: Account
    depth: int
    held: tuple[HeldSubscription, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Family:
    """The accounts above, the account itself and those below it, each after its parent; `more` were left out."""

    relatives: tuple[Relative, ...]
    more: bool

    @property
    def alone(self) -> bool:
        return len(self.relatives) == 1


def family_of(*, account: Account, at: datetime) -> Family:
    """The family as it stands now; sisters are on their parent's page. The reads grow with its depth, not its size."""
    above = list(reversed(ancestors_of(account)))
    below, more = _below(account)
    tree = [(one, depth) for depth, one in enumerate(above)]
    tree += _walked(account, below, depth=len(above))
    ids = [one.pk for one, _ in tree]
    held, standing = holdings(account_ids=ids, at=at), standings(account_ids=ids, at=at)
    return Family(tuple(Relative(one, depth, held[one.pk], standing[one.pk]) for one, depth in tree), more)


@dataclass(frozen=True, slots=True)
class SoldTo:
    """Whom a partner sells to, by name, the first of them; `number` is all of them."""

    relatives: tuple[Relative, ...]
    number: int


def sold_by(*, account: Account, at: datetime) -> SoldTo:
    """The accounts a partner sells to, with what each holds."""
    rows = account.sold_to.filter(merged_into__isnull=True).order_by("name", "pk")
    number = rows.count()
    shown = list(rows[:MOST_SOLD]) if number else []
    ids = [one.pk for one in shown]
    held, standing = holdings(account_ids=ids, at=at), standings(account_ids=ids, at=at)
    return SoldTo(tuple(Relative(one, 0, held[one.pk], standing[one.pk]) for one in shown), number)


def _below(account: Account) -> tuple[dict[int, list[Account]], bool]:
    """The children of each account below, level by level, until there are too many of them."""
    found: dict[int, list[Account]] = {}
    level, known = [account.pk], {account.pk}
    for _ in range(DEEPEST):
        children = Account.objects.filter(parent_id__in=level).exclude(pk__in=known)
        rows = list(children.order_by("name", "pk")[: MOST - len(known) + 1])
        if len(known) + len(rows) > MOST:
            return _children(found, rows[:-1]), True
        found, level = _children(found, rows), [row.pk for row in rows]
        known.update(level)
    return found, Account.objects.filter(parent_id__in=level).exclude(pk__in=known).exists()


def _children(found: dict[int, list[Account]], rows: Iterable[Account]) -> dict[int, list[Account]]:
    for row in rows:
        assert row.parent_id is not None  # it was found by its parent
        found.setdefault(row.parent_id, []).append(row)
    return found


def _walked(account: Account, below: dict[int, list[Account]], *, depth: int) -> list[tuple[Account, int]]:
    """The account, then each child with its own children."""
    found = [(account, depth)]
    for child in below.get(account.pk, ()):
        found += _walked(child, below, depth=depth + 1)
    return found
