"""Markets, and from when until when things are sold or provided in them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.actions.markets import create_market, edit_market, lift_window, set_window
from catalog.domain.availability import joined
from catalog.domain.countries import NoCountry, country_codes
from catalog.domain.entries import WrongEntry, a_key, a_line, a_word, an_instant, meant, optional, read_instant
from catalog.domain.window import Window
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found, maybe
from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from journal.domain.refusal import Refusal

Thing = Plan | Feature


def read_countries(text: str) -> str:
    try:
        codes = country_codes(part for part in text.replace(";", ",").replace("\n", ",").split(",") if part.strip())
    except NoCountry as unknown:
        raise WrongEntry(str(unknown)) from None
    return ", ".join(codes)


class MarketTable(Table):
    key = Column("Key", a_key, of="key", note="small letters, digits and _; it never changes", required=True)
    name = Column("Name", a_line(120), of="name", required=True)
    countries = Column("Countries", read_countries, note="codes of two letters, such as NL, DE, FR", required=True)

    slug, title, own = "markets", "Markets", "market"
    what = "Sets of countries in which things are sold or provided."
    model = Market

    def records(self) -> Iterable[Any]:
        return Market.objects.order_by("key")

    def dehydrate_countries(self, row: Market) -> str:
        return ", ".join(row.countries)

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        countries = after["countries"].split(", ")
        if entry.before is None:
            create_market(key=after["key"], name=after["name"], countries=countries, by=hand.by, at=hand.at)
            return
        row = found(Market, after["key"])
        edit_market(
            market=row,
            name=after["name"],
            countries=countries,
            seen=(row.name, row.countries),
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        raise Refusal("It stays: a market isn't taken away, because accounts may be in it by now.")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which a thing is to be had in a market: windows that touch are one."""

    market: str
    plan: str
    feature: str
    use: str
    start: Any
    end: Any


class WindowTable(Table):
    market = Column("Market", optional(a_key), of="market", names="market", note="its key; empty: everywhere")
    plan = Column("Plan or add-on", optional(a_key), of="plan", names="plan", note="its key, or a feature's beside it",
                  also=("plan",))  # fmt: skip
    feature = Column("Feature", optional(a_key), of="feature", names="feature", note="its key")
    use = Column("Use", a_word(MarketUse), of="use", note="sold or provided", required=True)
    starts = Column("From", optional(an_instant), of="start", note="such as 2027-01-01; a moment still to come")
    ends = Column("Until", optional(an_instant), of="end", note="the first moment at which it is no longer so")

    slug, title = "windows", "Where things are sold"
    what = "From when until when a plan, add-on or feature is sold or provided in a market."
    model = MarketWindow
    identity = ("market", "plan", "feature", "use", "starts")

    def records(self) -> Iterable[Any]:
        windows: dict[tuple[str, str, str, str], list[Window]] = defaultdict(list)
        for row in MarketWindow.objects.select_related("market", "plan", "feature"):
            windows[_place(row)].append(row.window)
        return [Span(*place, one.start, one.end) for place in sorted(windows) for one in joined(windows[place])]

    def fit(self, after: Texts) -> Texts:
        if bool(after["plan"]) == bool(after["feature"]):
            raise WrongEntry("Write the key of a plan or add-on, or that of a feature: one of the two.")
        if after["starts"] and after["ends"] and read_instant(after["ends"]) <= read_instant(after["starts"]):
            raise WrongEntry("It has to end after it starts.")
        return after

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        starts_at = read_instant(after["starts"]) if after["starts"] else None
        if entry.before is None and starts_at is None:
            raise Refusal("Say from when: without a date nobody could tell whether this row was imported before.")
        begun = entry.before is not None and (starts_at is None or starts_at <= hand.at)
        set_window(
            market=maybe(Market, after["market"]),
            thing=_thing(after),
            use=MarketUse(meant(MarketUse, after["use"])),
            starts_at=None if begun else starts_at,
            ends_at=read_instant(after["ends"]) if after["ends"] else None,
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        about = {"plan": _thing(after)} if after["plan"] else {"feature": _thing(after)}
        window = MarketWindow.objects.filter(
            market=maybe(Market, after["market"]),
            use=meant(MarketUse, after["use"]),
            starts_at=read_instant(after["starts"]),
            **about,
        ).first()
        if window is None:
            raise Refusal("It stays: the window was moved since.")
        lift_window(window=window, reason=hand.reason, by=hand.by, at=hand.at)


def _place(row: MarketWindow) -> tuple[str, str, str, str]:
    market, plan = row.market.key if row.market else "", row.plan.key if row.plan else ""
    return market, plan, row.feature.key if row.feature else "", row.use


def _thing(after: Texts) -> Thing:
    thing: Thing = found(Plan, after["plan"]) if after["plan"] else found(Feature, after["feature"])
    return thing
