"""Reading Salesforce: what changed, and accounts and opportunities as they stand.

Pages of what changed go by stamp and id, so that a page may end between two that bear one stamp, and a cursor is only the
place where the last page ended: nothing of it is kept at Salesforce. An opportunity's line that changes leaves the
opportunity's stamp alone, so that two rows of stamps are read beside each other and told as one.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.port import Declined, FieldsRead, Hint, Kind, Page
from desk.integrations.salesforce.client import Answer, Line
from desk.integrations.salesforce.names import (
    ACCOUNT,
    KINDS,
    LINE,
    NOUNS,
    OF_COMPANY,
    OPPORTUNITY,
    WORDS,
    instant,
    is_field,
    listed,
    selected,
    stamp,
    whole_id,
)
from desk.integrations.salesforce.parsing import hidden_above, missing_company, missing_deal, parse_company, parse_deal

PAGE = 200
OF_ACCOUNTS = ("Id", "Name", "Website", "Owner.Email", "IsDeleted", "MasterRecordId", "SystemModstamp")
COUNTRIES = ("BillingCountryCode", "BillingCountry")  # the first is there only where countries are picked from a list
OF_DEALS = ("Id", "Name", "AccountId", "IsClosed", "IsWon", "CloseDate", "Owner.Email", "IsDeleted", "SystemModstamp")
OF_LINES = ("Id", "OpportunityId", "Product2Id", "ProductCode", "Name", "Quantity", "SystemModstamp")
NO_FIELD = re.compile(r"No such column '([^']+)'|relationship '([^']+)' in field path")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of stamps, and how far it was read: the stamp and the id of the last that was told."""

    kind: str
    about: str  # the field that names the record a hint is about
    at: str = ""
    id: str = ""

    def soql(self, since: datetime | None, until: datetime) -> str:
        bounds = [f"SystemModstamp < {stamp(until)}"]
        if self.at:
            bounds.append(f"(SystemModstamp > {self.at} OR (SystemModstamp = {self.at} AND Id > '{self.id}'))")
        elif since is not None:
            bounds.append(f"SystemModstamp >= {stamp(since)}")
        fields = dict.fromkeys(("Id", self.about, "SystemModstamp"))
        where = " AND ".join(bounds)
        return selected(fields, self.kind, where=where, order="SystemModstamp, Id", limit=PAGE)


def changed(line: Line, kind: Kind, *, since: datetime | None, until: datetime, after: str = "") -> Page:
    """A page of what was stamped meanwhile, deleted ones among it."""
    rows = _rows(kind, after)
    found: list[tuple[datetime, int, str, str]] = []
    more = False
    for place, row in enumerate(rows):
        told = list(line.query(row.soql(since, until), deleted=True))
        more = more or len(told) == PAGE
        found += [(instant(one["SystemModstamp"]), place, one["Id"], one[row.about]) for one in told]
    page = sorted(found, key=lambda one: one[:2])[:PAGE]  # of one row they stand in Salesforce's order already
    hints = tuple(Hint(about, at) for at, _, _, about in page)
    return Page(hints, _after(rows, page) if more or len(found) > len(page) else "")


def count(line: Line, kind: Kind) -> int:
    answer = line.ask("query", params={"q": selected(["COUNT()"], KINDS[kind])})
    return int(answer["totalSize"])


def companies(line: Line, ids: Collection[str]) -> dict[str, Company]:
    """As they stand; whoever isn't found is told as gone, and that this isn't sure."""
    there = line.fields(ACCOUNT) or line.fields(ACCOUNT, anew=True) or {}  # they may have been hidden a moment ago
    ours = {name: spelled for name, spelled in OF_COMPANY.items() if spelled in there}
    country = next((name for name in COUNTRIES if name in there), "")
    fields = [*OF_ACCOUNTS, *([country] if country else []), *ours.values()]
    found = {}
    for some in _some(ids):
        where = f"Id IN {listed(some)}"
        for one in line.query(selected(fields, ACCOUNT, where=where), deleted=True):
            found[one["Id"]] = parse_company(one, ours=ours, country=country)
    return {id: found.get(whole_id(id)) or missing_company(id, at=line.now()) for id in ids}


