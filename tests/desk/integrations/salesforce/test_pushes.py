"""Pushes: outbound messages and callouts, forged ones, repeats, and what is looked at by them."""

import json
from typing import Any

import pytest
from django.test import Client

from desk.actions.crm.applied import Applied
from desk.domain.crm.flows import Flow, FlowState
from desk.integrations.crm.port import Kind
from desk.integrations.salesforce import pushes
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.domain.arrival import ArrivalState
from journal.domain.receiving import Message
from journal.integrations.receiving import take
from journal.models import ConnectionRefusal, Inbound
from tests.desk.integrations.salesforce.conftest import PUSHES, Org
from tests.entitlements.world import AT
from tests.fakes.salesforce.delivery import Outbound, acknowledged, message


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Kind, list[str]]]:
    """What was looked at. How a look goes is told by the tests of looking."""
    found: list[tuple[Kind, list[str]]] = []

    def look_at(connection: Any, kind: Kind, ids: list[str], *, at: Any) -> list[Any]:
        found.append((kind, list(ids)))
        return [Applied("Acme has Team now.", "acme", moved=True, findings=("A line has no rule.",))]

    monkeypatch.setattr(pushes, "look_at", look_at)
    return found


def told(org: Org, short: str, *, name: str = "Opportunity", fields: tuple[str, ...] = ("Id",)) -> bytes:
    """An outbound message about one record."""
    way = org.fake.outbound("http://127.0.0.1:1/", name, fields=fields)
    org.fake.edit(org[short], **({"Title": "changed"} if name == "Contact" else {"Description": "changed"}))
    return message(org.fake.state, way, [one for one in org.fake.pushes if one.way is way])


