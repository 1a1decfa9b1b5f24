"""What an account's counters say, the present ones and those of the past, and the events behind each. Nothing writes.

An account may have millions of events and a counter for each of its users: whatever is listed here is read a page at a
time, and nothing is counted through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.usage.operations import left_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, Reservation, SubjectLimit, UsageCounter, UsageEvent
from entitlements.models.usage import ReservationState
from entitlements.queries.usage.terms import terms_of

RECENT_SOURCES = 200  # of the latest events: what an id is looked for in, where nobody says whose it is


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter. `limit` is what bounds it today, None where nothing is known to: of a period long over, say."""

    row: UsageCounter
    terms: UseTerms
    limit: Amount | None
    running: bool

    @property
    def left(self) -> Amount | None:
        return None if self.limit is None else left_of(self.limit, Decimal(self.row.used + self.row.held))


def counters_of(
    account: Account, *, at: datetime, running: bool, feature: str = "", text: str = "", first: int = 0, most: int
) -> list[Counted]:
    """A slice of the account's counters: of the periods that run at the moment, or of those that are over."""
    now = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = UsageCounter.objects.filter(now if running else ~now, account=account).select_related("feature__group")
    rows = rows.filter(feature__key=feature) if feature else rows
    rows = rows.filter(Q(subject__icontains=text) | Q(choice__icontains=text)) if text else rows
    order = ("feature__group__position", "feature__name", "feature") if running else ("-starts_at", "feature__name")
    found = list(rows.order_by(*order, "subject", "choice", "-starts_at", "pk")[first : first + most])
    return _with_limits(account, found, at=at, running=running)


def counted(row: UsageCounter, *, at: datetime) -> Counted:
    """One counter with what bounds it."""
    running = row.starts_at <= at and (row.ends_at is None or row.ends_at > at)
    return _with_limits(row.account, [row], at=at, running=running)[0]


def _with_limits(account: Account, rows: Sequence[UsageCounter], *, at: datetime, running: bool) -> list[Counted]:
    terms = terms_of(account.pk, at=at)
    subjects = {row.subject for row in rows if row.subject}
    own = {
        (limit.feature_id, limit.subject): limit
        for limit in SubjectLimit.objects.filter(account=account, subject__in=subjects)
    }
    return [
        Counted(row, terms[row.feature.key], _limit(row, terms[row.feature.key], own) if running else None, running)
        for row in rows
    ]


def _limit(row: UsageCounter, terms: UseTerms, own: Mapping[tuple[int, str], SubjectLimit]) -> Amount | None:
    each = terms.answer.each_of is not None
    if row.choice:
        return terms.answer.sub_limits.get(row.choice)
    if not row.subject:
        return UNLIMITED if each else terms.limit
    limit = own.get((row.feature_id, row.subject))
    if limit is not None and (not limit.in_all or limit.starts_at == row.starts_at):
        return Decimal(limit.amount)
    return terms.limit if each else None


def events_of(counter: UsageCounter) -> QuerySet[UsageEvent]:
    """What came in for a counter, the latest first; in the order of the index by time."""
    rows = UsageEvent.objects.filter(account=counter.account_id, feature=counter.feature_id, at__gte=counter.starts_at)
    rows = rows.filter(at__lt=counter.ends_at) if counter.ends_at else rows
    rows = rows.filter(subject=counter.subject) if counter.subject else rows
    rows = rows.filter(choice=counter.choice) if counter.choice else rows
    return rows.order_by("-at", "-pk")


def events_before(counter: UsageCounter, *, at: datetime | None, pk: int, most: int) -> list[UsageEvent]:
    """A page of them, by where the one before ended: the last page costs what the first does."""
    rows = events_of(counter)
    if at is not None:
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
    return list(rows[:most])


def events_named(counter: UsageCounter, *, event_id: str, source: str = "") -> list[UsageEvent]:
    """Those of this id; without a source those of the sources that told of this counter lately."""
    sources = {source} if source else set(events_of(counter).values_list("source", flat=True)[:RECENT_SOURCES])
    return list(events_of(counter).filter(source__in=sources, event_id=event_id))


def reservations_of(account: Account, *, at: datetime, first: int, most: int) -> list[Reservation]:
    """What is held comes first, what runs out soonest before the rest; then what was settled, the latest first."""
    rows = Reservation.objects.filter(account=account).select_related("feature")
    held = rows.filter(state=ReservationState.HELD)
    number = held.count()  # bounded by what the account can hold at one time
    found = list(held.order_by("expires_at", "pk")[first : first + most])
    rest = most - len(found)
    begin = max(first - number, 0)
    settled = rows.exclude(state=ReservationState.HELD).order_by("-at", "-pk")
    return found + list(settled[begin : begin + rest] if rest else ())


def subject_limits_of(account: Account, *, text: str = "", first: int = 0, most: int) -> list[SubjectLimit]:
    rows = SubjectLimit.objects.filter(account=account).select_related("feature", "account")
    rows = rows.filter(subject__icontains=text) if text else rows
    return list(rows.order_by("feature__name", "subject")[first : first + most])
