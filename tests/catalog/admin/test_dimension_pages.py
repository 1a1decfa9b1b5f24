"""Telling use apart, in the back office."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Dimension, DimensionChoice
from tests.catalog.factories import DimensionChoiceFactory, DimensionFactory, SeatsFactory, StorageFactory

pytestmark = pytest.mark.django_db

GIVEN = {"name": "AI model", "key": "model", "choices": "Small model\nlarge | Large model = 5"}


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:catalog_dimension_{name}", args=args)


def weights() -> dict[str, int]:
    return dict(DimensionChoice.objects.values_list("key", "weight_thousandths"))


def test_choices_are_written_one_a_line_with_their_weights(finance_desk: Client) -> None:
    feature = StorageFactory()
    page = finance_desk.post(url("add", feature.pk), GIVEN, follow=True).content.decode()
    assert weights() == {"small_model": 1000, "large": 5000}
    assert "Large model counts as 5" in page


def test_a_line_that_can_not_be_read_is_told_beside_the_list(finance_desk: Client) -> None:
    page = finance_desk.post(url("add", StorageFactory().pk), GIVEN | {"choices": "Large = 0"})
    assert list(page.context["form"].errors) == ["choices"]


def test_what_is_not_used_up_can_not_be_told_apart(finance_desk: Client) -> None:
    page = finance_desk.post(url("add", SeatsFactory().pk), GIVEN)
    assert "is not used up" in page.content.decode()


def test_the_form_shows_what_stands_and_saves_a_change(finance_desk: Client) -> None:
    choice = DimensionChoiceFactory(key="large", name="Large model", weight_thousandths=5000)
    address = url("edit", choice.dimension.feature_id, choice.dimension_id)
    initial = finance_desk.get(address).context["form"].initial
    assert initial["choices"] == "large | Large model = 5"
    finance_desk.post(address, initial | {"choices": "large | Large model = 6"})
    assert weights() == {"large": 6000}


def test_two_who_edit_at_once_do_not_overwrite_each_other(finance_desk: Client) -> None:
    choice = DimensionChoiceFactory(key="large")
    address = url("edit", choice.dimension.feature_id, choice.dimension_id)
    initial = finance_desk.get(address).context["form"].initial
    finance_desk.post(address, initial | {"choices": "large | Large = 6"})
    page = finance_desk.post(address, initial | {"choices": "large | Large = 7"})
    assert "Someone else changed this" in page.content.decode()
    assert weights() == {"large": 6000}


def test_a_dimension_is_removed_after_a_question(finance_desk: Client) -> None:
    dimension = DimensionFactory(name="Region")
    address = url("remove", dimension.feature_id, dimension.pk)
    assert "Region" in finance_desk.get(address).content.decode()
    finance_desk.post(address, {"reason": "A mistake"})
    assert not Dimension.objects.exists()


def test_a_dimension_of_another_feature_is_not_found(finance_desk: Client) -> None:
    assert finance_desk.get(url("edit", StorageFactory().pk, DimensionFactory().pk)).status_code == 404
