"""A balance's rows as a `Course`: going on from its checkpoint, or told again from a mark further back."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from catalog.domain.window import MOMENT
from entitlements.domain.credits.burning import Checkpoint
from entitlements.domain.credits.course import Course, Source, mark_before, opening
from entitlements.domain.credits.grants import Grant, Use
from entitlements.domain.credits.ledger import Kind, Movement
from entitlements.domain.credits.plan import PLAN
from entitlements.domain.facts import Facts
from entitlements.models import Account, CreditBalance, CreditEntry, CreditGrant, UsageReset
from entitlements.snapshots import Reader, snapshot_facts
from entitlements.snapshots.credits import snapshot_checkpoint, snapshot_grants, snapshot_marks

OF_A_USE = (Kind.USE, Kind.OVERAGE, Kind.GIVEN_BACK)  # the lines that, with an event, tell what it took


def credit_facts(account: Account) -> Facts:
    """The account's facts with its recorded billing periods, for credits may come again with billing."""
    return snapshot_facts(account.pk, reader=Reader(), billing=True)


def source_of(balance: CreditBalance, *, facts: Facts, since: datetime | None = None) -> Source:
    """What the balance follows; `since` is where it is told from (None: its checkpoint)."""
    return Source(facts, balance.feature.key, _resets(balance, since=since or balance.settled_at))


def _resets(balance: CreditBalance, *, since: datetime | None) -> tuple[datetime, ...]:
    rows = UsageReset.objects.filter(
        account_id=balance.account_id, feature_id=balance.feature_id, subject="", choice=""
    ).order_by("at")
    if since is not None:
        rows = rows.filter(at__gt=since)
    return tuple(rows.values_list("at", flat=True))


def course_of(balance: CreditBalance, *, facts: Facts, at: datetime) -> Course:
    """The balance as it was written last; one never opened begins with the period that `at` falls into."""
    source, start = source_of(balance, facts=facts), snapshot_checkpoint(balance)
    if start is None:
        return Course(source, grants=(), start=opening(source, first=at))
    live = snapshot_grants(CreditGrant.objects.filter(pk__in=[int(key) for key in balance.live]))
    return Course(source, grants=live, start=start, marks=snapshot_marks(balance))


def told_again(
    balance: CreditBalance,
    *,
    facts: Facts,
    marks: Iterable[Checkpoint],
    since: datetime,
    until: datetime,
    or_then: bool,
    uses: Iterable[Use] = (),
    grants: Iterable[Grant] = (),
    without: Collection[str] = (),
) -> Course:
    """The balance at `until`, told from the last mark before `since` with all that was used after it.

    `uses` and `grants` are those that stand in no row yet, or otherwise there. `without` are
    uses that are being given back.
    """
    marks, uses = tuple(marks), tuple(uses)
    known = {grant.id: grant for grant in snapshot_grants(all_grants(balance))}
    known.update((grant.id, grant) for grant in grants)
    start = mark_before(marks, since, or_then=or_then)
    if start is None:
        every = [*uses_of(balance), *uses]
        firsts = [grant.effective_at for grant in known.values()] + [use.at for use in every]
        start = opening(source_of(balance, facts=facts), first=min([since, *firsts]))
    told = [*uses_of(balance, since=start.at), *(use for use in uses if use.at >= start.at)]
    since_start = [use for use in told if use.id not in without]
    kept = [mark for mark in marks if mark.at <= start.at]
    source = source_of(balance, facts=facts, since=start.at)
    course = Course(source, grants=known.values(), start=start, marks=kept)
    course.advance(until, since_start)
    return course


def all_grants(balance: CreditBalance) -> Iterable[CreditGrant]:
    return CreditGrant.objects.filter(account_id=balance.account_id, feature_id=balance.feature_id)


def uses_of(balance: CreditBalance, *, since: datetime | None = None, until: datetime | None = None) -> list[Use]:
    """What was used, as the ledger has it: each event with what it took of all grants and beyond them, less what was
    given back of it."""
    if balance.pk is None:
        return []
    rows = CreditEntry.objects.filter(balance=balance, kind__in=OF_A_USE).exclude(event="")
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    summed: Any = rows.order_by().values_list("at", "event").annotate(total=Sum("amount"))
    return [Use(at, Decimal(-total), event) for at, event, total in summed if total]


def lines_of_use(balance: CreditBalance, event: str, *, since: datetime) -> list[Movement]:
    """The lines in which the ledger tells of one use, from its instant on (it may count a little later than it was
    told), those that gave it back among them."""
    rows = CreditEntry.objects.filter(balance=balance, event=event, kind__in=OF_A_USE, at__gte=since).order_by("pk")
    return [
        Movement(row.at, Kind(row.kind), Decimal(row.amount), _grant_of(row), row.event, row.unlimited) for row in rows
    ]


def _grant_of(row: CreditEntry) -> str:
    return PLAN if row.of_plan else str(row.grant_id or "")


def course_at(balance: CreditBalance, *, facts: Facts, at: datetime) -> Course:
    """The balance as it stands, or stood, at the instant, everything told of it since included; nothing is written."""
    settled = balance.settled_at
    if settled is None or settled <= at:
        course = outdated_course(balance, facts=facts, at=at)
        course.advance(at)
        return course
    marks = snapshot_marks(balance)
    # The uses of that very instant count: what is asked is what was left after them.
    start = mark_before(marks, at + MOMENT, or_then=False)
    since = at if start is None else start.at
    return _in_the_past(balance, facts=facts, marks=marks, since=since, until=at)


def outdated_course(balance: CreditBalance, *, facts: Facts, at: datetime) -> Course:
    """The balance as it was written, or told again where its plan's period by then was another than was known."""
    course = course_of(balance, facts=facts, at=at)
    known = balance.period_at
    if balance.settled_at is None or course.source.period_start(course.at) == known:
        return course
    return told_again(
        balance, facts=facts, marks=course.marks, since=moved_period(course, known), until=course.at, or_then=False
    )


def moved_period(course: Course, known: datetime | None) -> datetime:
    """From when on a balance is told again whose plan's period turned out to begin at another instant."""
    begins = [at for at in (known, course.source.period_start(course.at)) if at is not None]
    return min([course.at, *begins])


def _in_the_past(
    balance: CreditBalance, *, facts: Facts, marks: Iterable[Checkpoint], since: datetime, until: datetime
) -> Course:
    known = snapshot_grants(all_grants(balance))
    start = mark_before(marks, since, or_then=True)
    uses = uses_of(balance, since=None if start is None else start.at, until=until)
    if start is None:
        firsts = [grant.effective_at for grant in known] + [use.at for use in uses]
        start = opening(source_of(balance, facts=facts), first=min([until, *firsts]))
    course = Course(source_of(balance, facts=facts, since=start.at), grants=known, start=start)
    course.advance(until, uses)
    return course
