"""People with seats, for tests: Acme has five, and whoever a test seats in them."""

from datetime import datetime
from typing import Any

from catalog.domain.values import Squeeze
from catalog.models import Feature
from entitlements.actions.seats.assigning import Holder, assign_seats
from entitlements.actions.seats.holding import protect_seat
from entitlements.models import Account, Seat, SeatActivity, UsageCounter
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureRevisionFactory
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT


def seat(held_by: Account, feature: Feature, *holders: str, at: datetime = AT, active: bool = True, **more: Any) -> Any:
    """Seats for these people, at once; one alone is given as itself."""
    people = [Holder(one) for one in holders]
    seats = assign_seats(account=held_by, feature=feature, holders=people, active=active, by=SYSTEM, at=at, **more)
    return seats[0] if len(seats) == 1 else seats


def protected(row: Seat, *, at: datetime = AT) -> Seat:
    return protect_seat(seat=row, protected=True, by=SYSTEM, at=at)


def there(row: Seat, at: datetime) -> None:
    """The holder was last there at the instant."""
    SeatActivity.objects.update_or_create(seat=row, defaults={"last_active_at": at})


def counted(held_by: Account, feature: Feature) -> int:
    """What the counter says is in use."""
    row = UsageCounter.objects.filter(account=held_by, feature=feature, subject="").first()
    return 0 if row is None else row.used


def squeezing(feature: Feature, rule: Squeeze) -> None:
    FeatureRevisionFactory(feature=feature, effective_at=EPOCH, squeeze=rule)


def seated(held_by: Account, feature: Feature, *, at: datetime) -> dict[str, object]:
    """Somebody with a seat, by the names of the permission table."""
    row = seat(held_by, feature, "ann@acme.example", active=False, at=at)
    return {"seat": row.pk, "seat_feature": feature.key, "seat_holder": row.holder}


def a_seat() -> Seat:
    """Any seat, of an account of its own."""
    world = metered()
    row: Seat = seat(customer(world), world.seats, "ann@acme.example")
    return row
