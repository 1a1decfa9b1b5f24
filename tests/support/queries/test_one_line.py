"""Cover in one line: whether, by which tier, how fast."""

import pytest

from entitlements.queries.entitlements import facts_of
from support.queries.coverage import coverage_of
from support.queries.one_line import CoverLine, cover_in_a_line
from tests.conftest import AT
from tests.support.factories import AssetFactory, CoverFactory, CoverScopeFactory
from tests.support.world import customer, the_plans, the_promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> dict[str, CoverLine]:
    """The line of a customer of each plan, and of one without any."""
    the_promise()
    held = {key: customer(f"on-{key}", plan=plan) for key, plan in the_plans().items()}
    held["none"] = customer("on-none", plan=None)
    lines = {}
    for key, account in held.items():
        lines[key] = cover_in_a_line(account=account, facts=facts_of(account=account), at=AT)
        assert lines[key].state == coverage_of(account=account, at=AT).state
    return lines


def test_cover_with_targets_names_the_tier_and_the_fastest_promise(said: dict[str, CoverLine]) -> None:
    assert said["team"].words == "Covered: Standard, first response within 1 hour, around the clock (Urgent)"


def test_cover_without_targets_promises_no_time(said: dict[str, CoverLine]) -> None:
    assert said["pro"].words == "Covered, no promised time"


def test_without_a_tier_there_is_no_cover_and_a_reason(said: dict[str, CoverLine]) -> None:
    assert said["none"].words == "Not covered"
    assert said["none"].why == "Nothing the account holds includes support."


@pytest.mark.usefixtures("db")
def test_covers_of_certain_devices_are_named() -> None:
    the_promise()
    account = customer("acme", plan=the_plans()["free"])
    cover = CoverFactory(account=account, name="Maintenance", tier="priority")
    CoverScopeFactory(cover=cover, kind="asset", product=None, asset=AssetFactory(account=account))
    line = cover_in_a_line(account=account, facts=facts_of(account=account), at=AT)
    assert (line.state, line.words) == ("no_promised_time", "Covered on some devices: Maintenance")
