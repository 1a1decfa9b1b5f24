"""Whether some work comes on an invoice of a connected system, as what, and how that stands. Nothing is written."""

from collections import Counter
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from entitlements.queries.billed.invoice_items import Standing, standings
from entitlements.queries.billed.payers import ByHand, Payer, payer_of
from entitlements.queries.contracts.wording import say_day
from support.domain.cover_terms import WorkKind
from support.domain.work import KIND_WORDS, say_quantity
from support.models import WorkItem


class Payers:
    """Who is invoiced for each of several pieces of work; a customer is looked up once."""

    def __init__(self) -> None:
        self._known: dict[int, Payer | ByHand] = {}

    def of(self, item: WorkItem) -> Payer | ByHand:
        """By hand, too, what has no sum: a price is never made up."""
        if item.account_id not in self._known:
            self._known[item.account_id] = payer_of(item.account)
        found = self._known[item.account_id]
        if isinstance(found, Payer) and item.customer_micros is None:
            return ByHand("no price was stated.")
        if isinstance(found, Payer) and item.customer_micros == 0:
            return ByHand("the customer’s share comes to nothing.")
        return found


def name_on_invoice(item: WorkItem) -> str:
    """What it is called where it is invoiced: ours, and the same however often it is told."""
    return f"work:{item.pk}"


def say_on_invoice(item: WorkItem) -> str:
    """ "Part: Seal ring, 3 pieces, 3 May 2026 (50 %)", for the customer to read."""
    kind = WorkKind(item.kind)
    day = say_day(item.done_at.astimezone(ZoneInfo(item.account.zone)).date())
    part = f" {item.part_number}" if item.part_number else ""
    share = "" if item.customer_percent == 100 else f" ({item.customer_percent} % of it)"
    return f"{KIND_WORDS[kind]}: {item.description}{part}, {say_quantity(kind, item.quantity)}, {day}{share}"[:500]


def invoicing_of(items: Iterable[WorkItem]) -> Mapping[int, Standing]:
    """How each that a connected system was told of stands there, by its number; three reads for all."""
    names = {name_on_invoice(item): item.pk for item in items if item.billed_by}
    return {names[name]: standing for name, standing in standings(names).items()}


def say_foreseen(items: Iterable[WorkItem]) -> list[str]:
    """What would become of each if it were handed over now, as lines to read; empty where no system was set up for it."""
    payers, found = Payers(), Counter[str]()
    for item in items:
        payer = payers.of(item)
        if isinstance(payer, Payer):
            found[f"on the next invoice of {payer.connection}"] += 1
        elif payer.why:
            found[f"by hand: {payer.why}"] += 1
    return [f"{number} {words}" for words, number in sorted(found.items(), key=lambda one: one[0], reverse=True)]
