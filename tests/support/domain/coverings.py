"""Covers as a contract manager would list them, for the tables in these tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED
from catalog.domain.window import Window
from support.domain.cover_terms import Aspect, ScopeKind, Source
from support.domain.covers import Asked, Choice, CoverFact, Left, Scope, choose
from tests.support.domain.desks import local

TIERS = ("community", "bronze", "silver", "gold")  # from least to most; nothing is promised for the first
US, HOLDING, OTHERS = 1, 2, 3
ACCOUNTS = {"us": US, "holding": HOLDING, "others": OTHERS}
THINGS = {"asset": ("pump", "fan"), "location": ("plant", "depot"), "contact": ("jo", "ana"), "product": ("p1", "p2")}
AT = local("2026-06-01 12:00")


def covers(text: str) -> list[CoverFact]:
    """Each line is one cover; the head names the columns, of which only `name` is needed."""
    head, *lines = text.strip().splitlines()
    names = [cell.strip() for cell in head.split("|")]
    return [
        cover(number, dict(zip(names, (cell.strip() for cell in line.split("|")), strict=True)))
        for number, line in enumerate(lines, start=1)
    ]


def cover(number: int, said: dict[str, str]) -> CoverFact:
    source = Source(said.get("source") or "cover")
    tier = said.get("tier") or None
    return CoverFact(
        key="tier" if source is Source.TIER else f"{source}:{number}",
        source=source,
        name=said["name"],
        account=ACCOUNTS[said.get("of") or "us"],
        window=Window(*(local(said[side]) if said.get(side) else None for side in ("from", "until"))),
        tier=tier,
        rank=-1 if tier is None else TIERS.index(tier),
        shares={aspect: int(said[aspect]) for aspect in Aspect if said.get(aspect)},
        scope=scope(said.get("only", "")),
        children=said.get("children") == "yes",
        line=said.get("line") == "yes",
        priority=int(said["number"]) if said.get("number") else None,
        left=tuple(left(each) for each in said.get("left", "").split()),
        authorisation=said.get("first", ""),
        promised=tier != "community",
        withheld=said.get("withheld", ""),
        ends_because=said.get("because", ""),
        follows=said.get("follows", ""),
    )


def left(text: str) -> Left:
    """ "incidents=0", "incidents=0!" where it may be overdrawn, "hours=no_limit"."""
    name, _, amount = text.partition("=")
    said = amount.rstrip("!")
    return Left(name, UNLIMITED if said == "no_limit" else Decimal(said), blocks=not amount.endswith("!"))


def scope(text: str) -> Scope:
    """ "pump fan phone": things by their names, and channels."""
    words = text.split()
    ids = {kind: frozenset(number(kind, word) for word in words if word in some) for kind, some in THINGS.items()}
    said = {
        ScopeKind(kind): " and ".join(word for word in words if word in some)
        for kind, some in THINGS.items()
        if any(word in some for word in words)
    }
    known = {thing for some in THINGS.values() for thing in some}
    return Scope(
        assets=ids["asset"],
        locations=ids["location"],
        contacts=ids["contact"],
        products=ids["product"],
        channels=frozenset(word for word in words if word not in known),
        said=said,
    )


def number(kind: str, thing: str) -> int:
    return THINGS[kind].index(thing) + 1


def asked(at: datetime = AT, **about: Any) -> Asked:
    """`asset="pump"`; the account is ours, below a holding."""
    named = {kind: number(kind, about.pop(kind)) for kind in THINGS if kind in about}
    return Asked(**{"account": US, "at": at.astimezone(UTC), "above": (HOLDING,), **named, **about})


def chosen(text: str, **about: Any) -> Choice:
    return choose(covers(text), asked=asked(**about))


def winner(choice: Choice, aspect: Aspect = Aspect.RESPONSE) -> str:
    found = choice.winners.get(aspect)
    return "nobody" if found is None else found.name


def reason(choice: Choice, name: str) -> str:
    return next(one.reason for one in choice.candidates if one.cover.name == name)
