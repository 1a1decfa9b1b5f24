"""`make run` with a pretended CRM: what is started, what it is told, and that production starts none."""

import json
import stat

import pytest

from config import crm_counterpart, run
from desk.demo.customers import customers
from tests.config.test_counterpart import words_of


@pytest.fixture
def var(tmp_path, settings, monkeypatch):
    settings.VAR = tmp_path
    for name in (
        "DESK_URL",
        "DESK_SALESFORCE_KEY",
        "DESK_SALESFORCE_PUSHES",
        "DESK_HUBSPOT_KEY",
        "DESK_HUBSPOT_PUSHES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:8123")
    return tmp_path


@pytest.mark.parametrize(
    ("crm", "port", "tells"), [("salesforce", 12112, "--callout"), ("hubspot", 12113, "--webhook")]
)
def test_it_stands_beside_the_desk_and_knows_where_to_tell_it(var, crm, port, tells):
    *desk, pretended, connecting = run.programs(port=8123, crm=crm)
    assert [one.name for one in desk] == ["web", "worker 1", "clock"]
    assert f"tests.fakes.{crm} --port {port} {tells} http://127.0.0.1:8123/hooks/{crm}-demo" in words_of(pretended)
    assert f"config.crm_counterpart {crm} --base http://127.0.0.1:{port}" in words_of(connecting)
    assert pretended.environment == connecting.environment
    assert (pretended.once, connecting.once) == (False, True)


def test_it_stands_beside_a_pretended_stripe_too(var, monkeypatch):
    monkeypatch.setenv("DESK_BUY_URL", "http://127.0.0.1:12111/")
    names = [one.name for one in run.programs(port=8123, pretended=True, crm="hubspot", crm_port=1)]
    assert names[3:5] == ["the pretended Stripe", "its connection"]
    assert names[5:] == ["the pretended HubSpot", "the connection with HubSpot"]


def test_its_companies_are_the_customers_of_the_demo_but_for_three(var):
    run.programs(port=8123, crm="salesforce")
    told = json.loads((var / "crm_records.json").read_text())
    known = {one.domain: one.name for one in customers(240)}
    strangers = [one for one in told["companies"] if known.get(one["domain"]) != one["name"]]
    assert len(told["companies"]) - len(strangers) >= 20
    assert [one["name"] in known.values() for one in strangers] == [False, False, True]
    assert {one["standing"] for one in told["deals"]} == {"won", "open", "lost"}


def test_keys_are_made_once_for_each_crm_kept_privately_and_in_no_command(var):
    keys = [crm_counterpart.keys(crm) for crm in run.CRMS]
    assert keys == [crm_counterpart.keys(crm) for crm in run.CRMS]
    secrets = {secret for one in keys for secret in one.values()}
    assert len(secrets) == 4
    assert stat.S_IMODE((var / "hubspot_key").stat().st_mode) == 0o600
    commands = " ".join(map(words_of, crm_counterpart.programs("hubspot", port=1, desk="http://127.0.0.1:2")))
    assert not [one for one in secrets if one in commands]


def test_production_starts_none(var, settings):
    settings.PRODUCTION = True
    with pytest.raises(SystemExit, match="DESK_ENV is production"):
        run.programs(port=8123, crm="salesforce")


def test_every_crm_that_can_be_asked_for_is_known():
    assert run.CRMS.keys() == crm_counterpart.KNOWN.keys()
