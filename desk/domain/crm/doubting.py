"""What a person should look at though a deal can be read: it may be the same sale as another, or give what is had already.

- A sale that two CRMs tell of (where one copies its deals into the other) is one sale: the deal that was taken in first
  made its contract, and the other makes nothing as long as that stands. Alike are two won deals of one account that bear
  the same name and sell some of the same things; who means two sales calls them differently.
- What the customer holds already of a plan, by another contract or a subscription that is billed elsewhere, and what
  stands on two lines of one deal, is told and done all the same: it may be more of it, and it may be a renewal whose
  contract before has to end. Quantities of base plans add up only where the feature's rule says so.
- A contract gives nothing while its account is suspended or closed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from desk.domain.crm.wanted import PlanPromise, Promise, Wanted

TRIAL = "a longer trial"


@dataclass(frozen=True, slots=True)
class Alike:
    """Another won deal of the account that made something: what it is called there, and what it made, in words."""

    system: str
    name: str
    sells: frozenset[str]
    made: str


def sold_by(promises: Iterable[Promise], *, trial: bool) -> frozenset[str]:
    """What is sold, whatever its quantity and its days: the plans and features by their keys."""
    what = (one.what for one in promises)
    keys = {f"plan:{one.plan}" if isinstance(one, PlanPromise) else f"feature:{one.feature}" for one in what}
    return frozenset(keys | ({TRIAL} if trial else set()))


def same_sale(name: str, found: Wanted, others: Iterable[Alike]) -> Alike | None:
    """The deal of another CRM that is the same sale."""
    sells = sold_by(found.promises, trial=found.extension is not None)
    return next((one for one in others if _plain(one.name) == _plain(name) and one.sells & sells), None)


def say_same(other: Alike) -> str:
    return (
        f"It looks like the sale that the {other.system} deal “{other.name}” made {other.made} of, so nothing was made of "
        "it again. If it is another sale, give it another name there."
    )


def say_held(plan: str, where: str) -> str:
    return (
        f"{plan} is held already, by {where}. If this deal renews or replaces that, end the one before by hand: what two "
        "of them give doesn’t always add up."
    )


def say_twice(plan: str, quantities: Collection[int]) -> str:
    greatest = max(quantities)
    return (
        f"{plan} stands on {len(quantities)} lines, and by the rules of its features the greatest counts ({greatest}) "
        f"and not all together ({sum(quantities)}). Put them on one line there, or let those features add up."
    )


def say_no_standing(account: str, standing: str) -> str:
    return (
        f"{account} is {standing}, so nothing of the contract is given. Open the account again, or give the money back."
    )


def on_several_lines(promises: Iterable[Promise]) -> Mapping[str, list[int]]:
    """The quantities of each plan that stands on more than one line."""
    plans = [one.what for one in promises if isinstance(one.what, PlanPromise)]
    often = Counter(one.plan for one in plans)
    return {
        key: [one.quantity for one in plans if one.plan == key] for key, times in sorted(often.items()) if times > 1
    }


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
