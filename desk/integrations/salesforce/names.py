"""What things are called at Salesforce: its kinds of records, our fields among its fields, and how a value is spelled.

Our fields at accounts bear our names behind `Desk_`; those of an entitlement bear them alone, since the object is ours.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS, Out, OutField, Sort
from desk.integrations.crm.port import Kind

SYSTEM, WORDS = "salesforce", "Salesforce"
ACCOUNT, OPPORTUNITY, LINE, PRODUCT = "Account", "Opportunity", "OpportunityLineItem", "Product2"
KINDS: Mapping[Kind, str] = {Kind.COMPANY: ACCOUNT, Kind.DEAL: OPPORTUNITY}
NOUNS = {ACCOUNT: "accounts", OPPORTUNITY: "opportunities", LINE: "opportunity products", PRODUCT: "products"}
# The same in every organisation: whose id it is shows by its first letters.
PREFIXES = {"001": ACCOUNT, "006": OPPORTUNITY, "00k": LINE}

RECORD, RECORD_WORDS, RECORDS_WORDS = "Desk_Entitlement__c", "Entitlement", "Entitlements"
RECORD_KEY, RECORD_NAME, RECORD_COMPANY = "Key__c", "Name", "Account__c"
PERMISSIONS, PERMISSIONS_WORDS = "Entitlement_Desk", "Entitlement Desk"
READERS, READERS_WORDS = "Entitlement_Desk_Readers", "Entitlement Desk: readers"
NUMBER, PERCENT = (18, 2), (8, 2)  # digits in all, and after the point
_FIELD = re.compile(r"[A-Za-z]\w{0,79}(\.[A-Za-z]\w{0,79}){0,5}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Z0-5]{3})?")
_CHECKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A sort of field as Salesforce has it: as it is made, as it is described, and what its own pages call it."""

    made: str
    described: str
    words: str


SPELLED: Mapping[Sort, Spelled] = {
    Sort.KEY: Spelled("Text", "string", "Text, “Unique” and “External ID”"),
    Sort.TEXT: Spelled("Text", "string", "Text"),
    Sort.LONG: Spelled("LongTextArea", "textarea", "Text Area (Long)"),
    Sort.LINK: Spelled("Url", "url", "URL"),
    Sort.NUMBER: Spelled("Number", "double", "Number"),
    Sort.PERCENT: Spelled("Percent", "percent", "Percent"),
    Sort.DAY: Spelled("Date", "date", "Date"),
    Sort.MOMENT: Spelled("DateTime", "datetime", "Date/Time"),
    Sort.YES_NO: Spelled("Checkbox", "boolean", "Checkbox"),
}


def _spelled(name: str) -> str:
    return "_".join(part.capitalize() for part in name.split("_")) + "__c"


OF_COMPANY: Mapping[str, str] = {one.name: f"Desk_{_spelled(one.name)}" for one in COMPANY_FIELDS}
OF_RECORD: Mapping[str, str] = {one.name: _spelled(one.name) for one in ENTITLEMENT_FIELDS} | {"name": RECORD_NAME}
SORTS: Mapping[str, Sort] = {one.name: one.sort for one in (*COMPANY_FIELDS, *ENTITLEMENT_FIELDS)}
KEY = "account_key"  # among what is written to a company


def defined(field: OutField) -> dict[str, object]:
    """A field as it is made."""
    told: dict[str, object] = {"type": SPELLED[field.sort].made, "label": field.words, "inlineHelpText": field.help}
    match field.sort:
        case Sort.KEY:
            told |= {"length": field.longest, "unique": True, "externalId": True, "caseSensitive": False}
        case Sort.TEXT:
            told |= {"length": field.longest}
        case Sort.LONG:
            told |= {"length": field.longest, "visibleLines": 5}
        case Sort.NUMBER:
            told |= {"precision": NUMBER[0], "scale": NUMBER[1]}
        case Sort.PERCENT:
            told |= {"precision": PERCENT[0], "scale": PERCENT[1]}
        case Sort.YES_NO:
            told |= {"defaultValue": "false"}
    return told


def size_words(field: OutField) -> str:
    """How large a field is, as somebody enters it who makes it by hand; empty where nothing is asked."""
    match field.sort:
        case Sort.KEY | Sort.TEXT | Sort.LONG:
            return f"length {field.longest}"
        case Sort.NUMBER:
            return f"length {NUMBER[0] - NUMBER[1]}, decimal places {NUMBER[1]}"
        case Sort.PERCENT:
            return f"length {PERCENT[0] - PERCENT[1]}, decimal places {PERCENT[1]}"
    return ""


def is_field(name: str) -> bool:
    """Whether it may be the name of a field, or of one of a record it belongs to, such as Account.Industry."""
    return _FIELD.fullmatch(name) is not None


def whole_id(text: str) -> str:
    """An id in its 18 letters; empty where it is none. The last three tell which of the others are capital."""
    if not _ID.fullmatch(text):
        return ""
    found = ""
    for chunk in (text[0:5], text[5:10], text[10:15]):
        found += _CHECKED[
            sum(1 << place for place, letter in enumerate(chunk) if letter.isascii() and letter.isupper())
        ]
    return text[:15] + found


def quoted(text: str) -> str:
    """A text as SOQL has it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(ids: Iterable[str]) -> str:
    """Texts as `IN` takes them."""
    return "(" + ", ".join(quoted(one) for one in ids) + ")"


def selected(fields: Iterable[str], kind: str, *, where: str = "", order: str = "", limit: int = 0) -> str:
    """A question in SOQL. Whatever was told to us stands in `where` only as `quoted` or `stamp` made it."""
    parts = ["SELECT", ", ".join(fields), "FROM", kind]
    parts += ["WHERE", where] if where else []
    parts += ["ORDER BY", order] if order else []
    return " ".join([*parts, *(["LIMIT", str(limit)] if limit else [])])


def stamp(at: datetime) -> str:
    """An instant as SOQL has it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """ "2026-03-02T09:00:00.000+0000", which has no colon in its zone."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def rendered(value: Out) -> str | bool | float | int | None:
    """A value as it is written; None empties the field."""
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return float(value)
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
    return value or None


def plain(value: Any, sort: Sort | None = None) -> str:
    """What stands in a field as text, spelled the same however it got there; empty where nothing does."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal) or sort in {Sort.NUMBER, Sort.PERCENT}:
        try:
            return f"{Decimal(str(value)).normalize():f}"
        except InvalidOperation:
            return str(value)
    if sort is Sort.MOMENT:
        with suppress(ValueError):  # somebody made the field as one of days
            return stamp(instant(str(value)))
    return str(value)
