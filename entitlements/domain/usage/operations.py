"""What products tell about use, in five words: consume, report, reserve, commit, release; and what the desk undoes.

*Consume* checks and counts. *Report* counts what has happened, also past the limit, and says so. *Reserve* holds an
estimate until an instant; *commit* turns the hold into what it truly came to, and what goes beyond the hold is a report;
*release* gives the hold back. *Give back* is told by the desk alone: one use of credits is as if it had never been
(docs/adr/0026). Amounts are whole and in the feature's smallest unit.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from catalog.domain.values import UNLIMITED, Aggregation, Amount, Kind
from entitlements.domain.usage.terms import UseTerms

LARGEST = Decimal(2**63 - 1)  # what can be stored of any feature
AHEAD = timedelta(minutes=5)  # how far a sender's clock may run ahead
BEHIND = timedelta(days=90)  # how late a report may come
COMMITS, COPIES, DESK = "reservation", "shared", "desk:"  # sources of the desk's own
GIVES_BACK = "desk:given-back"
SHORTEST_HOLD, LONGEST_HOLD = timedelta(seconds=1), timedelta(days=7)


class Act(StrEnum):
    CONSUME = "consume"
    REPORT = "report"
    RESERVE = "reserve"
    COMMIT = "commit"
    RELEASE = "release"
    GIVE_BACK = "give_back"


ASKS = frozenset({Act.CONSUME, Act.RESERVE})  # what may be refused, for it hasn't happened yet


class Why(StrEnum):
    """Why something was not counted: for programs, and never changed."""

    NOT_ENTITLED = "not_entitled"
    LIMIT_REACHED = "limit_reached"
    PART_REACHED = "sub_limit_reached"
    SUBJECT_REACHED = "subject_limit_reached"
    PARENT_REACHED = "shared_limit_reached"
    CAP_REACHED = "spend_cap_reached"
    CREDITS_SPENT = "credits_spent"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing told about use. `(source, id)` is what makes it once; `digest` what was sent, to tell a repeat.

    `choice` names a choice of a dimension ("model.premium"), `value` what is told apart where distinct things are
    counted, `subject` a user, agent, device or task of the account. `until` is when a hold ends by itself; `reservation`
    is the hold that is committed or released.
    """

    act: Act
    source: str
    id: str
    account_id: int
    feature: str
    quantity: Decimal
    at: datetime
    subject: str = ""
    choice: str = ""
    value: str = ""
    until: datetime | None = None
    reservation: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operation. Not `allowed`: nothing was counted, and `why` and `because` say why.

    `quantity` is what was counted, weights applied. `used`, `held`, `limit` and `left` are the account's own after it;
    of an operation that another counter refused, they are that counter's. `over` is how far use is past the limit.
    """

    allowed: bool
    because: str
    quantity: Decimal = Decimal(0)
    used: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    limit: Amount = Decimal(0)
    left: Amount = Decimal(0)
    over: Decimal = Decimal(0)
    resets_at: datetime | None = None
    why: Why | None = None
    replayed: bool = False
    reservation: str = ""
    until: datetime | None = None


def digest_of(
    act: Act, account_id: int, feature: str, quantity: Decimal, *, at: datetime | None, subject: str = "",
    choice: str = "", value: str = "",
) -> str:  # fmt: skip
    """What was sent, as a sum: `at` None where the sender left it to the desk, so that a repeat says the same."""
    said = (act.value, account_id, feature, int(quantity), at.isoformat() if at else "", subject, choice, value)
    return hashlib.sha256("\x00".join(str(part) for part in said).encode()).hexdigest()[:32]


def digest_under(operation: Operation, account_id: int) -> str:
    """What the same words would have come to about another account."""
    for at in (None, operation.at):  # whether the sender said when stands in the digest alone
        own, other = (
            digest_of(
                operation.act, whose, operation.feature, operation.quantity, at=at, subject=operation.subject,
                choice=operation.choice, value=operation.value,
            )
            for whose in (operation.account_id, account_id)
        )  # fmt: skip
        if own == operation.digest:
            return other
    return ""


def is_our_source(source: str) -> bool:
    """Whether the desk itself tells under this source: commits, a parent's copies, seats and the like."""
    return source in {COMMITS, COPIES} or source.startswith(DESK)


