"""A small world of credits: a plan that gives 100 a month, and a customer in Amsterdam who holds it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.domain.values import UNLIMITED, Amount, Kind, Reset
from catalog.models import Feature, Plan, PlanVersion
from entitlements.actions.credits.books import open_book
from entitlements.actions.credits.grants import GrantTerms, grant
from entitlements.models import Account, CreditBalance, CreditEntry, CreditGrant
from entitlements.queries.credits import CreditBalanceView, balance_of
from entitlements.queries.credits.courses import credit_facts
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureFactory, PlanFactory, PlanVersionFactory, publish_now
from tests.entitlements.world import AT, DAY, account, subscribed, term
from tests.remembered import remembered

BEGAN = AT - 10 * DAY


@dataclass(frozen=True)
class Credited:
    acme: Account
    credits: Feature
    plan: Plan


class CreditsFactory(FeatureFactory):
    key = "ai_credits"
    name = "AI credits"
    kind = Kind.CREDIT
    unit = "credit"


@remembered
def credited() -> Credited:
    """Acme holds a plan of 100 credits a month, by the calendar of Amsterdam, since ten days before `AT`."""
    feature, plan = CreditsFactory(), PlanFactory(key="pro", name="Pro")
    publish_credits(plan, feature, Decimal(100))
    acme = account()
    subscribed(acme, plan, at=BEGAN)
    return Credited(acme, feature, plan)


def publish_credits(
    plan: Plan, feature: Feature, amount: Amount, *, reset: Reset = Reset.MONTH, at: datetime = EPOCH, **more: Any
) -> PlanVersion:
    draft = PlanVersionFactory(plan=plan)
    keep(term(draft, feature, amount, reset=reset), deed=begin(by=SYSTEM, at=at))
    return publish_now(draft, at=at, **more)


def unplanned() -> Credited:
    """A customer without any plan, and a feature of credits."""
    return Credited(account("bare"), CreditsFactory(), PlanFactory(key="none"))


def granted(world: Credited, amount: int, *, at: datetime = AT, by: Any = SYSTEM, **terms: Any) -> CreditGrant:
    told = GrantTerms(amount=Decimal(amount), **terms)
    return grant(account=world.acme, feature=world.credits, terms=told, reason="They bought it", by=by, at=at)


def spent(
    world: Credited,
    amount: int,
    *,
    at: datetime = AT,
    forced: bool = False,
    event: str = "",
    now: datetime | None = None,
) -> bool:
    """Spend through a book of its own, as the recording of use does."""
    with transaction.atomic():
        facts, now = credit_facts(world.acme), now or at
        book = open_book(account_id=world.acme.pk, feature_id=world.credits.pk, facts=facts, at=now)
        fits = book.spend(Decimal(amount), at=at, event=event or f"test {at.isoformat()} {amount}", forced=forced)
        book.close(at=now)
    return fits


def seen(world: Credited, at: datetime = AT) -> CreditBalanceView:
    return balance_of(account=world.acme, feature=world.credits, at=at)


def left(world: Credited, at: datetime = AT) -> int | None:
    found = seen(world, at).left
    return None if found is UNLIMITED else int(found)


def lines(world: Credited) -> list[tuple[str, int, int]]:
    """The ledger as written: kind, amount, balance after."""
    rows = CreditEntry.objects.filter(balance__account=world.acme).order_by("pk")
    return [(row.kind, row.amount, row.balance_after) for row in rows]


def adds_up(world: Credited) -> bool:
    """Whether each line leads from the balance before to the balance after, and the last to what is stored."""
    after = 0
    for row in CreditEntry.objects.filter(balance__account=world.acme).order_by("pk"):
        after += 0 if row.kind in {"use", "given_back"} and row.unlimited else row.amount
        if row.balance_after != after:
            return False
    balance = CreditBalance.objects.get(account=world.acme)
    held = balance.checkpoint["held"].values()
    finite = sum(int(left) for left, _used, _amount in held if left != "unlimited")
    return after == finite - int(balance.checkpoint["overage"])


def with_credits(acme: Account, *, at: datetime) -> dict[str, object]:
    """A grant of an account, by the names of the permission table."""
    row = granted(Credited(acme, CreditsFactory(), PlanFactory(key="credits")), 50, at=at)
    return {"credit_feature": row.feature.key, "credit_grant": row.pk}
