"""What relies on a feature, told in words."""

import pytest

from catalog.domain.values import Scaling
from catalog.models import Feature
from catalog.queries.uses import sold, uses_of
from tests.catalog.factories import (
    FeatureFactory,
    FeatureGroupFactory,
    FeatureRevisionFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    published_version,
)
from tests.entitlements.factories import OverrideFactory

pytestmark = pytest.mark.django_db


def told(feature: Feature) -> list[str]:
    return [str(use) for use in uses_of(feature=feature)]


def test_a_new_feature_is_used_by_nothing() -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature)
    assert (told(feature), sold(feature=feature)) == ([], False)


def test_plans_are_named_once_each() -> None:
    feature, version = SeatsFactory(), PlanVersionFactory()
    PlanTermFactory(feature=feature, version=version, amount=1)
    PlanTermFactory(feature=feature, version=version, amount=2, phase="trial")
    assert told(feature) == [f"Plans: {version}"]


def test_what_is_counted_per_it_uses_it() -> None:
    seats = SeatsFactory()
    term = PlanTermFactory(feature=SeatsFactory(), amount=1, scaling=Scaling.PER_SEAT_OF, seats_of=seats)
    assert told(seats) == [f"Plans: {term.version}"]


def test_of_many_the_first_five_are_named() -> None:
    feature = FeatureFactory()
    versions = [PlanTermFactory(feature=feature).version for _ in range(7)]
    assert told(feature) == [f"Plans: {', '.join(map(str, versions[:5]))} and 2 more"]


def test_overrides_use_it_and_may_be_held() -> None:
    override = OverrideFactory(feature=SeatsFactory(), amount=1)
    assert told(override.feature) == [f"Overrides: {override}"]
    assert sold(feature=override.feature)


def test_a_draft_uses_it_and_sells_nothing() -> None:
    feature = FeatureFactory()
    PlanTermFactory(feature=feature)
    assert not sold(feature=feature)


def test_a_published_version_sells_it_also_through_its_group() -> None:
    outer = FeatureGroupFactory()
    inner = FeatureFactory(group=FeatureGroupFactory(parent=outer))
    gold = published_version(group=outer, feature=None)
    assert sold(feature=inner)
    assert told(inner) == [f"Plans, through its group: {gold}"]
