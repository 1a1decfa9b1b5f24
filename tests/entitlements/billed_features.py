"""A customer of a connected system, features that it may say the customer has, and looks at what it says."""

from dataclasses import replace
from datetime import datetime

from catalog.models import Feature
from entitlements.actions.billed.features import follow_features
from entitlements.actions.billed.following import Followed
from entitlements.actions.billed.tickets import take_features_ticket
from entitlements.actions.identifiers import identify
from entitlements.domain.billed.told import BilledCustomer, BilledFeatures, BilledFeatureTold
from entitlements.models import Account, BilledFeature
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import begin
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.catalog.factories import FeatureFactory, FeatureRevisionFactory
from tests.entitlements.billing import BY
from tests.entitlements.domain.billed.told import NOW
from tests.entitlements.world import account


def by_billing(key: str) -> Feature:
    """A feature of which the billing decides who has it."""
    feature = FeatureFactory(key=key, name=key.title())
    FeatureRevisionFactory(feature=feature, given_by="billing")
    return feature


def customer_of(held_by: Account, customer: str = "cus_1") -> Account:
    deed = begin(by=SYSTEM, at=NOW)
    identify(held_by, IdentifierKind.EXTERNAL, customer, system="console", deed=deed)
    return held_by


def acme(customer: str = "cus_1", key: str = "acme") -> Account:
    return customer_of(account(key), customer)


def told(*keys: str, customer: str = "cus_1") -> BilledFeatures:
    features = tuple(BilledFeatureTold(f"ent_{key}", f"feat_{key}", key) for key in keys)
    return BilledFeatures("console", False, customer, features)


def asked(connection: Connection, customer: str = "cus_1") -> int:
    return take_features_ticket(connection=connection, customer=customer)


def look(
    connection: Connection, said: BilledFeatures, *, at: datetime = NOW, ticket: int | None = None,
    who: BilledCustomer | None = None,
) -> Followed:  # fmt: skip
    """Somebody asks, is told this, and follows it."""
    ticket = ticket or asked(connection, said.customer)
    said = replace(said, system=connection.vendor)
    return follow_features(connection=connection, told=said, ticket=ticket, customer=who, by=BY, at=at)


def had(customer: str = "cus_1") -> list[str]:
    """What the customer has by the billing, as rows say it."""
    rows = BilledFeature.objects.filter(customer=customer, ends_at__isnull=True)
    return sorted(rows.values_list("feature__key", flat=True))
