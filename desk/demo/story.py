"""The whole demo, told in the order it would have happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.actions.markets import create_market
from catalog.models import Market
from desk.demo import (
    asking,
    helped_story,
    promises,
    publications,
    renewals,
    selling,
    sold_story,
    usage,
    webhooks,
)
from desk.demo.customers import customers
from desk.demo.lives import Cast, life_of
from desk.demo.people import add_staff
from desk.demo.price_page import import_all, publish_all, settle_page
from entitlements.actions.policies import set_policy
from entitlements.domain.policy import Concession
from entitlements.models import SweepMark
from journal.domain.actor import SYSTEM, Actor
from support.actions.cases.alerting import tell_alerts
from support.actions.holidays import import_holidays

MARKETS = (
    ("europe", "Europe", ("NL", "DE", "FR", "GB", "SE", "ES")),
    ("americas", "Americas", ("US", "CA", "BR")),
    ("asia_pacific", "Asia and Pacific", ("IN", "JP", "SG", "AU")),
)
# role, concession, days, percent of what the customer has without it, times
POLICIES = (
    ("sales", Concession.OVERRIDE, 90, 100, None),
    ("sales", Concession.DENIAL, 90, None, None),
    ("sales", Concession.TRIAL_EXTENSION, 14, None, 2),
)


def tell(*, now: datetime, count: int) -> int:
    """Load the demo as of `now`; the number of customers."""
    beginning = now - timedelta(days=400)
    staff = add_staff(at=beginning)
    finance = staff["finance"].as_actor()
    _set_up(finance, at=beginning, now=now)
    cast = Cast(staff=staff, markets=_by_country())
    people = list(customers(count))
    acts = [act for customer in people for act in life_of(customer, cast=cast, now=now)]
    acts += sold_story.tell_business(people, finance, cast.actor("sales"), now=now)
    acts += sold_story.tell_credits(people, finance, cast.actor("sales"), now=now)
    acts += sold_story.tell_licences(people, finance, cast.actor("sales"), now=now)
    acts += sold_story.tell_families(people, cast, now=now)
    acts += sold_story.tell_contracts(people, cast, now=now)
    acts += sold_story.tell_reviews(people, cast, now=now)
    acts += sold_story.tell_seats(people, cast, now=now)
    acts += helped_story.tell_support(people, cast.actor("support"), now=now)
    acts += helped_story.tell_intake(people, cast.actor("support"), now=now)
    acts += helped_story.tell_equipment(people, cast.actor("support"), now=now)
    acts += helped_story.tell_allowances(people, cast, finance, now=now)
    acts += helped_story.tell_covers(people, cast.actor("sales"), finance, now=now)
    acts += helped_story.tell_covered_cases(people, cast.actor("support"), now=now)
    acts += helped_story.tell_time(people, cast.actor("support"), finance, now=now)
    acts += helped_story.tell_work(people, cast, now=now)
    acts += sold_story.tell_webhooks(people, cast.actor("administrator"), now=now)
    SweepMark.objects.create(swept_to=now - timedelta(days=30))
    for act in sorted(acts, key=lambda act: act.at):
        act.do(act.at)
    tell_alerts(at=now)
    webhooks.deliver(at=now)
    usage.use_things(people, at=now)
    asking.ask_things(people, by=cast.actor("sales"), at=now)
    renewals.look_ahead(by=cast.actor("sales"), colleague=staff["sales2"], at=now)
    return count


def _set_up(finance: Actor, *, at: datetime, now: datetime) -> None:
    """Where it sells, what it sells, and who may promise how much beyond."""
    for key, name, countries in MARKETS:
        create_market(key=key, name=name, countries=countries, by=finance, at=at)
    for role, concession, days, percent, times in POLICIES:
        limits: dict[str, Any] = {"max_days": days, "max_percent": percent, "max_times": times}
        set_policy(role=role, concession=concession, **limits, reason="As sales agreed with us", by=finance, at=at)
    promises.list_reasons(by=finance, at=at)
    import_all(by=finance, at=at)
    settle_page(by=finance, at=at + timedelta(hours=2))
    selling.price_by_year(by=finance, at=at + timedelta(hours=3))
    publications.write_cases(by=finance, at=at + timedelta(hours=3))
    publish_all(by=finance, at=at + timedelta(hours=4))
    for country in sorted({country for _, _, countries in MARKETS for country in countries}):
        import_holidays(country=country, years=range(now.year - 1, now.year + 3), by=SYSTEM, at=at)


def _by_country() -> dict[str, Market]:
    return {country: market for market in Market.objects.all() for country in market.countries}


def moment(text: str | None, *, default: datetime) -> datetime:
    """The instant the demo is told for; a fixed one gives the same demo again."""
    return default if text is None else datetime.fromisoformat(text).astimezone(UTC)
