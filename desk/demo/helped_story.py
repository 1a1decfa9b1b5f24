"""What support did in the demo: tickets, equipment, prepaid help, covers, time and work, act by act."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from desk.demo import (
    allowances,
    cases,
    covered_cases,
    covers,
    equipment,
    intake,
    sla,
    time_entries,
    work,
)
from desk.demo.customers import Customer
from desk.demo.lives import DAY, Act, Cast, done_at
from journal.domain.actor import Actor


def tell_support(people: Sequence[Customer], support: Actor, *, now: datetime) -> list[Act]:
    """What support promises, and the tickets it keeps its promises by."""
    told: list[tuple[int, Callable[..., None]]] = [
        (70, partial(sla.set_up_teams, by=support)),
        (69, partial(sla.promise_more, now=now)),
        (9, partial(sla.worry, people, by=support)),
        (2, partial(sla.ask_for_faster_answers, by=support)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told] + cases.tickets(people, by=support, now=now)


def tell_equipment(people: Sequence[Customer], support: Actor, *, now: datetime) -> list[Act]:
    """What is serviced, where it stands, and what became of some of it."""
    told: list[tuple[int, Callable[..., None]]] = [
        (71, partial(equipment.list_products, by=support)),
        (39, partial(equipment.equip, people, by=support, now=now)),
        (36, partial(equipment.extend_one, by=support)),
        (20, partial(equipment.sell_on, people, by=support)),
        (12, partial(equipment.replace_one, by=support)),
        (9, partial(equipment.retire_one, by=support)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_allowances(people: Sequence[Customer], cast: Cast, finance: Actor, *, now: datetime) -> list[Act]:
    """Prepaid help that was sold, and a pack of incidents that its tickets used up."""
    support = cast.actor("support")
    told: list[tuple[float, Callable[..., None]]] = [
        (68, partial(allowances.offer_help, by=finance)),
        (38, partial(allowances.sell_help, people, by=cast.actor("sales"))),
        *(
            (days, partial(allowances.ask_for_help, people, number=number, by=support, colleague=finance))
            for number, days, *_ in allowances.PACK
        ),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_covers(people: Sequence[Customer], sales: Actor, finance: Actor, *, now: datetime) -> list[Act]:
    """What help was agreed on what: under a contract and by itself, amended, and asked to be less."""
    told: list[tuple[float, Callable[..., None]]] = [
        (38, partial(covers.sign_maintenance, people, by=sales, approver=finance)),
        (37, partial(covers.agree_on_plants, people, by=sales, now=now)),
        (35, partial(covers.agree_on_warehouse, people, by=sales, now=now)),
        (19, partial(covers.bear_more_of_parts, people, by=sales)),
        (4, partial(covers.ask_for_less, people, by=sales)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_covered_cases(people: Sequence[Customer], support: Actor, *, now: datetime) -> list[Act]:
    """Today the maintained customer calls about two of its devices."""
    told: list[tuple[float, Callable[..., None]]] = [
        (0.06, partial(covered_cases.report_press, people, by=support)),
        (0.05, partial(covered_cases.report_portal, people, by=support)),
        (0.04, partial(covered_cases.choose_for_portal, by=support)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_work(people: Sequence[Customer], cast: Cast, *, now: datetime) -> list[Act]:
    """Visits planned each now and then, one done and one arranged; repairs, and what was billed of them."""
    support = cast.actor("support")
    told: list[tuple[float, Callable[..., None]]] = [
        (36, work.look_ahead),
        (30, partial(work.repair, work.BILLED, by=support)),
        (18, work.look_ahead),
        (14, partial(work.bill, by=cast.actor("finance"))),
        (6, partial(work.repair, work.REPAIRS, by=support)),
        (3, partial(work.look_after, people, by=support)),
        (1, partial(work.arrange, people, by=support, now=now)),
        (0.01, work.look_ahead),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_time(people: Sequence[Customer], support: Actor, finance: Actor, *, now: datetime) -> list[Act]:
    """What was worked on the prepaid hours, which are nearly used."""
    told: list[tuple[float, Callable[..., None]]] = [
        (38.5, partial(time_entries.open_tickets, people, by=support)),
        *(
            (days, partial(time_entries.work, people, number=number, minutes=minutes, who=who, by=support))
            for days, number, minutes, who in time_entries.WORK
        ),
        (14, partial(time_entries.goodwill, people, by=support, colleague=finance)),
        (10, partial(time_entries.mistake, people, by=support)),
    ]
    return [Act(now - days * DAY, done_at(do)) for days, do in told]


def tell_intake(people: Sequence[Customer], support: Actor, *, now: datetime) -> list[Act]:
    """How tickets are checked at the door, and what was made of them."""
    return intake.tickets(people, by=support, now=now)
