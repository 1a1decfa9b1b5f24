import pytest

from catalog.domain.units import Family, Unit, default_scale, plural, singular, smallest_unit, unit_named, unit_of
from tests.catalog.domain.shapes import BRANCHES, MEMORY, RETENTION, STORAGE


@pytest.mark.parametrize(
    ("word", "key", "factor"),
    [
        ("B", "B", 1),
        ("bytes", "B", 1),
        ("KB", "KB", 1_000),
        ("kb", "KB", 1_000),
        ("MB", "MB", 1_000_000),
        ("GB", "GB", 10**9),
        ("TB", "TB", 10**12),
        ("KiB", "KiB", 1_024),
        ("MiB", "MiB", 1_048_576),
        ("GiB", "GiB", 2**30),
        ("TiB", "TiB", 2**40),
        ("second", "second", 1),
        ("sec", "second", 1),
        ("minutes", "minute", 60),
        ("Hours", "hour", 3_600),
        ("hrs", "hour", 3_600),
        ("days", "day", 86_400),
        ("week", "week", 604_800),
    ],
)
def test_bytes_and_times_are_known_by_their_spellings(word, key, factor):
    unit = unit_named(word)
    assert unit is not None
    assert (unit.key, unit.factor) == (key, factor)


@pytest.mark.parametrize("word", ["month", "year", "MAU", "branch", "", "M", "bits"])
def test_months_and_nouns_are_no_units_of_time_or_size(word):
    assert unit_named(word) is None


def test_any_other_noun_is_a_plain_count():
    assert unit_of(BRANCHES) == Unit("branch", Family.COUNT)
    assert default_scale("branch") == 1
    assert default_scale("day") == 86_400


def test_amounts_are_kept_in_the_smallest_unit_of_their_family():
    assert [smallest_unit(s) for s in (STORAGE, MEMORY, RETENTION, BRANCHES)] == ["B", "B", "second", "branch"]


def test_a_unit_smaller_than_nothing_can_not_be_built():
    with pytest.raises(ValueError, match="smaller"):
        Unit("nothing", Family.COUNT, 0)


@pytest.mark.parametrize(
    ("one", "many"),
    [("day", "days"), ("branch", "branches"), ("MAU", "MAUs"), ("query", "queries"), ("box", "boxes"), ("", "")],
)
def test_nouns_have_a_plural_and_find_back(one, many):
    assert plural(one) == many
    assert singular(many) == one
