"""The places under named seats: each one is counted as one in use of its feature, in the transaction that gives it.

Locks are taken in one order: the counters, as whoever counts takes them; the account, as every change of a customer
does; the seats. So two that want the last place follow each other, and whoever merges the account is waited for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.rules import seated
from catalog.models import Feature
from entitlements.actions.locking import lock_account, refuse_merged
from entitlements.actions.usage.caps import counting
from entitlements.actions.usage.counters import lock_counters
from entitlements.actions.usage.recording import SCOPE as COUNTS
from entitlements.actions.usage.recording import Answer, record
from entitlements.domain.facts import Standing
from entitlements.domain.usage.operations import Act, Operation, UnfitUse, digest_of
from entitlements.models import Account, Seat
from entitlements.queries.holdings import standings
from entitlements.queries.usage.landing import lands_on
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

PERMISSION = "entitlements.assign_seat"
SCOPE = "seats:write"
SOURCE = "desk:seats"


class NotSeats(Refusal):
    """Nobody can hold the feature by name."""

    code = "not_seats"


class NotIncluded(Refusal):
    """The account has no seats of the feature at all."""

    code = "seats_not_included"


class AccountNotOpen(Refusal):
    """The account is suspended or closed, so nobody gets a seat in it."""

    code = "account_not_open"


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def lock_places(account: Account, feature: Feature, *, at: datetime) -> Account:
    """The account as it stands once it and the counters of the feature's seats are ours."""
    refuse_merged(account)
    refuse_not_seats(feature)
    lock_counters_of([(account.pk, feature.key)], at=at)
    return lock_account(account.pk)


def lock_counters_of(pairs: Iterable[tuple[int, str]], *, at: datetime) -> None:
    """Lock the counters of these features of these accounts, in the order in which everybody locks counters."""
    probes = [Operation(Act.REPORT, SOURCE, "", account, feature, Decimal(1), at) for account, feature in pairs]
    sources = counting(None, at=at)
    sources.read_ahead(probes)
    try:
        ready = [lands_on(probe, sources, now=at) for probe in probes]
    except UnfitUse as unfit:
        raise NotSeats(str(unfit)) from unfit
    lock_counters((line for one in ready for line in one.lines), at=at)


def refuse_not_seats(feature: Feature) -> None:
    if not seated(feature.shape):
        raise NotSeats(
            f"{feature} isn’t held one by one, so nobody can have a seat of it. Choose a feature that counts seats.",
            field="feature",
        )


def refuse_closed(account: Account, *, at: datetime) -> None:
    """Nobody gets a seat in an account that is suspended or closed; whoever has one may give it back."""
    stands = standings(account_ids=[account.pk], at=at)[account.pk]
    if stands is not Standing.OPEN:
        raise AccountNotOpen(f"{account} is {stands}, so nobody gets a seat. Reopen the account first.")


def taking(seat: Seat, *, at: datetime, act: Act = Act.CONSUME) -> Operation:
    """One more in use. Reported, it counts also past the limit: where a seat only changes hands."""
    return _operation(seat, f"{seat.pk}:assign", act, 1, at=at)


def giving_back(seat: Seat, *, at: datetime) -> Operation:
    return _operation(seat, f"{seat.pk}:release", Act.REPORT, -1, at=at)


def moving(seat: Seat, *, of: Account, into: Account, at: datetime) -> tuple[Operation, Operation]:
    """The same seat under the account that stays after a merge: one less there, one more here."""
    name = f"{seat.pk}:merge:{into.pk}"
    return (
        _operation(seat, f"{name}:out", Act.REPORT, -1, at=at, account_id=of.pk),
        _operation(seat, f"{name}:in", Act.REPORT, 1, at=at, account_id=into.pk),
    )


def count(operations: Sequence[Operation], *, by: Actor, at: datetime) -> list[Answer]:
    """Count what these seats take and give back. Whoever may assign seats thereby counts them."""
    counts = replace(by, permissions=by.permissions | {COUNTS})
    answers = record(operations, by=counts, at=at)
    for operation, answer in zip(operations, answers, strict=True):
        # A product may have given it back already; then there is nothing left to give back.
        if isinstance(answer, UnfitUse) and operation.quantity > 0:
            raise NotSeats(str(answer))
    return answers


def _operation(
    seat: Seat, name: str, act: Act, quantity: int, *, at: datetime, account_id: int | None = None
) -> Operation:
    amount, whose = Decimal(quantity), seat.account_id if account_id is None else account_id
    digest = digest_of(act, whose, seat.feature.key, amount, at=None, subject=seat.holder)
    return Operation(
        act, SOURCE, name, whose, seat.feature.key, amount, at, subject=seat.holder, digest=digest
    )  # fmt: skip
