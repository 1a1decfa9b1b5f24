"""What each way of asking does in each outage: the one table, from which docs/fallback.md is written and which is tried.

`python -m tests.journeys.outages` writes the tables into the page.
"""

from enum import StrEnum
from itertools import product
from typing import NamedTuple

from tests.journeys.desk import ROOT

PAGE = ROOT / "docs" / "fallback.md"
BEGIN, END = "<!-- tables: written by tests/journeys/outages.py -->\n", "<!-- end of the tables -->\n"


class Mode(StrEnum):
    IN_PROCESS = "in the desk's process"
    CLIENT = "Python client"
    GATEWAY = "nginx at the gate"


class Cut(StrEnum):
    DESK_KILLED = "desk killed"
    DATABASE_STOPPED = "PostgreSQL stopped"
    REDIS_STOPPED = "Redis stopped"
    SILENT = "network silent"
    SLOW = "answers too slow"


class Fallback(StrEnum):
    """The feature that has it in the world of the outages, and what it says."""

    ALLOW = "goes_on"
    DENY = "irreversible"
    LAST_KNOWN = "reads"

    @property
    def words(self) -> str:
        return {"goes_on": "let them go on", "irreversible": "refuse", "reads": "keep the last answer"}[self]


class State(StrEnum):
    PAYING = "paying"
    TRIAL = "trial"
    UNPAID = "unpaid"


class Holder(StrEnum):
    """Who answers."""

    NOBODY_NOTICES = "as ever"
    PROCESS = "the memory of the process"
    DESK = "the memory of the desk"
    CLIENT = "the memory of the client"
    NGINX = "the cache of nginx"


class Said(NamedTuple):
    """What is answered: at once, and after the trial has ended (of a trial only)."""

    allowed: bool
    after_end: bool
    degraded: bool


HOLDERS: dict[tuple[Mode, Cut], Holder] = {
    (Mode.IN_PROCESS, Cut.DESK_KILLED): Holder.NOBODY_NOTICES,
    (Mode.IN_PROCESS, Cut.DATABASE_STOPPED): Holder.PROCESS,
    (Mode.IN_PROCESS, Cut.REDIS_STOPPED): Holder.NOBODY_NOTICES,
    (Mode.IN_PROCESS, Cut.SILENT): Holder.PROCESS,
    (Mode.IN_PROCESS, Cut.SLOW): Holder.PROCESS,
    (Mode.CLIENT, Cut.DESK_KILLED): Holder.CLIENT,
    (Mode.CLIENT, Cut.DATABASE_STOPPED): Holder.CLIENT,
    (Mode.CLIENT, Cut.REDIS_STOPPED): Holder.NOBODY_NOTICES,
    (Mode.CLIENT, Cut.SILENT): Holder.CLIENT,
    (Mode.CLIENT, Cut.SLOW): Holder.CLIENT,
    (Mode.GATEWAY, Cut.DESK_KILLED): Holder.NGINX,
    (Mode.GATEWAY, Cut.DATABASE_STOPPED): Holder.DESK,
    (Mode.GATEWAY, Cut.REDIS_STOPPED): Holder.NOBODY_NOTICES,
    (Mode.GATEWAY, Cut.SILENT): Holder.NGINX,
    (Mode.GATEWAY, Cut.SLOW): Holder.NGINX,
}
ROWS = tuple(product(Mode, Cut, Fallback, State))


def said(holder: Holder, fallback: Fallback, state: State) -> Said:
    """Of an account that may do it, and of a trial that leaves nothing of it behind."""
    trial = state is State.TRIAL
    if holder is Holder.NOBODY_NOTICES:
        return Said(True, not trial, degraded=False)
    match fallback:
        case Fallback.DENY:
            return Said(False, False, degraded=True)
        case Fallback.ALLOW | Fallback.LAST_KNOWN:  # they differ in how long, and in what nobody knows
            return Said(True, not trial, degraded=True)


def tables() -> str:
    who = ["| | " + " | ".join(Cut) + " |", "|---" * (len(Cut) + 1) + "|"]
    who += ["| " + " | ".join((mode, *(HOLDERS[mode, cut] for cut in Cut))) + " |" for mode in Mode]
    what = ["| who answers | fallback | paying | in trial | trial over since | unpaid |", "|---" * 6 + "|"]
    for holder, fallback in product(Holder, Fallback):
        paying, trial, unpaid = (said(holder, fallback, state) for state in State)
        cells = (paying.allowed, trial.allowed, trial.after_end, unpaid.allowed)
        words = ["allowed" if one else "refused" for one in cells]
        what.append("| " + " | ".join((holder, fallback.words, *words)) + " |")
    return "\n".join(
        ("**Who answers**", "", *who, "", "**What is answered** to an account that may do it", "", *what, "")
    )


def page_with_tables(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + tables() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text()))
