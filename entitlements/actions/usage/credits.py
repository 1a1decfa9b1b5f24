"""Use of credits: bounded by the balance and by what is held, and told as a limit is."""

from dataclasses import replace
from decimal import Decimal

from entitlements.actions.credits.books import Book
from entitlements.domain.usage.charging import Landed, Line
from entitlements.domain.usage.operations import Act, Operation, Outcome, Why
from entitlements.domain.usage.saying import said


def spend(operation: Operation, landed: Landed, *, book: Book, line: Line, held: Decimal, amount: Decimal) -> Landed:
    """The decision with the balance in mind: refused where it is not enough, also for what others hold of it."""
    checked = operation.act in {Act.CONSUME, Act.RESERVE}
    left = book.left(operation.at)
    free = None if left is None else left - held
    if checked and free is not None and amount > free:
        words = f"{said(max(free, Decimal(0)), line.terms)} is left of the credits, and this needs {said(amount, line.terms)}"
        outcome = _told(landed.outcome, max(free, Decimal(0)), held)
        return Landed(replace(outcome, allowed=False, because=words, why=Why.CREDITS_SPENT))
    if operation.act is not Act.RESERVE:
        book.spend(amount, at=operation.at, event=f"{operation.source} {operation.id}", forced=not checked)
        left = book.left(operation.at)
    else:
        held += amount
    free = None if left is None else max(left - held, Decimal(0))
    outcome = landed.outcome if free is None else _told(landed.outcome, free, held)
    return replace(landed, outcome=outcome)


def _told(outcome: Outcome, free: Decimal, held: Decimal) -> Outcome:
    """`limit` is what was used so far and what is left with it."""
    return replace(outcome, left=free, held=held, limit=outcome.used + held + free, over=Decimal(0))
