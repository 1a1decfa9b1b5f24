"""Prices by the month and the year, the trial, and the lower plan that is included: each an act, all or none."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import PlanVersion
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db
FREE = {"priced": "amount", "amount": "0", "priced_yearly": "none", "reason": ""}


def save(client: Client, draft: PlanVersion, **given: Any) -> HttpResponse:
    sent = {"edits": draft.edits, **FREE, **given}
    return client.post(reverse("admin:catalog_terms_of_sale", args=[draft.pk]), sent)


def test_everything_is_set_in_one_go(finance_desk: Client) -> None:
    lower, after = published_version(), PlanFactory()
    draft = PlanVersionFactory()
    yearly = {"amount": "25", "priced_yearly": "amount", "amount_yearly": "250"}
    response = save(finance_desk, draft, **yearly, trial_days="14", after_trial=after.pk, includes=lower.pk)
    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.trial_days, draft.after_trial, draft.includes, draft.edits) == (14, after, lower, 4)
    prices = draft.prices.values_list("interval", "amount_micros")
    assert set(prices) == {("month", 25_000_000), ("year", 250_000_000)}


def test_only_what_differs_is_written(finance_desk: Client) -> None:
    draft = PlanPriceFactory(version__trial_days=7).version
    save(finance_desk, draft, amount="25", trial_days="7")
    assert not AuditEvent.objects.exists()
    save(finance_desk, draft, amount="25", trial_days="8", reason="longer")
    assert (AuditEvent.objects.get().verb, AuditEvent.objects.get().reason) == ("plan_version:set_trial", "longer")


def test_grace_and_access_after_leaving_are_written_beside_the_trial(finance_desk: Client) -> None:
    draft = PlanVersionFactory()
    save(finance_desk, draft, grace_days="0", wind_down_days="30")
    draft.refresh_from_db()
    assert (draft.grace_days, draft.wind_down_days) == (0, 30)
    page = save(finance_desk, draft, grace_days="400").content.decode()
    assert "Write a whole number from 0 to 365" in page


def test_a_price_a_year_is_taken_away_again(finance_desk: Client) -> None:
    draft = PlanPriceFactory(version=PlanPriceFactory().version, interval="year").version
    save(finance_desk, draft, amount="25", priced_yearly="contact")
    assert draft.prices.get(interval="year").contact
    save(finance_desk, draft, edits=1, amount="25", priced_yearly="none")
    assert draft.prices.get().interval == "month"


def test_only_plans_on_sale_of_the_same_kind_are_offered(finance_desk: Client) -> None:
    lower, draft = published_version(), PlanVersionFactory()
    published_version(plan=AddOnFactory())
    PlanVersionFactory(plan=lower.plan)
    form = finance_desk.get(reverse("admin:catalog_terms_of_sale", args=[draft.pk])).context["form"]
    assert list(form.fields["includes"].queryset) == [lower]


def test_a_circle_is_refused_beside_its_input_and_nothing_is_written(finance_desk: Client) -> None:
    lower = published_version()
    upper = PlanTermFactory(version__includes=lower).version
    publish_now(upper)
    draft = PlanVersionFactory(plan=lower.plan)
    response = save(finance_desk, draft, includes=upper.pk, amount="9", trial_days="3")
    assert response.status_code == 422
    assert "include itself" in response.context["form"].errors["includes"][0]
    assert draft.prices.count() == 0
    assert not AuditEvent.objects.filter(verb="plan_version:set_price").exists()


@pytest.mark.parametrize("given", [{"amount": ""}, {"priced_yearly": "amount"}])
def test_a_price_without_its_amount_is_asked_for(finance_desk: Client, given: dict[str, str]) -> None:
    response = save(finance_desk, PlanVersionFactory(), **given)
    assert response.status_code == 422
    assert "Write an amount such as 25 or 0.50" in response.content.decode()


def test_an_old_form_writes_nothing(finance_desk: Client) -> None:
    draft = PlanVersionFactory(edits=2)
    assert save(finance_desk, draft, edits=1, trial_days="5").status_code == 422
    assert draft.prices.count() == 0


def test_support_may_not_send_it(support_desk: Client) -> None:
    assert save(support_desk, PlanVersionFactory()).status_code == 403
