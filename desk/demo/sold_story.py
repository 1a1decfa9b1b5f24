"""What finance, sales and administrators did in the demo: the catalog, what was sold, agreed and told, act by act."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from desk.demo import (
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
    webhooks,
)
from desk.demo.customers import Customer
from desk.demo.lives import DAY, Act, Cast, done_at
from journal.domain.actor import Actor


def tell_business(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
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
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_credits(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
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
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_licences(people: Sequence[Customer], finance: Actor, sales: Actor, *, now: datetime) -> list[Act]:
    """Keys by which software at the customer names it."""
    told: list[tuple[int, Callable[..., None]]] = [
        (37, partial(licences.offer_agents, by=finance)),
        (33, partial(licences.sell_agents, people, by=sales)),
        (31, partial(licences.sell_studio, people, by=sales, finance=finance)),
        (0, partial(licences.keep_running, by=finance)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_families(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
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
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_contracts(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """What was agreed with whom: one contract renews and is amended, one ends soon, one waits for approval."""
    sales, finance = cast.actor("sales"), cast.actor("finance")
    told: list[tuple[int, Callable[..., None]]] = [
        (160, partial(contracts.sign_renewing, people, by=sales)),
        (150, partial(contracts.sign_ending, people, by=sales, ends_on=now + 41 * DAY)),
        (5, partial(contracts.amend_renewing, people, by=sales, approver=finance, effective_at=now + 30 * DAY)),
        (2, partial(contracts.ask_for_more, people, by=sales)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_reviews(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
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
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_seats(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """Who sits in whose seats, and what became of them."""
    sales, finance, support = cast.actor("sales"), cast.actor("finance"), cast.actor("support")
    told: list[tuple[int, Callable[..., None]]] = [
        (34, partial(seats.say_who_goes, by=finance, approver=cast.actor("finance2"))),
        (33, partial(seats.agree_on_numbers, people, by=sales, approver=finance)),
        (30, partial(seats.seat_people, people, by=support)),
        (6, partial(seats.move_people, people, by=support)),
        (1, partial(seats.have_fewer, people, by=sales, approver=finance)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_webhooks(people: Sequence[Customer], administrator: Actor, *, now: datetime) -> list[Act]:
    """Which systems are told, tried now and then."""
    told: list[tuple[float, Callable[..., None]]] = [
        (21, partial(webhooks.set_up, people, by=administrator)),
        (21, partial(webhooks.try_all, by=administrator)),
        (3, partial(webhooks.pause, by=administrator)),
        (0.6, partial(webhooks.renew_secret, by=administrator)),
        (0.1, partial(webhooks.try_all, by=administrator)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]
