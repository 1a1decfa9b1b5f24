"""Which features the billing gives. Nothing is written."""

from datetime import datetime

from django.db.models import Q

from catalog.domain.values import GivenBy
from catalog.models import Feature, FeatureRevision
from catalog.queries.rules import rules_of_features
from entitlements.models import BilledFeature


def given_by_billing(at: datetime) -> frozenset[str]:
    """The keys of the features of which the billing decides at the instant who has them: in one read, or three."""
    ever = FeatureRevision.objects.filter(given_by=GivenBy.BILLING).order_by()
    features = list(Feature.objects.filter(pk__in=set(ever.values_list("feature", flat=True))).order_by("pk"))
    rules = rules_of_features(features=features, at=at)
    return frozenset(one.key for one in features if rules[one.pk].given_by is GivenBy.BILLING)


def named_by_billing(*, feature_id: int, at: datetime) -> int:
    """Of how many accounts the billing says at the instant that they have the feature, whichever rule it has."""
    said = BilledFeature.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), feature=feature_id, starts_at__lte=at
    )
    return said.order_by().values("account").distinct().count()
