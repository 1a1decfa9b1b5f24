"""Webhooks: who is told what, signed how, and how it goes wrong."""

import json
from collections import Counter
from typing import Any

import pytest
from hubspot.utils.signature import Signature
from hubspot.webhooks import SettingsChangeRequest, SubscriptionCreateRequest, ThrottlingSettings
from hubspot.webhooks.exceptions import ApiException, UnauthorizedException

from tests.fakes.hubspot_tests.conftest import Portal
from tests.fakes.hubspot_tests.receiver import Receiver

STAGE = "deal.propertyChange:dealstage"


def _told(portal: Portal, receiver: Receiver) -> list[tuple[str, str]]:
    portal.fake.deliver()
    return [(event["subscriptionType"], event.get("propertyName", "")) for event in receiver.events]


def test_a_change_is_told_with_all_that_hubspot_says(portal: Portal, receiver: Receiver) -> None:
    app = portal.fake.listen(receiver.url, STAGE, secret="client-secret")
    portal.fake.advance(seconds=1.5)
    portal.stage("closedwon")
    portal.fake.deliver()
    (event,) = receiver.events
    event.pop("eventId")
    assert event == {
        "subscriptionId": int(next(iter(app.subscriptions))), "portalId": 48151623, "appId": app.id,
        "occurredAt": 1772442001500, "subscriptionType": "deal.propertyChange", "attemptNumber": 0,
        "objectId": int(portal.deal.id), "propertyName": "dealstage", "propertyValue": "closedwon",
        "changeSource": "INTEGRATION", "sourceId": "counterpart",
    }  # fmt: skip


def test_it_is_signed_as_the_official_client_expects(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, STAGE, secret="client-secret")
    portal.stage("closedwon")
    portal.fake.deliver()
    assert Signature.is_valid(
        signature=receiver.headers[0]["x-hubspot-signature-v3"], client_secret="client-secret",
        request_body=receiver.bodies[0].decode(), http_uri=receiver.url, signature_version="v3",
        timestamp=receiver.headers[0]["x-hubspot-request-timestamp"],
    )  # fmt: skip


def test_behind_a_proxy_the_public_address_is_signed(portal: Portal, receiver: Receiver) -> None:
    public = "https://desk.example/hooks/hubspot"
    portal.fake.listen(receiver.url, STAGE, secret="s", signed_as=public)
    portal.stage("closedwon")
    portal.fake.deliver()
    assert receiver.headers[0]["x-hubspot-signature-v3"] == Signature.get_signature(
        "s", receiver.bodies[0].decode(), "v3", public, "POST", receiver.headers[0]["x-hubspot-request-timestamp"]
    )


def test_each_deed_has_its_event(portal: Portal, receiver: Receiver) -> None:
    deeds = ("creation", "deletion", "restore", "merge", "associationChange")
    portal.fake.listen(receiver.url, *(f"deal.{deed}" for deed in deeds))
    other = portal.fake.add("deals", dealname="Other", dealstage="contractsent")
    portal.fake.relate(other, portal.other)
    portal.fake.delete(other)
    portal.fake.restore(other)
    portal.fake.settings.merge_makes_new = False
    portal.fake.merge(portal.deal, other)
    told = Counter(kind for kind, _ in _told(portal, receiver))
    assert set(told) == {f"deal.{deed}" for deed in deeds}
    assert told["deal.creation"] == told["deal.deletion"] == told["deal.restore"] == told["deal.merge"] == 1


def test_a_merge_names_who_is_left(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, "company.merge")
    left = portal.fake.merge(portal.company, portal.other)
    portal.fake.deliver()
    (event,) = receiver.events
    assert (event["primaryObjectId"], event["mergedObjectIds"]) == (int(portal.company.id), [int(portal.other.id)])
    assert (event["newObjectId"], event["objectId"]) == (int(left.id), int(left.id))


def test_only_what_changed_is_told(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, STAGE, "deal.propertyChange:hs_is_closed_won", "deal.propertyChange:amount")
    portal.stage("contractsent")
    assert _told(portal, receiver) == []
    portal.stage("closedwon")
    told = [("deal.propertyChange", "dealstage"), ("deal.propertyChange", "hs_is_closed_won")]
    assert sorted(_told(portal, receiver)) == told


def test_generic_subscriptions_name_the_kind(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, "object.propertyChange:name@companies", "object.creation@0-8")
    portal.fake.edit(portal.company, name="Halden AS")
    portal.fake.add("line_items", name="More")
    portal.fake.edit(portal.deal, dealname="Nobody is told")
    portal.fake.deliver()
    assert [(event["subscriptionType"], event["objectTypeId"]) for event in receiver.events] == [
        ("object.propertyChange", "0-2"), ("object.creation", "0-8"),
    ]  # fmt: skip
    assert receiver.events[0]["changeSource"] == "CRM_UI"


