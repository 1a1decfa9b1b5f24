"""Finding an account and what its profile comes to: remembered, read and then remembered, or read and kept nowhere.

What changed is taken up from the log by `take_up_changes`: after each commit of this process, and by whoever watches
the database (`watch.py`). Memory is believed only while the log was read within `PATIENCE`.
"""

from collections.abc import Callable, Collection
from threading import Lock
from time import time

from django.db import InterfaceError, OperationalError, connection

from entitlements.models.facts_change import EVERYBODY
from entitlements.queries.accounts import account_by_key
from entitlements.queries.check.answers import Source
from entitlements.queries.check.holding import FOREVER, CatalogView, Compiled, Held
from entitlements.queries.check.log import Log
from entitlements.queries.check.reading import read_account
from entitlements.queries.check.store import Store, work_out
from entitlements.snapshots import Reader, snapshot_catalog
from journal.domain.refusal import NotFound

MOST_ACCOUNTS = 500_000
PATIENCE = 2.0  # seconds without word from the log; then the rows are read
UNKNOWN_FOR, MOST_UNKNOWN = 2.0, 10_000
AWAY = (OperationalError, InterfaceError)

Found = tuple[Held, Compiled, Source]


class Finder:
    """`clock` gives seconds since 1970; `most` is how many accounts are held.

    `wanted` is called by a check that finds nobody watching.
    """

    def __init__(self, *, most: int = MOST_ACCOUNTS, clock: Callable[[], float] = time) -> None:
        self._clock, self._most = clock, most
        self.wanted: Callable[[], None] = _nobody
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
        self.store.forget({one for one in changed if one is not None})

    def view(self) -> CatalogView:
        """The catalog as it stands for this process and this transaction."""
        return self.store.view() if self._believed() else CatalogView(snapshot_catalog(Reader()))

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
        try:
            return account_by_key(key).pk
        except NotFound:
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown = {}
            self._unknown[key] = at + UNKNOWN_FOR
            raise

    def found(self, account_id: int, at: float) -> Found:
        """The account and what its profile comes to at the instant; where nothing can be read, the last known."""
        known = self.store.ids.get(account_id)
        try:
            if not self._believed():
                self.wanted()
                return self._aside(account_id, at, CatalogView(snapshot_catalog(Reader())))
            if abs(at - self._clock()) > PATIENCE and (known is None or not known.since <= at < known.until):
                return self._aside(account_id, at, self.store.view())
            return self._kept(account_id, known, at)
        except AWAY:
            if known is None or not known.since <= at < min(known.until, known.shared.compiled.until):
                raise
            return known, known.shared.compiled, "fallback"

    def _believed(self) -> bool:
        return self.trusted and not (connection.in_atomic_block and self._log.written_here(connection))

    def _kept(self, account_id: int, known: Held | None, at: float) -> Found:
        """Out of memory, or read into it; where others change it meanwhile, tried once more and then read aside."""
        for _attempt in range(2):
            view, number = self.store.edition()
            held = known
            if held is None or held.shared.gone or not held.since <= at < held.until:
                with self.store.reading() as reading:
                    held = self.store.keep(account_id, read_account(account_id, view=view, at=at), reading)
            compiled = self.store.compiled(held.shared, at=at, view=view, number=number)
            if number == self.store.number and not held.shared.gone:
                return held, compiled, "cache"
            known = self.store.ids.get(account_id)
        return self._aside(account_id, at, CatalogView(snapshot_catalog(Reader())))

    def _aside(self, account_id: int, at: float, view: CatalogView) -> Found:
        """By the rows, kept nowhere: nobody watches them, or another instant is asked about."""
        read = read_account(account_id, view=view, at=at)
        held = self.store.keep(account_id, read, None)
        return held, work_out(read.seen.profile, view, at=at), "live"


def _nobody() -> None:
    """Nobody may watch in this process."""
