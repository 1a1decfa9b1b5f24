"""Pushes: outbound messages until they are acknowledged, and the callouts of flows, once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.salesforce_tests.conftest import Org
from tests.fakes.salesforce_tests.receiver import ACK, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture
def told(org: Org, receiver: Receiver) -> Receiver:
    org.fake.outbound(receiver.url, fields=("StageName", "IsWon", "Amount"), when=lambda row: row["IsWon"])
    return receiver


def _win(org: Org, short: str = "acme_team") -> None:
    org.sf.Opportunity.update(org[short], {"StageName": "Closed Won"})


def test_a_won_deal_is_told(org: Org, told: Receiver) -> None:
    org.sf.Opportunity.update(org["acme_team"], {"NextStep": "Call"})
    _win(org)
    (push,) = org.fake.deliver()
    assert (push.acknowledged, push.attempts) == (True, [200])
    assert told.notifications() == [{
        "notification": push.id, "Id": org["acme_team"], "StageName": "Closed Won", "IsWon": "true", "Amount": "29700.0",
    }]  # fmt: skip
    assert org.fake.state.org["Id"].encode() in told.bodies[0]
    assert told.headers[0]["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize("answer", [(200, ACK.format("false")), (500, ""), (200, "ok"), (302, ACK.format("true"))])
def test_without_an_ack_it_comes_again(org: Org, told: Receiver, answer: tuple[int, str]) -> None:
    told.answers = [answer]
    _win(org)
    org.fake.deliver()
    assert org.fake.deliver() == []  # not yet
    org.fake.advance(seconds=60)
    (push,) = org.fake.deliver()
    assert (push.attempts, push.acknowledged) == ([answer[0], 200], True)
    assert told.notifications(0) == told.notifications(1)


def test_after_a_day_it_is_dropped(org: Org, told: Receiver) -> None:
    told.answers = [(503, "")] * 50
    _win(org)
    for _ in range(30):
        org.fake.deliver()
        org.fake.advance(hours=1)
    (push,) = org.fake.pushes
    assert (push.given_up, push.acknowledged) == (True, False)
    assert len(push.attempts) < 30


def test_it_tells_what_is_so_when_it_is_sent(org: Org, told: Receiver) -> None:
    _win(org)
    org.sf.Opportunity.update(org["acme_team"], {"StageName": "Prospecting"})
    org.fake.deliver()
    assert told.notifications()[0]["StageName"] == "Prospecting"


def test_a_hundred_in_a_message(org: Org, told: Receiver) -> None:
    deal = {"StageName": "Closed Won", "CloseDate": "2026-03-02"}
    for place in range(130):
        org.fake.add("Opportunity", Name=f"Deal {place}", **deal)
    org.fake.deliver()
    assert [len(told.notifications(place)) for place in range(len(told.bodies))] == [100, 30]


def test_twice_out_of_order_late_and_never(org: Org, told: Receiver) -> None:
    for short in ("acme_team", "globex_start", "initech_talk"):
        _win(org, short)
    keys = [push.record for push in org.fake.pushes]
    tried = org.fake.deliver(
        duplicate=lambda push: push.record == keys[0], delay=lambda push: push.record == keys[1],
        drop=lambda push: push.record == keys[2], shuffle=True,
    )  # fmt: skip
    assert [push.record for push in tried] == [keys[0], keys[0]]
    assert len(told.bodies) == 2
    org.fake.advance(seconds=600)
    assert [push.record for push in org.fake.deliver()] == [keys[1]]
    assert org.fake.pushes[2].lost


def test_what_is_rolled_back_is_not_told(org: Org, told: Receiver) -> None:
    records = [{"attributes": {"type": "Opportunity"}, "id": org["acme_team"], "StageName": "Closed Won"},
               {"attributes": {"type": "Opportunity"}, "id": org["globex_start"], "StageName": "Nearly"}]  # fmt: skip
    org.sf.restful("composite/sobjects", method="PATCH", json={"allOrNone": True, "records": records})
    assert org.fake.deliver() == []


def test_a_flows_callout(org: Org, receiver: Receiver) -> None:
    def body(row: dict[str, Any]) -> dict[str, Any]:
        return {"deal": row["Id"], "stage": row["StageName"]}

    org.fake.callout(receiver.url, "secret", body=body)
    _win(org)
    org.fake.deliver()
    assert json.loads(receiver.bodies[0]) == {"deal": org["acme_team"], "stage": "Closed Won"}
    assert receiver.headers[0]["authorization"] == "Bearer secret"


def test_a_callout_is_not_repeated(org: Org, receiver: Receiver) -> None:
    org.fake.callout(receiver.url, "secret")
    receiver.answers = [(503, "")]
    _win(org)
    (push,) = org.fake.deliver()
    org.fake.advance(hours=1)
    assert (org.fake.deliver(), push.given_up) == ([], True)


def test_a_callout_tells_of_a_deletion_and_a_message_does_not(org: Org, receiver: Receiver) -> None:
    org.fake.outbound(receiver.url)
    org.fake.callout(receiver.url, "secret", body=lambda row: {"gone": row["IsDeleted"]})
    org.fake.delete(org["initech_talk"])
    org.fake.deliver()
    assert [json.loads(body) for body in receiver.bodies] == [{"gone": True}]


def test_nobody_beyond_this_machine_is_told(org: Org) -> None:
    org.fake.callout("http://192.0.2.1/hooks", "secret")
    _win(org)
    assert org.fake.deliver()[0].attempts == [0]