def test_many_events_come_a_hundred_at_a_time(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, "company.creation")
    for number in range(230):
        portal.fake.add("companies", name=f"Company {number}")
    portal.fake.deliver()
    assert [len(json.loads(body)) for body in receiver.bodies] == [100, 100, 30]


def test_a_failure_is_tried_again_and_counted(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, STAGE)
    receiver.answers += [500, 404]
    portal.stage("closedwon")
    portal.fake.deliver()
    assert portal.fake.deliver() == []
    portal.fake.advance(seconds=60)
    portal.fake.deliver()
    portal.fake.advance(seconds=300)
    portal.fake.deliver()
    assert [event["attemptNumber"] for event in receiver.events] == [0, 1, 2]
    (notice,) = portal.fake.notices
    assert (notice.attempts, notice.delivered) == ([500, 404, 200], True)


def test_after_ten_more_tries_within_a_day_it_is_given_up(portal: Portal) -> None:
    portal.fake.listen("http://127.0.0.1:9/nobody", STAGE)
    portal.stage("closedwon")
    began = portal.fake.now
    for _ in range(40):
        portal.fake.deliver()
        portal.fake.advance(hours=1)
    (notice,) = portal.fake.notices
    assert (len(notice.attempts), notice.given_up) == (11, True)
    assert sum(portal.fake.settings.delivery_retries) <= 86_400
    assert portal.fake.now > began


def test_dropped_duplicated_late_and_shuffled_by_a_seed(portal: Portal, receiver: Receiver) -> None:
    portal.fake.listen(receiver.url, "company.creation", "company.propertyChange:name")
    for number in range(20):
        portal.fake.add("companies", name=f"Company {number}")
    portal.fake.deliver(drop={"company.propertyChange"}, duplicate=0.5, delay=0.3, shuffle=True)
    first = [event["objectId"] for event in receiver.events]
    assert len(first) > len(set(first)) < 20
    assert first != sorted(first)
    portal.fake.advance(seconds=600)
    portal.fake.deliver()
    assert len({event["objectId"] for event in receiver.events}) == 20
    assert {event["subscriptionType"] for event in receiver.events} == {"company.creation"}


def test_nobody_beyond_this_machine_is_told(portal: Portal) -> None:
    portal.fake.listen("https://desk.example/hooks", STAGE)
    portal.stage("closedwon")
    portal.fake.deliver()
    assert portal.fake.notices[0].attempts == [0]


def _subscriptions(portal: Portal, receiver: Receiver) -> tuple[Any, int]:
    app, developer = portal.fake.app(secret="s"), portal.fake.developer()
    given = SettingsChangeRequest(target_url=receiver.url, throttling=ThrottlingSettings(max_concurrent_requests=10))
    assert developer.webhooks.settings_api.configure(app.id, given).target_url == receiver.url
    assert developer.webhooks.settings_api.get_all(app.id).throttling.max_concurrent_requests == 10
    return developer.webhooks.subscriptions_api, app.id


def test_subscriptions_are_made_by_the_developers_key(portal: Portal, receiver: Receiver) -> None:
    api, app = _subscriptions(portal, receiver)
    made = api.create(app, SubscriptionCreateRequest(event_type="deal.propertyChange", property_name="dealstage"))
    portal.stage("closedwon")
    assert _told(portal, receiver) == []  # it sleeps until it is made active
    api.update(made.id, app, {"active": True})
    portal.stage("closedlost")
    assert _told(portal, receiver) == [("deal.propertyChange", "dealstage")]
    assert [one.id for one in api.get_all(app).results] == [made.id]
    api.update_batch(app, {"inputs": [{"id": int(made.id), "active": False}]})
    assert api.get_by_id(made.id, app).active is False
    api.archive(made.id, app)
    assert api.get_all(app).results == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"eventType": "deal.propertyChange"}, "propertyName is needed"),
        ({"eventType": "deal.creation", "propertyName": "amount"}, "propertyName is needed"),
        ({"eventType": "object.creation"}, "objectTypeId is needed"),
        ({"eventType": "deal.winning"}, "Invalid eventType"),
    ],
)
def test_what_is_no_subscription(portal: Portal, receiver: Receiver, given: dict[str, Any], words: str) -> None:
    api, app = _subscriptions(portal, receiver)
    with pytest.raises(ApiException, match=words):
        api.create(app, given)


def test_nobody_subscribes_twice_or_with_a_token(portal: Portal, receiver: Receiver) -> None:
    api, app = _subscriptions(portal, receiver)
    api.create(app, {"eventType": "deal.creation", "active": True})
    with pytest.raises(ApiException, match="exists already"):
        api.create(app, {"eventType": "deal.creation", "active": True})
    with pytest.raises(UnauthorizedException):
        portal.hubspot.webhooks.subscriptions_api.get_all(app)
