from datetime import UTC, datetime, timedelta

import pytest

from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome, answered, outcome_of
from journal.domain.webhooks.schedule import THROTTLED

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def answer(status, **headers):
    return answered(status, headers=headers, response="", took_ms=7, at=AT)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((200, 201, 202, 204, 226, 299), Outcome.OK),
        ((300, 301, 302, 303, 304, 307, 308, 399), Outcome.REDIRECTED),
        ((410,), Outcome.GONE),
        ((429, 502, 503, 504), Outcome.THROTTLED),
        ((400, 401, 403, 404, 409, 422, 500, 501, 505, 599, 600, 999), Outcome.FAILED),
    ],
)
def test_what_a_status_means(statuses, outcome):
    assert {outcome_of(status) for status in statuses} == {outcome}


def test_only_a_yes_leaves_no_error():
    assert answer(204).is_ok
    assert answer(204).error == ""
    assert answer(500).error == "It answered 500 (Internal Server Error)."
    assert answer(777).error == "It answered 777."


def test_who_asks_for_less_is_left_alone_for_as_long_as_it_says_or_else_half_a_minute():
    assert answer(429, **{"retry-after": "90"}).rest == timedelta(seconds=90)
    assert answer(503).rest == answer(503, **{"retry-after": "later"}).rest == THROTTLED
    assert answer(500, **{"retry-after": "90"}).rest is None


def test_everything_is_said_in_words():
    assert all(outcome.words for outcome in Outcome)
    assert all(state.words for state in EndpointState)


def test_silence_is_told_from_a_no():
    silent = {outcome for outcome in Outcome if outcome.is_silence}
    assert silent == {Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.FORBIDDEN}
