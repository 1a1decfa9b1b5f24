"""The stock ways to write that Django offers, one by one: each goes through an action, or writes nothing.

For every model in the admin, as a superuser (so that no permission stands in the way): the add form, the change form,
deletion, the bulk deletion of a list, the old version's form of the history, and in-list editing. Whatever changed a
row must have left an audit event.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import NoReverseMatch, reverse

from journal.models import AuditEvent, Staff
from tests.everything import everything

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def label(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def test_the_list_of_models_is_the_desk_s_own() -> None:
    apps = {"journal", "catalog", "entitlements", "support", "desk"}
    assert {model._meta.app_label for model in REGISTERED} == apps


@pytest.fixture
def names(db: None) -> dict[str, Any]:
    return everything()


@pytest.fixture
def superuser(names: dict[str, Any]) -> Client:
    client = Client()
    client.force_login(Staff.objects.create_superuser("root", "root@desk.example", "a-long-password-1"))
    return client


def rows(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def typed(row: models.Model) -> dict[str, Any]:
    """What a form of all columns would post, each a little different from what stands there."""
    given: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        if isinstance(field, models.BooleanField):
            continue  # an unticked box is a change
        given[field.name] = f"{value}x" if isinstance(field, models.CharField | models.TextField) else value
    return {name: "" if value is None else value for name, value in given.items()}


def stock_posts(
    model: type[models.Model], row: models.Model, names: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    name, form = f"admin:{label(model)}", typed(row)
    yield reverse(f"{name}_add"), form
    yield reverse(f"{name}_change", args=[row.pk]), form
    yield reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}
    yield reverse(f"{name}_history", args=[row.pk]), form
    selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    yield reverse(f"{name}_changelist"), selected
    in_list = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row.pk, "_save": "Save"}
    yield reverse(f"{name}_changelist"), in_list | {f"form-0-{field}": value for field, value in form.items()}
    try:
        version = names.get(f"{label(model)}_version", 0)
        yield reverse(f"{name}_simple_history", args=[row.pk, version]), form
    except NoReverseMatch:
        return


@pytest.mark.parametrize("model", REGISTERED, ids=label)
def test_no_stock_path_writes_past_an_action(
    model: type[models.Model], names: dict[str, Any], superuser: Client
) -> None:
    row = model._default_manager.get(pk=names[label(model)])
    for url, form in stock_posts(model, row, names):
        before, told = rows(model), AuditEvent.objects.count()
        answer = superuser.post(url, form)
        assert answer.status_code < 500, url
        assert rows(model) == before or AuditEvent.objects.count() > told, f"{url} wrote past the actions"


def test_a_superuser_gets_no_bulk_action_that_deletes(superuser: Client) -> None:
    for model in REGISTERED:
        page = superuser.get(reverse(f"admin:{label(model)}_changelist"))
        assert "delete_selected" not in page.content.decode(), model._meta.label
