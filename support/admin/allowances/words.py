"""How prepaid help is used up, in the reader's words."""

from collections.abc import Iterator, Mapping

from support.actions.allowances.rules import Rule
from support.domain.cover_terms import AtZero, CountedOn, Counts
from support.models import Allowance
from support.queries.allowances.concerned import Concerned

COUNTS = {Counts.CASES: "Cases: each takes one", Counts.TIME: "Time that is entered on cases"}
COUNTED_ON = {CountedOn.OPENING: "When it is opened", CountedOn.RESOLVING: "When it is resolved"}
AT_ZERO = {
    AtZero.BLOCK: "Nothing more is given: cases aren’t covered by it, time beyond it is billed",
    AtZero.OVERDRAW: "It may be overdrawn: help goes on, and the balance goes below zero",
}
SHORT_ZERO = {AtZero.BLOCK: "Blocks", AtZero.OVERDRAW: "Overdraws"}


def rule_of(row: Allowance) -> Rule:
    return Rule(
        Counts(row.counts), CountedOn(row.counted_on), row.unit_minutes, AtZero(row.at_zero), row.default_tier
    )  # fmt: skip


def say_use(row: Allowance) -> str:
    """ "A case when it is opened", "Time, each entry up to 15 min"."""
    if row.counts == Counts.CASES:
        return f"A case {COUNTED_ON[CountedOn(row.counted_on)].lower()}"
    return f"Time, each entry up to {row.unit_minutes} min" if row.unit_minutes > 1 else "Time, to the minute"


def say_concerned(found: Concerned) -> str:
    if not found.customers:
        return "No customer has any of it yet."
    one = found.customers == 1
    parts = [
        f"{found.by_plan:,} by a plan" if found.by_plan else "",
        f"{found.granted:,} granted" if found.granted else "",
    ]
    how = ", ".join(part for part in parts if part)
    return f"It concerns {found.customers:,} {'customer' if one else 'customers'} ({how})."


def differences(before: Rule, after: Rule, *, tiers: Mapping[str, str]) -> Iterator[str]:
    """What would be otherwise, a line each."""
    if before.counts != after.counts:
        yield f"Used up by: {COUNTS[before.counts]} → {COUNTS[after.counts]}"
    if before.counted_on != after.counted_on:
        yield f"A case counts: {COUNTED_ON[before.counted_on].lower()} → {COUNTED_ON[after.counted_on].lower()}"
    if before.unit_minutes != after.unit_minutes:
        yield f"Each entry is rounded up to: {say_unit(before)} → {say_unit(after)}"
    if before.at_zero != after.at_zero:
        yield f"When nothing is left: {SHORT_ZERO[before.at_zero]} → {SHORT_ZERO[after.at_zero]}"
    if before.default_tier != after.default_tier:
        yield f"Gives by itself: {say_tier(before, tiers)} → {say_tier(after, tiers)}"


def effects(before: Rule | None, after: Rule, found: Concerned) -> Iterator[str]:
    """What follows for cases that are open, and for customers."""
    if before is not None and before.counted_on != after.counted_on and found.open_cases:
        cases = "1 open case" if found.open_cases == 1 else f"{found.open_cases:,} open cases"
        if after.counted_on is CountedOn.RESOLVING:
            yield f"{cases} counted at the opening: what they took is given back with what happens to them next, and counts when they are resolved."
        else:
            yield "Cases that are open and weren’t counted yet stay uncounted."
    if before is not None and before.at_zero is AtZero.OVERDRAW and after.at_zero is AtZero.BLOCK:
        yield "Who has nothing left of it isn’t covered by it any more; open cases keep what they were promised."
    if after.default_tier and (before is None or before.default_tier != after.default_tier):
        yield "Customers who hold no better tier are served by that one while some of it is left."
    yield say_concerned(found)


def say_unit(rule: Rule) -> str:
    return f"{rule.unit_minutes} min" if rule.unit_minutes > 1 else "the minute"


def say_tier(rule: Rule, tiers: Mapping[str, str]) -> str:
    return tiers.get(rule.default_tier, rule.default_tier) or "nothing"
