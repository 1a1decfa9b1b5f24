"""Proving that a message is HubSpot's, and reading of it no more than what it is about.

A signature (version 3) covers the method, the address as HubSpot knows it, the bytes as they came and the time, under the
app's client secret; HubSpot undoes some escapes of the address before it signs. HubSpot's own client takes a message from
tomorrow, so the time is held against both bounds here. One message brings up to a hundred events. An event's number isn't
promised to be its own, so an event is named by whose it is, what listened, what it is about, when and how it changed.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from desk.integrations.hubspot.names import COMPANY_TYPE, DEAL_TYPE, LINE_TYPE
from journal.domain.receiving import LONGEST, Forged, Message, Reason, Received

SIGNATURE, STAMP = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
TOLERANCE = 300  # seconds, into the past and into the future
COMPANY, DEAL, LINE = "company", "deal", "line_item"
NOUNS = {COMPANY_TYPE: COMPANY, DEAL_TYPE: DEAL, LINE_TYPE: LINE}
LINKED, MERGE = "associationChange", "merge"
DEEDS = ("creation", "propertyChange", "deletion", "restore", MERGE, LINKED)
TYPES = frozenset(f"{noun}.{deed}" for noun in (COMPANY, DEAL, LINE, "object") for deed in DEEDS)
_DECODED = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
Event = Mapping[str, Any]


def verify(message: Message, *, secrets: Sequence[str], at: datetime) -> list[Received]:
    """What a message brings. Forged where it isn't HubSpot's, is of another time, or can't be read."""
    stamp = message.headers.get(STAMP, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 15):
        raise Forged(Reason.SIGNATURE)
    mark = message.headers.get(SIGNATURE, "").encode()
    if not any(hmac.compare_digest(mark, _mark(message, secret, stamp)) for secret in secrets):
        raise Forged(Reason.SIGNATURE)
    if abs(at.timestamp() - int(stamp) / 1000) > TOLERANCE:
        raise Forged(Reason.TIME)
    try:
        events = json.loads(message.body)
        if not isinstance(events, list):
            raise TypeError("HubSpot sends a list of events.")
        return [received_of(event) for event in events]
    except (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError):
        raise Forged(Reason.UNREADABLE) from None


def received_of(event: Event) -> Received:
    """An event as it is stored. KeyError, TypeError or ValueError where it has not the form of one.

    Of types that nobody here takes no more is read than whose they are, so that they spoil nothing that came with them.
    """
    type_ = event["subscriptionType"]
    if not isinstance(type_, str):
        raise TypeError("A type is text.")
    account, body = str(_number(event["portalId"])), json.dumps(event, separators=(",", ":")).encode()
    if type_ not in TYPES:
        same = {name: value for name, value in event.items() if name not in ("attemptNumber", "eventId")}
        return Received(external_id=_short(json.dumps(same)), type=type_, of_account=account, body=body)
    return Received(
        external_id=_name_of(event),
        type=type_,
        subject=subject_of(event),
        occurred_at=datetime.fromtimestamp(_number(event["occurredAt"]) / 1000, UTC),
        of_account=account,
        body=body,
    )


def subject_of(event: Event) -> str:
    """ "deal:7001"; of an association its deal, else its first end."""
    ends = ends_of(event)
    noun, key = next((end for end in ends if end[0] == DEAL), ends[0])
    return f"{noun}:{key}"


def ends_of(event: Event) -> list[tuple[str, str]]:
    """What an event is about: one record, or the two that were joined or parted."""
    noun, _, deed = event["subscriptionType"].partition(".")
    if deed != LINKED:
        return [(_noun(noun, event), str(_number(event["objectId"])))]
    one, _, other = str(event.get("associationType") or "").lower().partition("_to_")
    return [_end(event, "from", one), _end(event, "to", other)]


def merged_of(event: Event) -> list[str]:
    """Of a merge all that it is about: what was made part of what, and what is left of it."""
    several = [event.get("primaryObjectId"), *(event.get("mergedObjectIds") or []), event.get("newObjectId")]
    return list(dict.fromkeys(str(one) for one in several if one))


def _end(event: Event, end: str, said: str) -> tuple[str, str]:
    """Events about any kind of object name the kinds by their ids; of a label of the portal's own they say only those."""
    noun = NOUNS.get(str(event.get(f"{end}ObjectTypeId") or ""), said or "object")
    return noun, str(_number(event[f"{end}ObjectId"]))


def _noun(said: str, event: Event) -> str:
    """Events about any kind of object name it by its type's id."""
    return NOUNS.get(str(event.get("objectTypeId") or ""), said) if said == "object" else said


def _name_of(event: Event) -> str:
    about = [event.get("objectId"), event.get("fromObjectId"), event.get("toObjectId"), event.get("associationType")]
    parts = [
        event["portalId"], event.get("subscriptionId", ""), event["subscriptionType"], *about, event["occurredAt"],
        event.get("propertyName"), event.get("associationRemoved"),
    ]  # fmt: skip
    if event.get("propertyValue"):
        parts.append(_short(str(event["propertyValue"]))[:12])  # a value may change twice within a moment
    name = ":".join(str(part) for part in parts if part is not None)
    return name if len(name) <= LONGEST else _short(name)


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _mark(message: Message, secret: str, stamp: str) -> bytes:
    address = _DECODED.sub(lambda found: unquote(found[0]), message.url)
    told = f"POST{address}".encode() + message.body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest())


def _number(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int):
        raise TypeError("An id and a time are numbers.")
    return said
