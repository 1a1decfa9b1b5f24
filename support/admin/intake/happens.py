"""What is said beside a check before anything is pressed: what the button does, what it fell short of, what to answer."""

from typing import Any

from support.admin.intake.taking import Route
from support.admin.intake.words import say_percent
from support.domain.intake.outcomes import Outcome, Reason, Wanted
from support.domain.intake.words import customer_words
from support.models import IntakeDecision
from support.queries.intake.replaying import replayed

SURE_OF_ALL = Wanted(accept=0.0, redirect=0.0, suggest=0.0, acting=True)
DOES = {Outcome.ACCEPT: "accept", Outcome.REDIRECT: "redirect", Outcome.SUGGEST: "suggest an upgrade"}
NOT_SENT = "The desk writes nothing to the customer: the answer below is yours to send."


def say_happens(row: IntakeDecision, *, route: Route, severity: Any) -> list[str]:
    """One sentence each: the case, where it goes, what the customer hears."""
    outcome = Outcome(row.outcome)
    if outcome is Outcome.BLOCK:
        return [
            "No case is opened. It stands under Tickets to decide, Blocked, where it can still be accepted.",
            NOT_SENT,
        ]
    opens = f"A case is opened as {severity}" if severity is not None else "A case is opened"
    return [f"{opens}, {_goes(outcome, route)}", NOT_SENT]


def _goes(outcome: Outcome, route: Route) -> str:
    if outcome is Outcome.HOLD:
        return "and waits under Tickets to decide until somebody says what it is. Its clocks run meanwhile."
    if outcome is not Outcome.ACCEPT:
        return "and given to no team, so that it isn’t lost if the answer doesn’t help."
    if not route:
        return "and given to no team, as no route fits: somebody has to take it."
    return f"and goes to {route.name}{f', {route.person}' if route.person else ''}."


def say_short(row: IntakeDecision) -> str:
    """What was missing for it to act by itself, where it only wasn't sure enough; by the first such request."""
    part = next((one for one in row.parts if one["reason"] == Reason.UNSURE and one["proposed"] in DOES), None)
    if part is None or part["proposed"] not in row.wanted:
        return ""
    does, wanted = DOES[Outcome(part["proposed"])], row.wanted[part["proposed"]]
    if wanted > 1:
        return f"It may not {does} by itself yet, however sure it is: too few labelled tickets bear out that it would be right."
    sure = say_percent(part["confidence"])
    return f"To {does} by itself it has to be at least {say_percent(wanted)} sure; it is {sure}."


def answer_if_agreed(row: IntakeDecision) -> str:
    """What the customer could be told if a person decides as was proposed; "" where nothing was."""
    if row.outcome != Outcome.HOLD:
        return ""
    decision = replayed(row, SURE_OF_ALL)
    return "" if decision.outcome is Outcome.HOLD else customer_words(decision)