def post(org: Org, body: bytes, *, token: str = PUSHES, bearer: str = "") -> Any:
    address = f"/hooks/{org.connection.key}" + (f"?token={token}" if token else "")
    headers = {"host": "127.0.0.1"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
    return Client().post(address, body, content_type="text/xml", headers=headers)


def taken(org: Org) -> list[Inbound]:
    take(clock=lambda: AT, jitter=lambda: 0.0)
    return list(Inbound.objects.filter(connection=org.connection).order_by("seq"))


def refused(org: Org) -> list[str]:
    return list(ConnectionRefusal.objects.filter(connection=org.connection).values_list("reason", flat=True))


def test_an_outbound_message_is_acknowledged_and_looked_at(org: Org, looked: Any) -> None:
    answer = post(org, told(org, "acme_team"))
    assert answer.status_code == 200
    assert acknowledged(answer.content)
    (row,) = taken(org)
    assert (row.state, row.account_key, row.subject) == (ArrivalState.DONE, "acme", org["acme_team"])
    assert row.outcome == "Acme has Team now. A line has no rule"
    assert looked == [(Kind.DEAL, [org["acme_team"]])]


def test_an_account_and_a_line_of_a_deal(org: Org, looked: Any) -> None:
    post(org, told(org, "acme", name="Account"))
    post(org, told(org, "line:acme_team:team", name="OpportunityLineItem", fields=("OpportunityId",)))
    post(org, told(org, "line:globex_start:starter", name="OpportunityLineItem"))
    taken(org)
    assert looked == [
        (Kind.COMPANY, [org["acme"]]),
        (Kind.DEAL, [org["acme_team"]]),
        (Kind.DEAL, [org["globex_start"]]),
    ]


def test_of_one_message_each_record_is_an_arrival_and_a_repeat_none(org: Org, looked: Any) -> None:
    way = org.fake.outbound("http://127.0.0.1:1/")
    for short in ("acme_team", "globex_start", "initech_talk"):
        org.fake.edit(org[short], NextStep="Call")
    body = message(org.fake.state, way, org.fake.pushes)
    for _ in range(3):
        assert acknowledged(post(org, body).content)
    rows = taken(org)
    assert {row.external_id for row in rows} == {one.id for one in org.fake.pushes}
    assert len(looked) == 3
    assert PUSHES not in "".join(str(vars(row)) for row in rows)


def test_several_about_one_record_are_one_look(org: Org, looked: Any) -> None:
    for _ in range(3):
        post(org, told(org, "acme_team"))
    rows = taken(org)
    assert {row.state for row in rows} == {ArrivalState.DONE}
    assert len(looked) == 1


def test_word_of_a_deal_and_of_its_line_is_one_look(org: Org, looked: Any) -> None:
    post(org, told(org, "acme_team"))
    post(org, told(org, "line:acme_team:team", name="OpportunityLineItem", fields=("OpportunityId",)))
    assert {row.state for row in taken(org)} == {ArrivalState.DONE}
    assert looked == [(Kind.DEAL, [org["acme_team"]])]


def test_a_callout_with_its_bearer(org: Org, looked: Any) -> None:
    for short in ("globex_won", "acme", "line:acme_team:team"):
        assert (
            post(org, json.dumps({"object": "x", "id": org[short][:15]}).encode(), token="", bearer=PUSHES).status_code
            == 200
        )
    taken(org)
    assert looked == [(Kind.DEAL, [org["globex_won"]]), (Kind.COMPANY, [org["acme"]]), (Kind.DEAL, [org["acme_team"]])]


def test_the_same_callout_again_is_another_hint(org: Org, clock: Any) -> None:
    """It has no id of its own, and whatever has changed since it came first would be missed."""
    body = json.dumps({"id": org["acme"], "organization": org.fake.state.org["Id"]}).encode()
    for _ in range(2):
        assert post(org, body, bearer=PUSHES).status_code == 200
        clock.shift(1)
    assert Inbound.objects.filter(connection=org.connection, subject=org["acme"]).count() == 2


def test_what_is_looked_at_is_read_and_kept(org: Org) -> None:
    CrmFlow.objects.create(connection=org.connection, flow=Flow.COMPANIES, state=FlowState.ACTIVE)
    post(org, json.dumps({"id": org["acme"]}).encode(), bearer=PUSHES)
    (row,) = taken(org)
    assert (row.state, row.last_error) == (ArrivalState.DONE, "")
    company = CrmCompany.objects.get(connection=org.connection)
    assert (company.external_id, company.name, company.changed_at) == (org["acme"], "Acme Industries", AT)


def test_a_deleted_line_still_says_whose_it_was(org: Org, looked: Any) -> None:
    line = org["line:acme_team:team"]
    org.fake.delete(line)
    post(org, json.dumps({"id": line}).encode(), bearer=PUSHES)
    org.fake.erase(line)
    (row,) = taken(org)
    assert row.outcome.startswith("This line belongs to no deal")
    post(org, json.dumps({"id": line, "deal": org["acme_team"]}).encode(), bearer=PUSHES)
    taken(org)
    assert looked == [(Kind.DEAL, [org["acme_team"]])]


def test_a_line_that_was_deleted_for_good_leads_to_the_deal_it_was_read_with(org: Org, looked: Any) -> None:
    line = org["line:acme_team:team"]
    lines = [{"id": line}]
    CrmDeal.objects.create(connection=org.connection, external_id=org["acme_team"], told={"lines": lines})
    org.fake.erase(line)
    post(org, json.dumps({"id": line}).encode(), bearer=PUSHES)
    taken(org)
    assert looked == [(Kind.DEAL, [org["acme_team"]])]


def test_of_other_records_nothing_is_looked_at(org: Org, looked: Any) -> None:
    post(org, told(org, "contact:acme", name="Contact"))
    (row,) = taken(org)
    assert row.state == ArrivalState.SET_ASIDE
    assert not looked


@pytest.mark.parametrize(
    ("token", "bearer"), [("", ""), ("wrong", ""), ("", "wrong"), (PUSHES[:-1], ""), (PUSHES, "wrong")]
)
def test_without_the_token_it_is_nobodys(org: Org, token: str, bearer: str) -> None:
    answer = post(org, told(org, "acme_team"), token=token, bearer=bearer)
    assert (answer.status_code, refused(org)) == (400, ["signature"])
    assert not Inbound.objects.exists()


def test_the_token_is_the_bearers_and_nobody_elses(org: Org) -> None:
    body = json.dumps({"id": org["acme"]}).encode()
    answer = Client().post(
        f"/hooks/{org.connection.key}", body, content_type="application/json",
        headers={"host": "127.0.0.1", "authorization": f"Basic {PUSHES}"},
    )  # fmt: skip
    assert (answer.status_code, refused(org)) == (400, ["signature"])


def test_a_document_type_is_read_by_nobody_though_it_names_nothing(org: Org) -> None:
    body = told(org, "acme_team")
    assert post(org, body.replace(b"?>", b"?><!DOCTYPE Envelope>", 1)).status_code == 400
    assert refused(org) == ["unreadable"]
    assert post(org, body).status_code == 200


def test_of_another_organisation_it_is_refused(org: Org) -> None:
    other = told(org, "acme_team").replace(org.fake.state.org["Id"].encode(), b"00D5g0000099999AAA")
    assert post(org, other).status_code == 400
    assert post(org, json.dumps({"id": org["acme"], "organization": "00D5g0000099999AAA"}).encode()).status_code == 400
    assert refused(org) == ["account"]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>&b;</OrganizationId></notifications>"""
READS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>"""


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        READS,
        b"<notifications",
        b"<x/>",
        b"[]",
        b"{}",
        b'{"id": 7}',
        b'{"id": "no id"}',
        b"\xff\xfe",
        b"null",
        b"",
    ],
)
def test_what_cant_be_read_is_refused(org: Org, body: bytes) -> None:
    assert post(org, body).status_code == 400
    assert refused(org) == ["unreadable"]


def test_no_more_than_a_hundred_and_no_less_than_one(org: Org) -> None:
    whole = told(org, "acme_team")
    begin, end = whole.index(b"   <Notification>"), whole.index(b"  </notifications>")
    one = whole[begin:end]
    assert post(org, whole[:begin] + one * 101 + whole[end:]).status_code == 400
    assert post(org, whole[:begin] + whole[end:]).status_code == 400
    assert post(org, whole[:begin] + one * 100 + whole[end:]).status_code == 200


def test_what_the_counterpart_sends_is_what_is_taken(org: Org) -> None:
    way = org.fake.outbound("http://127.0.0.1:1/", fields=("StageName", "IsWon"))
    assert isinstance(way, Outbound)
    org.fake.edit(org["acme_team"], StageName="Closed Won")
    body = message(org.fake.state, way, org.fake.pushes)
    (found,) = pushes.verify(Message(body, {}, f"https://desk.example/hooks/x?token={PUSHES}"), secrets=[PUSHES], at=AT)
    assert (found.type, found.of_account) == ("opportunity.changed", org.fake.state.org["Id"][:15])
