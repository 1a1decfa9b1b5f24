"""What each role may concede alone; beyond it someone else approves (E3).

A small table: so long, so much, so often, by role and kind of concession. An empty limit is no limit. One rule that
allows it, of any of the actor's roles, is enough; limits of different rules are never mixed. No rule means approval.

"So much" is what the customer would rather have, in percent of what there is without any override: fewer days of
waiting are a concession as more seats are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from catalog.domain.values import Better, FeatureShape, Nature, Value
from entitlements.domain.arithmetic import goodness
from entitlements.domain.facts import Mode


class Concession(StrEnum):
    OVERRIDE = "override"
    DENIAL = "denial"
    TRIAL_EXTENSION = "trial_extension"
    PLAN_LOAN = "plan_loan"
    COHORT_LOAN = "cohort_loan"


_VERBS = {
    Concession.OVERRIDE: "grant an override",
    Concession.DENIAL: "deny a feature",
    Concession.TRIAL_EXTENSION: "extend a trial",
    Concession.PLAN_LOAN: "lend a plan",
    Concession.COHORT_LOAN: "lend to a cohort",
}


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """`max_percent` is of the value the customer has without any override of the feature.

    `max_times` is per subscription for trials; for overrides and denials it is how many of one customer's feature may
    be in force or to come at once, and how many may follow each other without a break.

    A rule with a `reason` is for that reason alone. Beyond a rule, `approver_role` approves; empty: whoever may.
    """

    role: str
    concession: str
    max_days: int | None = None
    max_percent: int | None = None
    max_times: int | None = None
    reason: str | None = None
    approver_role: str = ""

    def __post_init__(self) -> None:
        for limit in (self.max_days, self.max_percent, self.max_times):
            if limit is not None and limit < 0:
                raise ValueError(f"A limit for {self.role} can't be negative.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`approver_role` is who approves what is beyond; empty: whoever may approve concessions."""

    within: bool
    because: str
    approver_role: str = ""


def verdict(
    rules: Iterable[PolicyRule],
    *,
    roles: Iterable[str],
    concession: str,
    days: int | None,
    percent: Decimal | int | None,
    times: int,
    reason: str | None = None,
) -> Verdict:
    """Whether the roles may concede this alone, and why.

    `days` None is without an end, which is beyond any limit of days. `percent` None is where nothing is raised, and
    within any limit. `times` counts this one: the first is 1. Where a role has a rule for the reason, its general one
    isn't heard.
    """
    rules = tuple(rules)
    heard = (rule_for(rules, role=role, concession=concession, reason=reason) for role in sorted(set(roles)))
    mine = [rule for rule in heard if rule is not None]
    verb = _VERBS[Concession(concession)]
    if not mine:
        return Verdict(within=False, because=f"Your role can't {verb} alone, so someone else approves it.")
    breaches = {rule: _beyond(rule, days=days, percent=percent, times=times) for rule in mine}
    allowing = next((rule for rule in mine if not breaches[rule]), None)
    if allowing is not None:
        return Verdict(within=True, because=f"{allowing.role.capitalize()} may {verb} like this alone.")
    nearest = min(mine, key=lambda rule: len(breaches[rule]))
    said = " and ".join(breaches[nearest])
    because = f"Beyond what {nearest.role} may concede alone: {said}."
    return Verdict(within=False, because=because, approver_role=nearest.approver_role)


def rule_for(rules: Iterable[PolicyRule], *, role: str, concession: str, reason: str | None) -> PolicyRule | None:
    """The one rule a role is held to: that of the reason, else the general one, else none."""
    found = {rule.reason: rule for rule in rules if rule.role == role and rule.concession == concession}
    return found.get(reason) or found.get(None)


def allows_more(rule: PolicyRule | None, *, than: PolicyRule | None) -> bool:
    """Whether the role may concede anything by the rule that it might not by the other, or needs a lesser approval."""
    if rule is None or than is None:
        return rule is not None
    limits = (
        (rule.max_days, than.max_days),
        (rule.max_percent, than.max_percent),
        (rule.max_times, than.max_times),
    )
    looser = any(old is not None and (new is None or new > old) for new, old in limits)
    return looser or than.approver_role not in {"", rule.approver_role}


def say_limits(rule: PolicyRule) -> str:
    """ "up to 90 days, 50 % more, twice"; what has no limit is said only where nothing has."""
    said = []
    if rule.max_days is not None:
        said.append(f"up to {_counted(rule.max_days, 'day')}")
    if rule.max_percent is not None:
        said.append(f"{rule.max_percent} % more")
    if rule.max_times is not None:
        said.append({1: "once", 2: "twice"}.get(rule.max_times, f"{rule.max_times} times"))
    return ", ".join(said) or "without any limit"


def _beyond(rule: PolicyRule, *, days: int | None, percent: Decimal | int | None, times: int) -> tuple[str, ...]:
    said = []
    if rule.max_days is not None and (days is None or days > rule.max_days):
        asked = "it has no end" if days is None else f"it lasts {_counted(days, 'day')}"
        said.append(f"{asked}, where {_counted(rule.max_days, 'day')} may be given")
    if rule.max_percent is not None and percent is not None and percent > rule.max_percent:
        much = (
            "it gives something for nothing, or takes away a limit"
            if percent == Decimal("Infinity")
            else f"it is {percent:.0f} % better than without any override"
        )
        said.append(f"{much}, where {rule.max_percent} % may be given")
    if rule.max_times is not None and times > rule.max_times:
        said.append(f"it is number {times}, where {_counted(rule.max_times, 'time')} may be given")
    return tuple(said)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def holds_down(mode: Mode, *, shape: FeatureShape) -> bool:
    """Whether the mode can only take from the customer, so that lifting it gives something back."""
    if mode is Mode.DENY:
        return True
    if _less_is_better(shape):
        return mode in {Mode.ADD, Mode.AT_LEAST}
    return mode is Mode.AT_MOST


def better(value: Value | None, *, than: Value | None, shape: FeatureShape) -> bool:
    """Whether the customer would rather have the value; having nothing is the worst."""
    if value is None or than is None:
        return value is not None and than is None
    return goodness(value, shape=shape) > goodness(than, shape=shape)


def rise_in_percent(*, base: Value | None, becomes: Value | None, shape: FeatureShape) -> Decimal:
    """By how much an amount gets better for the customer, in percent of the lesser.

    Where less is better, half is 100 % better. From nothing, to no limit, or to no wait at all is beyond any
    percentage. Gates, choices and sets have no amount to compare: for them it is 0, and only the length of the window
    and how often count.
    """
    less = _less_is_better(shape)
    if shape.nature is not Nature.QUANTITY or not better(becomes, than=base, shape=shape):
        return Decimal(0)
    if base is None and becomes == 0 and not less:
        return Decimal(0)
    low, high = (becomes, base) if less else (base, becomes)
    if not isinstance(low, Decimal) or not isinstance(high, Decimal) or low == 0:
        return Decimal("Infinity")
    return (high - low) * 100 / low


def _less_is_better(shape: FeatureShape) -> bool:
    return shape.nature is Nature.QUANTITY and shape.better is Better.LESS
