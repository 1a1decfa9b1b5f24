"""How much of a feature's credits is left, of which grants, and what expires next. Nothing here writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount
from catalog.models import Feature
from entitlements.domain.credits.burning import Held
from entitlements.domain.credits.course import Course
from entitlements.domain.credits.grants import ZERO, Grant
from entitlements.domain.credits.plan import PLAN, period_of
from entitlements.domain.credits.telling import say_credits
from entitlements.domain.facts import Facts
from entitlements.models import Account, CreditBalance, CreditGrant
from entitlements.queries.credits.courses import course_at, credit_facts
from entitlements.snapshots.credits import snapshot_grant

AHEAD = timedelta(days=366)  # how far "what comes next" looks
OF_THE_PLAN = "the plan's credits"


@dataclass(frozen=True, slots=True)
class GrantLeft:
    """One grant as it stands: the plan's own has no row. `next_at` is when it is filled again."""

    grant: Grant
    row: CreditGrant | None
    left: Amount
    used: Decimal
    amount: Amount
    next_at: datetime | None

    @property
    def is_plan(self) -> bool:
        return self.row is None

    @property
    def name(self) -> str:
        return OF_THE_PLAN if self.row is None else name_of(self.row)

    @property
    def ends_at(self) -> datetime | None:
        """When what is left of it goes, if it isn't used: at its end, or when it is filled again."""
        return min((at for at in (self.grant.ends_at, self.next_at) if at is not None), default=None)

    @property
    def percent_left(self) -> int:
        if self.amount is UNLIMITED or self.left is UNLIMITED:
            return 100
        return int(100 * self.left / self.amount) if self.amount else 0


@dataclass(frozen=True, slots=True)
class CreditBalanceView:
    """A balance at an instant, in the feature's smallest unit; grants in the order in which they are used."""

    account: Account
    feature: Feature
    at: datetime
    left: Amount
    overage: Decimal
    used: Decimal
    grants: tuple[GrantLeft, ...]
    to_come: tuple[GrantLeft, ...]
    token: str

    @property
    def next_to_go(self) -> GrantLeft | None:
        """The grant whose rest goes first, if it isn't used."""
        going = [one for one in self.grants if one.left is not UNLIMITED and one.left and one.ends_at is not None]
        return min(going, key=lambda one: one.ends_at or self.at, default=None)

    def said(self, amount: Amount) -> str:
        return say_credits(amount, shape=self.feature.shape)


def balance_of(
    *, account: Account, feature: Feature, at: datetime, facts: Facts | None = None, latest: bool = False
) -> CreditBalanceView:
    """What was left at the instant, as it is known now; at an instant to come, if nothing more is used.

    `latest`: now is asked about, so what senders whose clocks run ahead have told counts already.
    """
    facts = facts or credit_facts(account)
    balance = balance_row(account=account, feature=feature)
    if latest and balance.settled_at is not None:
        at = max(at, balance.settled_at)
    course = course_at(balance, facts=facts, at=at)
    shown = tuple(_shown(course, at=at))
    state = course.state
    return CreditBalanceView(
        account=account,
        feature=feature,
        at=at,
        left=course.left,
        overage=state.overage,
        used=state.used,
        grants=tuple(one for one in shown if one.grant.effective_at <= at),
        to_come=tuple(_to_come(account, feature, at=at)),
        token=token_of(account=account, feature=feature),
    )


def left_of(*, account_id: int, feature: Feature, facts: Facts, at: datetime) -> Amount:
    """What may still be used now, in three reads, for whoever only asks that; `facts` as `credit_facts` reads them."""
    balance = CreditBalance.objects.filter(account_id=account_id, feature=feature).first()
    balance = balance or CreditBalance(account_id=account_id)
    balance.feature = feature
    return course_at(balance, facts=facts, at=max(at, balance.settled_at or at)).left


def balance_row(*, account: Account, feature: Feature) -> CreditBalance:
    """The balance's row, or one nobody has kept yet."""
    found = CreditBalance.objects.filter(account=account, feature=feature).first()
    balance = found or CreditBalance(account=account)
    balance.feature = feature
    return balance


def token_of(*, account: Account, feature: Feature) -> str:
    """What a form was opened with: it changes with every grant and every voiding; use doesn't outdate a form."""
    of_grants = CreditGrant.objects.filter(account=account, feature=feature)
    newest = of_grants.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"{newest}.{of_grants.filter(voided_at__isnull=False).count()}"


def name_of(row: CreditGrant) -> str:
    """What a grant is called in a ledger: "50 hours sold on 3 March 2026"."""
    amount = say_credits(Decimal(row.amount), shape=row.feature.shape, typed_unit=row.typed_unit)
    return f"{amount}, {row.get_source_display().lower()} (grant {row.pk})"


def _shown(course: Course, *, at: datetime) -> Iterator[GrantLeft]:
    """Every grant that may still be used, in burn order, the plan's among them."""
    burning = course.burning
    active = [grant for grant in burning.grants.values() if grant.is_active(at) and _matters(course, grant)]
    rows = _rows(active)
    for grant in sorted(active, key=lambda grant: grant.burn_order(at=at)):
        held = burning.held.get(grant.id, Held(ZERO))
        amount = grant.amount_at(at)
        upcoming = _next_of(course, grant, at=at)
        yield GrantLeft(grant, rows.get(grant.id), held.left, _used(held, amount), amount, upcoming)


def _matters(course: Course, grant: Grant) -> bool:
    """Not what is used up for good; the plan's where it gives anything, or where anything of it was used."""
    held = course.burning.held.get(grant.id)
    if grant.id == PLAN:
        return bool(grant.amount_at(course.at)) or bool(held and held.used)
    return bool((held and held.left) or grant.recurrence is not None or grant.min_rollover)


def _used(held: Held, amount: Amount) -> Decimal:
    if amount is UNLIMITED or held.left is UNLIMITED:
        return held.used
    return max(ZERO, amount - held.left)


def _next_of(course: Course, grant: Grant, *, at: datetime) -> datetime | None:
    if grant.id == PLAN:
        return period_of(course.source.facts, course.source.feature, at=at).end
    if grant.recurrence is None:
        return None
    again = next(iter(grant.recurrence.between(at, at + 4 * AHEAD)), None)
    return None if again is None or (grant.ends_at is not None and grant.ends_at <= again) else again


def _rows(grants: list[Grant]) -> dict[str, CreditGrant]:
    ids = [int(grant.id) for grant in grants if grant.id != PLAN]
    return {str(row.pk): row for row in CreditGrant.objects.filter(pk__in=ids).select_related("feature")}


def _to_come(account: Account, feature: Feature, *, at: datetime) -> Iterator[GrantLeft]:
    """Grants that begin later, the soonest first."""
    rows = CreditGrant.objects.filter(account=account, feature=feature, effective_at__gt=at, voided_at__isnull=True)
    for row in rows.order_by("effective_at", "pk").select_related("feature"):
        grant = snapshot_grant(row)
        yield GrantLeft(grant, row, grant.amount, ZERO, grant.amount, None)
