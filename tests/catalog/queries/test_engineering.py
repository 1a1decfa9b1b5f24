"""Features in the engineer's words."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import Kind
from catalog.models import Feature
from catalog.queries.engineering import EngineeringLine, engineering_lines
from tests.catalog.factories import (
    DimensionChoiceFactory,
    FeatureFactory,
    FeatureRevisionFactory,
    RetentionFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db


def rule_words(feature: Feature, *, at: datetime) -> EngineeringLine:
    return engineering_lines(at=at)[feature.pk]


def test_a_usage_limit_is_said_whole(at: datetime) -> None:
    storage = StorageFactory(key="storage")
    rules = {"default_reset": "month", "combine": "add", "parent_rule": "shared", "buffer_percent": 5}
    FeatureRevisionFactory(feature=storage, effect="irreversible", **rules)
    line = rule_words(storage, at=at)
    assert (line.key, line.kind, line.unit) == ("storage", "metered", "GB = 1,000,000,000 B")
    assert (line.aggregation, line.combine, line.parent_rule, line.reset) == ("average", "add", "shared", "month")
    assert line.fallback == "If the desk can't be reached: everybody is refused."
    assert line.thresholds == "80 %: customer; 90 %: customer and sales; 100 %: customer and sales; 5 % kept back"


def test_the_rules_are_those_in_force_at_the_instant(at: datetime) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature)
    FeatureRevisionFactory(feature=feature, combine="most_restrictive", effective_at=at)
    assert rule_words(feature, at=at - timedelta(seconds=1)).combine == "most_generous"
    assert rule_words(feature, at=at).combine == "most_restrictive"


def test_the_earliest_rules_hold_before_they_begin(at: datetime) -> None:
    feature = FeatureFactory()
    FeatureRevisionFactory(feature=feature, combine="most_restrictive", effective_at=at)
    assert rule_words(feature, at=at - timedelta(days=9)).combine == "most_restrictive"


def test_each_kind_says_what_it_is_counted_in(at: datetime) -> None:
    made = {
        "seat": SeatsFactory(),
        "day = 86,400 second": RetentionFactory(),
        "basic < smart": TierFactory(),
        "owner, developer, billing": RolesFactory(),
        "": FeatureFactory(),
    }
    lines = engineering_lines(at)
    assert [lines[feature.pk].unit for feature in made.values()] == list(made)
    assert lines[made["basic < smart"].pk].kind == "config: ranked"


def test_what_has_no_limit_has_no_thresholds(at: datetime) -> None:
    assert rule_words(FeatureFactory(kind=Kind.GATE), at=at).thresholds == ""


def test_dimensions_are_named_with_their_weights(at: datetime) -> None:
    large = DimensionChoiceFactory(key="large", weight_thousandths=2500, dimension__key="model")
    DimensionChoiceFactory(key="small", dimension=large.dimension)
    assert rule_words(large.dimension.feature, at=at).dimensions == "model: large ×2.5, small ×1"


def test_three_reads_however_many_features(at: datetime) -> None:
    for _ in range(4):
        FeatureRevisionFactory(feature=StorageFactory())
    DimensionChoiceFactory()
    with CaptureQueriesContext(
        connection,
    ) as reads:
        assert len(engineering_lines(at)) == 5
    assert len(reads) == 3
