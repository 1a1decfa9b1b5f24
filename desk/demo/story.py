"""The whole demo, told in the order it would have happened."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from catalog.actions.markets import create_market
from catalog.models import Market
from desk.demo import (
    asking,
    cases,
    contracts,
    credits,
    dealings,
    families,
    lending,
    licences,
    promises,
    publications,
    purchases,
    reviews,
    seats,
    selling,
    sla,
    usage,
    webhooks,
)
from desk.demo.customers import Customer, customers
from desk.demo.lives import DAY, Act, Cast, life_of
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
    acts += _business(people, finance, cast.actor("sales"), now=now)
    acts += _credits(people, finance, cast.actor("sales"), now=now)
    acts += _licences(people, finance, cast.actor("sales"), now=now)
    acts += _families(people, cast, now=now)
    acts += _contracts(people, cast, now=now)
    acts += _reviews(people, cast, now=now)
    acts += _seats(people, cast, now=now)
    acts += _support(people, cast.actor("support"), now=now)
    acts += _webhooks(people, cast.actor("administrator"), now=now)
    SweepMark.objects.create(swept_to=now - timedelta(days=30))
    for act in sorted(acts, key=lambda act: act.at):
        act.do(act.at)
    tell_alerts(at=now)
    webhooks.deliver(at=now)
    usage.use_things(people, at=now)
    asking.ask_things(people, by=cast.actor("sales"), at=now)
    return count


def _business(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
    """What finance changed and sales sold meanwhile; all customers have joined 40 days ago."""
    partners = partial(purchases.holding, people, "pro")
    teams = partial(purchases.holding, people, "team")
    told: list[tuple[int, Callable[..., None]]] = [
        (200, partial(selling.widen_the_catalog, by=finance, opens_at=now + 30 * DAY)),
        (45, partial(publications.raise_pro, by=finance)),
        (38, partial(selling.offer_more, by=finance, now=now)),
        (35, partial(selling.revise_rules, by=finance, later=now + 15 * DAY)),
        (32, partial(selling.link_to_billing, by=finance)),
        (25, partial(purchases.sell_add_ons, people, by=sales)),
        (15, partial(publications.raise_enterprise, by=finance)),
        (12, partial(publications.schedule_team, by=finance, effective_at=now + 20 * DAY)),
        (11, partial(purchases.redeem_codes, people, by=sales)),
        (10, lambda at: publications.move_partners(partners()[6:12], by=finance, at=at)),
        (9, lambda at: publications.hold_one(teams()[2:], by=finance, at=at, until=now + 60 * DAY)),
        (9, partial(lending.may_lend, by=finance)),
        (8, partial(lending.lend_things, people, by=sales)),
        (8, partial(purchases.renew, people)),
        (6, partial(purchases.buy_more, people, by=sales)),
        (4, partial(publications.bring_files, by=finance)),
        (3, partial(promises.think_better_of_it, people, by=sales)),
        (2, partial(promises.change_promises, by=sales)),
        (2, partial(lending.settle_loans, people, by=sales)),
        (1, partial(publications.ask_for_less, by=finance, effective_at=now + 45 * DAY)),
        (0, partial(publications.leave_a_draft, by=finance)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _credits(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
    """Hours that are paid for ahead, and what was used of them."""
    told: list[tuple[int, Callable[..., None]]] = [
        (38, partial(credits.offer_hours, by=finance)),
        (36, partial(credits.sell_hours, people, by=sales)),
        (12, partial(credits.think_again, people, by=finance)),
        *(
            (days, partial(credits.use_hours, people, days=days, halves=halves, by=sales))
            for days, halves in credits.USED
        ),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _licences(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
    """Keys by which software at the customer names it."""
    told: list[tuple[int, Callable[..., None]]] = [
        (37, partial(licences.offer_agents, by=finance)),
        (33, partial(licences.sell_agents, people, by=sales)),
        (31, partial(licences.sell_studio, people, by=sales, finance=finance)),
        (0, partial(licences.keep_running, by=finance)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _contracts(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """What was agreed with whom: one contract renews and is amended, one ends soon, one waits for approval."""
    sales, finance = cast.actor("sales"), cast.actor("finance")
    told: list[tuple[int, Callable[..., None]]] = [
        (160, partial(contracts.sign_renewing, people, by=sales)),
        (150, partial(contracts.sign_ending, people, by=sales, ends_on=now + 41 * DAY)),
        (5, partial(contracts.amend_renewing, people, by=sales, approver=finance, effective_at=now + 30 * DAY)),
        (2, partial(contracts.ask_for_more, people, by=sales)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _reviews(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """What was granted and forgotten, and a colleague who left."""
    sales, finance, administrator = (cast.actor(name) for name in ("sales", "finance", "administrator"))
    through = (now + 40 * DAY).date()
    told: list[tuple[int, Callable[..., None]]] = [
        (230, partial(reviews.hire, by=administrator)),
        (190, partial(reviews.forget_the_end, people, by=sales, approver=finance)),
        (45, partial(reviews.outgrow, people, by=sales, through=through)),
        (16, partial(reviews.part, by=administrator)),
        (2, partial(reviews.look, people, by=finance)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _seats(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """Who sits in whose seats, and what became of them."""
    sales, finance, support = cast.actor("sales"), cast.actor("finance"), cast.actor("support")
    told: list[tuple[int, Callable[..., None]]] = [
        (34, partial(seats.say_who_goes, by=finance, approver=cast.actor("finance2"))),
        (33, partial(seats.agree_on_numbers, people, by=sales, approver=finance)),
        (30, partial(seats.seat_people, people, by=support)),
        (6, partial(seats.move_people, people, by=support)),
        (1, partial(seats.have_fewer, people, by=sales, approver=finance)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _support(people: Sequence[Customer], support: Actor, *, now: datetime) -> list[Act]:
    """What support promises, and the tickets it keeps its promises by."""
    told: list[tuple[int, Callable[..., None]]] = [
        (70, partial(sla.set_up_teams, by=support)),
        (69, partial(sla.promise_more, now=now)),
        (9, partial(sla.worry, people, by=support)),
        (2, partial(sla.ask_for_faster_answers, by=support)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told] + cases.tickets(people, by=support, now=now)


def _webhooks(people: Sequence[Customer], administrator: Actor, *, now: datetime) -> list[Act]:
    """Which systems are told, tried now and then."""
    told: list[tuple[float, Callable[..., None]]] = [
        (21, partial(webhooks.set_up, people, by=administrator)),
        (21, partial(webhooks.try_all, by=administrator)),
        (3, partial(webhooks.pause, by=administrator)),
        (0.6, partial(webhooks.renew_secret, by=administrator)),
        (0.1, partial(webhooks.try_all, by=administrator)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _families(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """Who belongs to whom, and what a program was told about them."""
    finance, sales, administrator = (cast.actor(name) for name in ("finance", "sales", "administrator"))
    asking = [(days, partial(families.ask, people)) for days in (30, 14, 3)]
    told: list[tuple[int, Callable[..., None]]] = [
        (31, partial(families.issue_key, by=administrator)),
        (20, partial(families.let_children_inherit, by=finance)),
        (18, partial(families.found_family, people, by=sales)),
        (17, partial(dealings.sell_through_a_partner, people, by=sales)),
        (17, partial(dealings.equip_our_own, people, by=sales)),
        (7, partial(dealings.open_twice, people, by=sales)),
        *asking,
        (1, partial(families.try_out, people)),
    ]
    return [Act(now - days * DAY, _at(do)) for days, do in told]


def _at(do: Callable[..., None]) -> Callable[[datetime], None]:
    return lambda at: do(at=at)


def _set_up(finance: Actor, *, at: datetime, now: datetime) -> None:
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
