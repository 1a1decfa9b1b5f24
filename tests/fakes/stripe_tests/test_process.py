"""The counterpart as a process of its own, as a demo starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe as official

from tests.fakes.stripe_tests.receiver import Receiver, receiving

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture(scope="module")
def said(receiver: Receiver) -> Iterator[dict[str, Any]]:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "tests.fakes.stripe",
        "--port",
        "0",
        "--webhook",
        receiver.url,
        "--secret",
        "whsec_demo",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


def test_it_says_where_it_is_and_how_to_speak_to_it(said: dict[str, Any], receiver: Receiver) -> None:
    client = official.StripeClient(said["api_key"], base_addresses={"api": said["base"]})
    prices = client.v1.prices.list({"lookup_keys": ["starter_monthly", "team_monthly", "scale_monthly"]}).data
    assert [price.unit_amount for price in prices] == [29900, 9900, 2900]
    assert said["webhook_secrets"] == {receiver.url: "whsec_demo"}


def test_a_purchase_is_told_without_anybody_asking(said: dict[str, Any], receiver: Receiver) -> None:
    client = official.StripeClient(said["api_key"], base_addresses={"api": said["base"]})
    (price,) = client.v1.prices.list({"lookup_keys": ["team_monthly"]}).data
    asked = {"mode": "subscription", "line_items": [{"price": price.id}], "success_url": "http://127.0.0.1:1/done"}
    url = client.v1.checkout.sessions.create(asked).url
    receiver.arrived.clear()
    requests.post(url, data={"card": "pay", "email": "eve@example.com"}, allow_redirects=False, timeout=10)
    assert receiver.waited_for("checkout.session.completed")
    official.Webhook.construct_event(receiver.bodies[-1], receiver.headers[-1]["stripe-signature"], "whsec_demo")
