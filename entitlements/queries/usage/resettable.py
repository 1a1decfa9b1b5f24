"""What a reset of use would be about. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.values import Kind
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, SubjectLimit, UsageCounter
from entitlements.queries.usage.terms import terms_of
from journal.domain.refusal import Invalid, Refusal


class NothingToReset(Refusal):
    """Nothing has been used since the period began or it was last reset."""

    code = "nothing_to_reset"


@dataclass(frozen=True, slots=True)
class Resettable:
    """The counter it is about first, then what falls to the choices of it."""

    terms: UseTerms
    period: Window
    counters: Sequence[UsageCounter]

    @property
    def token(self) -> str:
        """What a form was opened with: another period or another reset makes it stale, use that goes on doesn't."""
        own = self.counters[0]
        return f"{own.pk}:{own.starts_at.isoformat()}:{own.since.isoformat()}"


def resettable(account: Account, feature: Feature, *, subject: str = "", choice: str = "", at: datetime) -> Resettable:
    """The counters of the present period that a reset would be about; a refusal where use can't be reset."""
    terms = terms_of(account.pk, at=at)[feature.key]
    refuse_unless_used_up(feature, terms)
    period = period_of(account, feature, terms, subject, at)
    rows = UsageCounter.objects.filter(account=account, feature=feature, starts_at=start_of(period), subject=subject)
    rows = rows.filter(choice=choice) if choice else rows
    counters = rows.select_related("account", "feature").order_by("choice")
    if not counters:
        raise NothingToReset(f"Nothing of {feature} has been used in this period, so there is nothing to reset.")
    return Resettable(terms, period, list(counters))


def refuse_unless_used_up(feature: Feature, terms: UseTerms) -> None:
    """Only what is used up and starts again can be reset."""
    if not terms.counted:
        raise Invalid(f"{feature} is not counted, so there is nothing to reset.", field="feature")
    if terms.shape.kind is Kind.CREDIT:
        raise Invalid("Credits that were burned stay burned; grant the customer credits instead.", field="feature")
    if terms.shape.kind is Kind.CAPACITY:
        words = f"{feature} is held, not used up: report what was given back, with a negative amount, instead."
        raise Invalid(words, field="feature")


def period_of(account: Account, feature: Feature, terms: UseTerms, subject: str, at: datetime) -> Window:
    """The one that runs; of a subject with a budget for a task, the budget's own."""
    budget = SubjectLimit.objects.filter(account=account, feature=feature, subject=subject, in_all=True).first()
    return Window(budget.starts_at, budget.ends_at) if budget is not None else terms.period(at)
