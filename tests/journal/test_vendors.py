"""The registry of outside systems: described once, and each type has one handler."""

from dataclasses import replace

import pytest

from journal import vendors
from journal.domain.receiving import Order, Outcome
from tests.fakes import console


@pytest.fixture(autouse=True)
def _registry_of_its_own(monkeypatch):
    monkeypatch.setattr(vendors, "_vendors", {})
    monkeypatch.setattr(vendors, "_handlers", {})


def taken(row):
    return Outcome("Done.")


def test_a_vendor_is_described_once_and_the_same_again_is_no_harm():
    console.register()
    console.register()
    assert list(vendors.known()) == ["console", "ledger"]
    assert vendors.vendor_of("console").words == "Console"
    assert vendors.vendor_of("nobody") is None
    assert vendors.strict_vendors() == ["ledger"]
    assert console.LEDGER.order is Order.STRICT
    with pytest.raises(ValueError, match="registered already"):
        vendors.register(replace(console.CONSOLE, words="Other"))


@pytest.mark.parametrize(("changed", "says"), [({"name": "No Name"}, "no name"), ({"secrets": ()}, "Nothing verifies")])
def test_one_that_cant_be_right_is_refused(changed, says):
    with pytest.raises(ValueError, match=says):
        vendors.register(replace(console.CONSOLE, **changed))


def test_each_type_has_one_handler_and_the_rest_may_have_one_together():
    vendors.register_handler("console", ["thing.made"], console.handling)
    assert vendors.handler_of("console", "thing.made") is console.handling
    assert vendors.handler_of("console", "thing.lost") is None
    assert vendors.handler_of("ledger", "thing.made") is None
    vendors.register_handler("console", [vendors.ANYTHING], taken)
    assert vendors.handler_of("console", "thing.lost") is taken
    assert vendors.handler_of("console", "thing.made") is console.handling
    assert vendors.handled_types("console") == ["*", "thing.made"]
    with pytest.raises(ValueError, match="has a handler already"):
        vendors.register_handler("console", ["thing.made"], taken)
