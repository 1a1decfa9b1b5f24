"""What this client has counted and the desk hasn't answered yet: bounded, once for each id, and never dropped before
the desk has answered it."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from entitlement_client.errors import QueueFull
from entitlement_client.store import Store

FORMAT = "entitlement-client/waiting/1"
REPORT = "/api/v1/report"
logger = logging.getLogger("entitlement_client")
Pair = tuple[str, str]


class Item(NamedTuple):
    """A request that is sent until it is answered. `amount` of the account's feature counts as used meanwhile."""

    name: str
    path: str
    body: Mapping[str, Any] | None
    account: str = ""
    feature: str = ""
    amount: int = 0


class Waiting:
    """In the order told; safe for threads."""

    def __init__(self, store: Store | None, *, desk: str, most: int) -> None:
        self._store, self._desk, self._most = store, desk, most
        self._lock = threading.Lock()
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._holds: dict[str, tuple[float, str, str, int]] = {}
        self.spent: dict[Pair, int] = {}
        for told in () if store is None else store.waiting():
            item = self._read(told)
            if item is not None and len(self._items) < most:
                self._take(item)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item) -> None:
        """QueueFull where there is no room. The same name is taken once."""
        with self._lock:
            if item.name in self._items:
                return
            if len(self._items) >= self._most:
                raise QueueFull(
                    f"{self._most:,} reports wait for the desk at {self._desk} already. Keep this one and tell it again "
                    "with the same id once the desk is back."
                )
            self._take(item)
        if self._store is not None:
            self._store.keep(item.name, self._written(item))

    def first(self, most: int) -> list[Item]:
        """Those that came first and can be sent together: reports of one request, or one of another kind."""
        with self._lock:
            found: list[Item] = []
            for item in self._items.values():
                if found and (item.path != REPORT or len(found) >= most):
                    break
                found.append(item)
                if item.path != REPORT:
                    break
            return found

    def settle(self, item: Item) -> None:
        """The desk has answered it."""
        with self._lock:
            if self._items.pop(item.name, None) is None:
                return
            self._spend(item.account, item.feature, -item.amount)
        if self._store is not None:
            self._store.drop(item.name)

    def put_last(self, item: Item) -> None:
        """So that one that can't be counted just now doesn't hold up the others."""
        with self._lock:
            if item.name in self._items:
                self._items.move_to_end(item.name)

    def hold(self, name: str, account: str, feature: str, amount: int, *, until: float) -> None:
        """Held while the desk is away, until it is let go or its time is over; the same name once."""
        with self._lock:
            if name not in self._holds:
                self._holds[name] = until, account, feature, amount
                self._spend(account, feature, amount)

    def let_go(self, name: str) -> None:
        with self._lock:
            self._let_go(name)

    def let_go_over(self, now: float) -> None:
        """Those that nobody settled in their time."""
        if self._holds:
            with self._lock:
                for name in [name for name, (until, *_) in self._holds.items() if until <= now]:
                    self._let_go(name)

    def forked(self) -> None:
        self._lock = threading.Lock()

    def _let_go(self, name: str) -> None:
        held = self._holds.pop(name, None)
        if held is not None:
            _until, account, feature, amount = held
            self._spend(account, feature, -amount)

    def _take(self, item: Item) -> None:
        self._items[item.name] = item
        self._spend(item.account, item.feature, item.amount)

    def _spend(self, account: str, feature: str, amount: int) -> None:
        if not amount:
            return
        after = self.spent.get((account, feature), 0) + amount
        if after:
            self.spent[account, feature] = after
        else:
            self.spent.pop((account, feature), None)

    def _written(self, item: Item) -> dict[str, Any]:
        return {"format": FORMAT, "desk": self._desk, **item._asdict()}

    def _read(self, told: Any) -> Item | None:
        """None for what somebody else wrote."""
        try:
            if told["format"] != FORMAT or told["desk"] != self._desk:
                raise ValueError("it is for another desk, or of another kind")
            item = Item(**{name: told[name] for name in Item._fields})
            fit = isinstance(item.name, str) and isinstance(item.path, str) and isinstance(item.amount, int)
            if not fit or not item.path.startswith("/api/v1/") or not isinstance(item.body, dict | None):
                raise ValueError("it is no report")
        except (KeyError, TypeError, ValueError) as fault:
            logger.warning("A stored report is left alone: %s", fault)
            return None
        return item
