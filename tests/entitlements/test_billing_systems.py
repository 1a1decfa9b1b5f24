"""What pages can ask of a system that bills is registered by its name, once."""

from dataclasses import replace

import pytest

from entitlements import billing_systems
from tests.fakes import billing_console


def test_it_is_known_by_the_vendors_name() -> None:
    billing_console.register()
    billing_console.register()
    assert billing_systems.system_of("console") == billing_console.SYSTEM
    assert billing_systems.system_of("ledger") is None


def test_another_one_of_the_same_name_is_a_mistake() -> None:
    billing_console.register()
    with pytest.raises(ValueError, match="registered already"):
        billing_systems.register("console", replace(billing_console.SYSTEM, look_at=billing_console.look_again))
