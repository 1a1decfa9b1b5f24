"""AI agents as a product runs them: models by plan, a budget for a task, an estimate held and the truth committed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from catalog.domain.values import Kind, Reset
from entitlements.actions.usage.holds import expire_holds
from entitlements.models import Account, Reservation, UsageCounter, UsageEvent
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureFactory, PlanFactory
from tests.entitlements.using import metered_feature
from tests.entitlements.world import AT, DAY, account, publish_plan, subscribed
from tests.journal.side_by_side import at_once

MINUTE = timedelta(minutes=1)
Call = Callable[..., Any]


def studio() -> Account:
    """Studio gives 10,000 tokens a month and the small model; Lab, the plan above, gives the large one too."""
    tokens = metered_feature("tokens", "Tokens", Reset.MONTH, unit="token")
    small, large = (FeatureFactory(key=key, name=key, kind=Kind.GATE) for key in ("model_small", "model_large"))
    plan, above = PlanFactory(key="studio", name="Studio"), PlanFactory(key="lab", name="Lab")
    publish_plan(plan, {tokens: Decimal(10_000), small: True})
    publish_plan(above, {tokens: Decimal(90_000), small: True, large: True})
    acme = account("acme", zone="UTC")
    subscribed(acme, plan)
    return acme


@pytest.fixture
def call() -> Call:
    scopes = ["entitlements:read", "usage:write"]
    _row, plain = issue(name="Agents", scopes=scopes, by=SYSTEM, at=AT - DAY, expires_at=None)

    def called(method: str, path: str, *, at: datetime = AT, **body: Any) -> Any:
        with time_machine.travel(at, tick=False):
            headers = {"Authorization": f"Bearer {plain}"}
            response = getattr(Client(), method)(
                f"/api/v1/{path}", data=body, content_type="application/json", headers=headers
            )
        assert response.status_code == 200, response.content
        return response.json()

    return called


def reserved(call: Call, quantity: int, *, id: str, subject: str = "task:9", **more: Any) -> Any:
    asked = {"account": "acme", "feature": "tokens", "quantity": quantity, "id": id, "subject": subject}
    return call("post", "reservations", **asked, hold_seconds=600, **more)


def counter(subject: str = "") -> UsageCounter:
    return UsageCounter.objects.get(subject=subject)


@pytest.mark.django_db
def test_a_model_is_a_gate_and_a_refusal_names_the_plan_that_opens_it(call: Call) -> None:
    studio()
    asked = {"account": "acme", "point": "POST /v1/complete"}
    assert call("post", "check", **asked, feature="model_small")["allowed"]
    refused = call("post", "check", **asked, feature="model_large")
    assert (refused["allowed"], [offer["name"] for offer in refused["offers"]]) == (False, ["Lab"])


@pytest.mark.django_db
def test_an_estimate_is_held_the_truth_is_committed_and_the_rest_is_free(call: Call) -> None:
    studio()
    call("put", "accounts/acme/subject-limits/tokens/task:9", amount=5_000, in_all=True)
    held = reserved(call, 4_000, id="step-1")
    assert (held["allowed"], held["held"], held["left"]) == (True, 4_000, 6_000)
    told = call("post", f"reservations/{held['reservation']}/commit", at=AT + MINUTE, quantity=1_500)
    assert (told["used"], told["held"], told["left"]) == (1_500, 0, 8_500)
    again = call("post", f"reservations/{held['reservation']}/commit", at=AT + 2 * MINUTE, quantity=1_500)
    assert (again["replayed"], again["used"]) == (True, 1_500)
    assert (counter("task:9").used, counter("task:9").held, UsageEvent.objects.count()) == (1_500, 0, 1)


@pytest.mark.django_db
def test_the_budget_of_the_task_ends_it_and_another_task_goes_on(call: Call) -> None:
    studio()
    call("put", "accounts/acme/subject-limits/tokens/task:9", amount=5_000, in_all=True)
    first = reserved(call, 4_000, id="step-1")
    call("post", f"reservations/{first['reservation']}/commit", quantity=4_800)  # more than was held: it happened
    refused = reserved(call, 201, id="step-2")
    assert (refused["allowed"], refused["why"], refused["offers"]) == (False, "subject_limit_reached", [])
    assert reserved(call, 200, id="step-3")["allowed"]
    assert reserved(call, 4_000, id="other", subject="task:10")["allowed"]


@pytest.mark.django_db
def test_a_budget_outlives_the_month_in_which_the_account_starts_again(call: Call) -> None:
    studio()
    call("put", "accounts/acme/subject-limits/tokens/task:9", amount=5_000, in_all=True)
    asked = {"account": "acme", "feature": "tokens", "subject": "task:9"}
    assert call("post", "consume", **asked, quantity=5_000, id="march")["allowed"]
    april = AT + 30 * DAY
    refused = call("post", "consume", **asked, quantity=1, id="april", at=april)
    assert refused["why"] == "subject_limit_reached"
    call("put", "accounts/acme/subject-limits/tokens/task:9", amount=6_000, in_all=True, at=april)
    assert call("post", "consume", **asked, quantity=1_000, id="april", at=april)["allowed"]


@pytest.mark.django_db
def test_what_a_crashed_agent_held_is_free_when_its_time_is_over(call: Call) -> None:
    studio()
    reserved(call, 9_000, id="crash")
    assert not reserved(call, 2_000, id="next", subject="task:10")["allowed"]
    later = AT + 11 * MINUTE
    assert reserved(call, 2_000, id="next", subject="task:10", at=later)["allowed"]  # with no task having run
    assert expire_holds(at=later) == 0
    late = call("post", f"reservations/{Reservation.objects.get(event_id='crash').key}/commit", at=later, quantity=300)
    assert (late["because"], late["used"]) == ("counted, though the hold had run out", 300)


@pytest.mark.django_db(transaction=True)
def test_two_agents_side_by_side_never_pass_the_limit_of_the_account(call: Call) -> None:
    studio()
    agents = [
        lambda agent=agent, step=step: reserved(call, 1_500, id=f"{agent}-{step}", subject=agent)
        for agent in ("agent:a", "agent:b")
        for step in range(5)
    ]
    with time_machine.travel(AT, tick=False):
        told = at_once(*agents)
    allowed = [one["reservation"] for one in told if one["allowed"]]
    assert (len(allowed), counter().held) == (6, 9_000)  # the seventh would make it 10,500
    for key in allowed:
        call("post", f"reservations/{key}/commit", quantity=1_500)
    assert (counter().used, counter().held) == (9_000, 0)
