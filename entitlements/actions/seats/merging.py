"""Seats of an account that is merged away: they are counted where they sit from then on."""

from datetime import datetime

from catalog.models import Feature
from entitlements.actions.seats.holding import give_up
from entitlements.actions.seats.places import count, giving_back, lock_counters_of, moving
from entitlements.domain.usage.operations import Operation
from entitlements.models import Account, Seat
from entitlements.queries.seats import taken_seats
from journal.actions.deeds import Deed


def lock_seat_counters(duplicate: Account, into: Account, *, at: datetime) -> None:
    """Lock the counters that the merge will move seats between, before the accounts: in the order of whoever counts."""
    ids = taken_seats(duplicate.pk).order_by().values_list("feature_id", flat=True).distinct()
    keys = Feature.objects.filter(pk__in=list(ids)).order_by("pk").values_list("key", flat=True)
    lock_counters_of([(one.pk, key) for key in keys for one in (duplicate, into)], at=at)


def seats_before(duplicate: Account) -> list[int]:
    """The seats taken there, by their ids."""
    return list(taken_seats(duplicate.pk).order_by("pk").values_list("pk", flat=True))


def carry_places(ids: list[int], *, duplicate: Account, into: Account, deed: Deed) -> None:
    """Count the seats that moved under the account that stays; one whose holder has a seat there already is released.

    They are counted also past what the account has: nobody loses a seat by a merge, but by the rule of the feature.
    """
    operations: list[Operation] = []
    for seat in Seat.objects.filter(pk__in=ids).select_related("feature", "account").order_by("pk"):
        if seat.account_id == into.pk:
            operations += moving(seat, of=duplicate, into=into, at=deed.at)
        else:
            give_up(seat, deed=deed)
            operations.append(giving_back(seat, at=deed.at))
    if operations:
        count(operations, by=deed.by, at=deed.at)
