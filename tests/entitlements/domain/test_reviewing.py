"""Why an override needs a look, rule by rule; the edges of each are half-open."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entitlements.domain.reviewing import ReviewFacts, Section, in_order, sections_of
from tests.entitlements.world import AT, DAY

MOMENT = timedelta(microseconds=1)
ENDING, OVERDUE, ENDED, LEFT, BEYOND, PERMANENT, SAFE = Section


def sections(*, at: datetime = AT, **facts: Any) -> set[Section]:
    return set(sections_of(ReviewFacts(**{"starts_at": AT - 40 * DAY, "ends_at": AT + 60 * DAY, **facts}), at=at))


def test_what_is_in_order_needs_no_look() -> None:
    assert sections() == set()
    assert sections(review_at=AT + DAY) == set()


@pytest.mark.parametrize(
    ("ends_at", "found"),
    [
        (AT + 14 * DAY + MOMENT, set()),
        (AT + 14 * DAY, {ENDING}),
        (AT + MOMENT, {ENDING}),
        (AT, {ENDED}),
        (AT - 30 * DAY + MOMENT, {ENDED}),
        (AT - 30 * DAY, set()),
    ],
)
def test_an_end_is_near_for_14_days_and_told_for_30(ends_at: datetime, found: set[Section]) -> None:
    assert sections(ends_at=ends_at) == found


@pytest.mark.parametrize("ends_at", [AT + 3 * DAY, AT - 3 * DAY])
def test_what_is_renewed_ends_for_nobody(ends_at: datetime) -> None:
    assert sections(ends_at=ends_at, renewed=True) == set()


def test_a_review_is_due_from_its_first_instant_on() -> None:
    assert sections(review_at=AT) == {OVERDUE}
    assert sections(review_at=AT + MOMENT) == set()


def test_without_an_end_it_is_permanent_after_180_days() -> None:
    assert sections(ends_at=None, starts_at=AT - 180 * DAY) == {PERMANENT}
    assert sections(ends_at=None, starts_at=AT - 180 * DAY + MOMENT) == set()
    assert sections(starts_at=AT - 400 * DAY) == set()


@pytest.mark.parametrize(
    ("told", "section"), [("same_without", Section.SAFE), ("beyond", Section.BEYOND), ("left", Section.LEFT)]
)
def test_what_it_does_and_who_stands_for_it_count_too(told: str, section: Section) -> None:
    assert sections(**{told: True}) == {section}


def test_of_what_is_over_only_its_end_counts() -> None:
    told = {"same_without": True, "beyond": True, "left": True, "review_at": AT - DAY}
    assert sections(ends_at=AT - DAY, **told) == {ENDED}
    assert sections(ends_at=AT - 31 * DAY, **told) == set()


def test_what_is_to_come_needs_no_look_yet() -> None:
    assert sections(starts_at=AT + DAY, ends_at=AT + 5 * DAY, left=True, beyond=True) == set()


def test_it_may_need_a_look_for_several_reasons_the_most_urgent_first() -> None:
    found = sections(ends_at=None, starts_at=AT - 200 * DAY, review_at=AT, same_without=True, left=True)
    assert in_order(found) == (OVERDUE, LEFT, PERMANENT, SAFE)


def test_kept_until_a_day_it_rests_until_then() -> None:
    kept = {"kept_at": AT - DAY, "review_at": AT + 9 * DAY, "ends_at": None, "starts_at": AT - 300 * DAY}
    told = {"beyond": True, "left": True, "same_without": True}
    assert sections(**kept, **told) == set()
    assert sections(**kept, **told, at=AT + 9 * DAY) == {OVERDUE, PERMANENT, BEYOND, LEFT, SAFE}


def test_a_day_of_review_that_nobody_kept_it_until_silences_nothing() -> None:
    assert sections(review_at=AT + 9 * DAY, beyond=True) == {BEYOND}


def test_kept_before_its_end_came_near_the_end_is_news_again() -> None:
    near = {"ends_at": AT + 3 * DAY, "review_at": AT + 50 * DAY}
    assert sections(**near, kept_at=AT - 12 * DAY) == {ENDING}
    assert sections(**near, kept_at=AT - 11 * DAY) == set()


def test_laid_to_rest_after_its_end_it_is_told_no_more() -> None:
    assert sections(ends_at=AT - 3 * DAY, kept_at=AT - 4 * DAY) == {ENDED}
    assert sections(ends_at=AT - 3 * DAY, kept_at=AT - 3 * DAY) == set()


def test_every_section_has_its_words_and_its_advice() -> None:
    assert len({section.words for section in Section}) == len({section.advice for section in Section}) == len(Section)
