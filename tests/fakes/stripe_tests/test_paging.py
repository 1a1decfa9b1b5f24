"""Lists in pages, and what is expanded."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop


@pytest.fixture
def seven(stripe: Any) -> list[str]:
    return [stripe.v1.products.create({"name": str(place)}).id for place in range(7)]


def _ids(page: Any) -> list[str]:
    return [one.id for one in page.data]


def test_the_newest_comes_first(stripe: Any, seven: list[str]) -> None:
    page = stripe.v1.products.list({"limit": 3})
    assert _ids(page) == seven[:-4:-1]
    assert page.has_more is True
    assert page.url == "/v1/products"


def test_a_cursor_goes_on(stripe: Any, seven: list[str]) -> None:
    page = stripe.v1.products.list({"limit": 3, "starting_after": seven[2]})
    assert _ids(page) == [seven[1], seven[0]]
    assert page.has_more is False


def test_a_cursor_goes_back(stripe: Any, seven: list[str]) -> None:
    page = stripe.v1.products.list({"limit": 2, "ending_before": seven[2]})
    assert _ids(page) == [seven[4], seven[3]]
    assert page.has_more is True


def test_the_client_pages_by_itself_both_ways(stripe: Any, seven: list[str]) -> None:
    assert [one.id for one in stripe.v1.products.list({"limit": 2}).auto_paging_iter()] == seven[::-1]
    assert [
        one.id for one in stripe.v1.products.list({"limit": 2, "ending_before": seven[0]}).auto_paging_iter()
    ] == seven[1:]


def test_ten_where_nothing_is_said(stripe: Any) -> None:
    for place in range(11):
        stripe.v1.products.create({"name": str(place)})
    page = stripe.v1.products.list()
    assert (len(page.data), page.has_more) == (10, True)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_its_bounds(stripe: Any, limit: int) -> None:
    with pytest.raises(official.InvalidRequestError, match="This value must be"):
        stripe.v1.products.list({"limit": limit})


def test_a_cursor_has_to_be_there(stripe: Any, seven: list[str]) -> None:
    with pytest.raises(official.InvalidRequestError, match="No such product"):
        stripe.v1.products.list({"starting_after": "prod_none"})


def test_one_cursor_at_a_time(stripe: Any, seven: list[str]) -> None:
    with pytest.raises(official.InvalidRequestError, match="only specify one"):
        stripe.v1.products.list({"starting_after": seven[0], "ending_before": seven[1]})


@pytest.mark.parametrize(("sign", "count"), [("gt", 1), ("gte", 2), ("lt", 0), ("lte", 1)])
def test_rows_are_found_by_their_time(shop: Shop, sign: str, count: int) -> None:
    began = shop.fake.now
    shop.fake.advance(days=1)
    shop.stripe.v1.customers.create({"name": "Later"})
    assert len(shop.stripe.v1.customers.list({"created": {sign: began}}).data) == count
    assert len(shop.stripe.v1.customers.list({"created": began}).data) == 1


def test_the_way_that_the_desk_fetches(shop: Shop) -> None:
    made = shop.subscribed()
    whole = shop.stripe.v1.subscriptions.retrieve(
        made.id, {"expand": ["items.data.price.product", "latest_invoice", "customer", "default_payment_method"]}
    )
    assert whole["items"].data[0].price.product.name == "Team"
    assert whole.latest_invoice.status == "paid"
    assert whole.customer.email == "ada@example.com"
    assert whole.default_payment_method is None


def test_lists_are_expanded_through_data(shop: Shop) -> None:
    shop.subscribed()
    page = shop.stripe.v1.subscriptions.list({"expand": ["data.latest_invoice", "data.customer"]})
    assert page.data[0].latest_invoice.status == "paid"


def test_four_levels_and_no_more(shop: Shop) -> None:
    shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match="more than 4 levels"):
        shop.stripe.v1.subscriptions.list({"expand": ["data.items.data.price.product"]})


@pytest.mark.parametrize("path", ["status", "nothing", "items.data.nothing", "customer.nothing"])
def test_what_is_no_reference_is_not_expanded(shop: Shop, path: str) -> None:
    made = shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match="cannot be expanded"):
        shop.stripe.v1.subscriptions.retrieve(made.id, {"expand": [path]})


def test_a_list_within_shows_ten_and_says_so(shop: Shop) -> None:
    prices = [shop.price(100 + place) for place in range(12)]
    made = shop.stripe.v1.subscriptions.create({"customer": shop.customer, "items": [{"price": one} for one in prices]})
    assert (len(made["items"].data), made["items"].has_more) == (10, True)
    page = shop.stripe.v1.subscription_items.list({"subscription": made.id, "limit": 100})
    assert [one.price.id for one in page.data] == prices
    invoice = shop.stripe.v1.invoices.retrieve(made.latest_invoice)
    assert (len(invoice.lines.data), invoice.lines.has_more) == (10, True)
    assert len(shop.stripe.v1.invoices.line_items.list(invoice.id, {"limit": 20}).data) == 12
