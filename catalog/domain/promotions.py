"""Promotional codes and bundles: what was typed, whether it may be used, and what may be chosen.

A code is compared by its letters and digits alone: "spring 26", "Spring-26" and "SPRING26" are one code. Whoever reads
one aloud or copies it from paper must not fail over a dash.

Whether a code may be used is asked in one order, so that its reader is told the thing that helps most: stopped, not
yet, over, another market, used up, used by this customer. Days are said in the zone of the customer.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from catalog.domain.values import Nature
from catalog.domain.window import ALWAYS, Window, start_of_day
from journal.domain.refusal import NotFound, Refusal

# Nobody can read these wrongly: there is no 0 beside an O, no 1 beside an I.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LONGEST_CODE = 40
DRAWN = 8  # 32^8 codes: a guess hits one of a thousand once in a billion tries
MOST_DAYS = 3_660
MOST_CODES = 5_000

# What a code may do to a feature. It gives and never takes: no cap, no denial.
GIVING_MODES: Mapping[Nature, tuple[str, ...]] = {
    Nature.GATE: ("replace",),
    Nature.QUANTITY: ("add", "at_least"),
    Nature.RANKED: ("at_least",),
    Nature.SET: ("add",),
    Nature.TEXT: ("replace",),
}

Option = TypeVar("Option")


class UnknownCode(NotFound):
    """Nobody made such a code."""

    code: ClassVar[str] = "unknown_code"


class CodeStopped(Refusal):
    """Somebody took the code out of use."""

    code: ClassVar[str] = "code_stopped"


class CodeNotYet(Refusal):
    """The code's time has not come."""

    code: ClassVar[str] = "code_not_yet"


class CodeExpired(Refusal):
    """The code's time is over."""

    code: ClassVar[str] = "code_expired"


class CodeOfOtherMarket(Refusal):
    """The code is for customers of another market."""

    code: ClassVar[str] = "code_of_other_market"


class CodeUsedUp(Refusal):
    """As many as were meant to have used the code."""

    code: ClassVar[str] = "code_used_up"


class CodeUsedByAccount(Refusal):
    """This customer has used the code, or another of its campaign, as often as one customer may."""

    code: ClassVar[str] = "code_used_by_account"


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """All that decides whether a code may be used; `market` None is everywhere, a limit None is no limit."""

    code: str
    window: Window = ALWAYS
    stopped_at: datetime | None = None
    market: str | None = None
    market_name: str = ""
    most: int | None = None
    most_per_account: int = 1
    used: int = 0
    used_by_account: int = 0
    campaign: str = ""


def check_code(facts: CodeFacts, *, market: str | None, at: datetime, zone: str) -> None:
    """Raise the refusal that keeps a customer of the market from using the code at that moment, or return."""
    start, end = facts.window.start, facts.window.end
    if facts.stopped_at is not None and facts.stopped_at <= at:
        raise CodeStopped(f"{facts.code} was stopped on {_day(facts.stopped_at, zone)} and gives nothing any more.")
    if start is not None and at < start:
        raise CodeNotYet(f"{facts.code} can't be used yet; it can from {_moment(start, zone)} on.")
    if end is not None and end <= at:
        raise CodeExpired(f"{facts.code} has expired; it could be used {_until(end, zone)}.")
    if facts.market is not None and facts.market != market:
        raise CodeOfOtherMarket(f"{facts.code} is for customers in {facts.market_name}, and this one isn't there.")
    if facts.used_by_account >= facts.most_per_account:
        raise CodeUsedByAccount(_used_by_account(facts))
    if facts.most is not None and facts.used >= facts.most:
        raise CodeUsedUp(f"{facts.code} is used up: it was redeemed {facts.used} of {facts.most} times.")


def _used_by_account(facts: CodeFacts) -> str:
    what = f"a code of the campaign {facts.campaign}" if facts.campaign else facts.code
    if facts.most_per_account == 1:
        return f"This customer has used {what} already; one customer may use it once."
    return f"This customer has used {what} {facts.used_by_account} times; one customer may use it no oftener."


def _day(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y}"


def _begins_a_day(instant: datetime, zone: str) -> bool:
    return start_of_day(instant.astimezone(ZoneInfo(zone)).date(), zone) == instant


def _moment(instant: datetime, zone: str) -> str:
    day = _day(instant, zone)
    return day if _begins_a_day(instant, zone) else f"{day}, {instant.astimezone(ZoneInfo(zone)):%H:%M}"


def _until(end: datetime, zone: str) -> str:
    """ "through 31 March 2026" where it ends with that day in the zone."""
    if _begins_a_day(end, zone):
        return f"through {_day(end - timedelta(seconds=1), zone)}"
    return f"until {_moment(end, zone)}"


def spell_code(text: str) -> str:
    """A code as it is kept and shown: capital letters, digits, single dashes between them."""
    return "-".join(part for part in re.split(r"[^A-Z0-9]+", text.upper()) if part)


def code_key(text: str) -> str:
    """What two ways to type one code have in common."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())[: LONGEST_CODE + 1]


def drawn_code(prefix: str, *, draw: Callable[[str], str]) -> str:
    """A code nobody can guess, in groups of four: "SPRING-7K4M-9QXT". `draw` picks one letter of those given."""
    letters = [draw(LETTERS) for _ in range(DRAWN)]
    groups = ["".join(letters[place : place + 4]) for place in range(0, DRAWN, 4)]
    return "-".join(part for part in (spell_code(prefix), *groups) if part)


class BadChoice(Refusal):
    """What was chosen from a bundle is not what it offers."""

    code: ClassVar[str] = "bad_choice"


def check_choice(chosen: Sequence[Option], *, options: Collection[Option], pick: int, bundle: str) -> None:
    """Raise unless exactly so many different options of the bundle were chosen."""
    strange = [option for option in chosen if option not in options]
    if strange:
        raise BadChoice(f"{strange[0]} is not part of {bundle}.", field="add_ons")
    if len(set(chosen)) != len(chosen):
        raise BadChoice(f"{bundle} is made of different add-ons; one was chosen twice.", field="add_ons")
    if len(chosen) != pick:
        raise BadChoice(f"{bundle} is {pick} of {len(options)} add-ons; {len(chosen)} chosen.", field="add_ons")
