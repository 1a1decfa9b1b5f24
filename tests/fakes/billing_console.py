"""Console as a system that bills: it notes what it was asked, and answers what a test lets it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from entitlements import billing_systems
from entitlements.billing_systems import BillingSystem
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

AWAY = "Console can’t be reached. Nothing was changed. Try again in about 5 seconds."


@dataclass
class Asked:
    """`away`: it can't be asked. `done` is what it was asked for and about what, in order."""

    away: bool = False
    done: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, what: str, about: str) -> str:
        if self.away:
            raise Refusal(AWAY)
        self.done.append((what, about))
        return "Started."


asked = Asked()


def look_again(*, finding: Any, by: Actor, at: datetime) -> str:
    return asked.answer("look again", finding.billing_id)


def look_at(*, billed: Any, by: Actor, at: datetime) -> str:
    return asked.answer("look at", billed.billing_id)


def take_theirs(*, finding: Any, by: Actor, at: datetime) -> str:
    return asked.answer("take theirs", finding.billing_id)


def push_again(*, finding: Any, by: Actor, at: datetime) -> str:
    return asked.answer("push again", finding.about)


def page_of(*, connection: Any, thing: str) -> str:
    return f"https://console.example/{connection.mode}/{thing}"


SYSTEM = BillingSystem(look_again, look_at, take_theirs, push_again, page_of)


def register() -> None:
    billing_systems.register("console", SYSTEM)


def forget() -> Asked:
    """Everything that was asked before; called at the beginning of a test."""
    asked.away, asked.done = False, []
    return asked
