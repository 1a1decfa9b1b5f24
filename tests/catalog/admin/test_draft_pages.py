"""Opening, discarding, naming, pricing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Plan, PlanPrice, PlanVersion
from journal.models import AuditEvent
from tests.catalog.factories import PlanFactory, PlanPriceFactory, PlanVersionFactory, published_version

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:catalog_{name}", args=args)


def test_a_draft_is_opened_by_a_button_only(finance_desk: Client) -> None:
    plan = published_version().plan
    assert finance_desk.get(url("draft_open", plan.pk)).status_code == 405
    assert finance_desk.post(url("draft_open", plan.pk)).status_code == 302
    assert plan.versions.count() == 2


def test_a_second_draft_is_refused_in_words(finance_desk: Client) -> None:
    draft = PlanVersionFactory()
    response = finance_desk.post(url("draft_open", draft.plan_id), follow=True)
    assert "already open as a draft" in response.content.decode()


def test_a_draft_is_discarded_after_a_question(finance_desk: Client) -> None:
    draft = PlanVersionFactory()
    assert "will be thrown away" in finance_desk.get(url("draft_discard", draft.pk)).content.decode()
    finance_desk.post(url("draft_discard", draft.pk), {"edits": 0})
    assert not PlanVersion.objects.exists()


def test_a_plan_is_named_and_gets_its_first_draft(finance_desk: Client) -> None:
    given = {"kind": "add_on", "name": "Backups", "key": "backups", "effect": "replaces"}
    assert finance_desk.post(url("plan_new"), given).url == f"{url('sheet')}?kind=add_on"
    plan = Plan.objects.get()
    assert (plan.effect, plan.versions.get().number) == ("replaces", 1)


def test_a_key_that_is_taken_is_told_beside_its_input(finance_desk: Client) -> None:
    PlanFactory(key="backups")
    given = {"kind": "plan", "name": "Backups", "key": "backups", "effect": "adds"}
    response = finance_desk.post(url("plan_new"), given)
    assert "already a plan" in response.context["form"].errors["key"][0]


def test_price_and_trial_are_two_acts_in_one_form(finance_desk: Client) -> None:
    version, free = PlanVersionFactory(), PlanFactory()
    given = {"edits": 0, "priced": "amount", "amount": "19.99", "trial_days": 14, "after_trial": free.pk}
    finance_desk.post(url("terms_of_sale", version.pk), given)

    version.refresh_from_db()
    assert (version.prices.get().amount_micros, version.trial_days, version.after_trial) == (19_990_000, 14, free)
    assert AuditEvent.objects.count() == 2


def test_what_did_not_change_is_not_written(finance_desk: Client) -> None:
    price = PlanPriceFactory()
    finance_desk.post(url("terms_of_sale", price.version_id), {"edits": 0, "priced": "amount", "amount": "25"})
    assert not AuditEvent.objects.exists()


def test_an_amount_that_is_missing_is_asked_for(finance_desk: Client) -> None:
    version = PlanVersionFactory()
    response = finance_desk.post(url("terms_of_sale", version.pk), {"edits": 0, "priced": "amount"})
    assert "Write an amount" in response.context["form"].errors["amount"][0]
    assert not PlanPrice.objects.exists()


@pytest.mark.parametrize("name", ["draft_open", "draft_discard", "terms_of_sale"])
def test_support_may_do_none_of_this(support_desk: Client, name: str) -> None:
    version = PlanVersionFactory()
    assert support_desk.post(url(name, version.plan_id if name == "draft_open" else version.pk)).status_code == 403
    assert support_desk.post(url("plan_new"), {"kind": "plan"}).status_code == 403
    assert PlanVersion.objects.count() == 1
