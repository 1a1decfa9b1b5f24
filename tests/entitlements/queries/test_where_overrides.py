"""Where overrides happen: counted as the list of overrides counts them, and week by week."""

from typing import Any

import pytest

from entitlements.domain.facts import Mode
from entitlements.models import Override
from entitlements.queries.review.where import Figure, where_overrides_happen
from tests.catalog.factories import StorageFactory
from tests.entitlements.factories import OverrideFactory, ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, account

pytestmark = pytest.mark.django_db


def given(**columns: Any) -> Override:
    return OverrideFactory(**{"starts_at": AT - 10 * DAY, "approved_at": AT - 10 * DAY, **columns})


def plain(figures: tuple[Figure, ...]) -> list[tuple[str, int, int, int]]:
    return [(figure.name, figure.in_force, figure.customers, figure.granted) for figure in figures]


def test_by_feature_reason_team_and_person() -> None:
    storage, acme = StorageFactory(key="storage", name="Storage"), account("acme")
    beta = ReasonCodeFactory(key="beta", name="Beta programme")
    adds = {"feature": storage, "mode": Mode.ADD, "account": acme, "requested_as": "sales"}
    given(**adds, amount=20 * GB, reason_code=beta, requested_by="Ann")
    given(**adds, amount=30 * GB, requested_by="Bob")
    found = where_overrides_happen(at=AT)
    assert plain(found.features) == [("Storage", 2, 1, 2)]
    assert found.features[0].added == "+ 50 GB"
    assert plain(found.reasons) == [("Beta programme", 1, 1, 1), ("No listed reason", 1, 1, 1)]
    assert plain(found.teams) == [("Sales", 2, 1, 2)]
    assert plain(found.people) == [("Ann", 1, 1, 1), ("Bob", 1, 1, 1)]


def test_what_is_over_counts_only_as_granted_and_only_for_90_days() -> None:
    feature = StorageFactory(name="Storage")
    more: dict[str, Any] = {"feature": feature, "mode": Mode.ADD, "amount": 1}
    given(**more, ends_at=AT - DAY)
    given(**more, revoked_at=AT - DAY, revoked_by="Ann")
    given(**more, approved_at=AT - 90 * DAY, starts_at=AT - 90 * DAY)
    assert plain(where_overrides_happen(at=AT).features) == [("Storage", 1, 1, 2)]


def test_what_five_customers_have_is_no_exception() -> None:
    feature = StorageFactory(name="Storage")
    for _ in range(4):
        given(feature=feature, mode=Mode.ADD, amount=1)
    assert not where_overrides_happen(at=AT).features[0].habitual
    given(feature=feature, mode=Mode.ADD, amount=1)
    assert where_overrides_happen(at=AT).features[0].habitual


def test_what_is_denied_to_many_is_nothing_to_sell() -> None:
    feature = StorageFactory(name="Storage")
    for _ in range(5):
        given(feature=feature, mode=Mode.DENY)
    found = where_overrides_happen(at=AT).features[0]
    assert (found.customers, found.habitual) == (5, False)


def test_week_by_week_as_it_was_then() -> None:
    given(starts_at=AT - 20 * DAY, ends_at=AT - 10 * DAY)
    given(starts_at=AT - 20 * DAY, revoked_at=AT - 3 * DAY, revoked_by="Ann")
    given(starts_at=AT - 5 * DAY)
    weeks = where_overrides_happen(at=AT).weeks
    assert len(weeks) == 26
    assert [week.in_force for week in weeks[-4:]] == [0, 2, 1, 1]
    assert weeks[-1].at == AT


def test_without_any_override_there_is_nothing_to_show(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        found = where_overrides_happen(at=AT)
    assert found.features == found.people == ()
    assert {week.in_force for week in found.weeks} == {0}
