"""A desk with one customer of Enterprise and a policy of four milestones, and cases on it."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from entitlements.models import Account
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Staff
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel
from support.models import Case, SlaPolicyVersion
from tests.conftest import AT
from tests.remembered import remembered
from tests.support.factories import (
    MilestoneFactory,
    SeverityFactory,
    SlaPolicyFactory,
    SlaPolicyVersionFactory,
    SlaTargetFactory,
    TeamFactory,
)
from tests.support.world import START, customer, the_plans

STEPS = [
    {"amount": 50, "unit": "percent", "tells": ["team"]},
    {"amount": 30, "unit": "minutes", "tells": ["owner"], "raise_to": "urgent"},
]
MINUTES = {"first_response": 60, "resolution": 480, "root_cause": 4_320}


@remembered
def the_desk() -> dict[str, int]:
    """Acme on Enterprise (Amsterdam), which is promised an answer in an hour and an end in eight, around the clock."""
    plans = the_plans()
    for key, name in (("urgent", "Urgent"), ("normal", "Normal")):
        SeverityFactory(key=key, name=name, meaning=f"{name} means {key}.")
    TeamFactory(key="first", name="First line", email="first@desk.example")
    _the_policy()
    acme = customer("acme", plan=plans["enterprise"])
    return {"acme": acme.pk, "bolt": customer("bolt", plan=None).pk}


def _the_policy() -> SlaPolicyVersion:
    version = SlaPolicyVersionFactory(policy=SlaPolicyFactory(tier="priority_plus", name="Priority Plus"))
    resolved = {"stops": "resolved", "pauses_while": ["waiting"], "steps": STEPS}
    by_hand = {"key": "root_cause", "name": "Root cause", "kind": "own", "stops": "by_hand"}
    milestones = [
        MilestoneFactory(version=version, steps=STEPS),
        MilestoneFactory(version=version, key="resolution", name="Resolution", kind="resolution", **resolved),
        MilestoneFactory(version=version, **by_hand),
    ]
    for milestone in milestones:
        for severity in ("urgent", "normal"):
            SlaTargetFactory(
                milestone=milestone, severity=_severity(severity), amount=MINUTES[milestone.key], unit="minutes"
            )
    version.state, version.in_force_from = "in_force", START
    return keep(version, deed=begin(by=SYSTEM, at=START))


def _severity(key: str) -> Any:
    return SeverityFactory._meta.model.objects.get(key=key)


def opened(account: str | None = "acme", *, at: datetime = AT, **more: Any) -> Case:
    told = {"subject": "The export stops", "channel": Channel.EMAIL, "severity": "normal", "by": SYSTEM, **more}
    whose = Account.objects.get(key=account) if account else None
    return open_case(account=whose, at=at, **told)


def reader(role: str, *, zone: str = "UTC") -> Client:
    person, _made = Staff.objects.get_or_create(
        username=role, defaults={"is_staff": True, "zone": zone, "email": f"{role}@desk.example"}
    )
    person.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(person)
    return client


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:support_{name}", args=args)
