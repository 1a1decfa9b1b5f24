"""What is HubSpot's and what only looks like it: fixed signatures, both bounds of time, the address as HubSpot knows it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from desk.integrations.hubspot.verifying import TOLERANCE, merged_of, received_of, subject_of, verify
from journal.domain.receiving import Forged, Message, Reason
from tests.fakes.hubspot.signing import headers

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAMP = int(AT.timestamp() * 1000)
SECRET = "d1f5a9c0-client"
URL = "https://desk.example/hooks/hubspot-live-1"
EVENT = {
    "eventId": 100, "subscriptionId": 7, "portalId": 48151623, "appId": 9, "occurredAt": STAMP - 5000, "attemptNumber": 0,
    "subscriptionType": "deal.propertyChange", "objectId": 7001, "propertyName": "dealstage", "propertyValue": "closedwon",
    "changeSource": "CRM_UI",
}  # fmt: skip
LINKED = {
    "eventId": 101, "subscriptionId": 8, "portalId": 48151623, "occurredAt": STAMP, "attemptNumber": 0,
    "subscriptionType": "deal.associationChange", "associationType": "DEAL_TO_COMPANY", "fromObjectId": 7001,
    "toObjectId": 5001, "associationRemoved": False, "isPrimaryAssociation": True,
}  # fmt: skip

ANY = {name: told for name, told in LINKED.items() if name != "associationType"} | {
    "subscriptionType": "object.associationChange", "associationTypeId": 72, "associationCategory": "USER_DEFINED",
}  # fmt: skip


def signed(body, *, url=URL, at=STAMP, secret=SECRET):
    return {name.lower(): value for name, value in headers(secret, "POST", url, body, at).items()}


def told(body, given, *, url=URL, secrets=(SECRET,), at=AT):
    return verify(Message(body, given, url), secrets=list(secrets), at=at)


def why(body, given, **more):
    with pytest.raises(Forged) as refused:
        told(body, given, **more)
    return refused.value.reason


def whole(*events):
    return json.dumps(list(events)).encode()


# Figures made once with `printf '%s' "POST$url$body$at" | openssl dgst -sha256 -hmac "$secret" -binary | base64`.
@pytest.mark.parametrize(
    ("url", "body", "mark"),
    [
        (URL, b"[]", "2YuVrXHgMWYExz/m6+w4mHQpSVKhAdkrV3qp/U+LJMY="),
        (URL, '[{"name":"Zoë €"}]'.encode(), "L4+ycO8L2ottgi1bdjT0wvSAXzZGY/0Qajsdr6yJPL8="),
        (URL + "?a=%7Bb%7D", b"[]", "KiI+ieRxRqeCdhy0bS6meKZ9A+NdHlfynoj4xxV3tFI="),
    ],
)
def test_a_signature_is_that_of_the_method_the_address_the_bytes_and_the_time(url, body, mark):
    given = {"x-hubspot-signature-v3": mark, "x-hubspot-request-timestamp": str(STAMP)}
    reason = None
    try:
        told(body, given, url=url)
    except Forged as refused:
        reason = refused.reason
    assert reason is not Reason.SIGNATURE


def test_one_message_brings_several_events_each_with_its_own_body():
    body = whole(EVENT, LINKED)
    one, other = told(body, signed(body))
    assert (one.type, one.subject, one.of_account) == ("deal.propertyChange", "deal:7001", "48151623")
    assert one.occurred_at == AT - timedelta(seconds=5)
    assert (json.loads(one.body), json.loads(other.body)) == (EVENT, LINKED)
    assert one.external_id != other.external_id
    assert one.live is None, "a portal says nothing of being for trying out"


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"attemptNumber": 3}, True),
        ({"eventId": 100_000}, True),
        ({"occurredAt": STAMP}, False),
        ({"propertyName": "amount"}, False),
        ({"propertyValue": "closedlost"}, False),
        ({"objectId": 7002}, False),
        ({"subscriptionId": 9}, False),
        ({"portalId": 1}, False),
    ],
)
def test_an_event_is_named_by_what_happened_and_not_by_its_number(change, same):
    assert (received_of(EVENT | change).external_id == received_of(EVENT).external_id) is same


def test_joined_and_parted_are_two_events():
    assert received_of(LINKED).external_id != received_of(LINKED | {"associationRemoved": True}).external_id


def test_a_long_name_of_a_property_has_a_name_all_the_same():
    names = {received_of(EVENT | {"propertyName": letter * 150}).external_id for letter in "ab"}
    assert len(names) == 2


def test_one_byte_another_address_or_another_time_is_none_of_hubspots():
    body = whole(EVENT)
    assert why(body + b" ", signed(body)) is Reason.SIGNATURE
    assert why(body, signed(body), url="https://desk.example/hooks/another") is Reason.SIGNATURE
    assert why(body, signed(body) | {"x-hubspot-request-timestamp": str(STAMP + 1)}) is Reason.SIGNATURE
    assert why(body, signed(body, secret="access-token")) is Reason.SIGNATURE
    assert why(body, {}) is Reason.SIGNATURE


def test_the_oldest_signature_proves_nothing():
    """It covers neither the time nor the address, so whoever heard one message could send it for ever."""
    body = whole(EVENT)
    given = signed(body)
    del given["x-hubspot-signature-v3"]
    assert why(body, given) is Reason.SIGNATURE


@pytest.mark.parametrize("secrets", [("new", SECRET), (SECRET, "old")])
def test_while_a_secret_is_renewed_either_is_good(secrets):
    body = whole(EVENT)
    assert told(body, signed(body), secrets=secrets)


@pytest.mark.parametrize("seconds", [TOLERANCE + 1, -TOLERANCE - 1, -24 * 3600])
def test_a_message_of_another_time_is_refused_from_the_future_too(seconds):
    body = whole(EVENT)
    assert why(body, signed(body), at=AT + timedelta(seconds=seconds)) is Reason.TIME


@pytest.mark.parametrize("seconds", [TOLERANCE, -TOLERANCE])
def test_within_the_bounds_it_is_good(seconds):
    body = whole(EVENT)
    assert told(body, signed(body), at=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "escape", ["%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B", "%2c", "%3a", "%20"]
)
def test_some_escapes_of_the_address_are_undone_before_it_is_signed(escape):
    body, url = whole(EVENT), f"{URL}?told={escape}"
    assert told(body, signed(body, url=url), url=url)


@pytest.mark.parametrize("stamp", ["", "soon", "-5", "٣", "1" * 30])
def test_a_time_that_is_none_is_refused(stamp):
    body = whole(EVENT)
    assert why(body, signed(body) | {"x-hubspot-request-timestamp": stamp}) is Reason.SIGNATURE


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[7]", b"\xff", json.dumps(EVENT).encode(),
        whole({name: value for name, value in EVENT.items() if name != "objectId"}),
        whole(EVENT | {"occurredAt": "yesterday"}), whole(EVENT | {"occurredAt": 10**20}), whole(EVENT | {"portalId": None}),
        whole(EVENT | {"subscriptionType": 7}), whole(EVENT | {"objectId": True}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_to_be_so(body):
    assert why(body, signed(body)) is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (EVENT, "deal:7001"),
        (LINKED, "deal:7001"),
        (LINKED | {"associationType": "COMPANY_TO_DEAL"}, "deal:5001"),
        (LINKED | {"associationType": "LINE_ITEM_TO_DEAL"}, "deal:5001"),
        (LINKED | {"associationType": "COMPANY_TO_CONTACT"}, "company:7001"),
        (ANY | {"fromObjectTypeId": "0-3", "toObjectTypeId": "0-2"}, "deal:7001"),
        (ANY | {"fromObjectTypeId": "0-8", "toObjectTypeId": "0-3", "associationType": "USER_DEFINED"}, "deal:5001"),
        (ANY | {"fromObjectTypeId": "2-77", "toObjectTypeId": "0-1"}, "object:7001"),
        (ANY | {"associationType": "DEAL_TO_COMPANY"}, "deal:7001"),
        (EVENT | {"subscriptionType": "object.propertyChange", "objectTypeId": "0-2"}, "company:7001"),
        (EVENT | {"subscriptionType": "object.creation", "objectTypeId": "0-8"}, "line_item:7001"),
        (EVENT | {"subscriptionType": "object.creation", "objectTypeId": "2-77"}, "object:7001"),
        (EVENT | {"subscriptionType": "line_item.deletion"}, "line_item:7001"),
    ],
)
def test_what_an_event_is_about(event, subject):
    assert subject_of(event) == subject


def test_what_nobody_takes_spoils_nothing_that_came_with_it():
    other = {"subscriptionType": "contact.privacyDeletion", "portalId": 48151623, "attemptNumber": 0}
    body = whole(other, EVENT, other | {"attemptNumber": 1})
    found = told(body, signed(body))
    assert [one.subject for one in found] == ["", "deal:7001", ""]
    assert found[0].external_id == found[2].external_id


def test_a_merge_is_about_all_that_took_part():
    event = EVENT | {"primaryObjectId": 1, "mergedObjectIds": [2, 3], "newObjectId": 4}
    assert merged_of(event) == ["1", "2", "3", "4"]
