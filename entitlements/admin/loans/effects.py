"""What a loan, or its recall, does to whom, as a page shows it: accounts that have the same otherwise stand together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from entitlements.domain.lending import Obstacle
from entitlements.models import Account
from entitlements.queries.lending import Borrower, LoanEffect
from entitlements.queries.life.item_preview import Difference

LOOKED_AT = 200  # so many accounts are worked out one by one for a page
NAMED = 12


@dataclass(frozen=True, slots=True)
class Alike:
    """Accounts with the same differences; those without any stand last."""

    differences: tuple[Difference, ...]
    accounts: tuple[Account, ...]

    @property
    def named(self) -> Sequence[Account]:
        return self.accounts[:NAMED]

    @property
    def more(self) -> int:
        return len(self.accounts[NAMED:])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Those who take no part for one reason."""

    obstacle: Obstacle
    accounts: tuple[Account, ...]

    @property
    def named(self) -> Sequence[Account]:
        return self.accounts[:NAMED]

    @property
    def more(self) -> int:
        return len(self.accounts[NAMED:])


def alike(effects: Iterable[LoanEffect]) -> list[Alike]:
    found: dict[tuple[Difference, ...], list[Account]] = {}
    for effect in effects:
        found.setdefault(effect.differences, []).append(effect.account)
    grouped = [Alike(differences, tuple(accounts)) for differences, accounts in found.items()]
    return sorted(grouped, key=lambda group: (not group.differences, -len(group.accounts)))


def left_out(borrowers: Iterable[Borrower]) -> list[LeftOut]:
    found: dict[Obstacle, list[Account]] = {}
    for borrower in borrowers:
        if borrower.obstacle is not None:
            found.setdefault(borrower.obstacle, []).append(borrower.account)
    return [LeftOut(obstacle, tuple(accounts)) for obstacle, accounts in found.items()]
