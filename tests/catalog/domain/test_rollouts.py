import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.rollouts import (
    Audience,
    Publication,
    RolloutFact,
    moves_of,
    moving_instants,
    parse_publication,
    publication_payload,
    version_at,
    version_on_sale,
)

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def rollout(order, version, audience, day, *moves):
    plan = version.split(" ")[0]
    return RolloutFact(str(order), plan, version, Audience(audience), START + day * DAY, order, frozenset(moves))


FIRST = rollout(0, "Pro v1", "now", 0)
SECOND = rollout(1, "Pro v2", "new_customers", 10)
THIRD = rollout(2, "Pro v3", "now", 20, "Pro v1", "Pro v2")
FOURTH = rollout(3, "Pro v4", "on_date", 40, "Pro v1", "Pro v2", "Pro v3")
ALL = (FIRST, SECOND, THIRD, FOURTH)


@pytest.mark.parametrize(
    ("pinned", "day", "version"),
    [
        ("Pro v1", 0, "Pro v1"),
        ("Pro v1", 10, "Pro v1"),  # for new customers only: holders keep theirs
        ("Pro v1", 19, "Pro v1"),
        ("Pro v1", 20, "Pro v3"),
        ("Pro v2", 39, "Pro v3"),
        ("Pro v2", 40, "Pro v4"),
        ("Pro v3", 39, "Pro v3"),
        ("Pro v4", 50, "Pro v4"),
        ("Team v1", 50, "Team v1"),
    ],
)
def test_a_holder_has_the_version_the_last_rollout_moved_it_to(pinned, day, version):
    assert version_at(pinned=pinned, rollouts=ALL, at=START + day * DAY)[0] == version


@pytest.mark.parametrize(
    ("day", "version"),
    [(-1, None), (0, "Pro v1"), (9, "Pro v1"), (10, "Pro v2"), (20, "Pro v3"), (40, "Pro v4")],
)
def test_every_publication_moves_what_is_on_sale(day, version):
    assert version_on_sale(plan="Pro", rollouts=ALL, at=START + day * DAY) == version


def test_the_last_published_wins_not_the_last_effective():
    late = rollout(1, "Pro v2", "on_date", 30, "Pro v1")
    soon = rollout(2, "Pro v3", "now", 20, "Pro v1")
    assert version_at(pinned="Pro v1", rollouts=(late, soon), at=START + 35 * DAY) == ("Pro v3", soon)


def test_a_rollout_begins_at_its_instant():
    moment = timedelta(microseconds=1)
    assert version_at(pinned="Pro v1", rollouts=ALL, at=THIRD.effective_at - moment) == ("Pro v1", None)
    assert version_at(pinned="Pro v1", rollouts=ALL, at=THIRD.effective_at) == ("Pro v3", THIRD)


def test_a_rollout_that_moves_nobody_of_mine_passes_me_by():
    assert version_at(pinned="Pro v3", rollouts=(FIRST, THIRD), at=START + 90 * DAY) == ("Pro v3", None)
    assert version_on_sale(plan="Team", rollouts=ALL, at=START + 90 * DAY) is None


def test_the_moving_instants_are_those_of_rollouts_that_move_the_holder():
    assert moving_instants(pinned="Pro v1", rollouts=ALL) == (THIRD.effective_at, FOURTH.effective_at)
    assert moving_instants(pinned="Pro v3", rollouts=ALL) == (FOURTH.effective_at,)
    assert moving_instants(pinned="Pro v4", rollouts=ALL) == ()


@given(st.permutations(ALL), st.integers(-1, 60), st.sampled_from(["Pro v1", "Pro v2", "Pro v3", "Pro v4"]))
def test_the_order_of_rows_never_matters(rollouts, day, pinned):
    at = START + day * DAY
    assert version_at(pinned=pinned, rollouts=rollouts, at=at) == version_at(pinned=pinned, rollouts=ALL, at=at)
    assert version_on_sale(plan="Pro", rollouts=rollouts, at=at) == version_on_sale(plan="Pro", rollouts=ALL, at=at)


