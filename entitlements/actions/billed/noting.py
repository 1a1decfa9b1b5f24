"""What a look at the billing finds that a person has to see, in words."""

from collections.abc import Iterator
from datetime import datetime

from entitlements.actions.billed.work import Noted
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.kept import names_of
from entitlements.domain.billed.steps import Unlinked
from entitlements.domain.billed.told import Billed, BilledCustomer
from entitlements.models import Account
from entitlements.queries.billed.charged import closed, is_charged
from entitlements.queries.billed.compared import Compared, side_by_side
from entitlements.queries.billed.customers import Whose


def drift(compared: Compared, *, zone: str = "UTC", gone: bool = False) -> Noted:
    """What differs, line by line. `gone`: there is nothing there any more that it could be compared with."""
    lines = side_by_side(compared, zone=zone, gone=gone)
    first = lines[0]
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    words = f"{first.about}: {first.theirs} where it is billed, {_small(first.ours)} here{more}"
    steps = names_of(compared.steps, billed=compared.billed, held=compared.held)
    shown = [{"about": one.about, "theirs": one.theirs, "ours": one.ours, "step": one.step} for one in lines]
    evidence = {"lines": shown, "steps": list(steps)} | ({"gone": True} if gone else {})
    return Noted(FindingKind.DRIFT, "", words, evidence)


def unlinked(prices: tuple[Unlinked, ...]) -> Iterator[Noted]:
    for price in prices:
        yield unlinked_price(price)


def unlinked_price(price: Unlinked) -> Noted:
    theirs = {"price": price.price, "product": price.product, "lookup_key": price.lookup_key}
    words = f"{price.quantity} × the price {price.price} is billed, and stands for nothing here"
    return Noted(FindingKind.UNLINKED, price.price, words, {"theirs": theirs, "ours": None})


def charged(billed: Billed, account: Account | None, *, at: datetime) -> Iterator[Noted]:
    """An account that was closed here and is charged there all the same."""
    if account is not None and is_charged(billed) and closed([account.pk], at=at):
        words = f"{account} is closed, and {billed.id} is charged all the same"
        yield Noted(FindingKind.CHARGED, "", words, {"theirs": billed.state.value, "ours": "closed"})


def doubt(customer: BilledCustomer, found: Whose) -> Noted:
    """Several it could belong to, or one that was named and isn't here."""
    theirs = {"system": customer.system, "id": customer.id, "name": customer.name, "email": customer.email}
    theirs |= {"country": customer.country, "own_id": customer.own_id}
    return Noted(FindingKind.DOUBTFUL, customer.id, found.doubt, {"theirs": theirs, "ours": list(found.candidates)})


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
