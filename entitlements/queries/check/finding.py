"""Finding an account and what its profile comes to: remembered, read and then remembered, or read and kept nowhere.

What changed is taken up from the log by `take_up_changes`: after each commit of this process, and by whoever watches
the database (`watch.py`). Memory is believed only while the log was read within `PATIENCE`.
"""

from collections.abc import Callable, Collection
from threading import Lock
from time import time

from django.db import InterfaceError, OperationalError, connection

from catalog.models import Feature
from entitlements.models.facts_change import EVERYBODY
from entitlements.queries.account_names import texts_of
from entitlements.queries.accounts import account_by_key
from entitlements.queries.check.answers import Source
from entitlements.queries.check.holding import FOREVER, CatalogView, Compiled, CutOff, Held
from entitlements.queries.check.log import Log
from entitlements.queries.check.reading import NewerThanCatalog, read_account
from entitlements.queries.check.store import Store, work_out
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.domain.refusal import NotFound

MOST_ACCOUNTS = 500_000
MOST_RENAMED = 500  # accounts whose names are looked up after a change; of more, every name is read anew
PATIENCE = 2.0  # seconds without word from the log; then the rows are read
TURN = 0.1  # seconds to wait for whoever is reading the log
UNKNOWN_FOR, MOST_UNKNOWN = 2.0, 10_000
AWAY = (OperationalError, InterfaceError)

Found = tuple[Held, Compiled, Source]


