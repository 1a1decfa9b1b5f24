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
from hubspot import Client
from hubspot.utils.signature import Signature

from tests.fakes.hubspot_tests.receiver import Receiver, receiving

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def listener() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture(scope="module")
def said(listener: Receiver) -> Iterator[dict[str, Any]]:
    command = [
        sys.executable, "-W", "error", "-m", "tests.fakes.hubspot", "--port", "0", "--webhook", listener.url,
        "--secret", "client-secret",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()  # where it did not end by itself, the test fails and does not wait for ever
        assert (process.returncode, errors) == (0, "")


def test_it_says_where_it_is_and_how_to_speak_to_it(said: dict[str, Any], listener: Receiver) -> None:
    client = Client.create(access_token=said["access_token"], host=said["base"])
    assert len(client.crm.deals.basic_api.get_page().results) == 4
    assert said["client_secrets"] == {listener.url: "client-secret"}


def test_a_deal_that_a_person_wins_is_told_without_anybody_asking(said: dict[str, Any], listener: Receiver) -> None:
    client = Client.create(access_token=said["access_token"], host=said["base"])
    where = {"propertyName": "hs_is_closed", "operator": "EQ", "value": "false"}
    deal = client.crm.deals.search_api.do_search({"filterGroups": [{"filters": [where]}]}).results[0]
    listener.arrived.clear()
    requests.post(f"{said['base']}/deal/{deal.id}", data={"deed": "won"}, allow_redirects=False, timeout=10)
    assert listener.waited_for("deal.propertyChange")
    headers = listener.headers[-1]
    assert Signature.is_valid(
        headers["x-hubspot-signature-v3"], "client-secret", listener.bodies[-1].decode(), listener.url,
        signature_version="v3", timestamp=headers["x-hubspot-request-timestamp"],
    )  # fmt: skip
