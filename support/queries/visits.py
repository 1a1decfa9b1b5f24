"""Maintenance visits: what a cover's year includes and has left, and the plan of what is to be done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from catalog.domain.window import Window
from entitlements.domain.contract_terms import months_after
from entitlements.models import Account
from support.domain.cover_terms import VisitState
from support.domain.visits import OPEN_VISITS, is_late
from support.models import Asset, Cover, Visit
from support.snapshots.cover_contracts import Agreed, agreed_by
from support.snapshots.covers import window_of

DONE, MISSED = VisitState.DONE, VisitState.MISSED


@dataclass(frozen=True, slots=True)
class VisitsLeft:
    """What a cover's running year includes of visits, and what has become of them. `next` is the first still open."""

    cover: Cover
    included: int
    done: int
    missed: int
    left: int
    next: Visit | None
    late: bool

    @property
    def words(self) -> str:
        """ "1 of 2 visits left this year"."""
        noun = "visit" if self.included == 1 else "visits"
        return f"{self.left} of {self.included} {noun} left this year"


@dataclass(frozen=True, slots=True)
class WantedVisits:
    """Which visits; what is left empty is any. `technician` "" is any, "-" nobody."""

    account: Account | None = None
    state: VisitState | None = None
    technician: str = ""
    from_on: date | None = None
    through_on: date | None = None
    late: bool = False


def visits_left(whose: Account | Cover, *, at: datetime) -> list[VisitsLeft]:
    """For each cover in force that includes visits, or the one given: what its running year has left. The same few reads for all."""
    covers = Cover.objects.select_related("contract", "account").filter(visits_a_year__gte=1)
    account_id = whose.pk if isinstance(whose, Account) else whose.account_id
    known = {cover.pk: cover for cover in covers.filter(account=account_id)}
    windows = windows_of(known.values())
    chosen = [cover for cover in known.values() if isinstance(whose, Account) or cover.pk == whose.pk]
    in_force = [cover for cover in chosen if windows[cover.pk].contains(at)]
    rows: dict[int, list[Visit]] = defaultdict(list)
    if in_force:
        for visit in Visit.objects.filter(account__in={cover.account_id for cover in in_force}).order_by(
            "from_on", "pk"
        ):
            rows[visit.cover_id].append(visit)
    chains = _chains(in_force, rows)
    return [
        _left(
            cover,
            [visit for key in chains[cover.pk] for visit in rows[key]],
            begins=_begins(cover, known, windows),
            at=at,
        )
        for cover in in_force
    ]


def windows_of(covers: Iterable[Cover]) -> dict[int, Window]:
    """When each is in force: its own dates, no longer than its contract and the line of it; never before that is signed."""
    covers = list(covers)
    agreed = agreed_by(covers)
    return {cover.pk: _window(cover, agreed.get(cover.pk)) for cover in covers}


def holds_in(cover: Cover) -> Window:
    """From when until when visits of the cover may take place: also under covers that go on from it without a gap."""
    window = windows_of([cover])[cover.pk]
    start, end, last = window.start, window.end, cover
    while end is not None:
        following = Cover.objects.select_related("contract").filter(follows=last, visits_a_year__gte=1).first()
        goes_on = None if following is None else windows_of([following])[following.pk]
        if (
            following is None
            or goes_on is None
            or goes_on.start is None
            or goes_on.start > end
            or goes_on.start == goes_on.end
        ):
            break
        end, last = goes_on.end, following
    return Window(start, end)


def listed_visits(wanted: WantedVisits, *, today: date) -> QuerySet[Visit]:
    """The plan: late first, then by the last day on which each is in time."""
    rows = Visit.objects.select_related("account", "cover", "asset__product", "asset__location")
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    if wanted.state is not None:
        rows = rows.filter(state=wanted.state)
    if wanted.technician:
        rows = rows.filter(technician="" if wanted.technician == "-" else wanted.technician)
    if wanted.from_on is not None:
        rows = rows.filter(through_on__gte=wanted.from_on)
    if wanted.through_on is not None:
        rows = rows.filter(from_on__lte=wanted.through_on)
    if wanted.late:
        rows = rows.filter(_late(today))
    return rows.order_by("through_on", "from_on", "pk")