@given(st.integers(-1, 60), st.sampled_from(["Pro v1", "Pro v2", "Pro v3", "Pro v4"]))
def test_the_version_changes_only_at_moving_instants(day, pinned):
    at = START + day * DAY
    changed = {i for i in moving_instants(pinned=pinned, rollouts=ALL) if at < i <= at + DAY}
    before, after = (version_at(pinned=pinned, rollouts=ALL, at=moment)[0] for moment in (at, at + DAY))
    assert before == after or changed


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ("new_customers", "now", True),  # both change what is on sale
        ("new_customers", "new_customers", True),
        ("new_customers", "at_renewal", True),
        ("cohort", "now", True),  # both move holders
        ("cohort", "cohort", True),
        ("cohort", "at_renewal", True),
        ("cohort", "new_customers", False),
    ],
)
def test_two_publications_meet_on_the_sale_or_on_the_holders(one, other, meets):
    assert Audience(one).meets(Audience(other)) is meets
    assert Audience(other).meets(Audience(one)) is meets


def test_what_was_called_off_moves_nobody_and_sells_nothing():
    called_off = replace(FOURTH, cancelled_at=THIRD.effective_at)
    rollouts = (FIRST, SECOND, THIRD, called_off)
    assert version_at(pinned="Pro v1", rollouts=rollouts, at=START + 90 * DAY) == ("Pro v3", THIRD)
    assert version_on_sale(plan="Pro", rollouts=rollouts, at=START + 90 * DAY) == "Pro v3"
    assert moving_instants(pinned="Pro v1", rollouts=rollouts) == (THIRD.effective_at,)


def test_a_cohort_has_its_version_and_what_is_on_sale_stays():
    chosen = replace(rollout(4, "Pro v5", "cohort", 50, "Pro v1", "Pro v4"), cohort="beta")
    assert version_on_sale(plan="Pro", rollouts=(*ALL, chosen), at=START + 60 * DAY) == "Pro v4"
    moves = moves_of(pinned="Pro v1", rollouts=(*ALL, chosen), instant_of=lambda r: r.effective_at)
    assert [move.rollout.version for move in moves] == ["Pro v3", "Pro v4", "Pro v5"]


def test_of_an_item_of_which_nothing_is_known_cohorts_and_renewals_are_passed_over():
    renewal = rollout(4, "Pro v5", "at_renewal", 50, "Pro v1")
    chosen = replace(rollout(5, "Pro v6", "cohort", 50, "Pro v1"), cohort="beta")
    assert version_at(pinned="Pro v1", rollouts=(*ALL, renewal, chosen), at=START + 90 * DAY) == ("Pro v4", FOURTH)
    assert version_on_sale(plan="Pro", rollouts=(*ALL, renewal, chosen), at=START + 90 * DAY) == "Pro v5"


def test_each_item_is_moved_at_its_own_instant():
    renewal = rollout(1, "Pro v2", "at_renewal", 10, "Pro v1")
    own = {"late": START + 40 * DAY, "soon": START + 12 * DAY}
    for name, instant in own.items():
        found = version_at(
            pinned="Pro v1", rollouts=(FIRST, renewal), at=START + 20 * DAY, instant_of=lambda _r, i=instant: i
        )
        assert found == (("Pro v1", None) if name == "late" else ("Pro v2", renewal))


@pytest.mark.parametrize("effective_at", [None, START])
def test_a_publication_is_read_back_from_a_request_as_it_was_asked_for(effective_at):
    asked = Publication(Audience.COHORT, effective_at, 7, "beta")
    payload = publication_payload(audience=Audience.COHORT, effective_at=effective_at, edits=7, cohort_key="beta")
    assert parse_publication(json.loads(json.dumps(payload)) | {"impact": {"lose": 3}}) == asked
