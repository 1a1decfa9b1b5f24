"""From what HubSpot says of a company, a deal and its lines to what the desk means by it. Pure.

Values are text there, and none is null. Days of a deal are instants there, so that the portal's zone says which day it
was. A property that HubSpot doesn't know is left out of its answer in silence: whoever asks for it checks that before.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.integrations.hubspot.names import (
    CLOSED,
    CLOSED_ON,
    COMPANY_SORTS,
    MERGED,
    OWN_KEY,
    OWNER,
    PRIMARY_COMPANY,
    PRODUCT_ID,
    SKU,
    STAMP,
    SYSTEM,
    WON,
    instant,
    plain,
    theirs,
)
from entitlements.domain.identifiers import NoDomain, read_domain

COMPANY_READ = ("name", "domain", "country", OWNER, STAMP, MERGED, *(theirs(name) for name in COMPANY_SORTS))
DEAL_READ = ("dealname", "dealstage", "pipeline", CLOSED_ON, WON, CLOSED, OWNER, STAMP, MERGED)
LINE_READ = ("name", "quantity", SKU, PRODUCT_ID, STAMP)
Row = Mapping[str, Any]
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = (
    "HubSpot knows no such {} any more, not even among those that were deleted lately. Perhaps the desk’s private app may not "
    "see it, so nothing is taken away by that. If it is really gone, {}, and try this again."
)
NO_STAGE = "HubSpot doesn’t say whether the deal is won: it has no stage, or the desk’s private app may not see it."
NO_LINE = "HubSpot says that the deal has line {}, and doesn’t show it."


def company_of(row: Row, *, owners: Mapping[str, str]) -> Company:
    """`owners` are the e-mail addresses of the portal's people by their ids."""
    said = values_of(row)
    return Company(
        system=SYSTEM,
        id=str(row["id"]),
        name=said.get("name", ""),
        changed_at=stamp_of(row),
        domain=domain_of(said.get("domain", "")),
        own_key=said.get(OWN_KEY, "").strip(),
        country=said.get("country", ""),
        owner=owners.get(said.get(OWNER, ""), ""),
        parts=tuple(sorted(merged_ids(row), key=int)),
        ours={name: plain(said[theirs(name)], sort) for name, sort in COMPANY_SORTS.items() if theirs(name) in said},
    )


def gone_company(key: str, *, into: str, sure: bool, at: datetime) -> Company:
    """One that was deleted, or made part of another. Not `sure`: HubSpot knows nothing of it."""
    unsure = "" if sure or into else MISSING.format("company", "unlink the company")
    return Company(system=SYSTEM, id=key, name="", changed_at=at, gone=True, into=into, unsure=unsure)


def deal_of(
    row: Row,
    *,
    company: str,
    lines: Sequence[DealLine],
    fields: Mapping[str, str],
    zone: ZoneInfo,
    link: str,
    owners: Mapping[str, str],
    hidden: Sequence[str] = (),
) -> Deal:
    """`fields` are those that the mapping reads, with their types there; `owners` the e-mail addresses of the portal's
    people by their ids; `hidden` the ids of lines that aren't shown."""
    said = values_of(row)
    return Deal(
        system=SYSTEM,
        id=str(row["id"]),
        name=said.get("dealname", ""),
        company=company,
        state=_state(said),
        changed_at=stamp_of(row),
        closed_on=_day(said.get(CLOSED_ON, ""), zone),
        link=link,
        lines=tuple(lines),
        fields=_read(said, fields, zone),
        unsure=NO_STAGE if not said.get(WON) else NO_LINE.format(hidden[0]) if hidden else "",
        owner=owners.get(said.get(OWNER, ""), ""),
    )


def gone_deal(key: str, *, sure: bool, at: datetime) -> Deal:
    unsure = "" if sure else MISSING.format("deal", "end what it made here")
    return Deal(system=SYSTEM, id=key, name="", company="", state=DealState.GONE, changed_at=at, unsure=unsure)


def line_of(row: Row, *, fields: Mapping[str, str], zone: ZoneInfo) -> DealLine:
    said = values_of(row)
    return DealLine(
        id=str(row["id"]),
        product=said.get(SKU, "").strip() or said.get(PRODUCT_ID, ""),
        name=said.get("name", ""),
        quantity=_number(said.get("quantity", "")),
        fields=_read(said, fields, zone),
    )


def primary_of(targets: Collection[tuple[str, frozenset[int]]]) -> str:
    """The company that a deal belongs to: its primary one; where none is, the only one there is."""
    primary = [key for key, types in targets if PRIMARY_COMPANY in types]
    named = primary or ([key for key, _ in targets] if len(targets) == 1 else [])
    return named[0] if named else ""


def merged_ids(row: Row) -> frozenset[str]:
    """The ids of the records that this one was made of."""
    return frozenset(part for part in values_of(row).get(MERGED, "").split(";") if part)


def domain_of(text: str) -> str:
    """ "https://www.Acme.example/about" → "acme.example"; empty where it is none."""
    bare = text.strip().lower().partition("://")[2] or text.strip().lower()
    try:
        return read_domain(bare.partition("/")[0].partition(":")[0].removeprefix("www."))
    except NoDomain:
        return ""


def values_of(row: Row) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in (row.get("properties") or {}).items()}


def stamp_of(row: Row) -> datetime:
    said = values_of(row).get(STAMP) or str(row.get("updatedAt") or "")
    return instant(said) or LONG_AGO


def _state(said: Mapping[str, str]) -> DealState:
    """By what HubSpot works out of the stage, whatever the stage is called."""
    if said.get(WON) == "true":
        return DealState.WON
    return DealState.LOST if said.get(CLOSED) == "true" else DealState.OPEN


def _read(said: Mapping[str, str], fields: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """An instant is told by the portal's clock on the wall, so that the day in it is the one that people there see."""
    return {
        name: _local(said.get(name, ""), zone) if sort == "datetime" else said.get(name, "")
        for name, sort in fields.items()
    }


def _local(text: str, zone: ZoneInfo) -> str:
    at = _on_the_wall(text, zone)
    return text if at is None else at.isoformat()


def _day(text: str, zone: ZoneInfo) -> date | None:
    at = _on_the_wall(text, zone)
    return None if at is None else at.date()


def _on_the_wall(text: str, zone: ZoneInfo) -> datetime | None:
    """By the clock there; the last moment that there is has none further east, and is told as it stands."""
    at = instant(text) if text else None
    try:
        return at.astimezone(zone) if at is not None else None
    except OverflowError:
        return at


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(1)
    return number if number.is_finite() else Decimal(1)