def visits_due_on(asset: Asset, *, limit: int = 5) -> list[Visit]:
    """Visits still open by which this device is looked after: named, or of a cover that reaches it; the next first."""
    reaches = (
        Q(asset=asset)
        | Q(asset=None, cover__scope__isnull=True)
        | Q(asset=None, cover__scope__asset=asset)
        | Q(asset=None, cover__scope__product=asset.product_id)
        | Q(asset=None, cover__scope__location=asset.location_id, cover__scope__location__isnull=False)
    )
    rows = Visit.objects.filter(reaches, account=asset.account_id, state__in=[*OPEN_VISITS, MISSED]).distinct()
    return list(rows.select_related("cover", "account").order_by("through_on", "pk")[:limit])


def open_visits_of(account: Account, *, limit: int) -> list[Visit]:
    rows = Visit.objects.filter(account=account, state__in=OPEN_VISITS).select_related("cover", "asset__product")
    return list(rows.order_by("through_on", "pk")[:limit])


def technicians() -> list[str]:
    """Everybody who has a visit still open."""
    rows = Visit.objects.filter(state__in=OPEN_VISITS).exclude(technician="")
    return sorted(set(rows.values_list("technician", flat=True)), key=str.casefold)


def late_number(*, today: date) -> int:
    return Visit.objects.filter(_late(today)).count()


def _window(cover: Cover, agreed: Agreed | None) -> Window:
    own = window_of(cover)
    if agreed is None:
        return own
    start = max(at for at in (own.start, agreed.starts_at) if at is not None)
    ends = [at for at in (own.end, agreed.ends_at) if at is not None]
    end = start if agreed.withheld else min(ends, default=None)
    return Window(start, None if end is None else max(start, end))


def _late(today: date) -> Q:
    return Q(state__in=OPEN_VISITS, through_on__lt=today)


def _chains(covers: Iterable[Cover], rows: dict[int, list[Visit]]) -> dict[int, set[int]]:
    """The cover itself and those it follows, as far as visits of theirs are at hand."""
    follows = dict(Cover.objects.filter(pk__in=[*rows]).values_list("pk", "follows")) if rows else {}
    found: dict[int, set[int]] = {}
    for cover in covers:
        chain, at = {cover.pk}, cover.follows_id
        while at is not None and at not in chain:
            chain.add(at)
            at = follows.get(at)
        found[cover.pk] = chain
    return found


def _begins(cover: Cover, known: Mapping[int, Cover], windows: Mapping[int, Window]) -> date:
    """The first day of its run, from which its years are counted: also of covers before it without a gap."""
    first = _day(windows[cover.pk].start or cover.starts_at, cover.zone)
    while (before := known.get(cover.follows_id or 0)) is not None:
        window = windows[before.pk]
        if window.start is None or window.start == window.end:
            break
        if window.end is not None and _day(window.end, before.zone) < first:
            break
        cover, first = before, _day(window.start, before.zone)
    return first


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _left(cover: Cover, visits: Sequence[Visit], *, begins: date, at: datetime) -> VisitsLeft:
    """Counted by its year: from the first day of the year of its run that the moment lies in."""
    today = at.astimezone(ZoneInfo(cover.zone)).date()
    years = max(0, today.year - begins.year)
    if months_after(begins, 12 * years) > today:
        years = max(0, years - 1)
    start, end = months_after(begins, 12 * years), months_after(begins, 12 * (years + 1))
    this_year = [visit for visit in visits if start <= visit.from_on < end]
    of = {state: sum(visit.state == state for visit in this_year) for state in VisitState}
    left = of[VisitState.PLANNED] + of[VisitState.SCHEDULED]
    coming = next((visit for visit in visits if visit.state in OPEN_VISITS), None)
    return VisitsLeft(
        cover=cover,
        included=left + of[DONE] + of[MISSED],
        done=of[DONE],
        missed=of[MISSED],
        left=left,
        next=coming,
        late=coming is not None and is_late(VisitState(coming.state), coming.through_on, today=today),
    )
