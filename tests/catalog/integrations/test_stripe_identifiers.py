"""How Stripe's identifiers begin: a hint, never a refusal."""

import pytest

from catalog.integrations.stripe.identifiers import unusual


@pytest.mark.parametrize(("identifier", "sort"), [("prod_1", "product"), ("price_1", "price"), ("feat_1", "feature")])
def test_an_identifier_of_its_sort_is_nothing_unusual(identifier: str, sort: str) -> None:
    assert unusual(identifier, sort=sort) == ""


def test_one_of_another_sort_is_named() -> None:
    assert "it looks like the id of a price" in unusual("price_1", sort="product")


def test_one_of_no_sort_says_how_such_ids_begin() -> None:
    assert "such ids begin with feat_" in unusual("sso", sort="feature")


def test_what_is_missing_is_not_unusual() -> None:
    assert unusual("", sort="price") == ""
