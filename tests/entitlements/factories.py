"""One factory for each table of entitlements, each row kept as a deed of the desk.

Whole customers, written by the desk's own actions, stand in world.py; these are for tests that need just a row.
"""

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.domain.values import Kind, Value
from catalog.models import Feature
from entitlements.actions.overrides import grant
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.facts import Mode, Phase, Standing
from entitlements.domain.policy import Concession
from entitlements.domain.timing import ChangeSort, Timing
from entitlements.models import (
    Account,
    AccountStanding,
    AnswerGiven,
    BilledFeature,
    BilledSubscription,
    BillingFinding,
    Cohort,
    ConcessionPolicy,
    Contact,
    Contract,
    ContractLine,
    ContractVersion,
    CreditGrant,
    EntitlementChange,
    FeaturesTold,
    Identifier,
    Loan,
    Override,
    ReasonCode,
    Reminder,
    Renewal,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
    SubscriptionPhase,
    SweepMark,
    TrialUse,
)
from entitlements.models.account import IdentifierKind
from entitlements.models.credit import GrantSource
from entitlements.models.loan import LoanState
from entitlements.models.override import OverrideState
from entitlements.models.reminder import EndOf
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.catalog.factories import EPOCH, FeatureFactory, KeptFactory, PlanVersionFactory
from tests.conftest import actor
from tests.journal.factories import ConnectionFactory


class AccountFactory(KeptFactory):
    class Meta:
        model = Account

    key = factory.Sequence(lambda n: f"account-{n}")
    name = factory.Sequence(lambda n: f"Account {n}")
    zone = "Europe/Amsterdam"
    created_at = EPOCH


class AccountStandingFactory(KeptFactory):
    class Meta:
        model = AccountStanding

    account = factory.SubFactory(AccountFactory)
    standing = Standing.SUSPENDED
    starts_at = EPOCH


class ContactFactory(KeptFactory):
    class Meta:
        model = Contact

    account = factory.SubFactory(AccountFactory)
    name = "Bea Buyer"
    email = factory.Sequence(lambda n: f"bea{n}@acme.example")


class IdentifierFactory(KeptFactory):
    class Meta:
        model = Identifier

    account = factory.SubFactory(AccountFactory)
    kind = IdentifierKind.DOMAIN
    value = factory.Sequence(lambda n: f"acme{n}.example")
    value_key = factory.SelfAttribute("value")


class SubscriptionFactory(KeptFactory):
    class Meta:
        model = Subscription

    account = factory.SubFactory(AccountFactory)
    number = factory.LazyAttribute(lambda self: self.account.subscriptions.count() + 1)
    starts_at = EPOCH


class SubscriptionItemFactory(KeptFactory):
    class Meta:
        model = SubscriptionItem

    subscription = factory.SubFactory(SubscriptionFactory)
    version = factory.SubFactory(PlanVersionFactory)
    plan = factory.SelfAttribute("version.plan")
    starts_at = EPOCH


class SubscriptionPhaseFactory(KeptFactory):
    """A trial of two weeks."""

    class Meta:
        model = SubscriptionPhase

    subscription = factory.SubFactory(SubscriptionFactory)
    phase = Phase.TRIAL
    starts_at = EPOCH
    ends_at = datetime(2026, 1, 15, tzinfo=UTC)


class SubscriptionChangeFactory(KeptFactory):
    """Another plan, decided on and still to come."""

    class Meta:
        model = SubscriptionChange

    subscription = factory.SubFactory(SubscriptionFactory)
    sort = ChangeSort.PLAN
    timing = Timing.ON_DATE
    effective_at = datetime(2027, 1, 1, tzinfo=UTC)
    words = "Team → Enterprise"
    recorded_at = EPOCH
    recorded_by = "Ann"


class TrialUseFactory(KeptFactory):
    class Meta:
        model = TrialUse

    subscription = factory.SubFactory(SubscriptionFactory)
    feature = factory.SubFactory(FeatureFactory)
    used_at = EPOCH


class ReminderFactory(KeptFactory):
    class Meta:
        model = Reminder

    end_of = EndOf.TRIAL
    days_before = factory.Sequence(lambda n: 300 - n % 200)


class RenewalFactory(KeptFactory):
    """An end nobody has decided about."""

    class Meta:
        model = Renewal

    account = factory.SubFactory(AccountFactory)
    kind = EndOf.CONTRACT
    subject_key = factory.Sequence(str)
    label = "contract C-1"
    ends_at = datetime(2027, 1, 1, tzinfo=UTC)
    opened_at = EPOCH


class BilledSubscriptionFactory(DjangoModelFactory):
    """One that somebody asked for, and nothing was told of yet."""

    class Meta:
        model = BilledSubscription

    connection = factory.SubFactory(ConnectionFactory)
    billing_id = factory.Sequence(lambda n: f"sub_{n}")
    customer = factory.Sequence(lambda n: f"cus_{n}")
    asked = 1


class BilledFeatureFactory(KeptFactory):
    """One that the billing goes on saying."""

    class Meta:
        model = BilledFeature

    account = factory.SubFactory(AccountFactory)
    connection = factory.SubFactory(ConnectionFactory)
    customer = factory.Sequence(lambda n: f"cus_{n}")
    feature = factory.SubFactory(FeatureFactory)
    billing_id = factory.Sequence(lambda n: f"ent_{n}")
    starts_at = EPOCH


