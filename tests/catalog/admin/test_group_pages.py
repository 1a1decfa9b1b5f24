"""Groups in the back office: the list, the form, the refusals in it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import FeatureGroup
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:catalog_featuregroup_{name}", args=args)


def shown(desk: Client, group: FeatureGroup) -> dict[str, Any]:
    page = desk.get(url("change", group.pk))
    form = page.context["adminform"].form
    return {"name": group.name, "parent": group.parent_id or "", "version_token": form["version_token"].value()}


def test_the_list_says_how_much_stands_in_each(finance_desk: Client) -> None:
    FeatureFactory(group__name="Premium services")
    FeatureGroupFactory(name="Empty one")
    page = finance_desk.get(url("changelist")).content.decode()
    assert "Premium services" in page
    assert "none yet" in page


def test_a_group_is_made(finance_desk: Client) -> None:
    finance_desk.post(url("add"), {"name": "Premium services", "key": "premium_services", "parent": "", "after": ""})
    assert FeatureGroup.objects.get().name == "Premium services"


def test_a_key_that_is_taken_is_told_in_the_form(finance_desk: Client) -> None:
    FeatureGroupFactory(key="premium")
    page = finance_desk.post(url("add"), {"name": "New", "key": "premium", "parent": "", "after": ""})
    assert "already a group with the key" in page.content.decode()


def test_a_group_is_renamed_and_moved(finance_desk: Client) -> None:
    first, second = FeatureGroupFactory(position=0), FeatureGroupFactory(position=1)
    given = shown(finance_desk, first) | {"name": "Premium", "after": second.pk}
    assert finance_desk.post(url("change", first.pk), given).status_code == 302
    assert [group.name for group in FeatureGroup.objects.all()] == [second.name, "Premium"]


def test_a_circle_is_refused_in_the_form(finance_desk: Client) -> None:
    top = FeatureGroupFactory(name="Top")
    below = FeatureGroupFactory(parent=top)
    given = shown(finance_desk, top) | {"parent": below.pk, "after": ""}
    page = finance_desk.post(url("change", top.pk), given)
    assert "stands in Top itself" in page.content.decode()


def test_two_who_edit_at_once_do_not_overwrite_each_other(finance_desk: Client) -> None:
    group = FeatureGroupFactory()
    given = shown(finance_desk, group) | {"after": ""}
    finance_desk.post(url("change", group.pk), given | {"name": "First"})
    page = finance_desk.post(url("change", group.pk), given | {"name": "Second"})
    assert "Someone else changed this" in page.content.decode()


def test_an_empty_group_is_removed_and_a_full_one_stays(finance_desk: Client) -> None:
    empty, full = FeatureGroupFactory(), FeatureFactory().group
    for group in (empty, full):
        finance_desk.post(url("delete", group.pk), {"post": "yes"})
    assert [group.pk for group in FeatureGroup.objects.all()] == [full.pk]


def test_sales_only_read(sign_in: Any) -> None:
    group = FeatureGroupFactory()
    page = sign_in("sales").get(url("change", group.pk))
    assert page.status_code == 200
    assert 'name="name"' not in page.content.decode()
