"""Telling others: outbound messages, at least once, in no promised order, for a day; callouts, once."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.fakes.pushing import Manner, going, posted
from tests.fakes.salesforce.schema import SObject
from tests.fakes.salesforce.state import Row, State
from tests.fakes.salesforce.values import told

MOST = 100  # notifications in a message
LASTS = timedelta(hours=24)
ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"


@dataclass
class Outbound:
    """One outbound message as it was set up: whom it tells of which records, with which fields."""

    id: str
    url: str
    sobject: SObject
    fields: tuple[str, ...] = ("Id",)
    when: Callable[[Row], bool] = lambda row: True


@dataclass
class Callout:
    """A flow's own request. It tells of deletions too: a flow may run before one."""

    url: str
    bearer: str
    sobject: SObject
    body: Callable[[Row], Any] = lambda row: {"id": row["Id"]}
    when: Callable[[Row], bool] = lambda row: True
    deletions: bool = True


@dataclass
class Push:
    """One record for one listener."""

    id: str
    way: Outbound | Callout
    record: str
    since: datetime
    due: datetime
    body: bytes = b""  # of a callout: as the record stood then
    attempts: list[int] = field(default_factory=list)  # the status of each; 0 where none came back
    acknowledged: bool = False
    given_up: bool = False
    lost: bool = False

    @property
    def settled(self) -> bool:
        return self.acknowledged or self.given_up or self.lost


def watching(state: State, ways: list[Outbound | Callout], sobject: SObject, row: Row, before: Row | None) -> None:
    """A record was written: who hears of it."""
    for way in ways:
        gone = row["IsDeleted"]
        if way.sobject is not sobject or not way.when(row) or (gone and not getattr(way, "deletions", False)):
            continue
        now = state.clock.now()
        body = json.dumps(way.body(row)).encode() if isinstance(way, Callout) else b""
        state.pushes.append(Push(state.ids("04l"), way, row["Id"], now, now, body))


def deliver(state: State, manner: Manner, drawn: random.Random) -> list[Push]:
    """One round over all that is due."""

    def later(one: Push) -> None:
        one.due = state.clock.now() + timedelta(seconds=manner.delay_seconds)

    with state.lock:
        now = state.clock.now()
        for one in state.pushes:
            one.given_up = one.given_up or (not one.settled and now - one.since > LASTS)
        due = [one for one in state.pushes if not one.settled and one.due <= now]
        due = going(due, manner, drawn, known=lambda one: (one, one.way.sobject.name), put_off=later)
    for way, several in _messages(due):
        _attempt(state, way, several)
    return due


def _messages(due: list[Push]) -> list[tuple[Outbound | Callout, list[Push]]]:
    """Up to a hundred notifications of one outbound message go together; a callout goes alone."""
    found: list[tuple[Outbound | Callout, list[Push]]] = []
    for one in due:
        last = next((several for way, several in reversed(found) if way is one.way), None)
        if isinstance(one.way, Outbound) and last is not None and len(last) < MOST and one not in last:
            last.append(one)
        else:
            found.append((one.way, [one]))
    return found


def _attempt(state: State, way: Outbound | Callout, several: list[Push]) -> None:
    if isinstance(way, Callout):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {way.bearer}", "Connection": "close",
                   "User-Agent": "SFDC-Callout/64.0"}  # fmt: skip
        status, _ = posted(way.url, several[0].body, headers)
        several[0].attempts.append(status)
        several[0].acknowledged, several[0].given_up = 200 <= status < 300, not 200 <= status < 300
        return
    with state.lock:
        body = message(state, way, several)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Connection": "close",
               "User-Agent": "Jakarta Commons-HttpClient"}  # fmt: skip
    status, answer = posted(way.url, body, headers)
    with state.lock:
        for one in several:
            one.attempts.append(status)
            one.acknowledged = one.acknowledged or (status == 200 and acknowledged(answer))
            waits = state.settings.push_retries
            one.due = state.clock.now() + timedelta(seconds=waits[min(len(one.attempts), len(waits)) - 1])


def acknowledged(answer: bytes) -> bool:
    """Only a whole `<Ack>true</Ack>` is one."""
    try:
        found = ElementTree.fromstring(answer)
    except ElementTree.ParseError:
        return False
    return any(one.tag.rpartition("}")[2] == "Ack" and one.text in ("true", "1") for one in found.iter())


def message(state: State, way: Outbound, several: list[Push]) -> bytes:
    """Records as they stand now, not as they stood when the message was asked for."""
    org, url = state.org["Id"], f"https://{state.host}/services/Soap"
    told_of = "".join(_notification(state, way, one) for one in several)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{org}</OrganizationId>
   <ActionId>{way.id}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>{url}/c/64.0/{org}</EnterpriseUrl>
   <PartnerUrl>{url}/u/64.0/{org}</PartnerUrl>
{told_of}  </notifications>
 </soapenv:Body>
</soapenv:Envelope>""".encode()


def _notification(state: State, way: Outbound, one: Push) -> str:
    row = state.find(way.sobject.name, one.record) or {"Id": one.record}
    names = ["Id", *(name for name in way.fields if name != "Id")]
    fields = "".join(_element(name, row.get(name)) for name in names)
    return f"""   <Notification>
    <Id>{one.id}</Id>
    <sObject xsi:type="sf:{way.sobject.name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{fields}</sObject>
   </Notification>
"""


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(told(value)).replace("+0000", "Z")
    return f"<sf:{name}>{escape(text)}</sf:{name}>"
