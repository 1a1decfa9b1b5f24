"""Named seats as they stand: how many, whose, and who would lose theirs."""

import random
from decimal import Decimal

import pytest

from catalog.domain.values import UNLIMITED, Enforcement, Squeeze
from catalog.models import Feature
from entitlements.actions.accounts import set_standing
from entitlements.actions.overrides import revoke
from entitlements.actions.seats.holding import release_seat
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from entitlements.queries.seats import (
    Squeezed,
    ask_seat,
    listed_seats,
    seat_of,
    seated_features,
    seats_had,
    seats_of,
    squeezed_at,
)
from entitlements.queries.usage.terms import terms_of
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import overridden
from tests.entitlements.seating import protected, seat, squeezing, there
from tests.entitlements.using import Metered, customer, metered, plan_of, use
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def test_while_they_fit_nobody_is_ranked(world: Metered, acme: Account) -> None:
    row = seat(acme, world.seats, "ann")
    use(acme, world.seats, 2)
    found = seats_of(acme, world.seats, at=AT)
    assert (found.had, found.taken, found.used, found.free, found.standings) == (5, 1, 3, 2, {})
    told = found.standing_of(row)
    assert told is not None
    assert (told.holds, told.because) == (True, "holds a seat")


def test_fewer_seats_squeeze_out_by_the_rule_and_more_give_them_back(world: Metered, acme: Account) -> None:
    squeezing(world.seats, Squeeze.LONGEST_UNUSED)
    ann, bob, cas = seat(acme, world.seats, "ann", "bob", "cas", at=AT - 9 * DAY)
    protected(cas)
    there(ann, AT - DAY)
    override = overridden(acme, world.seats, Mode.AT_MOST, Decimal(2), at=AT)
    found = seats_of(acme, world.seats, at=AT)
    assert {row.holder: found.standings[row.pk].holds for row in (ann, bob, cas)} == {
        "ann": True, "bob": False, "cas": True,
    }  # fmt: skip
    assert found.squeezed == 1
    assert override.ends_at is not None
    assert seats_of(acme, world.seats, at=override.ends_at).squeezed == 0


def test_without_a_rule_all_keep_theirs(world: Metered, acme: Account) -> None:
    rows = seat(acme, world.seats, "ann", "bob")
    overridden(acme, world.seats, Mode.AT_MOST, Decimal(1), at=AT)
    found = seats_of(acme, world.seats, at=AT)
    assert [found.standings[row.pk].because for row in rows] == ["holds a seat, though 2 are taken of 1"] * 2


def test_where_the_account_has_none_any_more_nobody_has(world: Metered, acme: Account) -> None:
    row = seat(acme, world.seats, "ann")
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    found = seats_of(acme, world.seats, at=AT)
    told = found.standing_of(row)
    assert told is not None
    assert (told.holds, found.squeezed) == (False, 1)
    assert "suspended" in told.because


def test_the_first_who_would_lose_theirs_are_named_and_the_others_counted(world: Metered, acme: Account) -> None:
    overridden(acme, world.seats, Mode.REPLACE, Decimal(20), at=AT - 2 * DAY)
    seat(acme, world.seats, *(f"user:{number}" for number in range(11, 19)), at=AT - DAY)
    lost = squeezed_at(acme, world.seats, Decimal(1), rule=Squeeze.INVITED_THEN_NEWEST)
    assert lost.words == "user:18, user:17, user:16, user:15, user:14 and 2 more"
    assert squeezed_at(acme, world.seats, Decimal(8), rule=Squeeze.INVITED_THEN_NEWEST) == Squeezed()
    assert squeezed_at(acme, world.seats, Decimal(1), rule=Squeeze.KEEP) == Squeezed()


def test_beyond_a_limit_that_lets_people_in_nobody_is_squeezed_out(world: Metered) -> None:
    for key, percent, had in (("soft", None, UNLIMITED), ("some", 50, Decimal(3))):
        one = account(key, zone="UTC")
        subscribed(one, plan_of(world.seats, 2, f"plan_{key}", enforcement=Enforcement.SOFT, overage_percent=percent))
        assert seats_had(terms_of(one.pk, at=AT)["seats"].answer) == had


def test_the_features_with_seats_are_those_had_and_those_somebody_sits_in(world: Metered, acme: Account) -> None:
    assert [found.feature.key for found in seated_features(acme, at=AT)] == ["seats"]
    bare = account("bare")
    assert seated_features(bare, at=AT) == []
    seat(acme, world.seats, "ann")
    acme.subscriptions.update(ends_at=AT)
    assert [found.taken for found in seated_features(acme, at=AT)] == [1]


def test_holders_are_found_however_they_are_spelled_and_by_their_names(world: Metered, acme: Account) -> None:
    ann, bob = seat(acme, world.seats, "Ann@Acme.example", "bob")
    release_seat(seat=bob, by=SYSTEM, at=AT)
    found = seat_of(acme, world.seats, " ANN@acme.EXAMPLE")
    assert found == ann
    assert listed_seats(acme, world.seats, text="ACME", most=9) == [ann]
    assert listed_seats(acme, state=SeatState.RELEASED, most=9) == [bob]
    assert seat_of(acme, world.seats, "bob") is None


@pytest.mark.parametrize("rule", Squeeze)
def test_who_asks_for_one_seat_is_told_what_the_list_says(world: Metered, acme: Account, rule: Squeeze) -> None:
    chance = random.Random(f"seats {rule}")  # the seed of who came when
    squeezing(world.seats, rule)
    override = overridden(acme, world.seats, Mode.REPLACE, Decimal(40), at=AT - 30 * DAY)
    rows = [someone(acme, world.seats, number, chance) for number in range(24)]
    revoke(override=override, reason="Back to five", by=SYSTEM, at=AT)
    found, terms = seats_of(acme, world.seats, at=AT), terms_of(acme.pk, at=AT)["seats"]
    asked = {row.pk: ask_seat(acme.pk, world.seats.pk, terms, row.holder, at=AT) for row in rows}
    assert {pk: (one.allowed, one.because) for pk, one in asked.items()} == {
        pk: (one.holds, one.because) for pk, one in found.standings.items()
    }
    assert sum(one.allowed for one in asked.values()) == (24 if rule is Squeeze.KEEP else 5)


def someone(acme: Account, feature: Feature, number: int, chance: random.Random) -> Seat:
    """A seat of few days, so that many are alike."""
    came = AT - chance.randint(2, 5) * DAY
    row: Seat = seat(acme, feature, f"user:{number}", active=chance.random() < 0.7, at=came)
    if chance.random() < 0.6:
        there(row, AT - chance.randint(0, 4) * DAY)
    return protected(row, at=came) if chance.random() < 0.3 else row
