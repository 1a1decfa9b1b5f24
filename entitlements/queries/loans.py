"""Loans: what was lent to whom and until when, where each stands, and of which parts it is made. Nothing here writes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils.dateformat import format as spell

from catalog.domain.values import Nature
from catalog.domain.window import Window
from catalog.domain.words import say_value
from catalog.models import Feature
from catalog.queries.instants import say_until
from entitlements.domain.facts import Mode
from entitlements.models import Account, Cohort, Loan, Override, SubscriptionItem
from entitlements.models.loan import LoanState
from journal.domain.refusal import NotFound
from journal.models import Job

LENDING = "loan_lending"  # the long work that makes the parts of a large loan
TELLING = "loan_telling"  # the long work that tells what a recall took from whom
MODE_WORDS = {Mode.ADD: "+ {}", Mode.AT_LEAST: "at least {}", Mode.AT_MOST: "at most {}", Mode.REPLACE: "{}"}


class LoanPlace(StrEnum):
    """Where a loan stands at a moment."""

    WAITING = "waiting"
    TO_COME = "to_come"
    RUNNING = "running"
    ENDED = "ended"
    RECALLED = "recalled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        return {self.WAITING: "Waiting for approval", self.TO_COME: "To come", self.RUNNING: "Lent"}.get(
            self, self.value.capitalize()
        )


_BY_STATE = {
    LoanState.REQUESTED: LoanPlace.WAITING,
    LoanState.REJECTED: LoanPlace.REJECTED,
    LoanState.WITHDRAWN: LoanPlace.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class LoanPart:
    """What one account was lent: a lent item, or an override of the whole account. Only this answers."""

    account: Account
    row: SubscriptionItem | Override

    @property
    def window(self) -> Window | None:
        """When it speaks; None: never, for it was revoked before it began."""
        return self.row.window

    def live(self, at: datetime) -> bool:
        return self.window is not None and self.window.contains(at)

    def lasts(self, at: datetime) -> bool:
        """Whether it speaks at the moment or is to come."""
        return self.window is not None and (self.window.end is None or self.window.end > at)


def loans() -> QuerySet[Loan]:
    return Loan.objects.select_related("account", "cohort", "plan", "feature__group", "reason_code")


def loan_by_id(pk: int, *, account: Account | None = None) -> Loan:
    """The loan of that number; with an account, only one that was made to that very account."""
    rows = loans() if account is None else loans().filter(account=account)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such loan.")
    return found


def loans_of(account: Account) -> list[Loan]:
    """Every loan the account has a part in or was asked for, the newest first; also those to a cohort it is in."""
    taken = Q(overrides__account=account) | Q(items__subscription__account=account)
    return list(loans().filter(Q(account=account) | taken).distinct())


def loan_ids(*, account: Account | None = None, cohort: Cohort | None = None) -> frozenset[int]:
    """Every loan ever made to the account, or to the cohort as a whole: what a form was opened with."""
    rows = Loan.objects.filter(account=account, cohort=cohort)
    return frozenset(rows.values_list("pk", flat=True))


def token_of(loan: Loan) -> str:
    """Another one with every version of the loan, and with every part it gains: what a form was opened with."""
    version = loan.history.order_by("-history_id").values_list("history_id", flat=True).first()
    return f"{loan.pk}-{version}-{loan.overrides.count() + loan.items.count()}"


def place_of(loan: Loan, *, at: datetime) -> LoanPlace:
    if loan.state in _BY_STATE:
        return _BY_STATE[LoanState(loan.state)]
    if loan.recalled_at is not None and loan.recalled_at <= at:
        return LoanPlace.RECALLED
    if loan.ends_at <= at:
        return LoanPlace.ENDED
    return LoanPlace.RUNNING if loan.starts_at <= at else LoanPlace.TO_COME


def parts_of(loan: Loan) -> list[LoanPart]:
    """Every part of it, by the name of the account; two reads."""
    items = loan.items.select_related("subscription__account", "plan", "version__plan")
    overrides = loan.overrides.select_related("account", "feature")
    parts = [LoanPart(item.subscription.account, item) for item in items]
    parts += [LoanPart(override.account, override) for override in overrides]
    return sorted(parts, key=lambda part: (part.account.name, part.account.pk, part.row.pk))


def job_of(loan: Loan, kind: str) -> Job | None:
    return Job.objects.filter(kind=kind, payload__loan=loan.pk).first()


def what_is_lent(loan: Loan) -> str:
    """ "Team", "2 × IPv4", "Storage: + 20 GB", "Single sign-on", "Storage: denied"."""
    if loan.feature is None:
        return f"{loan.quantity} × {loan.plan}" if loan.quantity > 1 else str(loan.plan)
    return say_lent_feature(loan.feature, Mode(loan.mode), loan)


def say_lent_feature(feature: Feature, mode: Mode, loan: Loan) -> str:
    if mode is Mode.DENY:
        return f"{feature}: denied"
    if feature.shape.nature is Nature.GATE:
        return str(feature)
    value = loan.value
    said = "" if value is None else say_value(value, shape=feature.shape, typed_unit=loan.typed_unit)
    return f"{feature}: {MODE_WORDS[mode].format(said)}"


def how_long(loan: Loan) -> str:
    """ "through 31 March 2026 (Amsterdam)"; for a cohort "through 31 March 2026, where each of them is"."""
    if loan.cohort_id is None:
        return say_until(loan.ends_at, zone=loan.zone)
    return f"through {say_day(loan.through_on)}, where each of them is"


def to_whom(loan: Loan) -> str:
    return str(loan.account) if loan.account is not None else f"the cohort {loan.cohort}"


def say_day(day: date) -> str:
    return spell(day, "j F Y")
