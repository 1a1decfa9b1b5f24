"""What the rows answered last to a question about use, by which it is answered while they can't be read.

Memory counts only an account's own use of what has one limit; whatever more decides (a user's limit, credits, what is
shared with a parent, a spend cap, what is told apart) is in the rows alone.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from catalog.domain.values import UNLIMITED, Aggregation
from entitlements.domain.relying import Last
from entitlements.domain.usage.terms import UseTerms
from entitlements.queries.check.answers import Checked, Ruling
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.check.memory import memory
from entitlements.queries.usage.overage import priced
from entitlements.queries.usage.standing import Question, Standing

MOST = 50_000


class _ByRows(NamedTuple):
    allowed: bool
    amount: int
    left: int | None
    at: float

    def to(self, amount: int, now: float) -> Last:
        """What it says to so much: yes where as much was allowed, or no more is asked for than was left."""
        fits = (self.allowed and amount <= self.amount) or (self.left is not None and amount <= self.left)
        return Last(fits, now - self.at)


_last: Final[Bounded[tuple[int, Question], _ByRows]] = Bounded(MOST)


def asks_rows(ruling: Ruling, question: Question) -> bool:
    """Whether more decides than what memory knows: the account's own counter, summed up, and one limit."""
    if not ruling.used_up:
        return False
    terms = ruling.terms
    if question.subject or question.choice or question.value or terms.shared or priced(terms):
        return True
    return terms.answer.value is not UNLIMITED and (not ruling.counts or terms.aggregation is not Aggregation.SUM)


def remember(standing: Standing, question: Question, *, now: float) -> None:
    """What has just been read, in case nothing can be read when it is asked again."""
    if standing.outcome is not None:
        amount = _amount(standing.terms, question)
        kept = _ByRows(standing.decision.allowed, amount, _least_left(standing), now)
        _last[standing.account.id, replace(question, quantity=None)] = kept


def relied(account: str, question: Question, *, now: float) -> Checked:
    """What is answered without the database; CutOff where nothing is known of the account, NotFound of the feature."""
    checked = memory.relied(account, question.feature, quantity=question.quantity, choice=question.choice, at=now)
    if not checked.terms.counted or not (asks_rows(checked.ruling, question) or checked.used is None):
        return checked
    last = _last.get((checked.account_id, replace(question, quantity=None)))
    told = None if last is None else last.to(_amount(checked.terms, question), now)
    return memory.relied(account, question.feature, asks_rows=True, by_rows=told, at=now)


def forget_lasts() -> None:
    """For tests."""
    _last.clear()


def _least_left(standing: Standing) -> int | None:
    """By the narrowest of the limits; None where there is none, or nobody knows."""
    outcomes = [outcome for _line, outcome in standing.lines]
    outcomes += [] if standing.outcome is None else [standing.outcome]
    found = [int(outcome.left) for outcome in outcomes if isinstance(outcome.left, Decimal)]
    return min(found) if found else None


def _amount(terms: UseTerms, question: Question) -> int:
    asked = 1 if question.quantity is None else question.quantity
    return int(terms.weighed(Decimal(asked), question.choice))
