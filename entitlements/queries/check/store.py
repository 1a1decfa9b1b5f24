"""What is held of accounts, catalog and profiles, and how it is forgotten: the one place that writes the memory.

Every change is made under one lock; reading needs none. Whatever is held of an account stands in `ids`: so forgetting
it there makes it worthless under each name it was asked for by.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from sys import intern
from threading import RLock
from weakref import WeakSet, WeakValueDictionary

from catalog.domain.rollouts import Audience
from entitlements.domain.outdating import Edition, outdated
from entitlements.domain.profiles import Profile, terms_by_profile, without_overrides
from entitlements.models import CohortMember
from entitlements.queries.check.answers import rule_on
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.check.holding import (
    FOREVER,
    GONE,
    NEVER_WORKED_OUT,
    Ahead,
    Asked,
    CatalogView,
    Compiled,
    CutOff,
    Held,
    Shared,
    editions,
    retold,
)
from entitlements.queries.check.reading import Read, Reading, instant, seconds, since_when
from entitlements.snapshots import Reader, snapshot_catalog

LIVE = -2  # the number of what is worked out once and not kept


class Store:
    def __init__(self, most: int) -> None:
        self.lock, self._loading = RLock(), RLock()
        self.names: Bounded[str, Held] = Bounded(most)
        self.ids: Bounded[int, Held] = Bounded(most, let_go=_let_go)
        self.profiles: WeakValueDictionary[Profile, Shared] = WeakValueDictionary()
        self.number = 0  # counts the catalog's editions
        self._edition: tuple[CatalogView | None, int] = (None, NEVER_WORKED_OUT)
        self._below: dict[int, set[int]] = {}  # whose answers hang on an account, besides its own
        self._left_out: set[int] = set()  # accounts whose parent wasn't read, because no rule asks for parents
        self._readings: list[Reading] = []
        self._ahead: WeakSet[Shared] = WeakSet()

    def forget(self, accounts: Iterable[int]) -> None:
        """The next check of each reads its rows; so with every account below it."""
        with self.lock:
            for one in accounts:
                for account_id in {one, *self._below.pop(one, ())}:
                    held = self.ids.pop(account_id)
                    if held is not None:
                        held.shared = GONE
                for reading in self._readings:
                    reading.changed.add(one)

    def forget_everything(self) -> None:
        with self.lock:
            self.number += 1
            self.ids.clear()
            self.names.clear()
            self._below.clear()
            self._left_out.clear()

    def forget_catalog(self) -> None:
        """Profiles are worked out again when somebody asks, by the catalog as it stands then."""
        with self.lock:
            self.number += 1

    def by_heart(self, shared: Shared, *, at: float) -> Compiled | None:
        """What the profile comes to at the instant, without reading a row; None where that isn't known."""
        view, number = self._edition
        if view is None or number != self.number or shared.gone:
            return None
        try:
            return self.compiled(shared, at=at, view=view.by_heart(), number=number)
        except CutOff:
            return None

    def read_ahead(self) -> None:
        """The catalog, and the versions that are held by anybody known, in case nothing can be read when they are needed."""
        if self._edition[1] == self.number or not self.profiles:
            return
        view, _number = self.edition()
        pins: dict[str | None, set[str]] = defaultdict(set)
        for profile in list(self.profiles.keys()):
            pins[profile.market] |= {item.pinned for item in profile.items}
        for market, pinned in pins.items():
            if market in view.market_ids:
                view.versions_of(pinned, market=market)

    @property
    def known_view(self) -> CatalogView | None:
        """The catalog as it was read last, if it was."""
        return self._edition[0]

    def view(self) -> CatalogView:
        return self.edition()[0]

    def edition(self) -> tuple[CatalogView, int]:
        """The catalog as it stands, read once for each of its editions, and the edition's number."""
        while True:
            view, viewed = self._edition
            if view is not None and viewed == self.number:
                return view, viewed
            with self._loading:
                number = self.number
                if self._edition[1] != number:
                    self._turn_over(CatalogView(snapshot_catalog(Reader())), number)

    def _turn_over(self, after: CatalogView, number: int) -> None:
        """From one edition of the catalog to the next: forgotten are only those whom it tells apart."""
        before = self._edition[0]
        changed = [] if before is None else editions(before, after)
        cohorts = {one.cohort for pair in changed for one in pair if one and one.audience is Audience.COHORT}
        members = CohortMember.objects.filter(cohort__key__in=cohorts).values_list("account_id", flat=True)
        chosen = list(members) if cohorts else []
        with self.lock:
            self.forget(chosen)
            if before is not None and after.asks_parents and not before.asks_parents:
                self.forget(self._left_out)
                self._left_out.clear()
            self._part(before, after, changed)
            self._edition = (after, number)

    def _part(self, before: CatalogView | None, after: CatalogView, changed: Collection[Edition]) -> None:
        """No more profiles for accounts that the change tells apart: each is read again."""
        if before is None:
            return
        for shared in (*self.profiles.values(), *self._ahead):
            told = retold(shared.profile, before, after)
            if outdated(shared.profile, latest=shared.latest, changed=changed, retold=told):
                shared.gone = True
                if self.profiles.get(shared.profile) is shared:
                    self.profiles.pop(shared.profile)

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Around the reading of rows: what others change meanwhile is noted, and then isn't kept."""
        reading = Reading(self.number)
        with self.lock:
            self._readings.append(reading)
        try:
            yield reading
        finally:
            with self.lock:
                self._readings = [one for one in self._readings if one is not reading]

    def keep(self, account_id: int, read: Read, reading: Reading | None) -> Held:
        """What was read, as it is held; kept only if nobody changed it meanwhile (and not without a reading)."""
        with self.lock:
            fresh = reading is not None and reading.number == self.number == self._edition[1]
            kept = fresh and reading is not None and reading.changed.isdisjoint(read.accounts)
            profile = read.seen.profile
            shared = self._shared(profile) if kept else Shared(profile)
            shared.latest = max(shared.latest, read.seen.latest)
            if shared.base is not None:
                shared.base.latest = max(shared.base.latest, read.seen.latest)
            until = seconds(read.seen.until, FOREVER)
            held = Held(shared, account_id, since_when(read), until, intern(read.facts.zone))
            if kept:
                if read.ahead:
                    held.asked = Asked(ahead=tuple(self._ahead_of(read)))
                self._put(held, read)
            return held

    def _ahead_of(self, read: Read) -> Iterator[Ahead]:
        """Shared with nobody: a profile to come would make all who have it already as young as itself. Each begins where
        the one before it ends."""
        since = seconds(read.seen.until, FOREVER)
        for seen in read.ahead:
            shared, until = Shared(seen.profile, latest=seen.latest), seconds(seen.until, FOREVER)
            self._ahead.add(shared)
            yield Ahead(since, until, shared)
            since = until

    def _put(self, held: Held, read: Read) -> None:
        former = self.ids.pop(held.id)
        if former is not None:
            former.shared = GONE
        self.ids[held.id] = held
        for other in read.accounts - {held.id}:
            self._below.setdefault(other, set()).add(held.id)
        if read.parent_left_out:
            self._left_out.add(held.id)

    def _shared(self, profile: Profile) -> Shared:
        known = self.profiles.get(profile)
        if known is None:
            base = self._shared(without_overrides(profile)) if profile.overrides else None
            known = self.profiles[profile] = Shared(profile, base)
        return known

    def compiled(self, shared: Shared, *, at: float, view: CatalogView, number: int) -> Compiled:
        """What the profile comes to at the instant, by that edition of the catalog; worked out once for all who ask."""
        known = shared.compiled
        if known.number == number and known.since <= at < known.until:
            return known
        with self.lock:
            base = None if shared.base is None else self.compiled(shared.base, at=at, view=view, number=number)
            made = work_out(shared.profile, view, at=at, number=number, base=base)
            if number == self.number and (shared.compiled.number != number or at >= shared.compiled.until):
                shared.compiled = made
        return made


def work_out(
    profile: Profile, view: CatalogView, *, at: float, number: int = LIVE, base: Compiled | None = None
) -> Compiled:
    """The rulings of a profile; beside a base only those that differ from it."""
    terms = terms_by_profile(profile, view, at=instant(at))
    until = min((seconds(one.answer.valid_until, FOREVER) for one in terms.values()), default=FOREVER)
    if base is None:
        return Compiled(number, at, until, {key: rule_on(one) for key, one in terms.items()}, None, {})
    other = {key: rule_on(one) for key, one in terms.items() if one != base.rulings[key].terms}
    return Compiled(number, max(at, base.since), min(until, base.until), other, base, {})


def _let_go(held: Held) -> None:
    held.shared = GONE
