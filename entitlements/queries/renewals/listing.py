"""The list of what ends: by whose task it is, by month, by sort and by what became of it. Late ones come first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from catalog.domain.window import DAY, start_of_day
from entitlements.domain.renewing import RenewalState
from entitlements.models import Account, Renewal

NOBODY = "nobody"
LATE, ALL = "late", "all"
EDGE = timedelta(hours=11)  # so much later than in UTC a day is over in the west


@dataclass(frozen=True, slots=True)
class WantedRenewals:
    """Which ones; what is left out is any. `owner` is a number of staff, or nobody's; `month` such as "2026-03"."""

    state: str = ""
    owner: str = ""
    month: str = ""
    kind: str = ""
    account: Account | None = None
    ends_before: datetime | None = None


def listed_renewals(wanted: WantedRenewals, *, at: datetime) -> QuerySet[Renewal]:
    """What ends first stands first, so that of the open ones the late ones do."""
    rows = Renewal.objects.select_related("account", "owner").filter(_of(wanted, at=at))
    return rows.order_by("ends_at", "pk")


def _of(wanted: WantedRenewals, *, at: datetime) -> Q:
    found = Q()
    if wanted.state == LATE:
        found &= Q(state=RenewalState.OPEN, ends_at__lte=at)
    elif wanted.state in set(RenewalState):
        found &= Q(state=wanted.state)
    if wanted.owner == NOBODY:
        found &= Q(owner=None)
    elif wanted.owner.isdecimal() and len(wanted.owner) < 19:
        found &= Q(owner=int(wanted.owner))
    if (month := parse_month(wanted.month)) is not None:
        found &= _lasts_into(month)
    if wanted.kind:
        found &= Q(kind=wanted.kind)
    if wanted.account is not None:
        found &= Q(account=wanted.account)
    if wanted.ends_before is not None:
        found &= Q(ends_at__lt=wanted.ends_before)
    return found


def _lasts_into(month: datetime) -> Q:
    """What has its last day in the month where its customer is: through 31 March is March, though it ends in April."""
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    near = Renewal.objects.filter(ends_at__gt=month - DAY, ends_at__lt=after + DAY)
    found = Q(pk__in=[])
    for zone in near.order_by().values_list("account__zone", flat=True).distinct():
        first, last = start_of_day(month.date(), zone), start_of_day(after.date(), zone)
        found |= Q(account__zone=zone, ends_at__gt=first, ends_at__lte=last)
    return found


def parse_month(text: str) -> datetime | None:
    """The first instant of "2026-03", in UTC; None where it names no month."""
    year, _, month = text.partition("-")
    if not (year.isdecimal() and month.isdecimal() and len(text) == 7):
        return None
    return (
        datetime(int(year), int(month), 1, tzinfo=UTC) if 1970 <= int(year) <= 2200 and 1 <= int(month) <= 12 else None
    )


def months_of(rows: QuerySet[Renewal]) -> list[str]:
    """The months in which anything of it has its last day, the first first; at a month’s edge perhaps one too many."""
    zones = (UTC, timezone(-EDGE))
    found = {month for zone in zones for month in rows.order_by().datetimes("ends_at", "month", tzinfo=zone)}
    return sorted({f"{month:%Y-%m}" for month in found})


def owners_of(rows: QuerySet[Renewal]) -> list[tuple[str, str]]:
    """Whose tasks there are: (their number, their name), by name."""
    people = get_user_model()._default_manager.filter(pk__in=rows.order_by().values("owner"))
    return sorted(((str(one.pk), str(one)) for one in people), key=lambda one: one[1])


def ahead_of(account: Account, *, at: datetime, most: int) -> Sequence[Renewal]:
    """An account's open tasks, and what was decided of ends that are still to come, the soonest first."""
    rows = Renewal.objects.select_related("owner", "account").filter(account=account)
    mattering = Q(state=RenewalState.OPEN) | Q(ends_at__gt=at)
    return list(rows.filter(mattering).exclude(state=RenewalState.LAPSED).order_by("ends_at", "pk")[:most])
