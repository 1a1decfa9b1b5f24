"""What is answered without the desk: by the fallback alone, by the last answer, or by knowing that somebody lacks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.fallbacks import Fallback, Reliance
from entitlements.domain.relying import Last, relied_on

RELIANCES = st.builds(
    Reliance, st.sampled_from([Fallback.ALLOW, Fallback.DENY]), st.none()
) | st.builds(Reliance, st.just(Fallback.LAST_KNOWN), st.integers(0, 9_000))  # fmt: skip
LASTS = st.none() | st.builds(Last, st.booleans(), st.floats(-10, 10_000), st.booleans())


@given(RELIANCES, st.floats(0, 1e9), st.booleans())
def test_who_is_known_not_to_have_it_is_never_allowed(reliance: Reliance, age: float, holds: bool) -> None:
    for last in (None, Last(False, age, holds)):
        assert not relied_on(reliance, last, lacks=True).allowed


@given(LASTS)
def test_who_goes_on_goes_on_whatever_was_answered_and_however_long_ago(last: Last | None) -> None:
    assert relied_on(Reliance(Fallback.ALLOW), last).allowed


@given(LASTS)
def test_who_lacks_it_is_refused_with_the_last_answer_s_own_reason(last: Last | None) -> None:
    told = relied_on(Reliance(Fallback.ALLOW), last, lacks=True)
    assert told.by_last
    assert told.because == "the desk can't be reached; this is its last answer"


@given(RELIANCES.filter(lambda one: one.fallback is not Fallback.ALLOW), LASTS)
def test_nothing_else_hangs_on_it(reliance: Reliance, last: Last | None) -> None:
    assert relied_on(reliance, last, lacks=True) == relied_on(reliance, last, lacks=False)


@pytest.mark.parametrize("lacks", [True, False])
def test_where_nothing_is_known_nothing_is_allowed(lacks: bool) -> None:
    assert not relied_on(None, None, lacks=lacks).allowed
