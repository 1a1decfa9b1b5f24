"""Asking HubSpot: seconds and not minutes, a handful of requests, Later where it can't answer, and no token anywhere."""

import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from desk.integrations.crm.asking import TIME_OUT
from desk.integrations.crm.port import Declined, Kind, LoginRefused
from desk.integrations.hubspot import client, errors
from desk.integrations.hubspot.client import NotThere, line_of
from desk.models import CrmCalls
from journal.actions.connections import renew_secret
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.models import ConnectionHealth
from tests.entitlements.world import AT
from tests.fakes.hubspot import api
from tests.fakes.serving import Answer

READ = "/objects/companies/batch/read"
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


def ask(portal, at=AT):
    company = portal.fake.add("companies", name="Halden")
    with portal.open(at) as crm:
        return crm.companies([company.id])[company.id]


def later(portal, at=AT):
    with pytest.raises(Later) as rests:
        ask(portal, at)
    return rests.value


def test_it_asks_the_address_that_was_entered(portal):
    assert ask(portal).name == "Halden"
    assert portal.asked(READ)[-1].headers["authorization"] == f"Bearer {portal.fake.token}"


def test_lines_are_kept_open(portal):
    """Each part of the client opens a pool of its own, and each pool a line when it has none."""
    with portal.open() as crm:
        batch = crm.line.parts.batch
    with portal.open() as crm:
        assert crm.line.parts.batch is batch


def test_it_waits_for_seconds_only(portal):
    assert sum(TIME_OUT) * 2 < 60


def test_a_line_that_was_cut_is_tried_once_more(portal):
    portal.fake.inject("reset", path=READ)
    assert ask(portal).name == "Halden"
    portal.fake.inject("reset", path=READ, next=2)
    assert "can’t be reached" in later(portal).why


def test_silence_is_later_and_not_asked_again_at_once(portal, monkeypatch):
    monkeypatch.setattr(client, "TIME_OUT", (3.05, 0.2))
    portal.fake.inject("timeout", path=READ, seconds=0.6)
    assert "can’t be reached" in later(portal).why
    assert len(portal.asked(READ)) == 1


def test_nobody_there_is_later(portal):
    portal.fake.stop()
    assert "can’t be reached" in later(portal).why


@pytest.mark.parametrize("kind", ["500", "502", "503", "502_after"])
def test_a_gateways_page_is_later_and_the_waits_double(portal, kind):
    portal.fake.inject(kind, path=READ, next=9)
    assert later(portal).after == timedelta(seconds=5)
    assert later(portal, AT + timedelta(minutes=1)).after == timedelta(minutes=1)
    assert later(portal, AT + timedelta(hours=3)).after == timedelta(minutes=10)
    assert ConnectionHealth.objects.get().failing_since == AT


def test_a_gateways_page_that_is_not_utf_8_is_later_too(portal, monkeypatch):
    """The client's own words for it would make each of a hundred records fail."""
    page = "<h1>Indisponible à présent</h1>".encode("latin-1")
    monkeypatch.setattr(
        api, "Answer", lambda status, body, headers: Answer(status, page if status > 499 else body, headers)
    )
    portal.fake.inject("502", path=READ, next=9)
    assert later(portal).why == "HubSpot can’t answer (502)"
    assert len(portal.asked(READ)) == 1


@pytest.mark.parametrize(
    ("policy", "asked", "after"),
    [("SECONDLY", None, 1), ("TEN_SECONDLY_ROLLING", None, 10), ("SECONDLY", 7, 7)],
)
def test_a_short_limit_is_a_short_rest_and_not_asked_again_at_once(portal, policy, asked, after):
    portal.fake.inject("429", path=READ, policy=policy, retry_after=asked)
    rests = later(portal)
    assert (rests.after, "less often" in rests.why) == (timedelta(seconds=after), True)
    assert len(portal.asked(READ)) == 1


