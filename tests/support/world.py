"""A small world: the real promise, the four plans that sell it, and customers who hold them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.domain.rollouts import Audience
from catalog.domain.values import ConfigType, Kind, TermState
from catalog.models import Feature, FeatureGroup, FeatureRevision, Plan, PlanTerm, PlanVersion, Rollout
from catalog.models.plan import VersionState
from entitlements.domain.facts import Mode, Phase
from entitlements.models import Account, Identifier, Override, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.account import IdentifierKind
from entitlements.models.override import OverrideState
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.actions.holidays import import_holidays
from support.actions.promise_import import import_promise
from support.actions.promise_sheet import read_promise_sheet

SHEET = Path(__file__).resolve().parents[2] / "support" / "data" / "supabase" / "support_targets.csv"
START = datetime(2026, 1, 1, tzinfo=UTC)
TIERS = [
    ["community", "Community only"],
    ["email", "E-mail"],
    ["standard", "Standard"],
    ["priority", "Priority"],
    ["priority_plus", "Priority Plus"],
]
PLANS = {"free": "community", "pro": "email", "team": "standard", "enterprise": "priority_plus"}


def kept(row: Any) -> Any:
    return keep(row, deed=begin(by=SYSTEM, at=START))


def the_promise() -> None:
    import_promise(sheet=read_promise_sheet(SHEET.read_bytes()), by=SYSTEM, at=START)


def dutch_holidays() -> None:
    import_holidays(country="NL", years=[2026], by=SYSTEM, at=START)


def the_plans() -> dict[str, Plan]:
    group = kept(FeatureGroup(key="support", name="Support"))
    tier = kept(
        Feature(
            key="support_tier",
            name="Support tier",
            group=group,
            kind=Kind.CONFIG,
            config_type=ConfigType.RANKED,
            choices=TIERS,
        )
    )
    kept(FeatureRevision(feature=tier, effective_at=START))
    return {key: on_sale(key, tier=tier, choice=choice) for key, choice in PLANS.items()}


def on_sale(key: str, *, tier: Feature, choice: str) -> Plan:
    plan = kept(Plan(key=key, name=key.capitalize(), position=list(PLANS).index(key)))
    version = kept(PlanVersion(plan=plan, number=1))
    kept(PlanTerm(version=version, feature=tier, state=TermState.VALUE, text=choice, source_text=choice))
    version.state, version.published_at, version.published_by = VersionState.PUBLISHED, START, "The desk"
    kept(version)
    kept(
        Rollout(
            version=version,
            audience=Audience.NEW_CUSTOMERS,
            effective_at=START,
            published_at=START,
        )
    )
    return plan


def customer(key: str, *, plan: Plan | None, zone: str = "Europe/Amsterdam", country: str = "NL") -> Account:
    account = kept(Account(key=key, name=key.replace("-", " ").title(), zone=zone, country=country, created_at=START))
    findable(account, IdentifierKind.KEY, key)
    findable(account, IdentifierKind.NAME, account.name)
    findable(account, IdentifierKind.DOMAIN, f"{key}.example")
    if plan is not None:
        subscribe(account, plan)
    return account


def findable(account: Account, kind: IdentifierKind, value: str, system: str = "") -> Identifier:
    return kept(Identifier(account=account, kind=kind, value=value, value_key=value.lower(), system=system))


def subscribe(account: Account, plan: Plan, *, ends_at: datetime | None = None) -> Subscription:
    number = account.subscriptions.count() + 1
    subscription = kept(Subscription(account=account, number=number, starts_at=START, ends_at=ends_at))
    kept(SubscriptionItem(subscription=subscription, plan=plan, version=plan.versions.get(), starts_at=START))
    return subscription


def on_trial(subscription: Subscription, *, until: datetime) -> SubscriptionPhase:
    return kept(SubscriptionPhase(subscription=subscription, phase=Phase.TRIAL, starts_at=START, ends_at=until))


def lend_tier(account: Account, tier: str, *, starts_at: datetime, ends_at: datetime) -> Override:
    return kept(
        Override(
            account=account, feature=Feature.objects.get(key="support_tier"), mode=Mode.REPLACE, text=tier,
            starts_at=starts_at, ends_at=ends_at, reason="A launch", state=OverrideState.APPROVED,
            requested_at=START, requested_by="Ana", approved_at=START, approved_by="Bo",
        )
    )  # fmt: skip
