"""The order of features and groups, a step at a time, from the group's own pages."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.admin.order_pages import stepped
from catalog.models import Feature, FeatureGroup
from journal.domain.refusal import Invalid
from tests.catalog.factories import FeatureFactory, FeatureGroupFactory
from tests.entitlements.admin.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(db: None) -> FeatureGroup:
    group = FeatureGroupFactory(name="Limits", position=1)
    for place, name in enumerate(("Seats", "Storage", "Users")):
        FeatureFactory(name=name, group=group, position=place)
    return group


def move(desk: Client, group: FeatureGroup, *rows: Any, **pressed: Any) -> HttpResponse:
    form = {"list": "features", "was": " ".join(str(row.pk) for row in rows)} | pressed
    return desk.post(reverse("admin:catalog_order", args=[group.pk]), form, follow=True)


def names(rows: Any) -> list[str]:
    return [row.name for row in rows.order_by("position", "pk")]


def test_a_feature_goes_a_place_up(finance_desk: Client, group: FeatureGroup) -> None:
    rows = list(Feature.objects.order_by("position"))
    page = text_of(move(finance_desk, group, *rows, up=rows[2].pk))
    assert names(Feature.objects) == ["Seats", "Users", "Storage"]
    assert page.index("Users") < page.index("Storage")


def test_a_group_goes_a_place_down_among_its_neighbours(finance_desk: Client, group: FeatureGroup) -> None:
    other = FeatureGroupFactory(name="Support", position=2)
    move(finance_desk, group, group, other, list="groups", down=group.pk)
    assert names(FeatureGroup.objects) == ["Support", "Limits"]


def test_an_order_that_someone_changed_meanwhile_is_not_written_over(finance_desk: Client, group: FeatureGroup) -> None:
    seats, storage, users = Feature.objects.order_by("position")
    page = move(finance_desk, group, storage, seats, users, up=users.pk)
    assert "Someone else changed the order" in text_of(page)
    assert names(Feature.objects) == ["Seats", "Storage", "Users"]


def test_the_group_leads_to_its_order(finance_desk: Client, group: FeatureGroup) -> None:
    page = finance_desk.get(reverse("admin:catalog_featuregroup_change", args=[group.pk]))
    assert reverse("admin:catalog_order", args=[group.pk]) in page.content.decode()


@pytest.mark.parametrize(("key", "by", "after"), [(1, -1, [1, 2]), (2, 1, [1, 2]), (2, -1, [2, 1])])
def test_at_either_end_it_stays(key: int, by: int, after: list[int]) -> None:
    assert stepped([1, 2], key, by=by) == after


def test_what_is_gone_is_told() -> None:
    with pytest.raises(Invalid, match="isn't there any more"):
        stepped([1, 2], 3, by=1)
