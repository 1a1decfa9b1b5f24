"""What a cell that is still being typed would mean."""

from typing import Any

import pytest

from catalog.queries.readings import Read, read_texts
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db


def read(subject: object, text: str) -> Read:
    (found,) = read_texts([(subject, text)])
    return found


@pytest.mark.parametrize(
    ("factory", "text", "words"),
    [
        (StorageFactory, "500 MB", "500 MB; hard limit"),
        (StorageFactory, "8 gb, then $0.125 per GB", "8 GB, then $0.125 per GB; tracked only"),
        (StorageFactory, "1 GB, soft limit", "1 GB, soft limit"),
        (StorageFactory, "∞", "Unlimited"),
        (SeatsFactory, "2 million", "2 Million; hard limit"),
        (FeatureFactory, "✓", "included"),
        (FeatureFactory, "-", "not included"),
        (TierFactory, "smart", "Smart"),
        (RolesFactory, "billing, owner", "Owner, Billing"),
        (SeatsFactory, "custom", "set per customer"),
        (SeatsFactory, "  ", "nothing said here"),
    ],
)
def test_a_text_is_said_as_it_would_be_read(factory: type, text: str, words: str) -> None:
    assert read(factory(), text) == Read(words=words)


@pytest.mark.parametrize("text", ["ten apples", "1,00,0", "=1+1", "10 GB or so", "\u200b5"])
def test_what_can_not_be_read_gets_a_sentence(text: str) -> None:
    found = read(SeatsFactory(name="Seats"), text)
    assert found.sentence
    assert not found.words


def test_an_add_on_is_named_by_its_name() -> None:
    AddOnFactory(key="backups", name="Backups")
    assert read(FeatureFactory(), "sold as an add-on: backups").words == "sold as an add-on: Backups"


def test_a_group_is_read_by_what_can_be_said_of_all_of_it() -> None:
    group = FeatureGroupFactory(name="Security")
    FeatureFactory(group=group)
    assert read(group, "yes").words == "Included"
    assert "Security" in read(group, "10 GB").sentence


def test_any_number_of_cells_takes_as_many_queries(django_assert_max_num_queries: Any) -> None:
    places = [(SeatsFactory(), str(number)) for number in range(20)]
    with django_assert_max_num_queries(6):
        assert len(read_texts(places)) == 20
