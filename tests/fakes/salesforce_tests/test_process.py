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
from simple_salesforce import Salesforce

from tests.fakes.salesforce.client import session
from tests.fakes.salesforce_tests.receiver import Receiver, receiving

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture(scope="module")
def said(receiver: Receiver) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-W", "error", "-m", "tests.fakes.salesforce", "--port", "0", "--callout", receiver.url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")


def test_it_says_how_to_log_in_and_has_a_world(said: dict[str, Any]) -> None:
    with session(said["base"]) as way:
        keys = {"username": said["username"], "consumer_key": said["consumer_key"], "privatekey": said["private_key"]}
        sf = Salesforce(version=said["api_version"], session=way, **keys)
        assert sf.query("SELECT COUNT() FROM Opportunity WHERE IsWon = true")["totalSize"] == 1


def test_a_persons_deed_is_told_without_anybody_asking(said: dict[str, Any], receiver: Receiver) -> None:
    page = requests.get(said["base"], timeout=10).text
    path = page.partition('href="/opportunity/')[2].partition('"')[0]
    requests.post(f"{said['base']}/opportunity/{path}/win", allow_redirects=False, timeout=10)
    assert receiver.arrived.wait(20)
    assert json.loads(receiver.bodies[-1]) == {"id": path}
    assert receiver.headers[-1]["authorization"] == f"Bearer {said['bearer']}"
