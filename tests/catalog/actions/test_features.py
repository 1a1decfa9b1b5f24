"""Declaring features: a shape that freezes at first use, and rules that change by date."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from catalog.actions.features import declare
from catalog.domain.declarations import FeatureDeclaration
from catalog.domain.values import Aggregation, Combine, FeatureShape, Kind, Reset, Scaling
from catalog.models import Feature, FeatureGroup, FeatureRevision
from journal.actions.deeds import begin, keep
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import FeatureGroupFactory, PlanTermFactory, SeatsFactory
from tests.entitlements.factories import OverrideFactory

pytestmark = pytest.mark.django_db

CALLS = FeatureDeclaration(
    FeatureShape("api_calls", "API calls", Kind.METERED, unit="call", aggregation=Aggregation.SUM),
    group="API",
    reset=Reset.MONTH,
)
PEAKS = replace(CALLS, shape=replace(CALLS.shape, aggregation=Aggregation.PEAK))


def test_a_feature_comes_with_its_group_and_its_rules(finance: Actor, at: datetime) -> None:
    feature = declare(declaration=CALLS, by=finance, at=at)

    assert (feature.shape, feature.group.name) == (CALLS.shape, "API")
    rule = feature.revisions.get()
    assert (rule.effective_at, rule.default_reset, rule.combine) == (at, "month", "most_generous")
    assert AuditEvent.objects.get().verb == "feature:declare"


def test_declaring_the_same_again_changes_nothing(finance: Actor, at: datetime) -> None:
    declare(declaration=CALLS, by=finance, at=at)
    declare(declaration=CALLS, by=finance, at=at + timedelta(days=1))
    assert (AuditEvent.objects.count(), FeatureRevision.objects.count()) == (1, 1)


def test_two_features_share_a_group(finance: Actor, at: datetime) -> None:
    declare(declaration=CALLS, by=finance, at=at)
    declare(declaration=FeatureDeclaration(FeatureShape("sso", "SSO", Kind.GATE), group="API"), by=finance, at=at)
    assert FeatureGroup.objects.count() == 1


def test_rules_change_from_a_date_and_leave_the_past(finance: Actor, at: datetime) -> None:
    declare(declaration=CALLS, by=finance, at=at)
    later = at + timedelta(days=10)
    feature = declare(declaration=replace(CALLS, combine=Combine.ADD), effective_at=later, by=finance, at=at)
    assert [(r.effective_at, r.combine) for r in feature.revisions.all()] == [(at, "most_generous"), (later, "add")]


def test_rules_can_not_change_the_past(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        declare(declaration=CALLS, effective_at=at - timedelta(days=1), by=finance, at=at)
    assert refused.value.field == "effective_at"


def test_a_shape_may_change_until_a_plan_uses_it(finance: Actor, at: datetime) -> None:
    declare(declaration=CALLS, by=finance, at=at)
    assert declare(declaration=PEAKS, by=finance, at=at).aggregation == "peak"


def test_a_shape_is_frozen_once_a_plan_uses_it(finance: Actor, at: datetime) -> None:
    PlanTermFactory(feature=declare(declaration=CALLS, by=finance, at=at), amount=1)
    with pytest.raises(Refusal, match="its aggregation can't change"):
        declare(declaration=PEAKS, by=finance, at=at)
    assert Feature.objects.get().aggregation == "sum"


def test_a_shape_is_frozen_once_a_customer_was_promised_it(finance: Actor, at: datetime) -> None:
    OverrideFactory(feature=declare(declaration=CALLS, by=finance, at=at), amount=1)
    with pytest.raises(Refusal, match="is used by Override #"):
        declare(declaration=PEAKS, by=finance, at=at)


def test_a_shape_is_frozen_once_another_feature_is_counted_per_it(finance: Actor, at: datetime) -> None:
    calls = declare(declaration=CALLS, by=finance, at=at)
    PlanTermFactory(feature=SeatsFactory(), amount=1, scaling=Scaling.PER_SEAT_OF, seats_of=calls)
    with pytest.raises(Refusal, match="is used by"):
        declare(declaration=PEAKS, by=finance, at=at)


def test_a_shape_is_frozen_once_a_term_on_a_group_above_reaches_it(finance: Actor, at: datetime) -> None:
    group = declare(declaration=CALLS, by=finance, at=at).group
    group.parent = FeatureGroupFactory()
    keep(group, deed=begin(by=finance, at=at))
    PlanTermFactory(feature=None, group=group.parent)
    with pytest.raises(Refusal, match="is used by"):
        declare(declaration=replace(PEAKS, group="Elsewhere"), by=finance, at=at)


def test_a_name_may_change_even_then(finance: Actor, at: datetime) -> None:
    PlanTermFactory(feature=declare(declaration=CALLS, by=finance, at=at), amount=1)
    renamed = replace(CALLS, shape=replace(CALLS.shape, name="Calls to the API"))
    assert declare(declaration=renamed, by=finance, at=at).name == "Calls to the API"


def test_sales_may_not_declare_a_feature(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        declare(declaration=CALLS, by=sales, at=at)
