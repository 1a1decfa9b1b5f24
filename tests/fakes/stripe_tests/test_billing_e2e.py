"""Somebody else's five scenarios, written against Stripe itself (billing-e2e, MIT), pass against the counterpart."""

import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from billing_e2e import checks
from billing_e2e.runner import Runner
from billing_e2e.safety import check_key, confirm_test_mode
from billing_e2e.scenario import Config, load_scenario

from tests.fakes.stripe import Counterpart, stripe_counterpart
from tests.fakes.stripe_tests.conftest import misshapen

SCENARIOS = ("cancel-at-period-end", "failed-renewal", "plan-change", "renewal", "signup-card-problems")


@pytest.fixture
def real_time() -> Iterator[Counterpart]:
    """Its events are looked for by the time of day."""
    with stripe_counterpart(seed=1, clock=time.time) as fake:
        yield fake
    assert not misshapen(fake)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks it waits a second or two; here there is nothing to wait for."""
    monkeypatch.setattr(checks, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: None))


@pytest.fixture
def priced(real_time: Counterpart) -> Any:
    stripe = real_time.client(max_network_retries=0)
    product = stripe.v1.products.create({"name": "Team"}).id
    asked = {"product": product, "currency": "eur", "recurring": {"interval": "month"}}
    prices = {
        name: stripe.v1.prices.create({**asked, "unit_amount": cents}).id
        for name, cents in (("monthly_price", 1000), ("upgrade_price", 3000))
    }
    return stripe, Config(stripe_key=real_time.api_key, vars=prices)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenario_passes(priced: Any, name: str) -> None:
    stripe, config = priced
    with as_file(files("billing_e2e") / "scenarios" / f"{name}.yml") as path, httpx.Client() as http:
        result = Runner(config, stripe, http=http).run(load_scenario(path))
    assert [(step.label, step.detail) for step in result.steps if not step.passed] == []
    assert (result.passed, result.errors) == (True, [])


def test_all_its_scenarios_are_played() -> None:
    found = [one.name.removesuffix(".yml") for one in (files("billing_e2e") / "scenarios").iterdir()]
    assert sorted(found) == sorted(SCENARIOS)


def test_it_takes_the_key_for_one_of_a_test_account(priced: Any, real_time: Counterpart) -> None:
    check_key(real_time.api_key)
    confirm_test_mode(priced[0])


def test_nothing_is_left_behind(priced: Any, real_time: Counterpart) -> None:
    stripe, config = priced
    with as_file(files("billing_e2e") / "scenarios" / "renewal.yml") as path, httpx.Client() as http:
        Runner(config, stripe, http=http).run(load_scenario(path))
    assert (
        real_time.state.all("test_helpers.test_clock")
        == real_time.state.all("customer")
        == real_time.state.all("subscription")
        == []
    )
