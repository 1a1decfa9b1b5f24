"""Licence keys: an agent that comes with an add-on, a desktop program whose licences are sold by hand, where both run."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from catalog.actions.features import create_feature
from catalog.actions.plans import create_plan
from catalog.domain.rules import FeatureRules
from catalog.domain.values import FeatureShape, Kind, PlanKind
from catalog.models import Feature, FeatureGroup, Plan
from desk.demo.customers import Customer, Fate
from desk.demo.purchases import holding
from desk.demo.selling import put_on_sale
from entitlements.actions.licences.activating import activate, deactivate, heartbeat
from entitlements.actions.licences.files import issue_file
from entitlements.actions.licences.issuing import issue
from entitlements.actions.licences.policies import PolicyTerms, set_up_policy, tell_release
from entitlements.actions.licences.standing import revoke, suspend
from entitlements.actions.subscriptions import add_item
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models import Account, Licence, LicencePolicy
from journal.domain.actor import SYSTEM, Actor

AGENTS = FeatureShape("edge_agents", "Edge agents", Kind.CAPACITY, unit="agent")
ADD_ON, AGENT, STUDIO = "edge_agent", "edge_agent", "studio"
DAY_SECONDS = 86_400
RELEASES = (("3.0", 300), ("3.1", 180), ("3.2", 75), ("4.0", 10))  # so many days before now
HERE = ("Graz", "Turin", "Lyon")


def offer_agents(*, by: Actor, at: datetime) -> None:
    """Agents at the customer's, three to an add-on, and Studio, a program for desktops."""
    create_feature(
        shape=AGENTS, group=FeatureGroup.objects.get(name="Database"), rules=FeatureRules(), by=by, at=at
    )  # fmt: skip
    plan = create_plan(key=ADD_ON, name="Edge agents", kind=PlanKind.ADD_ON, by=by, at=at)
    put_on_sale(plan, 90, ((AGENTS.key, "3"),), by=by, at=at)
    agents = PolicyTerms(
        name="Edge agent", plan=plan, bound_to=BoundTo.INSTANCE, overage=Overage.HALF, heartbeat_seconds=DAY_SECONDS,
        activation_feature=Feature.objects.get(key=AGENTS.key), validations_a_month=10_000,
    )  # fmt: skip
    set_up_policy(key=AGENT, terms=agents, by=by, at=at)
    studio = PolicyTerms(
        name="Studio", bound_to=BoundTo.DEVICE, activation_limit=3, offline_days=30, maintenance_months=12
    )
    policy = set_up_policy(key=STUDIO, terms=studio, by=by, at=at)
    for version, days in RELEASES[:-1]:
        released_on = (at - timedelta(days=days)).date()
        tell_release(policy=policy, version=version, released_on=released_on, by=by, at=at)


def sell_agents(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Two customers bought the add-on: each has a licence, and its key by e-mail."""
    plan = Plan.objects.get(key=ADD_ON)
    for account in holding(customers, "team")[:2]:
        held = account.subscriptions.get()
        add_item(subscription=held, plan=plan, quantity=1, interval="month", by=by, at=at)
        [licence] = held.licences.filter(policy__key=AGENT)
        for place in HERE[:2]:
            activate(licence=licence, fingerprint=f"i-{place.lower()}-01", name=f"Plant {place}", by=SYSTEM, at=at)


def sell_studio(customers: Sequence[Customer], *, by: Actor, finance: Actor, at: datetime) -> None:
    """By hand: one that runs, one suspended, one revoked; one for whom nothing runs any more, one on trial for a month."""
    pro = holding(customers, "pro")[6:9]
    for account, sort in zip(pro, ("runs", "suspended", "revoked"), strict=False):
        row = _studio(account, by=by, at=at, name=f"Design at {account.name}")
        for number in (1, 2):
            activate(licence=row, fingerprint=f"4C4C4544-{number:04}", name=f"Desk {number}", by=SYSTEM, at=at)
        if sort == "runs":
            issue_file(licence=row, fingerprint="4C4C4544-0001", by=SYSTEM, at=at)
            deactivate(licence=row, fingerprint="4C4C4544-0002", reason="Replaced", by=SYSTEM, at=at)
        elif sort == "suspended":
            suspend(licence=row, reason="The key stands in a public repository; they look into it", by=by, at=at)
        else:
            revoke(licence=row, reason="Bought twice; the other one stays", by=finance, at=at)
    for fate in (Fate.UNPAID, Fate.SUSPENDED):
        for account in holding(customers, "pro", fate=fate)[:1] or holding(customers, "team", fate=fate)[:1]:
            _studio(account, by=by, at=at, subscription=account.subscriptions.first())
    for account in holding(customers, "pro")[9:10]:
        _studio(account, by=by, at=at, name="Workshop", environment="training", through_on=(at.date() + timedelta(30)))


def keep_running(*, by: Actor, at: datetime) -> None:
    """Agents are heard of, all but one; Studio 4 came out, and a file was taken along to where there is no line."""
    for licence in Licence.objects.filter(policy__key=AGENT):
        for activation in licence.activations.filter(fingerprint__endswith=f"{HERE[0].lower()}-01"):
            heartbeat(licence=licence, fingerprint=activation.fingerprint, by=SYSTEM, at=at)
    studio = LicencePolicy.objects.get(key=STUDIO)
    version, days = RELEASES[-1]
    tell_release(policy=studio, version=version, released_on=_ago(at, days), by=by, at=at)
    for licence in Licence.objects.filter(policy=studio, revoked_at=None, suspended_at=None, name__startswith="Design"):
        issue_file(licence=licence, fingerprint="4C4C4544-0001", by=SYSTEM, at=at)


def _ago(at: datetime, days: int) -> date:
    return (at - timedelta(days=days)).date()


def _studio(account: Account, *, by: Actor, at: datetime, **told: Any) -> Licence:
    policy = LicencePolicy.objects.get(key=STUDIO)
    return issue(account=account, policy=policy, by=by, at=at, **told).licence
