"""The book of one balance: opened inside a transaction, spent from, and closed with its ledger's new lines.

Whoever spends locks the one row of the balance, so two spenders of the last credit follow each other. A book that was
only looked into writes nothing. Lines are only ever added: what something told late changes is written as corrections.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED
from entitlements.domain.credits.burning import finite
from entitlements.domain.credits.course import Course, corrections, lines_of
from entitlements.domain.credits.grants import Grant, Use
from entitlements.domain.credits.ledger import Kind, Movement
from entitlements.domain.credits.plan import PLAN
from entitlements.domain.credits.spelling import spell
from entitlements.domain.facts import Facts
from entitlements.models import CreditBalance, CreditEntry
from entitlements.queries.credits.courses import course_of, moved_period, told_again

TOLD_LATE = "Something told late changed what had been written: {}"
GIVEN_BACK = "Something given back changed what had been written: {}"
LONGEST_NOTE = 500
MOVED_PERIOD = "The plan's period began at another time than was known"


class WholeAmounts(ValueError):
    """Credits are spent in whole smallest units."""


class Book:
    """One open balance. Amounts are in the feature's smallest unit; None is no limit."""

    def __init__(self, balance: CreditBalance, *, facts: Facts, at: datetime) -> None:
        self.balance, self.facts = balance, facts
        self.course = course_of(balance, facts=facts, at=at)
        state = self.course.state
        self.before = finite(held.left for held in state.held.values()) - state.overage
        self.lines: list[tuple[Movement, str]] = []
        self.uses: list[Use] = []
        self.gone: set[str] = set()
        self.touched = False
        self._follow_the_period()

    def left(self, at: datetime) -> Decimal | None:
        """What may still be used at the instant, or at the last one that something was told of."""
        self.course.advance(at)
        left = self.course.left
        return None if left is UNLIMITED else left

    def spend(self, amount: Decimal, *, at: datetime, event: str, forced: bool = False) -> bool:
        """Use so much, once for each event (the caller's to see to); False: it doesn't fit, and nothing was used.

        A report is `forced`: what no grant covers is carried until one does. Told late, it counts when it happened;
        what asks first can't have happened before, so it counts now.
        """
        if amount != amount.to_integral_value() or amount < 0:
            raise WholeAmounts(f"{amount} is no whole amount.")
        late = at < self.course.phase_at
        if late and forced:
            self._tell_again(Use(at, amount, event), note=f"a use of {at:%Y-%m-%d %H:%M} UTC")
            return True
        at = max(at, self.course.phase_at)
        self.course.advance(at)
        if not forced and not self.course.burning.fits(amount):
            return False
        use = Use(at, amount, event)
        self.course.burn(use)
        self._note(uses=[use])
        return True

    def take_in(self, *grants: Grant, since: datetime, at: datetime) -> None:
        """Grants were made, or are voided, as of an instant: it counts from then on, also where the book is past that."""
        if since > self.course.at:
            self.course.take_in(grants)
            self.course.advance(at)
            self._note()
        else:
            names = ", ".join(f"grant {grant.id}" for grant in grants)
            self._tell_again(grants=grants, since=since, note=names)

    def give_back(self, taken: Sequence[Movement], *, note: str) -> Sequence[Movement]:
        """One use is as if it had never been: `taken` are the lines in which the ledger tells of it. How it went without.

        Each comes back where it was taken. What would have lapsed or expired without the use has done so, and what a
        later grant had paid for it is that grant's again: corrections say so.
        """
        happened, event = taken[0].at, taken[0].use
        self._note()
        before = self.course.state
        self.gone.add(event)
        self.course = self._again(since=happened, or_then=True)
        went = self.course.drained()
        told = [replace(line, kind=Kind.GIVEN_BACK, amount=-line.amount) for line in taken]
        self.lines.extend((line, note[:LONGEST_NOTE]) for line in told)
        moved = corrections(before, self.course.state, told, at=happened)
        self.lines.extend((line, GIVEN_BACK.format(note)[:LONGEST_NOTE]) for line in moved)
        return went

    def close(self, *, at: datetime) -> None:
        """Write the new lines of the ledger and how the balance stands; nothing where nothing was done."""
        if not self.touched:
            return
        after, rows = self.before, []
        for line, note in self.lines:
            after += line.moves
            rows.append(_entry(self.balance, line, note=note, after=after, at=at))
        CreditEntry.objects.bulk_create(rows)
        course, balance = self.course, self.balance
        balance.settled_at, balance.checkpoint = course.at, spell(course.state)
        balance.marks, balance.live = [spell(mark) for mark in course.marks], sorted(course.live(), key=int)
        balance.period_at = course.source.period_start(course.at)
        balance.save(update_fields=["settled_at", "checkpoint", "marks", "live", "period_at"])
        self.before, self.lines, self.uses, self.gone, self.touched = after, [], [], set(), False

    def _note(self, *, uses: Sequence[Use] = ()) -> None:
        self.uses.extend(uses)
        self.lines.extend((line, "") for line in self.course.drained())
        self.touched = True

    def _follow_the_period(self) -> None:
        known, course = self.balance.period_at, self.course
        if self.balance.settled_at is not None and course.source.period_start(course.at) != known:
            self._tell_again(since=moved_period(course, known), note=MOVED_PERIOD)

    def _tell_again(self, *uses: Use, grants: Iterable[Grant] = (), since: datetime | None = None, note: str) -> None:
        """Put something in that belongs before now, and write what it changes."""
        self._note(uses=uses)
        grants = tuple(grants)
        before = self.course.state
        happened = since or min(use.at for use in uses)
        self.course = self._again(grants, since=happened, or_then=not grants and since is None)
        mine, theirs = {use.id for use in uses}, {grant.id for grant in grants}
        told = list(lines_of(self.course.drained(), uses=mine, grants=theirs))
        self.lines.extend((line, "") for line in told)
        moved = corrections(before, self.course.state, told, at=happened)
        self.lines.extend((line, TOLD_LATE.format(note) if mine or theirs else note) for line in moved)

    def _again(self, grants: Iterable[Grant] = (), *, since: datetime, or_then: bool) -> Course:
        """The course up to where it stands, with what this book knows otherwise than the rows do."""
        return told_again(
            self.balance,
            facts=self.facts,
            marks=self.course.marks,
            since=since,
            until=self.course.at,
            or_then=or_then,
            uses=self.uses,
            grants=[*self.course.grants.values(), *grants],
            without=self.gone,
        )


def open_book(*, account_id: int, feature_id: int, facts: Facts, at: datetime) -> Book:
    """Lock the one balance of the account's feature, inside the caller's transaction, and read how it stands."""
    rows = CreditBalance.objects.select_for_update(of=("self",)).select_related("feature")
    balance, _made = rows.get_or_create(account_id=account_id, feature_id=feature_id)
    return Book(balance, facts=facts, at=at)


def _entry(balance: CreditBalance, line: Movement, *, note: str, after: Decimal, at: datetime) -> CreditEntry:
    return CreditEntry(
        balance=balance,
        kind=line.kind,
        at=line.at,
        recorded_at=at,
        amount=int(line.amount),
        balance_after=int(after),
        unlimited=line.unlimited,
        grant_id=int(line.grant) if line.grant not in {"", PLAN} else None,
        of_plan=line.grant == PLAN,
        event=line.use,
        note=note,
    )