def copy_id(source: str, event_id: str, account_id: int) -> str:
    """What a parent's copy of an event is called: it follows from the child's, so that it too is written once."""
    return f"{_name_of(source, event_id)}:{account_id}"


def give_back_id(source: str, event_id: str) -> str:
    """What the giving back of an event is called: it follows from the event's, so that it is given back once."""
    return _name_of(source, event_id)


def _name_of(source: str, event_id: str) -> str:
    return hashlib.sha256(f"{source}\x00{event_id}".encode()).hexdigest()[:40]


class UnfitUse(ValueError):
    """This can't be told of this feature; the message says why, `field` what was wrong, `code` which kind of wrong."""

    def __init__(self, message: str, *, field: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.field, self.code = field, code


def refuse_unfit(operation: Operation, terms: UseTerms, *, now: datetime) -> None:
    """Raise UnfitUse for what can't be: nothing that is counted, an absurd amount, a clock far off, a choice unknown."""
    shape = terms.shape
    if not terms.counted:
        raise UnfitUse(f"{shape.name} is not counted; check it instead.", field="feature", code="not_counted")
    _refuse_amount(operation, terms)
    refuse_moment(operation.act, operation.at, now=now)
    if terms.aggregation is Aggregation.DISTINCT and not operation.value and operation.act is not Act.RELEASE:
        raise UnfitUse(f"{shape.name} counts distinct things; name the thing in “value”.", field="value")
    if terms.answer.each_of is not None and not operation.subject and operation.act is not Act.RELEASE:
        seat = terms.answer.each_of.name
        raise UnfitUse(f"{shape.name} is had by each seat of {seat}; name the seat in “subject”.", field="subject")
    _refuse_choice(operation, terms)


def refuse_moment(act: Act, at: datetime, *, now: datetime) -> None:
    """Raise UnfitUse for a moment that the sender's clock can't mean, or at which nobody can be asked any more.

    Whoever consumes or reserves asks first, so that it is about now: a limit that was open in February, or a minute that
    nobody has used up, allows nothing today. What has happened is reported.
    """
    if not now - BEHIND <= at <= now + AHEAD:
        words = "This happened in the future or more than 90 days ago by the desk's clock; look at the sender's clock."
        raise UnfitUse(words, field="at", code="clock_far_off")
    if act in ASKS and at < now - AHEAD:
        words = "This is over: what may be done is asked when it is done. Report what has happened."
        raise UnfitUse(words, field="at", code="too_late_to_ask")


def _refuse_amount(operation: Operation, terms: UseTerms) -> None:
    quantity = operation.quantity
    if quantity != quantity.to_integral_value() or abs(quantity) > LARGEST:
        raise UnfitUse("Tell a whole amount of the smallest unit, below 2^63.", field="quantity")
    gives_back = operation.act is Act.REPORT and terms.shape.kind is Kind.CAPACITY
    if quantity < 0 and not gives_back:
        words = "Only what is held at one time (seats, storage) can be given back with a negative amount, by a report."
        raise UnfitUse(words, field="quantity", code="negative_quantity")


def _refuse_choice(operation: Operation, terms: UseTerms) -> None:
    known = terms.choices
    if operation.choice and operation.choice not in known:
        listed = ", ".join(sorted(known)) or "none"
        words = f"“{operation.choice}” is nothing by which use of {terms.shape.name} is told apart. Known: {listed}."
        raise UnfitUse(words, field="choice", code="unknown_choice")


def left_of(limit: Amount, taken: Decimal) -> Amount:
    """What is left of a limit where so much is used and held; never below nothing."""
    return UNLIMITED if limit is UNLIMITED else max(limit - taken, Decimal(0))
