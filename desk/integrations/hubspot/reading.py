"""Reading companies and deals as they stand now, and what changed since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from desk.domain.crm.told import Company, Deal
from desk.integrations.crm.port import FieldsRead, Hint, Kind, Page
from desk.integrations.hubspot import parsing
from desk.integrations.hubspot.client import Line
from desk.integrations.hubspot.fetching import NOBODY, fetch, links, wanted_of
from desk.integrations.hubspot.names import COMPANIES, DEALS, KINDS, LINES, OWNER, instant, milliseconds
from desk.integrations.hubspot.pages import page_of
from desk.integrations.hubspot.portal import fields_known, owners_of, zone_of
from desk.integrations.hubspot.searching import Found, Place, Walk


def clock(line: Line) -> datetime:
    """HubSpot's own time, which it says beside every batch."""
    told = line.ask(line.parts.batch.read, COMPANIES, wanted_of([NOBODY], ()))
    return instant(str(told.get("completedAt") or "")) or line.at


def changed(line: Line, kind: Kind, *, since: datetime | None, until: datetime, after: str) -> Page:
    """A line that changes leaves its deal's stamp alone, so lines are walked through together with deals. A page may be
    empty and not the last: lines of quotes are of no deal, and thousands of them may follow each other."""
    kinds = (DEALS, LINES) if kind is Kind.DEAL else (KINDS[kind],)
    walk = Walk(line.search, kinds, milliseconds(until))
    begin = Place.of(after) if after else Place(0 if since is None else milliseconds(since))
    found, place = walk.page(begin)
    return Page(tuple(_hints(line, found)), place.text if place else "")


def _hints(line: Line, found: Sequence[Found]) -> list[Hint]:
    """Of each record one, the latest; a line stands for the deals that it is of."""
    lines = [one.id for one in found if one.kind == LINES]
    deals = links(line, LINES, DEALS, lines) if lines else {}
    latest: dict[str, int] = {}
    for one in sorted(found):
        named = [key for key, _ in deals.get(one.id, ())] if one.kind == LINES else [one.id]
        latest |= dict.fromkeys(named, one.at)
    return [Hint(key, _instant(at)) for at, key in sorted((at, key) for key, at in latest.items())]


def deals_of_lines(line: Line, ids: Collection[str]) -> list[str]:
    """Those that lines are of; none where the lines are gone."""
    found = links(line, LINES, DEALS, ids)
    return sorted({key for targets in found.values() for key, _ in targets})


def count(line: Line, kind: Kind) -> int | None:
    total = line.search(KINDS[kind], {"filterGroups": [], "limit": 1, "properties": []}).get("total")
    return int(total) if isinstance(total, int) else None


def companies(line: Line, ids: Collection[str]) -> dict[str, Company]:
    asked = list(dict.fromkeys(ids))
    fetched = fetch(line, COMPANIES, asked, parsing.COMPANY_READ)
    owners = _owners(line, fetched.rows)
    return {
        key: parsing.company_of(fetched.rows[key], owners=owners)
        if key in fetched.rows
        else parsing.gone_company(key, into=fetched.into.get(key, ""), sure=key in fetched.deleted, at=line.at)
        for key in asked
    }


def deals(line: Line, ids: Collection[str], fields: FieldsRead) -> dict[str, Deal]:
    asked = list(dict.fromkeys(ids))
    deal_fields, line_fields = fields_known(line, fields)
    fetched = fetch(line, DEALS, asked, (*parsing.DEAL_READ, *deal_fields))
    there = list(fetched.rows)
    buyers, parts = (links(line, DEALS, other, there, whole=True) for other in (COMPANIES, LINES))
    line_ids = sorted({key for targets in parts.values() for key, _ in targets}, key=int)
    read = fetch(line, LINES, line_ids, (*parsing.LINE_READ, *line_fields))
    if _left_out(fetched.rows, deal_fields) or _left_out(read.rows, line_fields):
        deal_fields, line_fields = fields_known(line, fields, anew=True)
    zone = zone_of(line) if there else ZoneInfo("UTC")
    owners = _owners(line, fetched.rows)
    found: dict[str, Deal] = {}
    for key in asked:
        if key not in fetched.rows:
            sure = key in fetched.deleted or key in fetched.into
            found[key] = parsing.gone_deal(key, sure=sure, at=line.at)
            continue
        held = sorted({one for one, _ in parts.get(key, ())} - read.deleted, key=int)
        found[key] = parsing.deal_of(
            fetched.rows[key],
            company=parsing.primary_of(buyers.get(key, [])),
            lines=[parsing.line_of(read.rows[one], fields=line_fields, zone=zone) for one in held if one in read.rows],
            fields=deal_fields,
            zone=zone,
            link=page_of(line.connection, Kind.DEAL, key),
            owners=owners,
            hidden=[one for one in held if one not in read.rows],
        )
    return found


def _left_out(rows: Mapping[str, parsing.Row], names: Iterable[str]) -> bool:
    """Whether a property that was there a moment ago is no more: an empty one is told, and only that is left out."""
    return any(name not in (row.get("properties") or {}) for name in names for row in rows.values())


def _owners(line: Line, rows: Mapping[str, parsing.Row]) -> Mapping[str, str]:
    return owners_of(line, {parsing.values_of(row).get(OWNER, "") for row in rows.values()} - {""})


def _instant(at: int) -> datetime:
    found = instant(str(at))
    assert found is not None, "a stamp that was read is one that can be told"
    return found
