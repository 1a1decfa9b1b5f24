"""Use of credits: bounded by the balance and by what is held, and told as a limit is."""

from dataclasses import replace
from decimal import Decimal

from entitlements.actions.credits.books import Book
from entitlements.domain.decision import decide
from entitlements.domain.usage.charging import NOTHING, Landed, Line
from entitlements.domain.usage.operations import ASKS, Act, Operation, Outcome, Why
from entitlements.domain.usage.saying import said, say_spent
from entitlements.domain.usage.terms import is_had


def spend(operation: Operation, landed: Landed, *, book: Book, line: Line, held: Decimal, amount: Decimal) -> Landed:
    """The decision with the balance in mind: refused where it is not enough, also for what others hold of it."""
    checked = operation.act in ASKS
    left = book.left(operation.at)
    free = None if left is None else left - held
    if checked and not is_had(line.terms, left):
        because, nothing = decide(line.terms.answer).because, _told(landed.outcome, NOTHING, held)
        return Landed(replace(nothing, allowed=False, because=because, why=Why.NOT_ENTITLED))
    if checked and free is not None and amount > free:
        free = max(free, NOTHING)
        words, outcome = say_spent(free, amount, line.terms), _told(landed.outcome, free, held)
        return Landed(replace(outcome, allowed=False, because=words, why=Why.CREDITS_SPENT))
    if operation.act is not Act.RESERVE:
        book.spend(amount, at=operation.at, event=f"{operation.source} {operation.id}", forced=not checked)
        left = book.left(operation.at)
    else:
        held += amount
    free = None if left is None else max(left - held, NOTHING)
    outcome = landed.outcome if free is None else _left(_told(landed.outcome, free, held), line)
    return replace(landed, outcome=outcome)


def _left(outcome: Outcome, line: Line) -> Outcome:
    return replace(outcome, because=f"{said(outcome.left, line.terms)} left")


def _told(outcome: Outcome, free: Decimal, held: Decimal) -> Outcome:
    """`limit` is what was used so far and what is left with it."""
    return replace(outcome, left=free, held=held, limit=outcome.used + held + free, over=NOTHING)
