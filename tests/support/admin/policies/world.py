"""One promise in force, and short ways to find, read and fill in its pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from journal.domain.actor import SYSTEM
from support.actions.policies import declare_policy, draft_policy, put_policy_in_force
from support.domain.milestones import MilestoneKind, Promised
from support.domain.policy_draft import PolicyDraft, usual_milestone
from support.domain.step_text import read_steps
from support.domain.target_text import read_target
from support.models import SlaPolicy
from tests.as_opened import as_opened
from tests.support.domain.desks import table
from tests.support.factories import CalendarVersionFactory, SeverityFactory

START = datetime(2026, 1, 1, tzinfo=UTC)
TARGETS = """
    milestone      | severity | channel | target            | calendar
    first_response | urgent   |         | 1 h               |
    first_response | urgent   | phone   | 15 min            |
    first_response | normal   |         | 4 business hours  | office
    resolution     | urgent   |         | 8 h               |
    resolution     | normal   |         | 5 business days   | office
"""


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:support_{name}", args=args)


def gold() -> SlaPolicy:
    """Gold, version 1: an hour for what is urgent, a quarter by phone, four business hours for the rest."""
    for position, key in enumerate(("urgent", "normal")):
        SeverityFactory(key=key, name=key.capitalize(), position=position, meaning="")
    CalendarVersionFactory(calendar__key="office", calendar__name="Office hours", week=[[[540, 1020]]] * 5 + [[], []])
    policy = declare_policy(tier="gold", name="Gold", by=SYSTEM, at=START)
    version = draft_policy(policy=policy, draft=draft(TARGETS), note="As sold", by=SYSTEM, at=START)
    put_policy_in_force(version=version, by=SYSTEM, at=START + timedelta(minutes=1))
    return policy


def draft(targets: str) -> PolicyDraft:
    """A first response of which the team is warned, and a resolution that waits with the customer."""
    first = usual_milestone(MilestoneKind.FIRST_RESPONSE)
    warned = read_steps("at 80 %: team", severities={})
    milestones = (replace(first, steps=warned), usual_milestone(MilestoneKind.RESOLUTION))
    cells = {
        (milestone, severity, channel): Promised(read_target(target), calendar or None)
        for milestone, severity, channel, target, calendar in table(targets)
    }
    return PolicyDraft(milestones, cells)


def opened(desk: Client, tier: str = "gold") -> dict[str, Any]:
    """What the edit page holds when it is opened."""
    return as_opened(desk.get(url("policy_edit", tier)), asks="note")


def saved(desk: Client, tier: str = "gold", **typed: Any) -> HttpResponse:
    """The page opened, something typed over it, and the draft saved."""
    return desk.post(url("policy_edit", tier), {**opened(desk, tier), "note": "Because", "step": "save", **typed})