def deals(line: Line, ids: Collection[str], *, fields: FieldsRead) -> dict[str, Deal]:
    """As they stand with their lines; whichever isn't found is told as gone, and that this isn't sure."""
    found = {}
    above, beside = _above(line, OPPORTUNITY, fields.deal), _above(line, LINE, fields.line)
    for some in _some(ids):
        more = (*fields.deal, *above.values())
        told = list(_named(line, OPPORTUNITY, OF_DEALS, more, f"Id IN {listed(some)}", deleted=True))
        lines: defaultdict[str, list[Answer]] = defaultdict(list)
        alive = [one["Id"] for one in told if not one["IsDeleted"]]
        if alive:
            where = f"OpportunityId IN {listed(alive)}"
            for one in _named(line, LINE, OF_LINES, (*fields.line, *beside.values()), where):
                lines[one["OpportunityId"]].append(one)
        for one in told:
            hidden = [hidden_above(one, above), *(hidden_above(each, beside) for each in lines[one["Id"]])]
            found[one["Id"]] = parse_deal(
                one, lines[one["Id"]], fields=fields, connection=line.connection, hidden=next(filter(None, hidden), "")
            )
    return {id: found.get(whole_id(id)) or missing_deal(id, at=line.now()) for id in ids}


def deal_of(line: Line, id: str) -> str:
    """The opportunity that a line belongs to, deleted ones too; empty where nothing is known of it."""
    where = f"Id = '{whole_id(id)}'"
    found = line.query(selected(["Id", "OpportunityId"], LINE, where=where), deleted=True)
    return next((str(one["OpportunityId"]) for one in found), "")


def _above(line: Line, kind: str, names: Iterable[str]) -> dict[str, str]:
    """Of the records above that a mapping reads by paths such as Account.Industry, the fields that say which each is."""
    begin = {name.partition(".")[0].lower() for name in names if "." in name}
    told = (line.fields(kind) or {}).values() if begin else ()
    return {one["relationshipName"]: one["name"] for one in told if str(one["relationshipName"]).lower() in begin}


def _named(
    line: Line, kind: str, usual: tuple[str, ...], more: Iterable[str], where: str, *, deleted: bool = False
) -> Iterator[Answer]:
    """With the fields that a mapping names; Declined names the one that Salesforce hasn't, or doesn't show."""
    fields = {name.lower(): name for name in usual}
    for name in more:
        if not is_field(name):
            raise Declined(f"“{name}” can’t be a field of {WORDS}’s.")
        fields.setdefault(name.lower(), name)
    order = "OpportunityId, Id" if kind == LINE else ""
    try:
        yield from line.query(selected(fields.values(), kind, where=where, order=order), deleted=deleted)
    except Declined as error:
        match = NO_FIELD.search(str(error))
        if match is None:
            raise
        raise Declined(
            f"{WORDS} has no field “{match[1] or match[2]}” at {NOUNS[kind]}, or doesn’t show it to the desk’s user. Take "
            "it out of the mapping, or give the user the right to read it."
        ) from None


def _some(ids: Collection[str]) -> Iterator[list[str]]:
    """At most 200 at a time: what isn't even the form of an id is never asked for."""
    asked = list(dict.fromkeys(whole_id(one) for one in ids if whole_id(one)))
    for start in range(0, len(asked), PAGE):
        yield asked[start : start + PAGE]


def _rows(kind: Kind, after: str) -> list[Row]:
    places = after.split("|") if after else []
    if kind is Kind.COMPANY:
        wanted = [(ACCOUNT, "Id")]
    else:
        wanted = [(OPPORTUNITY, "Id"), (LINE, "OpportunityId")]
    rows = []
    for place, (name, about) in enumerate(wanted):
        at, id = [*places[2 * place :], "", ""][:2]
        rows.append(Row(name, about, at, id) if _is_place(at, id) else Row(name, about))
    return rows


def _is_place(at: str, id: str) -> bool:
    try:
        return bool(at) and whole_id(id) == id and stamp(instant(at.replace("Z", "+0000"))) == at
    except ValueError:
        return False


def _after(rows: list[Row], page: list[tuple[Any, ...]]) -> str:
    """Where each row goes on: behind the last of it that this page tells, else where it stood."""
    places: Mapping[int, tuple[str, str]] = {place: (stamp(at), id) for at, place, id, _ in page}
    return "|".join(part for place, row in enumerate(rows) for part in places.get(place, (row.at, row.id)))