def test_the_limit_of_the_day_is_waited_out(portal):
    portal.fake.inject("429", path=READ, policy="DAILY")
    assert later(portal).after == MIDNIGHT - AT
    before = len(portal.fake.requests)
    later(portal, AT + timedelta(hours=8))
    assert len(portal.fake.requests) == before, "nobody asks before"
    assert ask(portal, MIDNIGHT + timedelta(minutes=1)).name == "Halden"


def test_where_nobody_says_when_the_day_ends_it_is_midnight(portal):
    portal.fake.inject("403", path="/account-info", next=None, scopes=["oauth"])
    portal.fake.inject("429", path=READ, policy="DAILY")
    assert later(portal).after == MIDNIGHT - AT


def test_the_calls_of_the_day_are_known_from_the_first_on(portal):
    portal.fake.spend(1000)
    ask(portal)
    row = CrmCalls.objects.get()
    assert (row.limit, row.resets_at) == (650_000, MIDNIGHT)
    assert row.used == 1000 + len(portal.fake.requests)


def test_how_the_day_goes_is_asked_for_once_a_day(portal):
    for hours in range(4):
        ask(portal, AT + timedelta(hours=hours))
    assert len(portal.asked("/api-usage/")) == 1
    portal.fake.advance(days=1)
    ask(portal, AT + timedelta(days=1))
    assert len(portal.asked("/api-usage/")) == 2
    assert CrmCalls.objects.get().resets_at == MIDNIGHT + timedelta(days=1)


def test_the_last_fifth_of_the_calls_is_left_to_others(portal):
    portal.fake.settings.daily_limit = 100
    portal.fake.spend(79)
    rests = later(portal)
    assert rests.after == MIDNIGHT - AT
    assert portal.asked(READ) == []


def test_without_a_word_about_the_day_it_goes_on(portal):
    """An app may not be told; then the answers' own headers count."""
    portal.fake.inject("403", path="/account-info", next=None, scopes=["oauth"])
    ask(portal)
    row = CrmCalls.objects.get()
    assert (row.used, row.resets_at) == (len(portal.fake.requests), None)


def test_a_token_that_is_refused_for_good_costs_a_handful_of_requests(portal):
    portal.fake.revoke_token()
    for minutes in range(0, 50, 10):
        with pytest.raises(LoginRefused):
            ask(portal, AT + timedelta(minutes=minutes))
    assert len(portal.fake.requests) == 2
    assert CrmCalls.objects.get().login_refused_at == AT


def test_a_token_that_is_refused_once_is_tried_again(portal):
    portal.fake.inject("401", path=READ)
    assert ask(portal).name == "Halden"


def test_a_new_token_is_used_at_once(portal):
    portal.fake.revoke_token()
    with pytest.raises(LoginRefused, match="Enter a new one"):
        ask(portal)
    renew_secret(
        connection=portal.connection, purpose="access_token", secret="pat-eu1-second", by=SYSTEM,
        at=AT + timedelta(minutes=1),
    )  # fmt: skip
    with pytest.raises(LoginRefused, match="Enter a new one"):
        ask(portal, AT + timedelta(minutes=2))
    assert portal.fake.requests[-1].headers["authorization"] == "Bearer pat-eu1-second"


def test_a_scope_that_is_missing_locks_nobody_out(portal):
    portal.fake.settings.scopes = {"crm.objects.deals.read"}
    with pytest.raises(LoginRefused, match=r"lacks the scope crm\.objects\.companies\.read"):
        ask(portal)
    portal.fake.settings.scopes = None
    assert ask(portal, AT + timedelta(minutes=1)).name == "Halden"


def test_without_a_token_that_opens_it_says_what_is_missing(portal):
    portal.connection.secrets.filter(purpose="access_token").delete()
    with pytest.raises(LoginRefused, match="access token"):
        ask(portal)


def test_no_other_address_is_asked_in_production(portal, settings):
    settings.PRODUCTION = True
    with pytest.raises(Declined, match="pretended HubSpot"):
        ask(portal)


def test_the_token_stands_in_no_log_and_no_error(portal, caplog):
    caplog.set_level(logging.DEBUG)
    ask(portal)
    portal.fake.inject("502", path=READ)
    with pytest.raises(Later) as rests:
        ask(portal)
    assert rests.value.__cause__ is None
    assert portal.fake.token not in caplog.text + repr(rests.value)


