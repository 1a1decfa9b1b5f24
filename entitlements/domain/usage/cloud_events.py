"""CloudEvents 1.0, read strictly: what doesn't keep to the standard is named, never guessed at.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, its JSON format and its HTTP binding. `time` is
RFC 3339 with a zone. Attributes that are null are absent. Data is given on as it came: a JSON value, or bytes.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

VERSION = "1.0"
JSON = "application/json"
PREFIX = "ce-"

_NAME = re.compile(r"[a-z0-9]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# RFC 3986: a reference may do without a scheme, but then no colon stands before its first slash.
_PLAIN = r"[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}"
_URI = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?"
    rf"(?://(?:(?:{_PLAIN}|:)*@)?(?:\[[0-9A-Fa-f:.]+\]|(?:{_PLAIN})*)(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    rf"(?P<path>(?:{_PLAIN}|[:@/])*)(?:\?(?:{_PLAIN}|[:@/?])*)?(?:#(?:{_PLAIN}|[:@/?])*)?"
)
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt](?P<minute>\d\d:\d\d):(?P<second>\d\d)(?P<part>\.\d+)?(?P<zone>[Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_REQUIRED = ("specversion", "id", "source", "type")
_TEXTS = frozenset({*_REQUIRED, "datacontenttype", "dataschema", "subject", "time"})


class NotACloudEvent(ValueError):
    """It doesn't keep to the standard; `field` names the attribute."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event. `data` is a JSON value, or bytes where it came as such; `(source, id)` names it."""

    id: str
    source: str
    type: str
    subject: str = ""
    time: datetime | None = None
    datacontenttype: str = ""
    data: Any = None
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_json(self) -> bool:
        """Whether its data is JSON, which is what nothing said means."""
        kind = self.datacontenttype.partition(";")[0].strip().lower() or JSON
        return kind == JSON or kind.endswith("+json")


def parse_structured(event: Any) -> CloudEvent:
    """An event in the JSON format, as a JSON value; NotACloudEvent names what is wrong with it."""
    if not isinstance(event, dict):
        raise NotACloudEvent("A CloudEvent is a JSON object.", field="event")
    said = {name: value for name, value in event.items() if value is not None or name == "data"}
    if "data" in said and "data_base64" in said:
        raise NotACloudEvent("Send either data or data_base64.", field="data_base64")
    data = _decoded(said.pop("data_base64")) if "data_base64" in said else said.pop("data", None)
    return _event(said, data)


def parse_binary(headers: Mapping[str, str], body: bytes, *, content_type: str) -> CloudEvent:
    """An event whose attributes stand in `ce-` headers and whose data is the body."""
    said: dict[str, Any] = {}
    for header, value in headers.items():
        name = header.lower().removeprefix(PREFIX)
        if header.lower().startswith(PREFIX):
            said[name] = _unescaped(value, name)
    if "datacontenttype" in said:
        raise NotACloudEvent("The header Content-Type says what the data is.", field="datacontenttype")
    if content_type:
        said["datacontenttype"] = content_type
    return _event(said, body or None)


def _event(said: Mapping[str, Any], data: Any) -> CloudEvent:
    for name, value in said.items():
        _check(name, value)
    for name in _REQUIRED:
        if not said.get(name):
            raise NotACloudEvent("This is missing, or empty.", field=name)
    if said["specversion"] != VERSION:
        raise NotACloudEvent(f"Version {VERSION} is read here, not {said['specversion']!r}.", field="specversion")
    return CloudEvent(
        id=said["id"],
        source=said["source"],
        type=said["type"],
        subject=said.get("subject", ""),
        time=parse_time(said["time"]) if "time" in said else None,
        datacontenttype=said.get("datacontenttype", ""),
        data=data,
        extensions={name: value for name, value in said.items() if name not in _TEXTS},
    )


def _check(name: str, value: Any) -> None:
    if not _NAME.fullmatch(name):
        raise NotACloudEvent("Attributes have names of small letters and digits.", field=name)
    if name in _TEXTS and not isinstance(value, str):
        raise NotACloudEvent("This is a text.", field=name)
    if not isinstance(value, str | bool | int):
        raise NotACloudEvent("Attributes are texts, whole numbers, true or false.", field=name)
    if isinstance(value, str) and _CONTROL.search(value):
        raise NotACloudEvent("Attributes hold no control characters.", field=name)
    if name in _TEXTS:
        _check_text(name, str(value))


def _check_text(name: str, text: str) -> None:
    if not text:
        raise NotACloudEvent("This is empty; leave it out instead.", field=name)
    if name in {"source", "dataschema"}:
        _check_uri(name, text)
    if name == "datacontenttype" and not _MEDIA_TYPE.fullmatch(text):
        raise NotACloudEvent("This is a media type, such as application/json.", field=name)


def _check_uri(name: str, text: str) -> None:
    found = _URI.fullmatch(text)
    if found is None or (not found["scheme"] and ":" in found["path"].partition("/")[0]):
        raise NotACloudEvent("This is a URI, with what else it holds percent-encoded.", field=name)
    if name == "dataschema" and not found["scheme"]:
        raise NotACloudEvent("This is an absolute URI.", field=name)


def parse_time(text: str) -> datetime:
    """An instant in RFC 3339. A leap second is the first of the next minute; fractions beyond a millionth are cut."""
    found = _TIME.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        leap = found["second"] == "60"
        second = "59" if leap else found["second"]
        zone = "+00:00" if found["zone"] in "Zz" else found["zone"]
        part = (found["part"] or "")[:7].ljust(7, "0") if found["part"] else ""
        at = datetime.fromisoformat(f"{found['day']}T{found['minute']}:{second}{part}{zone}")
        return at + timedelta(seconds=1) if leap else at
    except (ValueError, OverflowError):
        words = "This is an instant with its zone, by RFC 3339: 2026-03-02T09:00:00Z."
        raise NotACloudEvent(words, field="time") from None


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise NotACloudEvent("This is no base64.", field="data_base64") from None


def _unescaped(value: str, name: str) -> str:
    """A header's value: out of its quotes first, then percent-decoded once, as UTF-8."""
    text = value.strip(" \t")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    if _BROKEN_PERCENT.search(text):
        raise NotACloudEvent("A percent sign stands as %25 here.", field=name)
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise NotACloudEvent("This is percent-encoded UTF-8.", field=name) from None
