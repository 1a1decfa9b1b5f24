"""Usage in as CloudEvents: each is a report, counted once for its source and id.

`subject` names the account, by our key or any system's id; `data.feature`, or else the event's `type`, the feature;
`data.quantity` how much (one, if nothing is said), `data.subject`, `data.choice` and `data.value` as in a report; `time`
when it happened. What else the data holds is the sender's own business.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from entitlements.api.runtime.answers import ItemAnswer, ManyAnswer, UseAnswer
from entitlements.api.runtime.problems import NotACloudEvent, Unreadable
from entitlements.api.runtime.requests import MOST_BYTES, UseRequest, decode, fault_of, refuse_size, told_apart
from entitlements.api.runtime.using import report, tell_many
from entitlements.domain.usage import cloud_events
from entitlements.domain.usage.cloud_events import PREFIX, CloudEvent, parse_binary, parse_structured
from entitlements.domain.usage.operations import Act
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_TOLD = ("quantity", "subject", "choice", "value")
_PLACES = {"account": "subject", "at": "time", "id": "id", "source": "source"}


def take_in(
    body: bytes, *, content_type: str, headers: Mapping[str, str], by: Actor, now: datetime
) -> UseAnswer | ManyAnswer:
    """What a request of events comes to, in whichever of the three modes it came. `headers`: all of the request's."""
    if len(body) > MOST_BYTES:
        refuse_size()
    match content_type.partition(";")[0].strip().lower():
        case kind if kind == BATCH:
            events = told_apart(_listed(decode(body, Any)))
            return named_by(tell_many(Act.REPORT, [_use_or_fault(event) for event in events], by=by, now=now), events)
        case kind if kind == STRUCTURED:
            return report(_use_of(_structured(decode(body, Any))), by=by, now=now)
    if not any(name.lower().startswith(PREFIX) for name in headers):
        words = f"Send Content-Type: {STRUCTURED} or {BATCH}, or the attributes as ce- headers."
        raise NotACloudEvent(words, field="Content-Type")
    return report(_use_of(_binary(headers, body, content_type)), by=by, now=now)


def reports_of(body: bytes, *, content_type: str) -> tuple[list[UseRequest | Refusal], list[Any] | None] | None:
    """The reports of a request, for whoever gathers many; of a batch with its events. None: they are in headers."""
    match content_type.partition(";")[0].strip().lower():
        case kind if kind == BATCH:
            events = told_apart(_listed(decode(body, Any)))
            return [_use_or_fault(event) for event in events], events
        case kind if kind == STRUCTURED:
            return [_use_of(_structured(decode(body, Any)))], None
    return None


def _listed(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise NotACloudEvent("A batch is a JSON array of events.", field="body")
    return told


def _structured(event: Any) -> CloudEvent:
    try:
        return parse_structured(event)
    except cloud_events.NotACloudEvent as fault:
        raise NotACloudEvent(str(fault), field=fault.field) from None


def _binary(headers: Mapping[str, str], body: bytes, content_type: str) -> CloudEvent:
    try:
        return parse_binary(headers, body, content_type=content_type)
    except cloud_events.NotACloudEvent as fault:
        raise NotACloudEvent(str(fault), field=fault.field) from None


def _use_or_fault(event: Any) -> UseRequest | Refusal:
    try:
        return _use_of(_structured(event))
    except Refusal as refusal:
        return refusal


def _use_of(event: CloudEvent) -> UseRequest:
    """The report that an event is."""
    if not event.subject:
        raise NotACloudEvent("Name the account here: our key, or an id such as stripe:cus_1.", field="subject")
    data = _data_of(event)
    told = {name: data[name] for name in _TOLD if data.get(name) is not None}
    feature = event.type if data.get("feature") is None else data["feature"]
    whole = told | {"account": event.subject, "feature": feature, "id": event.id, "source": event.source}
    try:
        return msgspec.convert(whole | {"at": event.time}, UseRequest)
    except msgspec.ValidationError as fault:
        raise _placed(fault_of(str(fault)), named_in_data="feature" in data) from None


def _placed(refusal: Refusal, *, named_in_data: bool) -> Refusal:
    """The fault where the sender finds it: in an attribute, or in the data."""
    name = refusal.field or ""
    place = "type" if name == "feature" and not named_in_data else _PLACES.get(name, f"data.{name}")
    return type(refusal)(refusal.message, field=place)


def _data_of(event: CloudEvent) -> dict[str, Any]:
    data = event.data
    if data is None:
        return {}
    if not event.has_json:
        raise NotACloudEvent("Use is told as JSON.", field="datacontenttype")
    if isinstance(data, bytes):
        data = _read(data)
    if not isinstance(data, dict):
        raise NotACloudEvent("The data is a JSON object, or left out.", field="data")
    return data


def _read(data: bytes) -> Any:
    try:
        return decode(data, Any)
    except Unreadable as unreadable:
        raise NotACloudEvent(unreadable.message, field="data") from None


def named_by(answers: ManyAnswer, events: list[Any]) -> ManyAnswer:
    """Each with its event's id, also where nothing else of it could be read."""
    ids = [event.get("id") if isinstance(event, dict) else None for event in events]
    pairs = zip(answers.results, ids, strict=True)
    return ManyAnswer(
        [ItemAnswer(name if isinstance(name, str) else "", one.status, one.answer, one.problem) for one, name in pairs]
    )
