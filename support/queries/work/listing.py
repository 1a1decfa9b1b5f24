"""Work that was recorded: lists for screens and programs, and what it comes to in each currency. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from catalog.domain.window import DAY, start_of_day
from catalog.domain.words import say_money
from entitlements.models import Account
from journal.domain.refusal import NotFound, Refusal
from support.domain.cover_terms import Billing, WorkKind
from support.models import Asset, Case, Visit, WorkItem
from support.queries.assets.finding import asset_by_serial

LARGEST = 2**53 - 1


class SeveralDevices(Refusal):
    """More than one device bears the serial number."""

    code = "several_devices"


@dataclass(frozen=True, slots=True)
class WantedWork:
    """Which work; what is left out is any. Days are said in UTC."""

    account: Account | None = None
    billing: Billing | None = None
    kind: WorkKind | None = None
    case: Case | None = None
    asset: Asset | None = None
    from_on: date | None = None
    through_on: date | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What the customers' shares come to in one currency; without a currency: how many have no price yet."""

    currency: str
    number: int
    micros: int

    @property
    def words(self) -> str:
        if self.currency:
            return say_money(self.micros, self.currency)
        return f"{self.number} without a price"


def listed_work(wanted: WantedWork) -> QuerySet[WorkItem]:
    """The newest first."""
    rows = WorkItem.objects.select_related("account", "case", "visit", "asset__product", "cover", "warranty")
    given = {
        "account": wanted.account,
        "billing": wanted.billing,
        "kind": wanted.kind,
        "case": wanted.case,
        "asset": wanted.asset,
    }
    rows = rows.filter(**{name: value for name, value in given.items() if value is not None})
    if wanted.from_on is not None:
        rows = rows.filter(done_at__gte=start_of_day(wanted.from_on, "UTC"))
    if wanted.through_on is not None:
        rows = rows.filter(done_at__lt=start_of_day(wanted.through_on + DAY, "UTC"))
    return rows.order_by("-done_at", "-pk")


def work_page(wanted: WantedWork, *, after: int, most: int) -> Sequence[WorkItem]:
    """For programs: in the order it was recorded, what is behind the id `after`."""
    return list(listed_work(wanted).filter(pk__gt=after).order_by("pk")[:most])


def totals(rows: QuerySet[WorkItem]) -> list[Total]:
    """By currency; one read. What has no price comes last."""
    found = rows.order_by().values("currency").annotate(number=Count("pk"), micros=Sum("customer_micros"))
    told = [Total(row["currency"], row["number"], row["micros"] or 0) for row in found]
    return sorted(told, key=lambda one: (not one.currency, one.currency))


def work_of_case(case: Case, *, limit: int) -> list[WorkItem]:
    return list(listed_work(WantedWork(case=case))[:limit])


def open_work_of(account: Account) -> QuerySet[WorkItem]:
    return listed_work(WantedWork(account=account, billing=Billing.OPEN))


def device_with(serial: str, *, account: Account | None = None, product: str = "") -> Asset:
    """The one device of this serial number, perhaps of this customer and product; the problem names what is amiss."""
    found = [
        one
        for one in asset_by_serial(serial.replace("\x00", ""))
        if (account is None or one.account_id == account.pk) and (not product or one.product.key == product)
    ]
    if not found:
        whose = f" of {account.name}" if account is not None else ""
        raise NotFound(f"No device{whose} has the serial number {serial[:120]!r}.", field="serial")
    in_use = [one for one in found if one.retired_at is None] or found
    if len(in_use) > 1:
        several = ", ".join(f"{one.product.name} ({one.product.key}) of {one.account.key}" for one in in_use[:8])
        raise SeveralDevices(
            f"Several devices have this serial number: {several}. Name the product, too.", field="serial"
        )
    return in_use[0]


def visit_numbered(number: int) -> Visit:
    found = Visit.objects.select_related("account", "cover__contract", "asset__product").filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no visit {number}.")
    return found


def listed_visit_work(visit: Visit) -> QuerySet[WorkItem]:
    """What was recorded with a visit, as it came."""
    return WorkItem.objects.filter(visit=visit).select_related("account").order_by("pk")
