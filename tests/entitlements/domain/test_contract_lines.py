"""What lines promise over all versions: what an amendment leaves alone is one stretch."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.window import Window
from entitlements.domain.contract_lines import LineFact, Stretch, VersionFact, stretches

JAN, MAR, JUN, SEP = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 6, 9))


def version(number: int, since: datetime, *lines: LineFact) -> VersionFact:
    return VersionFact(number, since, lines)


def line(number: int, promise: str, row: int = 0, window: Window | None = None) -> LineFact:
    return LineFact(number, promise, row, window or Window())


def test_a_line_speaks_from_its_version_on() -> None:
    assert stretches([version(1, JAN, line(1, "5 × Team", 11))]) == (Stretch(1, "5 × Team", 11, JAN, None),)


def test_what_an_amendment_leaves_alone_is_one_stretch_of_the_line_that_said_it_first() -> None:
    signed = [version(1, JAN, line(1, "5 × Team", 11)), version(2, MAR, line(1, "5 × Team", 21))]
    assert stretches(signed) == (Stretch(1, "5 × Team", 11, JAN, None),)


def test_what_it_changes_ends_and_begins_at_its_instant() -> None:
    signed = [version(1, JAN, line(1, "5 × Team", 11)), version(2, MAR, line(1, "8 × Team", 21))]
    assert stretches(signed) == (Stretch(1, "5 × Team", 11, JAN, MAR), Stretch(1, "8 × Team", 21, MAR, None))


def test_a_line_that_is_left_out_ends_and_one_that_comes_back_begins_anew() -> None:
    signed = [version(1, JAN, line(1, "SSO", 11)), version(2, MAR), version(3, JUN, line(1, "SSO", 31))]
    assert stretches(signed) == (Stretch(1, "SSO", 11, JAN, MAR), Stretch(1, "SSO", 31, JUN, None))


def test_of_two_versions_from_one_instant_the_later_speaks() -> None:
    signed = [version(2, MAR, line(1, "b")), version(3, MAR, line(1, "a")), version(1, JAN, line(1, "a"))]
    assert stretches(signed) == (Stretch(1, "a", 0, JAN, None),)


def test_a_lines_own_days_and_the_contracts_end_cut_it() -> None:
    summer = line(1, "more storage", window=Window(MAR, SEP))
    assert stretches([version(1, JAN, summer)]) == (Stretch(1, "more storage", 0, MAR, SEP),)
    assert stretches([version(1, JAN, summer)], end=JUN) == (Stretch(1, "more storage", 0, MAR, JUN),)
    assert stretches([version(1, JAN, summer)], end=MAR) == ()


versions = st.lists(
    st.tuples(st.integers(0, 6), st.dictionaries(st.integers(1, 3), st.sampled_from("abc"), max_size=3)), max_size=5
)


def built(drawn: list[tuple[int, dict[int, str]]]) -> list[VersionFact]:
    return [
        version(number, JAN + timedelta(days=30 * month), *(line(key, said) for key, said in lines.items()))
        for number, (month, lines) in enumerate(sorted(drawn, key=lambda one: one[0]), start=1)
    ]


@given(versions, st.integers(0, 7))
def test_at_every_instant_exactly_what_the_speaking_version_says(drawn: list, month: int) -> None:  # type: ignore[type-arg]
    signed, at = built(drawn), JAN + timedelta(days=30 * month)
    begun = [one for one in signed if one.effective_at <= at]
    said = {one.number: one.promise for one in begun[-1].lines} if begun else {}
    found = [s for s in stretches(signed) if s.starts_at <= at and (s.ends_at is None or at < s.ends_at)]
    assert {one.number: one.promise for one in found} == said
    assert len(found) == len(said)


@given(versions)
def test_a_version_more_leaves_everything_before_it_as_it_was(drawn: list) -> None:  # type: ignore[type-arg]
    signed = built(drawn)
    if not signed:
        return
    last = signed[-1].effective_at
    before, after = stretches(signed[:-1], end=last), stretches(signed, end=last)
    assert before == after
