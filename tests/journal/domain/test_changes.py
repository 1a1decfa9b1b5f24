import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.actor import ActorKind
from journal.domain.changes import changes_between, plain, plain_changes
from journal.domain.verbs import checked, in_words

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(ANYTHING)
def test_whatever_is_made_plain_reads_back_as_it_was_written(value):
    made = plain(value)
    assert json.loads(json.dumps(made, allow_nan=False)) == made


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.50, "1.5"),
        (Decimal("2.50"), "2.50"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (ActorKind.STAFF, "staff"),
        ({"b", "a"}, ["a", "b"]),
        (("x", None), ["x", None]),
        ("nul\x00l", "nul\ufffdl"),
    ],
)
def test_values_keep_the_text_people_know(value, expected):
    assert plain(value) == expected


def test_only_what_differs_is_a_change():
    before, after = {"a": 1, "b": 2, "gone": 3}, {"a": 1, "b": 5, "new": None}
    assert changes_between(before, after) == {"b": [2, 5], "gone": [3, None]}


def test_a_change_is_a_pair():
    assert plain_changes({"seats": (1, 2)}) == {"seats": [1, 2]}
    with pytest.raises(ValueError, match="seats was before and after"):
        plain_changes({"seats": 2})


def test_a_verb_reads_the_other_way_round():
    assert in_words("plan_version:publish") == "Publish plan version"
    assert in_words("rollout:call_off") == "Call off rollout"
    assert in_words("crm_finding:open") == "Open CRM finding"


def test_an_act_that_names_its_object_needs_no_noun():
    assert in_words("subscription:change_plan") == "Change plan"
    assert in_words("plan_version:write_cells") == "Write cells"


@pytest.mark.parametrize("verb", ["publish", "Plan:publish", "plan:", "plan publish", "plan:publish:now"])
def test_what_is_not_noun_and_verb_is_refused(verb):
    with pytest.raises(ValueError, match="noun:verb"):
        checked(verb)
