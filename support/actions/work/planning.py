"""Visits planned as covers owe them: added, moved and cancelled until they stand as owed; asked again, nothing is written."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Max, Q

from catalog.domain.window import Window
from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import SYSTEM, Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Refusal
from support.domain.cover_terms import ScopeKind, VisitState
from support.domain.visits import AHEAD, OPEN_VISITS, Part, Planning, Standing, is_missed, owed, planning, term_of
from support.models import Cover, CoverScope, Visit
from support.queries.visits import windows_of

NOT_OWED = "Its cover doesn’t include it any more."


def plan_visits(cover: Cover, *, at: datetime, by: Actor = SYSTEM) -> int:
    """The visits of a cover, and of those it follows or is followed by, were planned; how many were changed.

    Needs no permission of its own: who writes a cover agreed to its visits, and the desk plans them ahead day by day.
    """
    return plan_account(cover.account, at=at, by=by)


@transaction.atomic
def plan_account(account: Account, *, at: datetime, by: Actor = SYSTEM) -> int:
    """Every visit that the account's covers owe in the next 400 days was planned; what isn't owed was cancelled."""
    account = lock_account(account.pk)
    covers = {cover.pk: cover for cover in Cover.objects.filter(account=account).select_related("contract")}
    rows: dict[int, list[Visit]] = defaultdict(list)
    for visit in Visit.objects.filter(account=account).select_related("cover", "account"):
        rows[visit.cover_id].append(visit)
    deed, changed, windows = begin(by=by, at=at), 0, windows_of(covers.values())
    for chain in _chains(covers.values()):
        visits = {visit.pk: visit for cover in chain for visit in rows[cover.pk]}
        todo = planning(
            _parts_of(chain, list(visits.values()), windows=windows, at=at), [_standing(one) for one in visits.values()]
        )
        if todo:
            changed += _Carrying(chain, visits, account, deed).out(todo)
    return changed


def plan_ahead(*, at: datetime, enough: Callable[[], bool] = bool) -> int:
    """Every account's visits were planned ahead, and those whose time has passed were marked as missed; how many changed.

    The desk's own daily work: first those that are planned least far ahead, so that an early end leaves the least undone.
    An account that can't be planned now doesn't hold up the others.
    """
    changed = 0
    includes = Q(covers__visits_a_year__gte=1) | Q(visits__state__in=OPEN_VISITS)
    rows = Account.objects.filter(includes).annotate(last=Max("visits__from_on"))
    for account in rows.order_by(F("last").asc(nulls_first=True), "pk"):
        if enough():
            break
        try:
            changed += plan_account(account, at=at)
        except Refusal:
            continue
    return changed + miss_overdue(at=at, enough=enough)


def miss_overdue(*, at: datetime, enough: Callable[[], bool] = bool) -> int:
    """Visits whose last day has passed, with no appointment still to come, were marked as missed; each once."""
    missed = 0
    for pk in Visit.objects.filter(_perhaps_overdue(at)).values_list("pk", flat=True):
        if enough():
            break
        missed += _miss(pk, at=at)
    return missed


@transaction.atomic
def _miss(pk: int, *, at: datetime) -> bool:
    visit = Visit.objects.select_for_update(of=("self",)).select_related("cover", "account").get(pk=pk)
    zone = ZoneInfo(visit.cover.zone)
    scheduled_on = visit.scheduled_for.astimezone(zone).date() if visit.scheduled_for else None
    if not is_missed(VisitState(visit.state), visit.through_on, scheduled_on, today=at.astimezone(zone).date()):
        return False
    deed = begin(by=SYSTEM, at=at)
    visit.state, visit.settled_at, visit.settled_by = VisitState.MISSED, at, SYSTEM.name
    keep(visit, deed=deed)
    record(deed, "visit:miss", subject=visit, account_key=visit.account.key, reason="Its last day has passed.")
    return True


def _perhaps_overdue(at: datetime) -> Q:
    """Wherever it stands, the day there is at most one further than in UTC."""
    return Q(state__in=OPEN_VISITS, through_on__lte=at.date())


def _chains(covers: Iterable[Cover]) -> list[list[Cover]]:
    """Covers in the order in which they follow each other; each in one chain."""
    by_id = {cover.pk: cover for cover in covers}
    after = {cover.follows_id: cover for cover in by_id.values() if cover.follows_id in by_id}
    found = []
    for first in (cover for cover in by_id.values() if cover.follows_id not in by_id):
        chain = [first]
        while (following := after.get(chain[-1].pk)) is not None:
            chain.append(following)
        found.append(chain)
    return found


def _parts_of(
    chain: Sequence[Cover], visits: Sequence[Visit], *, windows: Mapping[int, Window], at: datetime
) -> list[Part]:
    """As far ahead as is planned, and as any visit stands already: an earlier run takes nothing back from a later one."""
    told = (
        term_of(one.pk, windows[one.pk], zone=one.zone, a_year=one.visits_a_year, known_at=one.recorded_at)
        for one in chain
    )
    until = max([at.date() + AHEAD, *(visit.from_on for visit in visits)])
    return owed([term for term in told if term is not None], until=until)


def _standing(visit: Visit) -> Standing:
    by_desk = visit.state == VisitState.CANCELLED and visit.note == NOT_OWED
    return Standing(visit.pk, visit.cover_id, visit.from_on, visit.through_on, VisitState(visit.state), by_desk)


class _Carrying:
    """What was found to differ, written as one deed for the covers of a chain."""

    def __init__(self, chain: Sequence[Cover], visits: dict[int, Visit], account: Account, deed: Deed) -> None:
        self.covers = {cover.pk: cover for cover in chain}
        self.visits, self.account, self.deed = visits, account, deed
        self.assets: dict[int, int | None] = {}

    def out(self, todo: Planning) -> int:
        for pk in todo.drop:
            visit = self.visits[pk]
            visit.state, visit.settled_at, visit.settled_by = VisitState.CANCELLED, self.deed.at, self.deed.by.name
            visit.note = NOT_OWED
            keep(visit, deed=self.deed)
        for pk, part in todo.move:
            self._move(self.visits[pk], part)
        for pk, part in todo.revive:
            visit = self.visits[pk]
            visit.state, visit.settled_at, visit.settled_by, visit.note = VisitState.PLANNED, None, "", ""
            visit.scheduled_for = None
            self._move(visit, part)
        for part in todo.add:
            self._move(Visit(account=self.account, asset_id=self._asset_of(part.key)), part)
        told = {
            "planned": [None, len(todo.add) + len(todo.revive)],
            "moved": [None, len(todo.move)],
            "cancelled": [None, len(todo.drop)],
        }
        changes = {name: change for name, change in told.items() if change[1]}
        record(self.deed, "visit:plan", subject=list(self.covers.values())[-1], account_key=self.account.key, changes=changes)  # fmt: skip
        return len(todo.add) + len(todo.move) + len(todo.revive) + len(todo.drop)

    def _move(self, visit: Visit, part: Part) -> None:
        """Under another cover it has another number there."""
        if visit.cover_id != part.key:
            visit.cover = self.covers[part.key]
            visit.number = (Visit.objects.filter(cover=part.key).aggregate(last=Max("number"))["last"] or 0) + 1
        visit.from_on, visit.through_on = part.from_on, part.through_on
        keep(visit, deed=self.deed)

    def _asset_of(self, cover: int) -> int | None:
        if cover not in self.assets:
            self.assets[cover] = _only_asset(self.covers[cover])
        return self.assets[cover]


def _only_asset(cover: Cover) -> int | None:
    """The device the cover is narrowed to, where it is one alone."""
    assets = CoverScope.objects.filter(cover=cover, kind=ScopeKind.ASSET).values_list("asset_id", flat=True)[:2]
    return assets[0] if len(assets) == 1 else None