class Finder:
    """`clock` gives seconds since 1970; `most` is how many accounts are held.

    `wanted` is called by a check that finds nobody watching; `away` says whether whoever watches can't reach the
    database, so that nobody else need wait for it.
    """

    def __init__(self, *, most: int = MOST_ACCOUNTS, clock: Callable[[], float] = time) -> None:
        self._clock, self._most = clock, most
        self.wanted: Callable[[], None] = _nobody
        self.away: Callable[[], bool] = _is_here
        self.begin_anew()

    def begin_anew(self) -> None:
        """With nothing, not even locks: after a fork."""
        self.store = Store(self._most)
        self._log, self._log_lock = Log(), Lock()
        self._heard = -FOREVER
        self._unknown: dict[str, float] = {}

    @property
    def trusted(self) -> bool:
        """Whether the log was read a moment ago, so that answers may be given from memory."""
        return self._clock() - self._heard <= PATIENCE

    @property
    def heard_at(self) -> float:
        """Up to when what is remembered is known to be so, in seconds since 1970."""
        return self._heard

    def take_up_changes(self) -> int:
        """Read what changed since, in one query, and forget it. Says how many changes there were."""
        with self._log_lock:
            at = self._clock()
            changed = self._log.read(connection)
            if changed:
                self._forget(changed)
            self._heard = at
        return len(changed)

    def nothing_changed(self) -> None:
        """Said by whoever knows that nobody wrote since the log was read."""
        at = self._clock()
        if self._log.mark is not None:
            self._heard = at

    def forget_everything(self) -> None:
        """When nobody watched for long, or watches no more."""
        with self._log_lock:
            self._log = Log()
            self._heard = -FOREVER
            self._unknown = {}
            self.store.forget_everything()

    def _forget(self, changed: Collection[int | None]) -> None:
        self._unknown = {}
        if EVERYBODY in changed:
            self.store.forget_everything()
            return
        if None in changed:
            self.store.forget_catalog()
        accounts = {one for one in changed if one is not None}
        self.store.forget(accounts)
        if accounts:
            self._forget_names(accounts)

    def _forget_names(self, accounts: Collection[int]) -> None:
        """An account may be called now what another one was called: nobody goes by its name from memory."""
        if len(accounts) > MOST_RENAMED:
            self.store.names.clear()
            return
        for text in texts_of(accounts):
            self.store.names.pop(text)

    def feature_id(self, feature: str, *, by_heart: bool) -> int | None:
        """Its row's number; None: there is no such feature, or it isn't known by heart."""
        view = self.store.known_view if by_heart or self.trusted else None
        found = None if view is None else view.feature_ids.get(feature)
        if found is not None or by_heart:
            return found
        return Feature.objects.filter(key=feature).values_list("pk", flat=True).first()

    def view(self) -> CatalogView:
        """The catalog as it stands for this process and this transaction."""
        return self.store.view() if self._believed() else self.view_of_rows()

    def view_of_rows(self) -> CatalogView:
        """The catalog read anew, for what names something that isn't known here yet."""
        return CatalogView(snapshot_catalog(Reader()))

    def catalog(self) -> CatalogSnapshot:
        """The catalog as the rows have it now, for whoever decides something lasting by it: one read where it is remembered.

        A check may be as old as word of a change takes; this is never older than the read.
        """
        return self.store.view().snapshot if self._told_all() else snapshot_catalog(Reader())

    def _told_all(self) -> bool:
        """Whether nothing of the catalog was changed that this process hasn't taken up."""
        if not self.trusted or not self._log_lock.acquire(timeout=TURN):
            return False
        try:
            return not self._log.has_untold(connection)
        finally:
            self._log_lock.release()

    def named(self, key: str, at: float) -> Found:
        """The account of a key or external id; NotFound."""
        held = self.store.names.get(key)
        known = held is not None and not held.shared.gone
        found = self.found(held.id if held is not None and known else self._id_of(key, at), at)
        if found[0] is not held:
            self.remember_name(key, found[0])
        return found

    def remember_name(self, key: str, held: Held) -> None:
        # Only what stands under its id is ever forgotten.
        if self.store.ids.get(held.id) is held:
            self.store.names[key] = held

    def _id_of(self, key: str, at: float) -> int:
        if self._unknown.get(key, 0.0) > at and self.trusted:
            raise NotFound(f"No account has the key or id {key!r}.")
        if self.away():
            raise CutOff("The desk's database can't be reached.")
        try:
            return account_by_key(key).pk
        except NotFound:
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown = {}
            self._unknown[key] = at + UNKNOWN_FOR
            raise

    def found(self, account_id: int, at: float) -> Found:
        """The account and what its profile comes to at the instant; where nothing can be read, the last known, and
        CutOff where there is none."""
        known = self.store.ids.get(account_id)
        try:
            if self.away():
                raise CutOff("The desk's database can't be reached.")
            if not self._believed():
                self.wanted()
                return self._aside(account_id, at, self.view_of_rows())
            if abs(at - self._clock()) > PATIENCE and (known is None or not known.since <= at < known.until):
                return self._aside(account_id, at, self.store.view())
            return self._kept(account_id, known, at)
        except NewerThanCatalog:
            return self._aside(account_id, at, self.view_of_rows())
        except AWAY as fault:
            compiled = None if known is None else self._by_heart(known, at)
            if known is None or compiled is None:
                raise CutOff(str(fault)) from fault
            return known, compiled, "fallback"

    def last(self, key: str, at: float) -> tuple[Held, Compiled, bool] | None:
        """What was known last of the account of that name, and whether it holds at the instant; no row is read. None:
        nothing, or what is known to have been changed since and wasn't read again."""
        held = self.store.names.get(key)
        if held is not None and held.shared.gone:
            held = self.store.ids.get(held.id)
        if held is None:
            return None
        compiled = self._by_heart(held, at)
        if compiled is not None:
            return held, compiled, True
        over = self.store.by_heart(held.shared, at=at)
        return None if over is None else (held, over, False)

    def _by_heart(self, held: Held, at: float) -> Compiled | None:
        """What holds at the instant: by the profile it has, or by the one that is known to follow."""
        shared = held.shared if held.since <= at < held.until else None
        for ahead in () if held.asked is None else held.asked.ahead:
            shared = ahead.shared if ahead.since <= at < ahead.until else shared
        return None if shared is None else self.store.by_heart(shared, at=at)

    def _believed(self) -> bool:
        return self.trusted and not (connection.in_atomic_block and self._log.written_here(connection))

    def _kept(self, account_id: int, known: Held | None, at: float) -> Found:
        """Out of memory, or read into it; where others change it meanwhile, tried once more and then read aside."""
        for _attempt in range(2):
            view, number = self.store.edition()
            held = known
            if held is None or held.shared.gone or not held.since <= at < held.until:
                with self.store.reading() as reading:
                    read = read_account(account_id, view=view, at=at, ahead=True)
                    held = self.store.keep(account_id, read, reading)
            compiled = self.store.compiled(held.shared, at=at, view=view, number=number)
            if number == self.store.number and not held.shared.gone:
                return held, compiled, "cache"
            known = self.store.ids.get(account_id)
        return self._aside(account_id, at, self.view_of_rows())

    def _aside(self, account_id: int, at: float, view: CatalogView) -> Found:
        """By the rows, kept nowhere: nobody watches them, or another instant is asked about."""
        read = read_account(account_id, view=view, at=at)
        held = self.store.keep(account_id, read, None)
        return held, work_out(read.seen.profile, view, at=at), "live"


def _nobody() -> None:
    """Nobody may watch in this process."""


def _is_here() -> bool:
    """Nobody watches, so that the rows are tried."""
    return False
