"""One factory for each table of use and access: for tests that need just a row, as if use had made it."""

from datetime import datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from catalog.domain.values import Kind
from catalog.models import Feature
from entitlements.domain.usage.operations import Act
from entitlements.models import (
    AccessCount,
    Account,
    DecisionTrace,
    Reservation,
    SubjectLimit,
    ThresholdCrossing,
    UsageCounter,
    UsageDay,
    UsageEvent,
    UsageForecast,
    UsageReset,
)
from tests.catalog.factories import EPOCH, FeatureFactory, KeptFactory
from tests.entitlements.factories import AccountFactory


class OfUse(DjangoModelFactory):
    class Meta:
        abstract = True

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory, kind=Kind.METERED, aggregation="sum", unit="call")


class UsageEventFactory(OfUse):
    class Meta:
        model = UsageEvent

    source = "shop"
    event_id = factory.Sequence(lambda n: f"row-{n}")
    act = Act.CONSUME
    quantity = 1
    amount = factory.SelfAttribute("quantity")
    at = EPOCH
    recorded_at = factory.SelfAttribute("at")
    digest = "0" * 32
    answer = factory.LazyFunction(dict)
    told_by = "key:shop"


class UsageCounterFactory(OfUse):
    class Meta:
        model = UsageCounter

    starts_at = EPOCH
    ends_at = factory.LazyAttribute(lambda self: self.starts_at + timedelta(days=31))
    since = factory.SelfAttribute("starts_at")
    used = 1
    total = factory.SelfAttribute("used")
    events = 1
    updated_at = factory.SelfAttribute("starts_at")


class UsageDayFactory(OfUse):
    class Meta:
        model = UsageDay

    on = factory.LazyFunction(EPOCH.date)
    amount = 1
    level = 1
    events = 1


class ReservationFactory(OfUse):
    class Meta:
        model = Reservation

    key = factory.Sequence(lambda n: f"res_{n:032}")
    source = "shop"
    event_id = factory.Sequence(lambda n: f"hold-{n}")
    quantity = 1
    amount = factory.SelfAttribute("quantity")
    at = EPOCH
    expires_at = factory.LazyAttribute(lambda self: self.at + timedelta(hours=1))
    digest = "0" * 32
    answer = factory.LazyFunction(dict)
    told_by = "key:shop"


class SubjectLimitFactory(KeptFactory):
    class Meta:
        model = SubjectLimit

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory, kind=Kind.METERED, aggregation="sum", unit="call")
    subject = factory.Sequence(lambda n: f"user:{n}")
    amount = 100
    starts_at = EPOCH


class UsageResetFactory(OfUse):
    class Meta:
        model = UsageReset

    starts_at = EPOCH
    at = EPOCH
    used = 5
    reason = "An outage of ours"
    reset_by = "Sam Support"


class ThresholdCrossingFactory(OfUse):
    class Meta:
        model = ThresholdCrossing

    starts_at = EPOCH
    since = EPOCH
    percent = 80
    used = 80
    limit_amount = 100
    crossed_at = EPOCH
    told = "both"


class UsageForecastFactory(OfUse):
    class Meta:
        model = UsageForecast

    starts_at = EPOCH
    made_at = EPOCH
    used = 10
    limit_amount = 100
    probability_thousandths = 500
    expected = 90
    basis = "pattern"


class AccessCountFactory(DjangoModelFactory):
    class Meta:
        model = AccessCount

    point = "GET /things"
    feature = factory.SubFactory(FeatureFactory)
    hour = EPOCH
    granted = 1


class DecisionTraceFactory(DjangoModelFactory):
    class Meta:
        model = DecisionTrace

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory)
    point = "GET /things"
    at = EPOCH
    allowed = False
    asked_by = "key:shop"
    question = factory.LazyFunction(lambda: {"quantity": 1})
    answer = factory.LazyFunction(lambda: {"because": "it is not included"})


def used_up(account: Account, feature: Feature, *, at: datetime) -> dict[str, object]:
    """One row of each that a page is about, by the names of the permission table."""
    rows = {"account": account, "feature": feature}
    return {
        "usage_counter": UsageCounterFactory(**rows, starts_at=at, ends_at=None).pk,
        "reservation": ReservationFactory(**rows, at=at).pk,
        "subject_limit": SubjectLimitFactory(**rows).pk,
        "subject_name": "user:ann",
        "entitlements_decisiontrace": DecisionTraceFactory(**rows, at=at).pk,
    }
