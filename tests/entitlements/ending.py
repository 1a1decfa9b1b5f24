"""Things that end, for tests of the tasks about them: written by the desk's own actions, each with an owner."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.domain.values import Kind
from catalog.models import Feature, Plan
from entitlements.actions.credits.grants import GrantTerms, grant
from entitlements.domain.renewing import RenewalState
from entitlements.models import Account, Contract, CreditGrant, Licence, LicencePolicy, Renewal, Subscription
from entitlements.models.contract import Renewal as ByItself
from journal.domain.actor import SYSTEM
from journal.models import Staff
from tests.catalog.factories import FeatureFactory
from tests.entitlements.contracts import drafted, selling, signed
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

FIXED: dict[str, Any] = {"renewal": ByItself.ENDS, "renewal_months": None, "notice_days": 0}


def owner(username: str = "ana", **more: Any) -> Staff:
    return Staff.objects.create(
        username=username, email=f"{username}@desk.example", first_name=username.title(), **more
    )


def customer(key: str = "acme", *, looked_after: bool = True, **more: Any) -> Account:
    return account(key, owner=Staff.objects.filter(username="ana").first() or owner() if looked_after else None, **more)


def team() -> Plan:
    """The plan Team of the small world, made once in a test."""
    return Plan.objects.filter(key="team").first() or catalog().team


def contract(held_by: Account, *, months: int = 3, at: datetime = AT, **terms: Any) -> Contract:
    """In force for so many months from its signing, and then it ends."""
    version = drafted(held_by, at=at, term_months=months, **({**FIXED, **terms}))
    selling(version, team(), 2, at=at)
    return signed(version, at=at).contract


def renewing(held_by: Account, *, months: int = 3, notice_days: int = 30, at: datetime = AT) -> Contract:
    return contract(
        held_by, months=months, at=at, renewal=ByItself.RENEWS, renewal_months=months, notice_days=notice_days
    )


def ending(held_by: Account, *, on: datetime = AT + 40 * DAY) -> Subscription:
    """Sold for one term."""
    return subscribed(held_by, team(), at=AT - 10 * DAY, ends_at=on)


def hours() -> Feature:
    return Feature.objects.filter(key="help").first() or FeatureFactory(
        key="help", name="Prepaid help", kind=Kind.CREDIT, unit="credit"
    )


def credits(held_by: Account, *, through_on: date = date(2026, 4, 30), amount: int = 10) -> CreditGrant:
    terms = GrantTerms(amount=Decimal(amount), through_on=through_on)
    return grant(account=held_by, feature=hours(), terms=terms, reason="Sold", by=SYSTEM, at=AT)


def maintained(held_by: Account, *, until: date = date(2026, 5, 31)) -> Licence:
    press = LicencePolicy.objects.filter(key="press").first() or policy_of(None, at=AT - DAY)
    return licensed(held_by, press, at=AT, maintenance_until=until).licence


def tasks(**wanted: Any) -> list[tuple[str, str, str]]:
    """(sort, state, how many days ahead it ends) of each, the soonest first."""
    rows = Renewal.objects.filter(**wanted).order_by("ends_at", "pk")
    return [(row.kind, RenewalState(row.state).value, str(round((row.ends_at - AT) / DAY))) for row in rows]


def task(**wanted: Any) -> Renewal:
    return Renewal.objects.select_related("account__owner", "owner").get(**wanted)


HOUR = timedelta(hours=1)
