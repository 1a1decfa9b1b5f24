"""Salesforce's records as the desk has them: an account is a company, an opportunity with its products a deal.

Won is what is closed and won, whatever its stage is called. Numbers were read as they were written, not as binary ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from catalog.domain.countries import COUNTRIES, NoCountry, country_code
from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.integrations.crm.port import FieldsRead, Kind
from desk.integrations.salesforce.addresses import page_of
from desk.integrations.salesforce.names import KEY, SORTS, SYSTEM, instant, plain
from entitlements.domain.identifiers import NoDomain, read_domain
from journal.models import Connection

MISSING = (
    "Salesforce shows the desk’s user no such {} any more. Either it was deleted for good, or it is hidden from that user, "
    "so nothing is taken away by that. If it is really gone, {}, and try this again; else give the user “View All”."
)
HIDDEN = (
    "The mapping reads “{0}”, and Salesforce says that there is one and shows the desk’s user nothing of it, so nothing is done "
    "by that. Give the user the right to read that record, or take “{0}” out of the mapping, and try this again."
)


def parse_company(told: Mapping[str, Any], *, ours: Mapping[str, str], country: str) -> Company:
    """`ours` are those of our fields that are there, by our names."""
    written = {name: plain(told.get(spelled), SORTS[name]) for name, spelled in ours.items()}
    return Company(
        system=SYSTEM,
        id=told["Id"],
        name=told["Name"] or "",
        changed_at=instant(told["SystemModstamp"]),
        domain=domain_of(told.get("Website") or ""),
        own_key=written.get(KEY, ""),
        country=country_of(told.get(country) or "") if country else "",
        owner=_owner(told),
        gone=bool(told["IsDeleted"]),
        into=told.get("MasterRecordId") or "",
        ours=written,
    )


def parse_deal(
    told: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    *,
    fields: FieldsRead,
    connection: Connection,
    hidden: str = "",
) -> Deal:
    """`hidden` names a record above that the mapping reads and the user isn't shown."""
    stamps = [instant(one["SystemModstamp"]) for one in (told, *lines)]
    closed = told.get("CloseDate")
    return Deal(
        system=SYSTEM,
        id=told["Id"],
        name=told["Name"] or "",
        company=told["AccountId"] or "",
        state=_state(told),
        changed_at=max(stamps),
        closed_on=date.fromisoformat(closed) if closed else None,
        link=page_of(connection, Kind.DEAL, told["Id"]),
        lines=tuple(_line(one, fields.line) for one in lines),
        fields=_read(told, fields.deal),
        unsure=HIDDEN.format(hidden) if hidden and _state(told) is DealState.WON else "",
        owner=_owner(told),
    )


def hidden_above(told: Mapping[str, Any], above: Mapping[str, str]) -> str:
    """The first record above that is there and isn't shown: its id is told, and nothing of it. `above` are the fields that
    name such records, by what paths to them begin with."""
    return next((name for name, field in above.items() if told.get(field) and _at(told, [name]) is None), "")


def missing_company(id: str, *, at: datetime) -> Company:
    """What isn't found, not even in the recycle bin: Salesforce doesn't say whether it was deleted, or is hidden."""
    return Company(SYSTEM, id, "", at, gone=True, unsure=MISSING.format("account", "unlink the company"))


def missing_deal(id: str, *, at: datetime) -> Deal:
    return Deal(SYSTEM, id, "", "", DealState.GONE, at, unsure=MISSING.format("opportunity", "end what it made here"))


def domain_of(website: str) -> str:
    """ "https://www.Acme.example/de" → "acme.example"; empty where it is none, or the number of a machine."""
    try:
        split = urlsplit(website.strip() if "//" in website else f"//{website.strip()}")
        domain = read_domain((split.hostname or "").removeprefix("www."))
    except (NoDomain, ValueError):
        return ""
    return "" if domain.rpartition(".")[2].isdigit() else domain


def country_of(said: str) -> str:
    """The code of a country that is told by its code or by its name; empty where it is told in another way."""
    text = said.strip()
    try:
        return country_code(text)
    except NoCountry:
        return next((code for code, name in COUNTRIES.items() if name.casefold() == text.casefold()), "")


def _owner(told: Mapping[str, Any]) -> str:
    return (told.get("Owner") or {}).get("Email") or ""


def _state(told: Mapping[str, Any]) -> DealState:
    if told["IsDeleted"]:
        return DealState.GONE
    if not told["IsClosed"]:
        return DealState.OPEN
    return DealState.WON if told["IsWon"] else DealState.LOST


def _line(told: Mapping[str, Any], fields: Iterable[str]) -> DealLine:
    quantity = told.get("Quantity")
    return DealLine(
        id=told["Id"],
        product=told.get("ProductCode") or told.get("Product2Id") or "",
        name=told.get("Name") or "",
        quantity=Decimal(1) if quantity is None else Decimal(str(quantity)),
        fields=_read(told, fields),
    )


def _read(told: Mapping[str, Any], fields: Iterable[str]) -> dict[str, str]:
    """What a mapping reads, as it names it, whichever letters it wrote large."""
    return {name: plain(_at(told, name.split("."))) for name in fields}


def _at(told: Any, path: Sequence[str]) -> Any:
    for step in path:
        if not isinstance(told, Mapping):
            return None
        told = next((value for name, value in told.items() if name.lower() == step.lower()), None)
    return told
