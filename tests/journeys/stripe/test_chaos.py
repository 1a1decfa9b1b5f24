"""Whatever becomes of Stripe's messages, the desk ends where Stripe is: twelve lives, in as many permutations as asked.

DESK_PERMUTATIONS says how many in all (`make chaos` for 10,000), DESK_SEED where they begin. Each prints its seed.
"""

import os

import pytest
from django.db import transaction

from tests.journeys.stripe.judging import Told
from tests.journeys.stripe.lives import LIVES, TURNS
from tests.journeys.stripe.mail import Manners
from tests.journeys.stripe.making import Made

PERMUTATIONS = int(os.environ.get("DESK_PERMUTATIONS", "300"))
FIRST = int(os.environ.get("DESK_SEED", "0"))
OF_EACH = -(-PERMUTATIONS // len(LIVES))
AT_ONCE = 60  # in one test, so that several processes share them
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("begin", range(0, OF_EACH, AT_ONCE))
def test_it_ends_where_stripe_is(life: str, begin: int, made: Made) -> None:
    straight = {turn: lived(life, made, Manners.good(), turn=turn) for turn in TURNS.get(life, (False,))}
    for number in range(FIRST + begin, FIRST + min(begin + AT_ONCE, OF_EACH)):
        print("seed", seed := f"{life} {number}")
        turn = number % len(straight) == 1
        told = lived(life, made, Manners.of(seed), turn=turn)
        assert told.beyond(straight[turn]) == []


def lived(life: str, made: Made, manners: Manners, *, turn: bool) -> Told:
    """One permutation; what it wrote is taken back."""
    with transaction.atomic():
        world = made.world(manners, turn)
        LIVES[life](world)
        assert world.wrong() == []
        told = Told.now()
        transaction.set_rollback(True)
    return told
