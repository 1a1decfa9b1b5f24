"""Lists and details to look through, and that no stock path of the admin writes."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from catalog.models import Feature, Market, Plan, PlanVersion
from tests.catalog.factories import FeatureRevisionFactory, MarketFactory, MarketWindowFactory, published_version

pytestmark = pytest.mark.django_db
MODELS = [Feature, Plan, PlanVersion, Market]
EVERY = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
def rows(db: None) -> dict[type[models.Model], models.Model]:
    version = published_version()
    market = MarketFactory()
    MarketWindowFactory(market=market, plan=version.plan)
    feature = version.terms.get().feature
    FeatureRevisionFactory(feature=feature)
    return {Feature: feature, Plan: version.plan, PlanVersion: version, Market: market}


def url(model: type[models.Model], page: str, *args: Any) -> str:
    return reverse(f"admin:catalog_{model._meta.model_name}_{page}", args=args)


@EVERY
def test_finance_looks_through_the_list_and_each_row(finance_desk: Client, rows: Any, model: Any) -> None:
    row = rows[model]
    assert str(row) in finance_desk.get(url(model, "changelist")).content.decode()
    detail = finance_desk.get(url(model, "change", row.pk), follow=True)  # a market has a page of its own
    assert detail.status_code == 200
    assert 'name="_save"' not in detail.content.decode()
    assert finance_desk.get(url(model, "history", row.pk)).status_code == 200
    edition = model.history.filter(id=row.pk).latest("history_id")
    assert finance_desk.get(url(model, "simple_history", row.pk, edition.pk)).status_code == 200


def test_a_version_says_that_it_never_changes(finance_desk: Client, rows: Any) -> None:
    shown = finance_desk.get(url(PlanVersion, "change", rows[PlanVersion].pk)).content.decode()
    assert "It never changes again." in shown
    assert str(rows[Feature]) in shown


def test_a_plan_lists_its_versions_and_who_gets_them(finance_desk: Client, rows: Any) -> None:
    shown = finance_desk.get(url(Plan, "change", rows[Plan].pk)).content.decode()
    assert "On sale" in shown
    assert "1 January 2026 (UTC)" in shown


@EVERY
def test_no_stock_path_writes_even_for_a_superuser(admin_client: Client, rows: Any, model: Any) -> None:
    row, before = rows[model], list(model.objects.values())
    history = model.history.first()
    refused = [
        admin_client.post(url(model, "add"), {"name": "x", "key": "x"}),
        admin_client.post(url(model, "change", row.pk), {"name": "x", "key": "x"}),
        admin_client.post(url(model, "delete", row.pk), {"post": "yes"}),
        admin_client.post(url(model, "simple_history", row.pk, history.pk), {"name": "x"}),
    ]
    assert {response.status_code for response in refused} == {403}
    admin_client.post(
        url(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )
    assert list(model.objects.values()) == before


@EVERY
def test_delete_selected_is_not_offered(rf: Any, admin_user: Any, model: Any) -> None:
    request = rf.get("/")
    request.user = admin_user
    assert "delete_selected" not in admin.site._registry[model].get_actions(request)


@EVERY
def test_a_stranger_is_sent_to_the_door(client: Client, rows: Any, model: Any) -> None:
    assert "/login/" in client.get(url(model, "changelist")).url


def test_support_may_not_look_through_features(support_desk: Client) -> None:
    assert support_desk.get(url(Feature, "changelist")).status_code == 403
