"""A counterpart of a CRM as `make run` starts it: with the records it is told, which it remembers for its next start."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from hubspot import Client
from simple_salesforce import Salesforce

from config.embedded import free_port
from tests.fakes.salesforce.client import session

ROOT = Path(__file__).resolve().parents[3]
DEAL = {"domain": "acme.example", "starts_on": "2026-03-02", "months": 12, "lines": [["TEAM", 2], ["GOLD", 1]]}
RECORDS = {
    "products": [{"code": code, "name": code.title(), "price": 100} for code in ("TEAM", "GOLD")],
    "companies": [
        {"name": "Acme", "domain": "acme.example", "country": "NL", "contact": "Bo Li", "email": "bo@acme.example"}
    ],
    "deals": [DEAL | {"name": f"Acme: {standing}", "standing": standing} for standing in ("won", "open", "lost")],
}


@pytest.fixture
def told(tmp_path: Path) -> list[str]:
    (tmp_path / "records.json").write_text(json.dumps(RECORDS))
    return ["--records", str(tmp_path / "records.json"), "--state", str(tmp_path / "kept")]


@contextmanager
def started(vendor: str, told: list[str]) -> Iterator[str]:
    """Quietly, with its keys in its environment; it ends by a signal, without a word."""
    port = free_port()
    command = [sys.executable, "-W", "error", "-m", f"tests.fakes.{vendor}", "--port", str(port), "--quiet", *told]
    keys = {"COUNTERPART_KEY": "a-key", "COUNTERPART_SECRET": "a-secret"}
    with subprocess.Popen(command, cwd=ROOT, env=keys, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield _answering(f"http://127.0.0.1:{port}")
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=20) == (b"", None)
        finally:
            process.kill()  # where it did not end by itself, the test fails and does not wait for ever
    assert process.returncode == 0


def _answering(base: str) -> str:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            requests.get(base, timeout=5)
            return base
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("Nothing answers.")


def in_salesforce(base: str) -> dict[str, str]:
    """Deals by name: where each stands, of which company, and what its lines come to."""
    with session(base) as way:
        keys = {"consumer_key": "3MVG9counterpart1", "consumer_secret": "a-key", "domain": "demo-dev-ed.my"}
        sf = Salesforce(version="64.0", session=way, **keys)
        rows = sf.query("SELECT Name, StageName, Amount, Account.Website, Term_Months__c FROM Opportunity")["records"]
    return {
        row["Name"]: f"{row['StageName']} {row['Account']['Website']} {row['Amount']:g} {row['Term_Months__c']:g}"
        for row in rows
    }


def in_hubspot(base: str) -> dict[str, str]:
    crm = Client.create(access_token="a-key", host=base).crm
    asked: Any = {"properties": ["dealname", "dealstage", "amount"], "associations": ["companies"]}
    rows = crm.deals.basic_api.get_page(**asked).results
    domain = crm.companies.basic_api.get_page().results[0].properties["domain"]
    assert all(row.associations["companies"].results for row in rows)
    return {
        row.properties["dealname"]: f"{row.properties['dealstage']} {domain} {row.properties['amount']}" for row in rows
    }


@pytest.mark.parametrize(
    ("vendor", "read", "begins"),
    [
        ("salesforce", in_salesforce, "Closed Won https://www.acme.example 300 12"),
        ("hubspot", in_hubspot, "closedwon acme.example 300"),
    ],
)
def test_it_begins_with_what_it_is_told_and_goes_on_where_it_ended(
    vendor: str, read: Callable[[str], dict[str, str]], begins: str, told: list[str]
) -> None:
    with started(vendor, told) as base:
        before = read(base)
        assert before["Acme: won"] == begins
        page = next(one for one in requests.get(base, timeout=5).text.split("<a ") if "Acme: open" in one)
        path = page.partition('href="')[2].partition('"')[0]
        where, form = (f"{path}/win", {}) if vendor == "salesforce" else (path, {"deed": "won"})
        requests.post(base + where, data=form, allow_redirects=False, timeout=10).raise_for_status()
    with started(vendor, told) as base:
        after = read(base)
    assert after == before | {"Acme: open": begins}


def test_what_is_written_over_http_is_kept_too(told: list[str]) -> None:
    with started("hubspot", told) as base:
        Client.create(access_token="a-key", host=base).crm.companies.basic_api.create({"properties": {"name": "New"}})
    with started("hubspot", told) as base:
        rows = Client.create(access_token="a-key", host=base).crm.companies.basic_api.get_page().results
    assert [row.properties["name"] for row in rows] == ["Acme", "New"]