class FeaturesToldFactory(DjangoModelFactory):
    """A customer who was said to have single sign-on."""

    class Meta:
        model = FeaturesTold

    connection = factory.SubFactory(ConnectionFactory)
    customer = factory.Sequence(lambda n: f"cus_{n}")
    told = factory.LazyFunction(lambda: [{"billing_id": "ent_1", "feature": "feat_1", "lookup_key": "sso"}])


class BillingFindingFactory(KeptFactory):
    """A price that nobody linked."""

    class Meta:
        model = BillingFinding

    connection = factory.SubFactory(ConnectionFactory)
    kind = FindingKind.UNLINKED
    billing_id = factory.Sequence(lambda n: f"sub_{n}")
    about = "price_1"
    words = "1 × the price price_1 is billed, and stands for nothing here"
    evidence = factory.LazyFunction(lambda: {"theirs": {"price": "price_1"}, "ours": None})
    first_at = EPOCH
    last_at = EPOCH


class AnswerGivenFactory(DjangoModelFactory):
    class Meta:
        model = AnswerGiven

    account = factory.SubFactory(AccountFactory)
    told = "Product"
    told_at = EPOCH
    digest = "0" * 64
    answers = factory.LazyFunction(dict)


class OverrideFactory(KeptFactory):
    """A feature gate given to a whole account, in force through the year."""

    class Meta:
        model = Override

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory)
    mode = Mode.REPLACE
    starts_at = EPOCH
    ends_at = datetime(2027, 1, 1, tzinfo=UTC)
    reason = "A deal"
    state = OverrideState.APPROVED
    requested_at = EPOCH
    requested_by = "Sal Sales"
    approved_at = EPOCH
    approved_by = "Finn Finance"


class ReasonCodeFactory(KeptFactory):
    class Meta:
        model = ReasonCode

    key = factory.Sequence(lambda n: f"reason_{n}")
    name = factory.Sequence(lambda n: f"Reason {n}")


class CohortFactory(KeptFactory):
    class Meta:
        model = Cohort

    key = factory.Sequence(lambda n: f"cohort_{n}")
    name = factory.Sequence(lambda n: f"Cohort {n}")
    created_at = EPOCH
    frozen_at = EPOCH


class LoanFactory(KeptFactory):
    """A feature gate lent to one account through the year; its parts are made by the actions only."""

    class Meta:
        model = Loan

    name = "A beta"
    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory)
    mode = Mode.REPLACE
    starts_at = EPOCH
    ends_at = datetime(2027, 1, 1, tzinfo=UTC)
    through_on = date(2026, 12, 31)
    zone = "UTC"
    reason = "A beta"
    state = LoanState.APPROVED
    requested_at = EPOCH
    requested_by = "Sal Sales"
    approved_at = EPOCH
    approved_by = "Finn Finance"


class ContractFactory(KeptFactory):
    class Meta:
        model = Contract

    account = factory.SubFactory(AccountFactory)
    key = factory.Sequence(lambda n: f"C-2026-1{n:04}")
    name = "Framework agreement"
    created_at = EPOCH


class ContractVersionFactory(KeptFactory):
    """A draft of the first version."""

    class Meta:
        model = ContractVersion

    contract = factory.SubFactory(ContractFactory)
    number = 1
    zone = "Europe/Amsterdam"
    drafted_at = EPOCH
    drafted_by = "Sal Sales"


class ContractLineFactory(KeptFactory):
    class Meta:
        model = ContractLine

    version = factory.SubFactory(ContractVersionFactory)
    number = factory.LazyAttribute(lambda self: self.version.lines.count() + 1)
    feature = factory.SubFactory(FeatureFactory)
    mode = Mode.REPLACE


class CreditGrantFactory(KeptFactory):
    class Meta:
        model = CreditGrant

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory, kind=Kind.CREDIT, unit="credit")
    amount = 100
    effective_at = EPOCH
    granted_at = EPOCH
    granted_by = "Sal"
    zone = "Europe/Amsterdam"
    source = GrantSource.SALE
    reason = "They bought it"


class ConcessionPolicyFactory(KeptFactory):
    class Meta:
        model = ConcessionPolicy

    role = "sales"
    concession = Concession.OVERRIDE
    max_days = 90


class EntitlementChangeFactory(DjangoModelFactory):
    class Meta:
        model = EntitlementChange

    account = factory.SubFactory(AccountFactory)
    feature_key = factory.Sequence(lambda n: f"feature_{n}")
    feature_name = factory.Sequence(lambda n: f"Feature {n}")
    before = "not included"
    after = "on"
    effective_at = EPOCH
    recorded_at = EPOCH
    cause = "Its time had come"


class SweepMarkFactory(DjangoModelFactory):
    class Meta:
        model = SweepMark
        django_get_or_create = ("id",)

    id = 1
    swept_to = EPOCH


def overridden(
    account: Account,
    feature: Feature,
    mode: Mode,
    value: Value | None = None,
    *,
    at: datetime,
    through_on: date | None = date(2026, 12, 31),
    **asked: Any,
) -> Override:
    """An override in force: granted by the desk, and approved by somebody where policy wants that."""
    asked = {"reason": "A deal", "typed_unit": feature.unit} | asked
    override = grant(
        account=account, feature=feature, mode=mode, value=value, through_on=through_on, by=SYSTEM, at=at, **asked
    )
    if override.state == OverrideState.REQUESTED:
        request = Approval.objects.get(kind="override", subject_key=str(override.pk))
        approvals.approve(approval=request, by=actor("finance"), at=at)
        override.refresh_from_db()
    return override
