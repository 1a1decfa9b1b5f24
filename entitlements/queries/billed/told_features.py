"""The features a customer has where it is billed, beside those its account has here. Nothing is written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db.models import QuerySet

from catalog.domain.values import Kind
from catalog.models import BillingLink, Feature
from catalog.models.billing import Mode
from entitlements.domain.billed.features import FeatureHere, HeldFeature, may_be_missing
from entitlements.domain.billed.told import BilledFeatures, BilledFeatureTold, BilledState
from entitlements.domain.resolution import Layer, Resolution
from entitlements.models import Account, BilledFeature, BilledSubscription, FeaturesTold
from entitlements.queries.billed.customers import account_of_customer
from entitlements.queries.billed.features import given_by_billing
from entitlements.queries.entitlements import entitlements_of
from journal.models import Connection

Answers = Mapping[str, Resolution]


@dataclass(frozen=True, slots=True)
class Names:
    """What our features are called there: by an entered link, else by the lookup key that is our key."""

    keys: frozenset[str]
    linked: Mapping[str, str]  # their id: our key

    def key(self, one: BilledFeatureTold) -> str:
        return self.linked.get(one.feature) or (one.lookup_key if one.lookup_key in self.keys else "")

    def called(self, key: str) -> frozenset[str]:
        ids = {told for told, ours in self.linked.items() if ours == key}
        return frozenset(ids | {key}) if ids else frozenset()


def names_of(connection: Connection) -> Names:
    links = BillingLink.objects.filter(mode=Mode(connection.mode), feature__isnull=False)
    linked = dict(links.values_list("external_id", "feature__key"))
    return Names(frozenset(Feature.objects.values_list("key", flat=True)), linked)


def keyed(told: BilledFeatures, names: Names) -> BilledFeatures:
    """What was told, with our key of each feature that is known here."""
    return replace(told, features=tuple(replace(one, key=names.key(one)) for one in told.features))


def account_here(connection: Connection, customer: str) -> Account | None:
    """Whose the customer is: by its id there, by what it has bought, or by what it has."""
    known = account_of_customer(connection.vendor, customer)
    if known is not None:
        return known
    bought = BilledSubscription.objects.filter(connection=connection, customer=customer, account__isnull=False)
    row = bought.select_related("account", "subscription__account").first()
    if row is not None and row.whose is not None:
        return row.whose
    having = open_rows(connection, customer).select_related("account").first()
    return None if having is None else having.account


def open_rows(connection: Connection, customer: str) -> QuerySet[BilledFeature]:
    """What the customer has, as far as we were told."""
    return BilledFeature.objects.filter(connection=connection, customer=customer, ends_at__isnull=True)


def held_by(rows: Iterable[BilledFeature]) -> Mapping[str, HeldFeature]:
    return {row.feature.key: HeldFeature(row.pk, row.billing_id) for row in rows}


def features_here(names: Names, answers: Answers, *, at: datetime) -> Mapping[str, FeatureHere]:
    """Every feature, as the account has it at the instant; without answers, as one that has nothing."""
    by_billing = given_by_billing(at)
    return {
        row.key: FeatureHere(
            key=row.key,
            name=row.name,
            is_gate=row.kind == Kind.GATE,
            by_billing=row.key in by_billing,
            granted=row.key in answers and answers[row.key].granted,
            silenced=row.key in answers and _silenced(answers[row.key]),
            called=names.called(row.key),
        )
        for row in Feature.objects.all()
    }


def any_missing(connection: Connection, told: BilledFeatures, *, at: datetime) -> bool:
    """Whether the account has something under a name there that the customer doesn't have there."""
    names = names_of(connection)
    account = account_here(connection, told.customer) if names.linked else None
    if account is None:
        return False
    theirs = {one.key for one in keyed(told, names).features}
    here = features_here(names, entitlements_of(account=account, at=at), at=at)
    return any(may_be_missing(one, told=key in theirs) for key, one in here.items())


def features_matter(connection: Connection, customer: str, *, at: datetime) -> bool:
    """Whether it is worth asking which features a customer has: something was told of them once, or they give something."""
    told = FeaturesTold.objects.filter(connection=connection, customer=customer)
    return told.exists() or bool(given_by_billing(at))


def customers_with_features(connection: Connection, *, at: datetime, since: datetime | None = None) -> list[str]:
    """Customers whose features are worth a look, who was looked at longest ago first; not those looked at after `since`.

    It is those who are said to have any, and, where features have names there or are given by the billing, all who are
    billed: their messages may have been lost.
    """
    told = FeaturesTold.objects.filter(connection=connection)
    when = dict(told.values_list("customer", "told_at"))
    customers = set(told.exclude(told=[]).values_list("customer", flat=True))
    linked = BillingLink.objects.filter(mode=Mode(connection.mode), feature__isnull=False)
    if linked.exists() or given_by_billing(at):
        billed = BilledSubscription.objects.filter(connection=connection, account__isnull=False)
        customers |= set(billed.exclude(state=BilledState.ENDED).values_list("customer", flat=True))
    long_ago = datetime.min.replace(tzinfo=UTC)
    looked = {one: when.get(one) or long_ago for one in customers - {""}}
    wanted = [one for one, last in looked.items() if since is None or last <= since]
    return sorted(wanted, key=lambda one: (looked[one], one))


def customers_told_otherwise(connection: Connection) -> Iterator[str]:
    """Customers whose rows aren't what was told last, since links or features changed meanwhile; in three reads."""
    names = names_of(connection)
    gates = set(Feature.objects.filter(kind=Kind.GATE).values_list("key", flat=True))
    rows = BilledFeature.objects.filter(connection=connection, ends_at__isnull=True)
    held: dict[str, set[str]] = {}
    for customer, key in rows.values_list("customer", "feature__key").iterator():
        held.setdefault(customer, set()).add(key)
    told = FeaturesTold.objects.filter(connection=connection, told_at__isnull=False).select_related("connection")
    for row in told.order_by("customer").iterator():
        if {names.key(one) for one in told_of(row).features} & gates != held.get(row.customer, set()):
            yield row.customer


def told_of(row: FeaturesTold) -> BilledFeatures:
    """What was told last, read back."""
    features = tuple(BilledFeatureTold(**one) for one in row.told)
    return BilledFeatures(row.connection.vendor, row.connection.mode == Mode.LIVE, row.customer, features)


def _silenced(answer: Resolution) -> bool:
    return any(one.kept and one.layer is Layer.STANDING for one in answer.because)
