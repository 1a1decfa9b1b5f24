"""What Salesforce tells the desk by itself: outbound messages, and the callouts of flows. Both are hints and no more.

Neither is signed. Both bear a token that only the two sides know: a callout as its bearer, an outbound message, which
can't carry one, in the address it is sent to. A message says which organisation it is from, and that is held against the
connection's. It may have been written by anybody, so nothing in it is expanded and no document type is read.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.timezone import now

from desk.actions.crm.applied import Applied
from desk.integrations.crm.looking import look_at
from desk.integrations.crm.port import Kind
from desk.integrations.salesforce.crm import opened
from desk.integrations.salesforce.names import ACCOUNT, LINE, OPPORTUNITY, PREFIXES, whole_id
from desk.integrations.salesforce.reading import deal_of
from desk.queries.crm.lines import deals_with_line
from journal.domain.receiving import Forged, Message, Outcome, Reason, Received
from journal.models import Connection, Inbound
from journal.queries.arrivals import waiting_beside
from journal.vendors import Acknowledgement

BEARER, PARAMETER = "authorization", "token"
MOST = 100  # notifications in a message
TOLD = "{http://soap.sforce.com/2005/09/outbound}"
OF_RECORD = "{urn:sobject.enterprise.soap.sforce.com}"
OTHER = "record.changed"  # of a kind that nobody looks at
TYPES = {name: f"{name.lower()}.changed" for name in (ACCOUNT, OPPORTUNITY, LINE)}
KINDS = {TYPES[ACCOUNT]: Kind.COMPANY, TYPES[OPPORTUNITY]: Kind.DEAL, TYPES[LINE]: Kind.DEAL}
HEARD = Acknowledgement(
    b'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
    b'<soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    b"</notificationsResponse></soapenv:Body></soapenv:Envelope>",
    "text/xml; charset=utf-8",
)


def verify(message: Message, *, secrets: Sequence[str], at: datetime) -> list[Received]:
    """What a message brings. Forged where it doesn't bear the token, or can't be read."""
    given = _token(message).encode()
    if not given or not any(hmac.compare_digest(given, one.encode()) for one in secrets):
        raise Forged(Reason.SIGNATURE)
    try:
        if message.body.lstrip().startswith(b"<"):
            return list(_notifications(message.body))
        return [_hint(message.body, at=at)]
    except (DefusedXmlException, ParseError, AttributeError, KeyError, LookupError, TypeError, ValueError):
        raise Forged(Reason.UNREADABLE) from None


def take(row: Inbound) -> Outcome:
    """Look at what is named as it stands now: all that waits about it speaks of what is seen then."""
    at, told = now(), json.loads(row.raw)
    waiting = waiting_beside(row, types=tuple(KINDS)) if row.subject else ()
    ids = [told["deal"] or told["id"]]
    if row.type == TYPES[LINE] and not told["deal"]:
        ids = _deals_of(row.connection, told["id"], at=at)
        if not ids:
            return Outcome("This line belongs to no deal that is known, so there is nothing to look at.")
    return _outcome(look_at(row.connection, KINDS[row.type], ids, at=at), waiting)


def _deals_of(connection: Connection, id: str, *, at: datetime) -> list[str]:
    """A line that was deleted for good is known only by the deals that were read with it."""
    with opened(connection, at=at) as there:
        found = deal_of(there.line, id)
    return [found] if found else deals_with_line(connection, [id])


def _outcome(applied: Sequence[Applied], waiting: tuple[int, ...]) -> Outcome:
    said = [*(one.words for one in applied), *(words for one in applied for words in one.findings)]
    words = ". ".join(one.rstrip(".") for one in dict.fromkeys(said) if one)
    account = next((one.account_key for one in applied if one.account_key), "")
    return Outcome(words, covers_earlier=True, account_key=account, covers_waiting=waiting)


def _token(message: Message) -> str:
    kind, _, bearer = message.headers.get(BEARER, "").partition(" ")
    if kind.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    return (parse_qs(urlsplit(message.url).query).get(PARAMETER) or [""])[0]


def _notifications(body: bytes) -> Iterator[Received]:
    told = fromstring(body, forbid_dtd=True).find(f".//{TOLD}notifications")
    organisation = _text(told.find(f"{TOLD}OrganizationId"))[:15]
    found = told.findall(f"{TOLD}Notification")
    if not 1 <= len(found) <= MOST or len(organisation) != 15:
        raise ValueError("It brings nothing, or too much, or doesn’t say from where.")
    for one in found:
        record = one.find(f"{TOLD}sObject")
        deal = record.find(f"{OF_RECORD}OpportunityId")
        name = _text(one.find(f"{TOLD}Id"))
        yield _received(
            name,
            _text(record.find(f"{OF_RECORD}Id")),
            deal="" if deal is None else _text(deal),
            organisation=organisation,
        )


def _hint(body: bytes, *, at: datetime) -> Received:
    """A callout has no id of its own: the same words again are another hint, unless they come in the same moment."""
    told = json.loads(body)
    organisation = str(told.get("organization") or "")[:15]
    name = hashlib.sha256(body + at.isoformat().encode()).hexdigest()[:32]
    return _received(f"callout-{name}", told["id"], deal=told.get("deal") or "", organisation=organisation)


def _received(name: str, id: str, *, deal: str, organisation: str) -> Received:
    id, deal = whole_id(id), whole_id(deal)
    if not id:
        raise ValueError("It names no record.")
    kind = PREFIXES.get(id[:3], "")
    about = deal if kind == LINE and deal else id
    return Received(
        external_id=name,
        type=TYPES.get(kind, OTHER),
        subject=about,
        of_account=organisation,
        body=json.dumps({"id": id, "deal": deal if kind == LINE else ""}).encode(),
    )


def _text(found: Element | None) -> str:
    if found is None or not (found.text or "").strip():
        raise ValueError("Something is missing.")
    return str(found.text).strip()
