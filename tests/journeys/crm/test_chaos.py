"""Whatever becomes of word of it, what deals sold is what is held: twelve lives at each CRM, in as many permutations as
asked.

DESK_PERMUTATIONS says how many in all (`make crm-chaos` for more), DESK_SEED where they begin. Each prints its seed.
"""

import os

import pytest
from django.db import transaction

from tests.journeys.crm.conftest import CRMS
from tests.journeys.crm.judging import wrong
from tests.journeys.crm.lives import LIVES
from tests.journeys.crm.making import Made
from tests.journeys.crm.world import Manners

PERMUTATIONS = int(os.environ.get("DESK_PERMUTATIONS", "24"))
FIRST = int(os.environ.get("DESK_SEED", "0"))
OF_EACH = -(-PERMUTATIONS // (len(LIVES) * len(CRMS)))
AT_ONCE = 25  # in one test, so that several processes share them
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("made", CRMS, indirect=True)
@pytest.mark.parametrize("begin", range(0, OF_EACH, AT_ONCE))
def test_both_sides_agree_in_the_end(begin: int, made: Made, life: str) -> None:
    for number in range(FIRST + begin, FIRST + min(begin + AT_ONCE, OF_EACH)):
        print("seed", seed := f"{life} {number}")
        assert lived(life, made, Manners.of(seed)) == []


def lived(life: str, made: Made, manners: Manners) -> list[str]:
    """One permutation, and what is wrong in the end; what it wrote is taken back."""
    with transaction.atomic():
        world = made.world(manners)
        LIVES[life](world)
        world.passes(60)
        world.reconcile()
        trial = made.trial_ends if life == "longer_trial" else None
        found = wrong(made.there, made.connection, at=world.at, trial_ended=trial)
        transaction.set_rollback(True)
    return found
