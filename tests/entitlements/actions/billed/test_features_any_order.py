"""Whatever is said of a customer's features, and in whatever order the looks come back: the one asked for last counts."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entitlements.models import BilledFeature
from tests.entitlements.billed_features import acme, asked, by_billing, had, look, told
from tests.entitlements.billing import verbs
from tests.entitlements.domain.billed.told import NOW
from tests.entitlements.world import answer
from tests.journal.factories import ConnectionFactory

KEYS = ("audit", "export", "sso")
SAYINGS = st.lists(st.sets(st.sampled_from(KEYS)), min_size=1, max_size=6)


@pytest.mark.django_db
class TestAnyOrder(TestCase):
    @given(SAYINGS, st.integers(0, 10**6))
    def test_the_one_asked_for_last_counts(self, said: list[set[str]], seed: int) -> None:
        there, mine = ConnectionFactory(), acme()
        for key in KEYS:
            by_billing(key)
        looks = [(asked(there), keys) for keys in said]
        later = random.Random(seed).sample(looks, len(looks))
        for number, (ticket, keys) in enumerate([*later, *later]):
            look(there, told(*sorted(keys)), ticket=ticket, at=NOW + timedelta(minutes=number))
        assert had() == sorted(said[-1])
        at = NOW + timedelta(minutes=2 * len(said))
        assert {key for key in KEYS if answer(mine, key, at).granted} == said[-1]
        so_far = len(verbs())
        look(there, told(*sorted(said[-1])), at=at)
        assert len(verbs()) == so_far
        open_rows = BilledFeature.objects.filter(ends_at=None).values_list("feature__key", flat=True)
        assert len(open_rows) == len(set(open_rows))
