from hypothesis import given
from hypothesis import strategies as st

from journal.domain.rate import REMEMBERED, WINDOW, RateWindow, named, share_of


def asked(moments, *, limit):
    window = RateWindow()
    return [(now, window.take(limit, now=now)) for now in moments]


def moments_of(steps):
    """Steps in eighths of a second, so that sums stay exact and edges are met."""
    now, moments = 1_000.0, []
    for step in steps:
        now += step / 8
        moments.append(now)
    return moments


STEPS = st.lists(st.sampled_from([0, 0, 1, 3, 8, 40, 300, 472, 480, 481, 488]), max_size=60)
LIMITS = st.integers(1, 6)


def test_as_many_as_the_limit_come_in_at_once_and_no_more():
    answers = [taken.allowed for _now, taken in asked([5.0] * 4, limit=3)]
    assert answers == [True, True, True, False]


def test_each_answer_says_how_many_more_fit():
    assert [taken.left for _now, taken in asked([5.0, 5.9, 30.0], limit=3)] == [2, 1, 0]


def test_a_second_stops_counting_when_sixty_more_are_over():
    moments = [0.9, 60.9, 61.0]
    assert [taken.allowed for _now, taken in asked(moments, limit=1)] == [True, False, True]


def test_what_was_refused_does_not_count():
    assert asked([0.0, *[30.0] * 50, 61.0], limit=1)[-1][1].allowed


@given(STEPS, LIMITS)
def test_no_minute_ever_holds_more_than_the_limit(steps, limit):
    let_in = [now for now, taken in asked(moments_of(steps), limit=limit) if taken.allowed]
    for start in let_in:
        assert sum(start <= now <= start + WINDOW for now in let_in) <= limit


@given(STEPS, LIMITS)
def test_nothing_that_fits_is_refused(steps, limit):
    let_in = []
    for now, taken in asked(moments_of(steps), limit=limit):
        counted = sum(now // 1 - before // 1 < REMEMBERED for before in let_in)
        assert taken.allowed == (counted < limit)
        assert taken.left == max(0, limit - counted - taken.allowed)
        let_in += [now] if taken.allowed else []


@given(STEPS, LIMITS, st.integers(1, 3))
def test_who_waits_as_long_as_told_is_let_in_and_not_before(steps, limit, cut):
    window, now = RateWindow(), 0.0
    for now in moments_of(steps):
        window.take(limit, now=now)
    lower = min(limit, cut)  # the limit may be lowered meanwhile
    refused = window.take(lower, now=now)
    if not refused.allowed:
        assert not window.take(lower, now=now // 1 + refused.wait - 0.125).allowed
        assert window.take(lower, now=now + refused.wait).allowed


def test_a_clock_that_goes_back_stands_still():
    assert [taken.allowed for _now, taken in asked([100.0, 20.0, 20.0], limit=2)] == [True, True, False]


def test_a_window_at_rest_is_empty():
    window = RateWindow()
    window.take(1, now=0.0)
    assert not window.is_idle(now=60.0)
    assert window.is_idle(now=61.0)


def test_the_headers_are_those_of_the_draft():
    ((_, first), (_, second)) = asked([7.5, 8.5], limit=1)
    assert first.headers == ((b"ratelimit-policy", b'"minute";q=1;w=60'), (b"ratelimit", b'"minute";r=0;t=61'))
    assert dict(named(second.headers)) == {
        "RateLimit-Policy": '"minute";q=1;w=60',
        "RateLimit": '"minute";r=0;t=60',
        "Retry-After": "60",
    }


def test_processes_share_a_limit_without_passing_it_but_each_lets_something_in():
    assert [share_of(6000, processes=count) for count in (1, 2, 7)] == [6000, 3000, 857]
    assert share_of(1, processes=4) == 1
    assert share_of(5, processes=0) == 5
