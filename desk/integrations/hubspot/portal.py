"""What a portal has: the properties that a mapping may name, products, people, and the zone that they live in.

All of it is remembered for a while, since each look would ask for it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desk.integrations.crm.port import Declined, FieldsRead, LoginRefused, Offered
from desk.integrations.hubspot import parsing
from desk.integrations.hubspot.client import Line, NotAllowed
from desk.integrations.hubspot.fetching import after_of
from desk.integrations.hubspot.names import DEALS, LINES, NOUNS, PRODUCTS, SKU

LISTED, OWNERS_LISTED, MOST_PRODUCTS = 100, 500, 1000
DETAILS = "/account-info/v3/details"
Row = Mapping[str, Any]


def properties_of(line: Line, kind: str, *, anew: bool = False) -> Mapping[str, Row]:
    """All properties of a kind by name, as they were a moment ago."""
    name = f"properties:{kind}"
    if anew:
        line.parts.forget(name)

    def ask() -> dict[str, Row]:
        rows = line.ask(line.parts.properties.get_all, kind).get("results") or []
        return {str(row["name"]): row for row in rows}

    known: Mapping[str, Row] = line.parts.known(name, ask, at=line.at)
    return known


def fields_known(line: Line, fields: FieldsRead, *, anew: bool = False) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of deals and of lines that are there, with their types; `anew`: as of now, and not of a moment ago.

    A condition may be about either, so a name has to be known to one of those it is asked of. Declined where it is
    known to none: HubSpot itself would leave it out without a word, and the mapping would read nothing.
    """
    asked = {DEALS: fields.deal, LINES: fields.line}
    known = {kind: _types(line, kind, names, anew=anew) for kind, names in asked.items()}
    for name in dict.fromkeys((*fields.deal, *fields.line)):
        places = [kind for kind, names in asked.items() if name in names]
        if not any(name in known[kind] for kind in places):
            where = " and ".join(NOUNS[kind] for kind in places)
            raise Declined(
                f"HubSpot has no property “{name}” of {where}. Name another one in the mapping, or make it at HubSpot."
            )
    return known[DEALS], known[LINES]


def _types(line: Line, kind: str, names: Sequence[str], *, anew: bool) -> dict[str, str]:
    if not names:
        return {}
    known = properties_of(line, kind, anew=anew)
    if any(name not in known for name in names):
        known = properties_of(line, kind, anew=True)  # it may have been made since
    return {name: str(known[name].get("type") or "") for name in names if name in known}


def offered(line: Line, kind: str) -> list[Offered]:
    rows = properties_of(line, kind, anew=True).values()
    found = [
        Offered(str(row["name"]), str(row.get("label") or row["name"]), str(row.get("type") or ""))
        for row in rows
        if not row.get("hidden")
    ]
    return sorted(found, key=lambda one: (one.words.lower(), one.name))


def products(line: Line) -> list[Offered]:
    """By the code that a line of them bears; a product without one by its id."""
    found: list[Offered] = []
    after: str | None = None
    while len(found) < MOST_PRODUCTS:
        more = {"after": after} if after else {}
        told = line.ask(line.parts.basic.get_page, PRODUCTS, limit=LISTED, properties=["name", SKU], **more)
        for row in told.get("results") or []:
            said = parsing.values_of(row)
            code = said.get(SKU, "").strip() or str(row["id"])
            found.append(Offered(code, said.get("name") or code))
        after = after_of(told)
        if not after:
            break
    return sorted(found, key=lambda one: (one.words.lower(), one.name))


def owners_of(line: Line, ids: Collection[str]) -> Mapping[str, str]:
    """The e-mail addresses of the portal's people by their ids; none where the desk may not see them."""
    if not ids:
        return {}
    known: Mapping[str, str] = line.parts.known("owners", lambda: _owners(line), at=line.at)
    if any(key not in known for key in ids):
        line.parts.forget("owners")  # somebody is new
        left = dict.fromkeys((*known, *ids), "")  # who isn't there any more is asked for once
        known = left | dict(line.parts.known("owners", lambda: _owners(line), at=line.at))
        line.parts.keep("owners", known, at=line.at)
    return known


def _owners(line: Line) -> dict[str, str]:
    found: dict[str, str] = {}
    after: str | None = None
    try:
        while True:
            more = {"after": after} if after else {}
            told = line.ask(line.parts.owners.get_page, limit=OWNERS_LISTED, **more)
            found |= {str(row["id"]): str(row.get("email") or "") for row in told.get("results") or []}
            after = after_of(told)
            if not after:
                return found
    except NotAllowed:
        return found


def refuse_another(line: Line) -> None:
    """LoginRefused where the token is good at another portal: there the ids that are known here are others', or nobody's."""
    said = str(_details(line).get("portalId") or line.portal)
    if line.portal and said != line.portal:
        raise LoginRefused(
            f"The access token is that of portal {said}, and this connection is with portal {line.portal}. Enter a token of "
            "that portal’s private app on the page of the connection."
        )


def zone_of(line: Line) -> ZoneInfo:
    """The portal's: a deal is closed at an instant, and its people know it by the day."""
    try:
        return ZoneInfo(str(_details(line).get("timeZone") or "UTC"))
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def _details(line: Line) -> Row:
    """What HubSpot says of the portal as a whole; nothing where the desk may not see it."""

    def ask() -> Row:
        try:
            return line.reach(DETAILS)
        except (Declined, NotAllowed):
            return {}

    found: Row = line.parts.known("details", ask, at=line.at, longest=timedelta(hours=12))
    return found or line.parts.known("details", ask, at=line.at)  # what it wouldn't say it may say soon
