"""What things are called at HubSpot: its kinds of records, our fields among its properties, and how a value is spelled.

Our properties bear our names behind `desk_`. A record of ours is found by the property that is unique; whether values
are unique can be said of a property only when it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from desk.domain.crm.outgoing import COMPANY_FIELDS, ENTITLEMENT_FIELDS, Out, OutField, Sort
from desk.integrations.crm.port import Kind

SYSTEM, WORDS = "hubspot", "HubSpot"
COMPANIES, DEALS, LINES, PRODUCTS = "companies", "deals", "line_items", "products"
KINDS: Mapping[Kind, str] = {Kind.COMPANY: COMPANIES, Kind.DEAL: DEALS}
NOUNS = {COMPANIES: "companies", DEALS: "deals", LINES: "line items", PRODUCTS: "products"}
COMPANY_TYPE, DEAL_TYPE, LINE_TYPE = "0-2", "0-3", "0-8"
PRIMARY_COMPANY = 5  # the type of association from a deal to the one company that it belongs to

STAMP, ID, MERGED = "hs_lastmodifieddate", "hs_object_id", "hs_merged_object_ids"
WON, CLOSED, CLOSED_ON = "hs_is_closed_won", "hs_is_closed", "closedate"
OWNER = "hubspot_owner_id"
SKU, PRODUCT_ID = "hs_sku", "hs_product_id"

PREFIX = "desk_"
GROUP, GROUP_WORDS = "desk_entitlements", "Entitlement desk"
RECORD, RECORD_WORDS, RECORDS_WORDS = "desk_entitlement", "Entitlement", "Entitlements"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A sort of field as HubSpot has it: its type, the field it is shown in, and what its own pages call that."""

    type: str
    field: str
    words: str


SPELLED: Mapping[Sort, Spelled] = {
    Sort.KEY: Spelled("string", "text", "Single-line text, “Require unique values”"),
    Sort.TEXT: Spelled("string", "text", "Single-line text"),
    Sort.LONG: Spelled("string", "textarea", "Multi-line text"),
    Sort.LINK: Spelled("string", "text", "Single-line text"),
    Sort.NUMBER: Spelled("number", "number", "Number"),
    Sort.PERCENT: Spelled("number", "number", "Number"),
    Sort.DAY: Spelled("date", "date", "Date picker"),
    Sort.MOMENT: Spelled("datetime", "date", "Date and time picker"),
    Sort.YES_NO: Spelled("bool", "booleancheckbox", "Single checkbox"),
}
YES_OR_NO = [
    {"label": words, "value": value, "displayOrder": place, "hidden": False}
    for place, (words, value) in enumerate((("Yes", "true"), ("No", "false")))
]


def theirs(name: str) -> str:
    """One of our fields, as HubSpot calls it."""
    return PREFIX + name


COMPANY_SORTS: Mapping[str, Sort] = {one.name: one.sort for one in COMPANY_FIELDS}
OWN_KEY = theirs("account_key")
RECORD_KEY = next(theirs(one.name) for one in ENTITLEMENT_FIELDS if one.sort is Sort.KEY)


def record_type(portal: str) -> str:
    """The full name of the object that entitlements are records of; addresses take it in place of its id."""
    return f"p{portal}_{RECORD}"


def defined(field: OutField, *, group: str = "") -> dict[str, object]:
    """A property as it is made. `group` is left out where it is made together with its object."""
    spelled = SPELLED[field.sort]
    told: dict[str, object] = {
        "name": theirs(field.name), "label": field.words, "type": spelled.type, "fieldType": spelled.field,
        "description": field.help, "hasUniqueValue": field.sort is Sort.KEY,
    }  # fmt: skip
    told |= {"options": YES_OR_NO} if field.sort is Sort.YES_NO else {}
    return told | ({"groupName": group} if group else {})


def rendered(value: Out) -> str:
    """A value as it is written; nothing empties the property."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)


def plain(text: str, sort: Sort) -> str:
    """What stands in one of our properties, spelled the same however it got there."""
    match sort:
        case Sort.NUMBER | Sort.PERCENT:
            try:
                return f"{Decimal(text).normalize():f}"
            except InvalidOperation:
                return text
        case Sort.DAY:
            return text[:10]
        case Sort.MOMENT:
            at = instant(text)
            return text if at is None else rendered(at)
    return text


def instant(text: str) -> datetime | None:
    """An instant as HubSpot says it: ISO 8601, or a number of milliseconds; None where it is neither."""
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        at = datetime.fromisoformat(text)
    except (OSError, OverflowError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def milliseconds(at: datetime) -> int:
    """Whole ones, as a stamp is compared there."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
