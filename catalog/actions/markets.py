"""Markets: sets of countries, and from when until when a thing is sold or provided in them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale


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
    """From when until when a plan or a feature is sold, or provided, in a market was set.

    No start means from now on; for a thing that was unrestricted so far, as it always was.
    """
    by.require("catalog.change_market")
    _refuse_the_past(starts_at=starts_at, ends_at=ends_at, at=at)
    subject = {"plan": thing} if isinstance(thing, Plan) else {"feature": thing}
    # The market's row is the queue in which two people who set the same window at once stand.
    market = Market.objects.select_for_update().get(pk=market.pk)
    limits = MarketWindow.objects.filter(use=use, **subject)
    if starts_at is None and limits.exists():
        starts_at = at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid("It has to end after it starts. To end one now, lift it.", field="ends_at")
    deed = begin(by=by, at=at)
    standing = list(limits.filter(Q(ends_at=None) | Q(ends_at__gt=at), market=market))
    before = [standing[0].starts_at, standing[0].ends_at] if standing else None
    for window in standing:
        _end(window, deed=deed)
    window = keep(MarketWindow(market=market, use=use, starts_at=starts_at, ends_at=ends_at, **subject), deed=deed)
    changes = {"window": (before, [starts_at, ends_at])}
    record(deed, "market_window:set", subject=window, reason=reason, changes=changes)
    return window


@transaction.atomic
def lift_window(*, window: MarketWindow, by: Actor, at: datetime, reason: str = "") -> None:
    """A window in a market was lifted: one that has begun ends now, one still to come is struck."""
    by.require("catalog.change_market")
    Market.objects.select_for_update().get(pk=window.market_id)
    held = MarketWindow.objects.filter(pk=window.pk).first()
    if held is None:
        raise Stale("Someone else struck this window since you opened it; nothing was changed.")
    if held.ends_at is not None and held.ends_at <= at:
        raise Refusal(f"{held} is over already; the past doesn't change.")
    deed = begin(by=by, at=at)
    before = [held.starts_at, held.ends_at]
    after = [held.starts_at, at] if _has_begun(held, at=at) else None
    record(deed, "market_window:lift", subject=held, reason=reason, changes={"window": (before, after)})
    _end(held, deed=deed)


def _refuse_the_past(*, at: datetime, **edges: datetime | None) -> None:
    for field, edge in edges.items():
        if edge is not None and edge < at:
            raise Invalid("That moment has passed; choose now or one that is still to come.", field=field)


def _has_begun(window: MarketWindow, *, at: datetime) -> bool:
    return window.starts_at is None or window.starts_at < at


def _end(window: MarketWindow, *, deed: Deed) -> None:
    """What was sold or provided up to now stays told; only what is still to come goes."""
    if not _has_begun(window, at=deed.at):
        remove(window, deed=deed)
        return
    window.ends_at = deed.at
    keep(window, deed=deed)


def _country_codes(countries: Iterable[str]) -> list[str]:
    codes = sorted({country.strip().upper() for country in countries})
    wrong = [code for code in codes if len(code) != 2 or not code.isascii() or not code.isalpha()]
    if wrong or not codes:
        told = f"{', '.join(wrong)} is not a country code; write" if wrong else "A market needs at least one country:"
        raise Invalid(f"{told} two letters each, for example NL, DE, FR.", field="countries")
    return codes
