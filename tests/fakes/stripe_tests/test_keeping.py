"""What the counterpart keeps for its next start, so that whoever listens never knows more than it does."""

from typing import Any

import pytest

from tests.fakes.stripe import stripe_counterpart
from tests.fakes.stripe.keeping import Keeping
from tests.fakes.stripe_tests.conftest import Shop


@pytest.fixture
def path(tmp_path: Any) -> Any:
    return tmp_path / "kept"


def test_another_one_goes_on_where_the_first_was(shop: Shop, path: Any) -> None:
    shop.fake.listen("http://127.0.0.1:1/hooks")
    made = shop.subscribed()
    Keeping(path, shop.fake.state).write()
    with stripe_counterpart(seed=7) as other:
        assert Keeping(path, other.state).read()
        there = other.client().v1
        assert there.subscriptions.retrieve(made.id).status == "active"
        assert [one.id for one in there.events.list().data] == [one.id for one in shop.stripe.v1.events.list().data]
        assert len(other.state.deliveries) == len(shop.fake.state.deliveries)
        again = there.subscriptions.create({"customer": shop.customer, "items": [{"price": shop.dearer}]})
        assert again.id != made.id
        other.advance(days=32)
        assert there.invoices.list({"subscription": made.id}).data[0].billing_reason == "subscription_cycle"


def test_its_time_goes_on_too(shop: Shop, path: Any) -> None:
    shop.fake.advance(days=3)
    Keeping(path, shop.fake.state).write()
    with stripe_counterpart(seed=7) as other:
        Keeping(path, other.state).read()
        assert other.now == shop.fake.now


def test_it_writes_only_what_is_new(shop: Shop, path: Any) -> None:
    keeping = Keeping(path, shop.fake.state)
    keeping.write()
    before = path.stat().st_ino
    keeping.write()
    assert path.stat().st_ino == before
    shop.stripe.v1.customers.update(shop.customer, {"metadata": {"a": "b"}})
    keeping.write()
    assert path.stat().st_ino != before


def test_what_cannot_be_read_is_put_aside(shop: Shop, path: Any) -> None:
    path.write_bytes(b"of another version")
    assert not Keeping(path, shop.fake.state).read()
    assert path.with_suffix(".unreadable").exists()
    assert shop.fake.state.all("customer")


def test_nothing_was_kept_yet(shop: Shop, path: Any) -> None:
    assert not Keeping(path, shop.fake.state).read()
