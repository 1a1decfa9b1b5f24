"""Off sale, and called off: the question before, and the way back after."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish, retire
from catalog.domain.rollouts import Audience
from catalog.models import Rollout
from journal.domain.actor import SYSTEM
from tests.catalog.admin.conftest import SignIn
from tests.catalog.factories import published_version
from tests.entitlements.world import account, subscribed

pytestmark = pytest.mark.django_db
WHY = {"reason": "Nobody buys it"}


def url(name: str, pk: int) -> str:
    return reverse(f"admin:catalog_{name}", args=[pk])


def scheduled() -> Rollout:
    plan, now = published_version().plan, timezone.now()
    draft = open_draft(plan=plan, by=SYSTEM, at=now)
    return publish(
        version=draft,
        audience=Audience.ON_DATE,
        effective_at=now + timedelta(days=30),
        edits=0,
        by=SYSTEM,
        at=now,
    )


def test_taking_off_sale_says_for_whom_and_what_follows(finance_desk: Client) -> None:
    version = published_version()
    subscribed(account(), version.plan)
    page = finance_desk.get(url("retire", version.pk)).content.decode()
    assert "1 account</dd>" in page
    assert f"nobody can buy {version.plan}" in page
    done = finance_desk.post(url("retire", version.pk), WHY)
    assert done.url == url("plan_change", version.plan_id)
    version.refresh_from_db()
    assert version.state == "retired"


def test_a_version_that_isnt_on_sale_is_retired_without_alarm(finance_desk: Client) -> None:
    first = published_version()
    published_version(plan=first.plan)
    page = finance_desk.get(url("retire", first.pk)).content.decode()
    assert "isn’t what they get" in page
    assert "Nobody</dd>" in page


def test_without_a_reason_nothing_is_taken_off_sale(finance_desk: Client) -> None:
    version = published_version()
    answer = finance_desk.post(url("retire", version.pk), {"reason": ""})
    assert answer.status_code == 422
    assert "Give a reason" in answer.content.decode()


def test_what_is_off_sale_already_says_so(finance_desk: Client) -> None:
    version = retire(version=published_version(), by=SYSTEM, at=timezone.now())
    assert "is off sale already" in finance_desk.get(url("retire", version.pk)).content.decode()
    assert finance_desk.post(url("retire", version.pk), WHY).status_code == 422


def test_calling_off_says_what_stays(finance_desk: Client) -> None:
    rollout = scheduled()
    page = finance_desk.get(url("call_off", rollout.pk)).content.decode()
    assert f"{rollout.version.plan} v1 stays on sale" in page
    done = finance_desk.post(url("call_off", rollout.pk), WHY, follow=True)
    assert "is called off. Everybody keeps what they have." in done.content.decode()
    assert "called off" in done.content.decode()
    rollout.refresh_from_db()
    assert rollout.cancelled_at is not None


def test_what_has_begun_isnt_offered_to_be_called_off(finance_desk: Client) -> None:
    rollout = Rollout.objects.get(version=published_version())
    assert "has been in force since" in finance_desk.get(url("call_off", rollout.pk)).content.decode()
    answer = finance_desk.post(url("call_off", rollout.pk), WHY)
    assert "roll out the former version" in answer.content.decode()


def test_the_buttons_stand_where_they_can_be_pressed(finance_desk: Client, sign_in: SignIn) -> None:
    rollout = scheduled()
    plan, first = rollout.version.plan, rollout.version.plan.versions.get(number=1)
    page = finance_desk.get(url("plan_change", plan.pk)).content.decode()
    assert url("call_off", rollout.pk) in page
    assert reverse("admin:entitlements_grandfathering", args=[plan.pk]) in page
    assert url("retire", first.pk) in finance_desk.get(url("planversion_change", first.pk)).content.decode()
    sales = sign_in("sales")
    assert url("call_off", rollout.pk) not in sales.get(url("plan_change", plan.pk)).content.decode()
    assert url("retire", first.pk) not in sales.get(url("planversion_change", first.pk)).content.decode()


@pytest.mark.parametrize("name", ["retire", "call_off"])
def test_only_finance_may(sign_in: SignIn, name: str) -> None:
    rollout = scheduled()
    pk = rollout.pk if name == "call_off" else rollout.version_id
    for role in ("sales", "support", "auditor"):
        assert sign_in(role).get(url(name, pk)).status_code == 403
