"""Use, limits and what lies ahead, in the words a customer understands."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from catalog.domain.prices import PriceLine as Price
from catalog.domain.units import Family, unit_of
from catalog.domain.values import UNLIMITED, Enforcement
from catalog.domain.window import Window
from catalog.domain.words import say_prices, say_value
from catalog.models import Feature, PriceLine
from catalog.queries.instants import say_instant
from entitlements.domain.decision import furthest
from entitlements.domain.forecast import Forecast
from entitlements.domain.saying import in_words
from entitlements.domain.usage.saying import said
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.selling.offers import to_get

MOST_OFFERS = 3


def say_roughly(amount: Decimal, terms: UseTerms) -> str:
    """ "1.17 GB": bytes with three digits, rounded down so that what is near a limit never seems to be there; whatever
    else is counted exactly."""
    if unit_of(terms.shape).family is not Family.BYTES or amount <= 0:
        return said(amount, terms)
    step = 10 ** max(len(str(int(amount))) - 3, 0)
    return say_value(Decimal(int(amount) // step * step), shape=terms.shape)


def say_used(used: Decimal, terms: UseTerms, *, limit: Decimal | None = None) -> str:
    """ "8,100 of 10,000 (81 %)", "12 GB of 8 GB (150 %)"; without a limit what is used alone."""
    most = terms.limit if limit is None else limit
    if most is UNLIMITED or most <= 0:
        return f"{say_roughly(used, terms)} used"
    return f"{say_roughly(used, terms)} of {said(most, terms)} ({int(used * 100 // most)} %)"


def say_again(period: Window, *, zone: str) -> str:
    """When use starts again at nothing; nothing where it never does."""
    return "" if period.end is None else f"It starts again on {say_instant(period.end, zone=zone)}."


def say_at_the_limit(terms: UseTerms, period: Window, *, zone: str, price: str = "") -> str:
    """What happens when the limit is reached, in a sentence or two."""
    limit = terms.limit
    if limit is UNLIMITED:
        return "There is no limit."
    again = f" until it starts again on {say_instant(period.end, zone=zone)}" if period.end else ""
    most = furthest(terms.answer, limit, buffer_percent=terms.buffer_percent)
    charged = terms.answer.enforcement is Enforcement.TRACK
    if most is None:
        if charged:
            return f"Beyond {said(limit, terms)} it goes on and is charged{f': {price}' if price else ''}."
        return f"Beyond {said(limit, terms)} it goes on; nothing stops."
    if most <= limit:
        kept = f" (the rest of {said(limit, terms)} is kept back for what is reported late)" if most < limit else ""
        return f"At {said(most, terms)}{kept} nothing more is let through{again}."
    goes = f"is charged{f': {price}' if price else ''}" if charged else "goes on"
    return f"Beyond {said(limit, terms)} it {goes}; at {said(most, terms)} nothing more is let through{again}."


def price_beyond(terms: UseTerms) -> str:
    """ "$0.125 per GB": what more costs, as the plan says it; nothing where it isn't charged."""
    if terms.answer.enforcement is not Enforcement.TRACK or not terms.answer.term:
        return ""
    rows = PriceLine.objects.filter(term_id=int(terms.answer.term)).order_by("position")
    lines = [Price(row.amount_micros, row.currency, row.per_amount, row.note) for row in rows]
    return say_prices(lines, shape=terms.shape) if lines else ""


def to_buy(account: Account, feature: Feature, *, at: datetime) -> list[str]:
    """What is on sale to the account that gives more of it: "Team: 100 GB (from $599 a month)"."""
    found = to_get(account=account, feature=feature, at=at).offers[:MOST_OFFERS]
    return [
        f"{offer.version.plan_name}: {in_words(offer.upgrade.answers[feature.key])}"
        + (f" ({'; '.join(offer.prices)})" if offer.prices else "")
        for offer in found
    ]


def say_day(day: date, *, year: bool = False) -> str:
    """ "24 March"."""
    return f"{day.day} {day:%B}{f' {day:%Y}' if year else ''}"


def say_hit(forecast: Forecast, period: Window, *, zone: str) -> str:
    """ "At this pace the limit is reached about 24 March, 7 days before it starts again (22 March to 30 March in four
    of five cases)." """
    hit = forecast.hits_on
    if hit is None:
        if forecast.probability < 0.05:
            return "At this pace the limit is not reached in this period."
        return f"At this pace the limit is probably not reached ({_chance(forecast)} that it is)."
    before = _before(hit, period, zone)
    words = f"At this pace the limit is reached about {say_day(hit)}{f', {before}' if before else ''}"
    return f"{words} ({_chance(forecast)}; {_between(forecast)})."


def say_how_sure(forecast: Forecast, period: Window, *, zone: str) -> str:
    """ "That would be 7 days before it starts again (85 % likely; between 22 March and 30 March)." """
    before = _before(forecast.hits_on, period, zone) if forecast.hits_on else ""
    return f"That would be {before or 'before it starts again'} ({_chance(forecast)}; {_between(forecast)})."


def _before(hit: date, period: Window, zone: str) -> str:
    days = (period.end.astimezone(ZoneInfo(zone)).date() - hit).days if period.end else 0
    return f"{days} day{'' if days == 1 else 's'} before it starts again" if days > 0 else ""


def _chance(forecast: Forecast) -> str:
    percent = min(max(round(forecast.probability * 100), 1), 99)
    return f"{percent} % likely"


def _between(forecast: Forecast) -> str:
    low = say_day(forecast.low) if forecast.low else "later"
    return f"between {low} and {say_day(forecast.high)}" if forecast.high else f"{low} at the earliest"
