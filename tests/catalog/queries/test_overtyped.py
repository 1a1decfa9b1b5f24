"""What goes when a plain amount is typed over a cell that said more."""

from typing import Any

import pytest

from catalog.queries.overtyped import Overtyped, left_out
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory, StorageFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stood", "typed", "told"),
    [
        ("8 GB, then $0.125 per GB", "10 GB", "the price for more is gone and the limit is hard now"),
        ("8 GB, then $0.125 per GB", "10 GB, then $0.1 per GB", ""),
        ("8 GB, hard limit, then $0.125 per GB", "10 GB", "the price for more is gone"),
        ("8 GB, soft limit", "10 GB", "the limit is hard now"),
        ("8 GB", "10 GB", ""),
        ("8 GB, then $0.125 per GB", "Unlimited", ""),
        ("8 GB, then $0.125 per GB", "a lot", ""),
        ("", "10 GB", ""),
        ("8 GB, then $0.125 per GB", "", ""),
    ],
)
def test_a_price_that_goes_and_a_limit_that_becomes_hard_are_told(stood: str, typed: str, told: str) -> None:
    assert left_out([Overtyped(StorageFactory(), stood, typed)]) == (told,)


def test_each_cell_has_its_own_answer() -> None:
    priced, gate = StorageFactory(), FeatureFactory()
    cells = [Overtyped(gate, "on", "not included"), Overtyped(priced, "8 GB, soft limit", "9 GB")]
    assert left_out(cells) == ("", "the limit is hard now")


def test_what_can_lose_nothing_reads_nothing(django_assert_num_queries: Any) -> None:
    cells = [Overtyped(FeatureGroupFactory(), "Unlimited", "included"), Overtyped(FeatureFactory(), "on", "")]
    with django_assert_num_queries(0):
        assert left_out(cells) == ("", "")
