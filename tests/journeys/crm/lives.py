"""Twelve lives of deals at a CRM, each in its stations; between two of them time passes and word of it may come."""

from collections.abc import Callable

from tests.journeys.crm.world import HOUR, MINUTE, World

Life = Callable[[World], None]
ACME, BETA, NEW = "acme.example", "beta.example", "new.example"


def _acme(world: World) -> str:
    return str(world.do("company", "Acme", ACME))


def amended(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5, "FEE": 1})
    world.passes(5 * MINUTE)
    world.do("quantity", deal, "TEAM", 8)
    world.passes(5 * MINUTE)
    world.do("add", deal, "EXTRA", 2)
    world.passes(HOUR)
    world.do("quantity", deal, "TEAM", 3)


def line_deleted(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5, "EXTRA": 1})
    world.passes(10 * MINUTE)
    world.do("take_out", deal, "EXTRA")
    world.passes(MINUTE)
    world.do("add", deal, "EXTRA", 4)
    world.passes(HOUR)
    world.do("take_out", deal, "TEAM")


def reopened_and_won_again(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5})
    world.passes(10 * MINUTE)
    world.do("reopen", deal)
    world.passes(HOUR)
    world.do("quantity", deal, "TEAM", 6)
    world.passes(MINUTE)
    world.do("win", deal)


def lost(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5}, won=False)
    world.passes(10 * MINUTE)
    world.do("win", deal)
    world.passes(10 * MINUTE)
    world.do("lose", deal)


def deleted(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5})
    world.passes(10 * MINUTE)
    world.do("delete", deal)
    world.passes(HOUR)


def deleted_and_brought_back(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5})
    world.passes(10 * MINUTE)
    world.do("delete", deal)
    world.passes(2 * HOUR)
    world.do("restore", deal)


def two_deals(world: World) -> None:
    company = _acme(world)
    first = world.do("sell", company, "Acme 1", {"TEAM": 5})
    world.passes(5 * MINUTE)
    second = world.do("sell", company, "Acme 2", {"EXTRA": 2})
    world.passes(5 * MINUTE)
    world.do("lose", first)
    world.do("quantity", second, "EXTRA", 3)


def merged(world: World) -> None:
    """One that nobody knew is made part of one that we know, and brings its deal along."""
    company, part = _acme(world), world.do("company", "Acme Nordic", "nordic.example")
    world.do("sell", part, "Acme 1", {"TEAM": 5})
    world.passes(10 * MINUTE)
    world.do("merge", part, company)
    world.passes(HOUR)


def moved(world: World) -> None:
    company, other = _acme(world), world.do("company", "Beta", BETA)
    deal = world.do("sell", company, "Acme 1", {"TEAM": 5})
    world.passes(10 * MINUTE)
    world.do("move", deal, other)
    world.passes(HOUR)
    world.do("quantity", deal, "TEAM", 7)


def approved(world: World) -> None:
    """More seats are beyond what a deal may promise by itself."""
    deal = world.do("sell", _acme(world), "Acme 1", {"TEAM": 5, "SEATS": 7})
    world.passes(10 * MINUTE)
    world.do("quantity", deal, "SEATS", 9)
    world.passes(10 * MINUTE)
    world.approve()
    world.passes(10 * MINUTE)
    world.do("quantity", deal, "TEAM", 6)


def longer_trial(world: World) -> None:
    deal = world.do("sell", _acme(world), "Acme 1", {"FEE": 1}, days=14)
    world.passes(10 * MINUTE)
    world.approve()
    world.passes(10 * MINUTE)
    world.do("longer", deal, 21)
    world.passes(10 * MINUTE)
    if world.manners.drawn.random() < 0.5:
        world.do("lose", deal)


def known_late(world: World) -> None:
    """A company is found by its domain only once somebody at the CRM has written it down."""
    company = world.do("company", "Acme", "typo.example")
    world.do("sell", company, "Acme 1", {"TEAM": 5})
    world.passes(HOUR)
    world.do("rename", company, ACME)


LIVES: dict[str, Life] = {
    life.__name__: life
    for life in (
        amended, line_deleted, reopened_and_won_again, lost, deleted, deleted_and_brought_back, two_deals, merged, moved,
        approved, longer_trial, known_late,
    )
}  # fmt: skip
