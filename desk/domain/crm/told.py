"""What a CRM says of a company and of a deal, in our words.

Each is the whole of the record as it stands there now, never a difference: whoever reads it twice, late or in another
order than it happened ends in the same place. What a mapping may read is carried as text in `fields`, under the names
that the CRM has for it, since the people who edit mappings know those; nothing else here bears a name of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

NO_FIELDS: Mapping[str, str] = {}
NUL = "\x00"


class DealState(StrEnum):
    """Where a deal stands. `GONE`: it was deleted, or made part of another."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    GONE = "gone"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Mapping[DealState, str] = {
    DealState.OPEN: "Open",
    DealState.WON: "Won",
    DealState.LOST: "Lost",
    DealState.GONE: "Deleted there",
}


@dataclass(frozen=True, slots=True)
class Company:
    """Who buys, as far as the CRM knows. `own_key` is our key of the account, where it was written there; `owner` the
    e-mail address of whoever sells to it; `ours` what stands there in the fields that the desk writes, under our names.
    `unsure`: why it may not be as it is told here."""

    system: str
    id: str
    name: str
    changed_at: datetime
    domain: str = ""
    own_key: str = ""
    country: str = ""
    owner: str = ""
    gone: bool = False
    into: str = ""  # the id of the company that it was made part of
    parts: tuple[str, ...] = ()  # the ids of companies that were made part of it, where the CRM says so
    ours: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class DealLine:
    """One line of a deal: a product × a quantity. `id` stays the same when it is changed."""

    id: str
    product: str  # the product's code, else its id there
    name: str = ""
    quantity: Decimal = Decimal(1)
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)


@dataclass(frozen=True, slots=True)
class Deal:
    """`company` is its id there, empty where the deal belongs to none; `closed_on` is the day it was, or is to be, won;
    `owner` the e-mail address of whoever sells it, empty where that isn't told. `unsure`: why it may not be as it is told here; what it made isn't taken away by that."""

    system: str
    id: str
    name: str
    company: str
    state: DealState
    changed_at: datetime
    closed_on: date | None = None
    link: str = ""
    lines: tuple[DealLine, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)
    unsure: str = ""
    owner: str = ""


def legible(deal: Deal) -> Deal:
    """The deal without the characters that no database keeps as text; nearly always there is none."""
    texts = [deal.name, deal.link, *deal.fields.values()]
    texts += [text for line in deal.lines for text in (line.product, line.name, *line.fields.values())]
    if not any(NUL in text for text in texts):
        return deal
    lines = tuple(
        replace(line, product=_legible(line.product), name=_legible(line.name), fields=_all_legible(line.fields))
        for line in deal.lines
    )
    told = {"name": _legible(deal.name), "link": _legible(deal.link), "fields": _all_legible(deal.fields)}
    return replace(deal, lines=lines, **told)  # type: ignore[arg-type]


def _legible(text: str) -> str:
    return text.replace(NUL, "")


def _all_legible(fields: Mapping[str, str]) -> Mapping[str, str]:
    return {name: _legible(text) for name, text in fields.items()}
