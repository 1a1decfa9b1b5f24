"""Rows of the catalog for tests: each kept as a deed of the desk, as the house demands."""

from datetime import UTC, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.actions.publishing import NeedsSecondPerson, publish
from catalog.domain.rollouts import Audience, publication_payload
from catalog.domain.values import Aggregation, ConfigType, Kind, PlanKind, TermState
from catalog.models import (
    BillingLink,
    Dimension,
    DimensionChoice,
    Feature,
    FeatureGroup,
    FeatureRevision,
    Market,
    MarketWindow,
    Plan,
    PlanPrice,
    PlanTerm,
    PlanVersion,
    PriceLine,
    Rollout,
)
from catalog.models.market import MarketUse
from catalog.queries.versions import newest_published
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Approval

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class KeptFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return keep(model_class(*args, **kwargs), deed=begin(by=SYSTEM, at=EPOCH))


class FeatureGroupFactory(KeptFactory):
    class Meta:
        model = FeatureGroup

    key = factory.Sequence(lambda n: f"group_{n}")
    name = factory.Sequence(lambda n: f"Group {n}")
    position = factory.Sequence(int)


class FeatureFactory(KeptFactory):
    """A feature gate; GatedFeature's siblings below are the other natures."""

    class Meta:
        model = Feature

    key = factory.Sequence(lambda n: f"feature_{n}")
    name = factory.Sequence(lambda n: f"Feature {n}")
    group = factory.SubFactory(FeatureGroupFactory)
    position = factory.Sequence(int)
    kind = Kind.GATE


class StorageFactory(FeatureFactory):
    """A usage limit in GB."""

    kind = Kind.METERED
    unit = "GB"
    scale = 10**9
    aggregation = Aggregation.AVERAGE


class SeatsFactory(FeatureFactory):
    kind = Kind.CAPACITY
    unit = "seat"


class RetentionFactory(FeatureFactory):
    """A duration in days."""

    kind = Kind.CONFIG
    config_type = ConfigType.DURATION
    unit = "day"
    scale = 86_400


class TierFactory(FeatureFactory):
    """A ranked choice."""

    kind = Kind.CONFIG
    config_type = ConfigType.RANKED
    better = "listed"
    choices = factory.LazyFunction(lambda: [["basic", "Basic"], ["smart", "Smart"]])


class RolesFactory(FeatureFactory):
    """A set of choices."""

    kind = Kind.CONFIG
    config_type = ConfigType.SET
    choices = factory.LazyFunction(lambda: [["owner", "Owner"], ["developer", "Developer"], ["billing", "Billing"]])


class FeatureRevisionFactory(KeptFactory):
    class Meta:
        model = FeatureRevision

    feature = factory.SubFactory(FeatureFactory)
    effective_at = EPOCH


class DimensionFactory(KeptFactory):
    class Meta:
        model = Dimension

    feature = factory.SubFactory(StorageFactory)
    key = factory.Sequence(lambda n: f"dimension_{n}")
    name = factory.Sequence(lambda n: f"Dimension {n}")


class DimensionChoiceFactory(KeptFactory):
    class Meta:
        model = DimensionChoice

    dimension = factory.SubFactory(DimensionFactory)
    key = factory.Sequence(lambda n: f"choice_{n}")
    name = factory.Sequence(lambda n: f"Choice {n}")


class BillingLinkFactory(KeptFactory):
    """The link of a feature, unless a plan is named."""

    class Meta:
        model = BillingLink

    feature = factory.SubFactory(FeatureFactory)
    external_id = factory.Sequence(lambda n: f"feat_{n}")


class PlanFactory(KeptFactory):
    class Meta:
        model = Plan

    key = factory.Sequence(lambda n: f"plan_{n}")
    name = factory.Sequence(lambda n: f"Plan {n}")
    position = factory.Sequence(int)


class AddOnFactory(PlanFactory):
    key = factory.Sequence(lambda n: f"add_on_{n}")
    name = factory.Sequence(lambda n: f"Add-on {n}")
    kind = PlanKind.ADD_ON


class PlanVersionFactory(KeptFactory):
    """A draft; `published_version` below takes one to the end of its way."""

    class Meta:
        model = PlanVersion

    plan = factory.SubFactory(PlanFactory)
    number = factory.LazyAttribute(lambda self: self.plan.versions.count() + 1)
    base = factory.LazyAttribute(lambda self: newest_published(plan=self.plan))


class PlanPriceFactory(KeptFactory):
    class Meta:
        model = PlanPrice

    version = factory.SubFactory(PlanVersionFactory)
    amount_micros = 25_000_000


class PlanTermFactory(KeptFactory):
    """A gate that is on."""

    class Meta:
        model = PlanTerm

    version = factory.SubFactory(PlanVersionFactory)
    feature = factory.SubFactory(FeatureFactory)
    state = TermState.VALUE


class PriceLineFactory(KeptFactory):
    class Meta:
        model = PriceLine

    term = factory.SubFactory(PlanTermFactory)
    position = factory.LazyAttribute(lambda self: self.term.price_lines.count())
    amount_micros = 125_000
    note = "then $0.125 per GB"


class MarketFactory(KeptFactory):
    class Meta:
        model = Market

    key = factory.Sequence(lambda n: f"market_{n}")
    name = factory.Sequence(lambda n: f"Market {n}")
    countries = factory.LazyFunction(lambda: ["NL", "BE"])


class MarketWindowFactory(KeptFactory):
    class Meta:
        model = MarketWindow

    market = factory.SubFactory(MarketFactory)
    plan = factory.SubFactory(PlanFactory)
    use = MarketUse.SOLD


class RolloutFactory(KeptFactory):
    class Meta:
        model = Rollout

    version = factory.SubFactory(PlanVersionFactory)
    audience = Audience.NOW
    effective_at = EPOCH
    published_at = EPOCH


def publish_now(
    version: PlanVersion, *, at: datetime = EPOCH, audience: Audience = Audience.NOW, **whom: Any
) -> PlanVersion:
    """Publish a draft as the desk, whoever may; with somebody's approval where it takes something away."""
    version.refresh_from_db()
    asked = {"audience": audience, "effective_at": None, "edits": version.edits} | whom
    try:
        publish(version=version, by=SYSTEM, at=at, **asked)
    except NeedsSecondPerson:
        publish(version=version, by=SYSTEM, at=at, approval=approved_publication(version, at=at, **asked), **asked)
    version.refresh_from_db()
    return version


def approved_publication(
    version: PlanVersion, *, at: datetime = EPOCH, request: dict[str, Any] | None = None, **asked: Any
) -> Approval:
    """A request to publish this, asked by one person and approved by another; `request` says what is different."""
    usual = {
        "kind": "publication",
        "subject_type": "planversion",
        "subject_key": str(version.pk),
        "reason": "The new price page",
        "state": Approval.State.APPROVED,
    }
    return Approval.objects.create(
        **(usual | (request or {})),
        subject_label=str(version),
        summary="Publish it",
        payload=publication_payload(**asked),
        requested_at=at,
        requested_by_key="finance-1",
        requested_by_name="Finn Finance",
        decided_at=at,
        decided_by_key="finance-2",
        decided_by_name="Fia Finance",
    )


def published_version(*, plan: Plan | None = None, at: datetime = EPOCH, **term: Any) -> PlanVersion:
    """A published version with one term: a gate that is on, or as said."""
    version = PlanVersionFactory(**({"plan": plan} if plan else {}))
    PlanTermFactory(version=version, **term)
    return publish_now(version, at=at)
