"""What each role may concede alone; beyond it someone else approves (E3).

A small table: so long, so much, so often, by role and kind of concession. An empty limit is no limit. One rule that
allows it, of any of the actor's roles, is enough; limits of different rules are never mixed. No rule means approval.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Concession(StrEnum):
    OVERRIDE = "override"
    DENIAL = "denial"
    TRIAL_EXTENSION = "trial_extension"


_VERBS = {
    Concession.OVERRIDE: "grant an override",
    Concession.DENIAL: "deny a feature",
    Concession.TRIAL_EXTENSION: "extend a trial",
}


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """`max_percent` is of the value the customer has without it; `max_times` is per subscription."""

    role: str
    concession: str
    max_days: int | None = None
    max_percent: int | None = None
    max_times: int | None = None

    def __post_init__(self) -> None:
        for limit in (self.max_days, self.max_percent, self.max_times):
            if limit is not None and limit < 0:
                raise ValueError(f"A limit for {self.role} can't be negative.")


@dataclass(frozen=True, slots=True)
class Verdict:
    within: bool
    because: str


def verdict(
    rules: Iterable[PolicyRule],
    *,
    roles: Iterable[str],
    concession: str,
    days: int | None,
    percent: Decimal | int | None,
    times: int,
) -> Verdict:
    """Whether the roles may concede this alone, and why.

    `days` None is without an end, which is beyond any limit of days. `percent` None is where nothing is raised, and
    within any limit. `times` counts this one: the first is 1.
    """
    held = set(roles)
    mine = sorted((r for r in rules if r.role in held and r.concession == concession), key=lambda r: r.role)
    verb = _VERBS[Concession(concession)]
    if not mine:
        return Verdict(within=False, because=f"Your role can't {verb} alone, so someone else approves it.")
    breaches = {rule: _beyond(rule, days=days, percent=percent, times=times) for rule in mine}
    allowing = next((rule for rule in mine if not breaches[rule]), None)
    if allowing is not None:
        return Verdict(within=True, because=f"{allowing.role.capitalize()} may {verb} like this alone.")
    nearest = min(mine, key=lambda rule: len(breaches[rule]))
    said = " and ".join(breaches[nearest])
    return Verdict(within=False, because=f"Beyond what {nearest.role} may concede alone: {said}.")


def _beyond(rule: PolicyRule, *, days: int | None, percent: Decimal | int | None, times: int) -> tuple[str, ...]:
    said = []
    if rule.max_days is not None and (days is None or days > rule.max_days):
        asked = "it has no end" if days is None else f"it lasts {_counted(days, 'day')}"
        said.append(f"{asked}, where {_counted(rule.max_days, 'day')} may be given")
    if rule.max_percent is not None and percent is not None and percent > rule.max_percent:
        much = (
            "it raises nothing to something, or to no limit"
            if percent == Decimal("Infinity")
            else f"it is {percent:.0f} % more"
        )
        said.append(f"{much}, where {rule.max_percent} % may be given")
    if rule.max_times is not None and times > rule.max_times:
        said.append(f"it is number {times}, where {_counted(rule.max_times, 'time')} may be given")
    return tuple(said)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
