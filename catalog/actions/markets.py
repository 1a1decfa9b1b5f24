"""Markets: sets of countries, and from when until when a thing is sold or provided in them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid


@transaction.atomic
def create_market(*, key: str, name: str, countries: Iterable[str], by: Actor, at: datetime) -> Market:
    """A market was named, with the countries it is made of."""
    by.require("catalog.change_market")
    if Market.objects.filter(key=key).exists():
        raise Invalid(f"There is already a market with the key {key}. Choose another key.", field="key")
    codes = _country_codes(countries)
    deed = begin(by=by, at=at)
    market = keep(Market(key=key, name=name, countries=codes), deed=deed)
    record(deed, "market:create", subject=market, changes={"countries": (None, codes)})
    return market


@transaction.atomic
def set_window(
    *,
    market: Market,
    thing: Plan | Feature,
    use: MarketUse,
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> MarketWindow:
    """From when until when a plan or a feature is sold, or provided, in a market was set."""
    by.require("catalog.change_market")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid("It has to end after it starts.", field="ends_at")
    subject = {"plan": thing} if isinstance(thing, Plan) else {"feature": thing}
    # The market's row is the queue in which two people who set the same window at once stand.
    market = Market.objects.select_for_update().get(pk=market.pk)
    window = MarketWindow.objects.filter(market=market, use=use, **subject).first()
    before = None if window is None else [window.starts_at, window.ends_at]
    window = window or MarketWindow(market=market, use=use, **subject)
    window.starts_at, window.ends_at = starts_at, ends_at
    deed = begin(by=by, at=at)
    keep(window, deed=deed)
    changes = {"window": (before, [starts_at, ends_at])}
    record(deed, "market_window:set", subject=window, reason=reason, changes=changes)
    return window


@transaction.atomic
def lift_window(*, window: MarketWindow, by: Actor, at: datetime, reason: str = "") -> None:
    """A limit to a market was lifted: without any window a thing is unrestricted again."""
    by.require("catalog.change_market")
    deed = begin(by=by, at=at)
    changes = {"window": ([window.starts_at, window.ends_at], None)}
    record(deed, "market_window:lift", subject=window, reason=reason, changes=changes)
    remove(window, deed=deed)


def _country_codes(countries: Iterable[str]) -> list[str]:
    codes = sorted({country.strip().upper() for country in countries})
    wrong = [code for code in codes if len(code) != 2 or not code.isascii() or not code.isalpha()]
    if wrong or not codes:
        told = f"{', '.join(wrong)} is not a country code; write" if wrong else "A market needs at least one country:"
        raise Invalid(f"{told} two letters each, for example NL, DE, FR.", field="countries")
    return codes