def test_a_certificate_that_cannot_be_believed_is_later(portal):
    """The client stumbles over it with an AttributeError of its own."""
    with portal.open() as crm:
        for part in (crm.line.parts.basic, crm.line.parts.batch):
            part.api_client.configuration.host = portal.fake.base.replace("http:", "https:")
        with pytest.raises(Later, match="certificate"):
            crm.companies(["7"])


def test_what_is_not_there_is_told_apart_from_a_gateway_that_is_astray(portal):
    with portal.open() as crm:
        line = crm.line
    assert isinstance(line._meant(errors.read(404, {}, '{"message": "resource not found"}')), NotThere)
    assert isinstance(line._meant(errors.read(404, {}, "<html>404</html>")), Later)
    assert isinstance(
        line._meant(errors.read(400, {}, '{"message": "Unable to infer object type from: p7_x"}')), NotThere
    )
    assert not isinstance(line._meant(errors.read(400, {}, '{"message": "Invalid filter"}')), NotThere)


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (403, {}, "<html>Forbidden</html>", 5),
        (423, {}, '{"message": "Locked"}', 5),
        (477, {"Retry-After": "86400"}, '{"message": "Migrating"}', 86_400),
        (503, {"retry-after": "120"}, "<html>", 120),
        (429, {}, "<html>Too many</html>", 10),
        (429, {}, '{"policyName": "MINUTELY"}', 10),
        (429, {"Retry-After": "30"}, '{"policyName": "TEN_SECONDLY_ROLLING"}', 30),
        (0, {}, None, 5),
    ],
)
def test_what_passes_by_itself_is_later(portal, status, headers, body, seconds):
    with portal.open() as crm:
        meant = crm.line._meant(errors.read(status, headers, body))
    assert isinstance(meant, Later)
    assert meant.after == timedelta(seconds=seconds)


def test_searches_are_paced_by_the_second(portal):
    """The portal allows five a second to all who ask; it says so by a 429 where they are more."""
    portal.fake.settings.paced = True
    portal.fake.add("companies", name="Halden")
    with portal.open() as crm:
        line = crm.line
        for _ in range(4):
            crm.count(Kind.COMPANY)
        assert len(line.parts._searches) == 4
        portal.fake.advance(seconds=1)
        crm.count(Kind.COMPANY)
    assert [one.status for one in portal.asked("/search")] == [200] * 5


def test_the_client_is_loaded_by_those_who_ask_and_nobody_else(tmp_path):
    told = "import django; django.setup(); import sys; print('hubspot' in sys.modules)"
    env = {"DJANGO_SETTINGS_MODULE": "config.settings", "PATH": "", "DESK_VAR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, env=env, check=True)
    assert ran.stdout.strip() == "False"


# What refusals say --------------------------------------------------------------------------------------------------
def test_several_errors_are_told_without_the_json_around_them():
    body = '{"message": "Property values were not valid: [{}]", "errors": [{"message": "7x was not a valid number."}]}'
    assert errors.read(400, {}, body).words == "7x was not a valid number."


def test_long_words_are_cut():
    assert len(errors.read(400, {}, '{"message": "%s"}' % ("x" * 999)).words) == errors.LONGEST


@pytest.mark.parametrize("body", ["<html>", b"\xff\xfe", "[]", "", None, '"x"', '{"errors": 7, "context": 3}'])
def test_whatever_comes_back_can_be_read(body):
    assert errors.read(502, {"Retry-After": "soon"}, body) == errors.Refusal(502)


def test_scopes_are_found_under_either_name():
    body = '{"context": {"requiredScopes": ["a"]}, "errors": [{"context": {"requiredGranularScopes": ["b", "a"]}}]}'
    assert errors.read(403, {}, body).scopes == ("b", "a")


def test_the_line_of_a_connection_remembers_its_client(portal):
    with portal.open() as crm:
        assert line_of(portal.connection, crm.line.calls, at=AT).parts is crm.line.parts
