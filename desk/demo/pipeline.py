"""What sales has in the demo's CRM: its companies bear the names and domains of the demo's customers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from desk.demo.customers import Customer, Fate, customers

LOADED = 240  # as many as the demo loads
PRODUCTS = (  # by the keys of the plans, in capitals as sales writes them; a training that no plan knows
    ("PRO", "Pro, for a year", 250), ("TEAM", "Team, for a year", 5990), ("ENTERPRISE", "Enterprise, for a year", 36_000),
    ("AI-PACK", "AI pack, for a year", 240), ("GOLD-SUPPORT", "Gold support, for a year", 6000),
    ("TRAINING", "A day of training", 1800),
)  # fmt: skip
# What a deal is about: whose life leads to it, how it stands, in how many days it begins, its lines.
DEALS: tuple[tuple[str, Fate, str, int, tuple[tuple[str, int], ...]], ...] = (
    ("Team for the first year", Fate.FREE, "won", -12, (("TEAM", 1),)),
    ("Enterprise with gold support", Fate.PAYING, "won", -6, (("ENTERPRISE", 1), ("GOLD-SUPPORT", 1))),
    ("Three AI packs", Fate.PAYING, "won", 10, (("AI-PACK", 3),)),
    ("Team and a day of training", Fate.CONVERTED, "won", -3, (("TEAM", 1), ("TRAINING", 1))),
    ("Team after the trial", Fate.TRIAL, "open", 14, (("TEAM", 1),)),
    ("Enterprise for the group", Fate.PAYING, "open", 30, (("ENTERPRISE", 1),)),
    ("Gold support", Fate.PAYING, "open", 21, (("GOLD-SUPPORT", 1),)),
    ("Pro for a year", Fate.FREE, "open", 45, (("PRO", 1),)),
    ("Team, bought elsewhere", Fate.TRIAL_LAPSED, "lost", -20, (("TEAM", 1),)),
)
ROUNDS = 3  # each of them with so many customers
# Nobody of them is a customer yet, or not by this domain.
NEWCOMERS = (("Kestrel Print", "kestrel-print.example"), ("Halden Robotics", "halden-robotics.example"))


def dealings(*, today: date) -> dict[str, Any]:
    """Products, companies and deals in no CRM's words; the same ones each day but for their dates."""
    people = list(customers(LOADED))
    companies: dict[str, dict[str, str]] = {}
    deals: list[dict[str, Any]] = []
    for title, fate, standing, days, lines in DEALS:
        for customer in _next_of(people, fate, companies):
            companies[customer.domain] = _company(customer.name, customer.domain, customer)
            deals.append(_deal(f"{customer.name}: {title}", customer.domain, standing, today + timedelta(days), lines))
    for (name, domain), standing in zip(NEWCOMERS, ("won", "open"), strict=True):
        companies[domain] = _company(name, domain, people[0])
        deals.append(_deal(f"{name}: Team to begin with", domain, standing, today + timedelta(3), (("TEAM", 1),)))
    return {
        "products": [{"code": code, "name": name, "price": price} for code, name, price in PRODUCTS],
        "companies": _misspelt(list(companies.values()), people),
        "deals": deals,
    }


def _next_of(people: Sequence[Customer], fate: Fate, taken: dict[str, Any]) -> list[Customer]:
    """Those of this life whom no deal is about yet."""
    return [one for one in people if one.fate is fate and one.domain not in taken][:ROUNDS]


def _company(name: str, domain: str, who: Customer) -> dict[str, str]:
    mail = who.email.partition("@")[0]
    told = {"name": name, "domain": domain, "country": who.country}
    return told | {"contact": who.contact, "email": f"{mail}@{domain}"}


def _misspelt(companies: list[dict[str, str]], people: Sequence[Customer]) -> list[dict[str, str]]:
    """One more bears a customer's name and another domain: only a person can say whether it is the same."""
    taken = {one["domain"] for one in companies}
    other = next(one for one in people if one.fate is Fate.PAYING and one.domain not in taken)
    return [*companies, _company(other.name, f"mail-{other.domain}", other)]


def _deal(name: str, domain: str, standing: str, starts_on: date, lines: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    told = {"name": name, "domain": domain, "standing": standing, "starts_on": starts_on.isoformat(), "months": 12}
    return told | {"lines": [list(line) for line in lines]}
