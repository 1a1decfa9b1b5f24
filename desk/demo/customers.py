"""The demo's customers: names, places and fates, drawn from a fixed seed so that every machine shows the same."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

SEED = 20260302

FIRST = (
    "Amber", "Arctic", "Birch", "Blue", "Bright", "Cedar", "Clear", "Copper", "Coral", "Delta", "Echo", "Ember",
    "Fern", "Field", "Granite", "Harbor", "Hazel", "Indigo", "Iron", "Juniper", "Lantern", "Linden", "Lumen", "Maple",
    "Meadow", "Mistral", "North", "Oak", "Olive", "Orchid", "Pebble", "Pine", "Quartz", "Raven", "River", "Sable",
    "Silver", "Solar", "Spruce", "Stone", "Swift", "Tidal", "Umber", "Velvet", "Willow", "Zephyr",
)  # fmt: skip
SECOND = (
    "Analytics", "Apparel", "Atlas", "Audio", "Bakery", "Bikes", "Care", "Clinics", "Cloud", "Cycles", "Dental",
    "Devices", "Energy", "Farms", "Films", "Foods", "Forge", "Freight", "Games", "Gardens", "Health", "Homes",
    "Instruments", "Kitchens", "Labs", "Law", "Learning", "Logistics", "Media", "Mobility", "Optics", "Paper", "Parcel",
    "Pharma", "Press", "Print", "Rail", "Robotics", "Sails", "Security", "Software", "Studio", "Systems", "Travel",
    "Water", "Works",
)  # fmt: skip
PLACES = (
    ("NL", "Europe/Amsterdam"), ("DE", "Europe/Berlin"), ("FR", "Europe/Paris"), ("GB", "Europe/London"),
    ("US", "America/New_York"), ("US", "America/Chicago"), ("US", "America/Los_Angeles"), ("CA", "America/Toronto"),
    ("BR", "America/Sao_Paulo"), ("IN", "Asia/Kolkata"), ("JP", "Asia/Tokyo"), ("SG", "Asia/Singapore"),
    ("AU", "Australia/Sydney"), ("SE", "Europe/Stockholm"), ("ES", "Europe/Madrid"),
)  # fmt: skip
GIVEN = ("Alex", "Bo", "Chris", "Dana", "Eli", "Fatima", "Grace", "Hugo", "Ines", "Jonas", "Kim", "Lena", "Marco")
FAMILY = ("Ahmed", "Bauer", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jansen", "Kumar", "Li")


class Fate(StrEnum):
    """Where in its life a demo customer stands."""

    FREE = "free"
    PAYING = "paying"
    TRIAL = "trial"
    TRIAL_LAPSED = "trial_lapsed"
    CONVERTED = "converted"
    GRACE = "grace"
    UNPAID = "unpaid"
    PAUSED = "paused"
    WINDING_DOWN = "winding_down"
    ENDED = "ended"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    NOTHING = "nothing"


WEIGHTS = {
    Fate.FREE: 14, Fate.PAYING: 44, Fate.TRIAL: 10, Fate.TRIAL_LAPSED: 6, Fate.CONVERTED: 8, Fate.GRACE: 4, Fate.UNPAID: 2,
    Fate.PAUSED: 2, Fate.WINDING_DOWN: 3, Fate.ENDED: 4, Fate.SUSPENDED: 2, Fate.CLOSED: 2, Fate.NOTHING: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    key: str
    name: str
    country: str
    zone: str
    domain: str
    contact: str
    email: str
    fate: Fate
    plan: str
    joined_days_ago: int
    owner: str

    @property
    def interval(self) -> str:
        """Whether they pay by the month or by the year; who pays nothing has no interval."""
        if self.plan == "free":
            return ""
        return "year" if self.plan == "enterprise" or self.joined_days_ago % 4 == 0 else "month"


def customers(count: int) -> Iterator[Customer]:
    """So many different customers; the same ones each time."""
    draw = random.Random(SEED)  # noqa: S311 — not for secrets
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    draw.shuffle(names)
    for name in names[:count]:
        yield _customer(name, draw)


def _customer(name: str, draw: random.Random) -> Customer:
    key = name.lower().replace(" ", "-")
    country, zone = draw.choice(PLACES)
    given, family = draw.choice(GIVEN), draw.choice(FAMILY)
    fate = draw.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]
    plan = "pro" if fate in {Fate.TRIAL, Fate.TRIAL_LAPSED, Fate.CONVERTED} else draw.choice(("pro", "pro", "team"))
    if fate is Fate.PAYING and draw.random() < 0.1:
        plan = "enterprise"
    return Customer(
        key=key,
        name=name,
        country=country,
        zone=zone,
        domain=f"{key}.example",
        contact=f"{given} {family}",
        email=f"{given}.{family}@{key}.example".lower(),
        fate=fate,
        plan="free" if fate is Fate.FREE else plan,
        joined_days_ago=draw.randint(40, 330),
        owner=draw.choice(("sales", "sales", "sales2")),
    )
