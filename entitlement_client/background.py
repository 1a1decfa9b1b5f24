"""One daemon thread that keeps what is asked about fresh, sends what waits, and notices when the desk is back."""

import logging
import random
import threading
import time
from collections.abc import Callable

from entitlement_client.circuit import Circuit
from entitlement_client.clock import DeskClock
from entitlement_client.errors import RequestRefused, ScopeMissing, Unreachable
from entitlement_client.shelf import Shelf
from entitlement_client.transport import Transport
from entitlement_client.waiting import REPORT, Item, Waiting

ASKED_LATELY = 300.0  # seconds
MOST_REFRESHED = 100  # accounts in a round; the rest are looked up when somebody asks
MOST_FORESEEN = 50  # requests in a round
MOST_WANTED = 100
TOGETHER = 200  # reports in a request
SETTLED_BY = frozenset({"event_reused"})  # it was counted before, under this id
LATER = frozenset({401, 403, 408, 425, 429})
logger = logging.getLogger("entitlement_client")


class Background:
    """Starts with the first need, and again in a forked child."""

    def __init__(
        self, *, shelf: Shelf, waiting: Waiting, transport: Transport, circuit: Circuit, clock: DeskClock,
        refresh: float, save: Callable[[], None],
    ) -> None:  # fmt: skip
        self._shelf, self._waiting, self._transport, self._circuit = shelf, waiting, transport, circuit
        self._clock, self._refresh, self._save = clock, refresh, save
        self._wanted: dict[str, None] = {}
        self.refused = 0
        shelf.on_trouble = self.wake
        self.forked()

    def forked(self) -> None:
        self._lock, self._wake, self._stopping = threading.Lock(), threading.Event(), False
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        if self._thread is not None or self._stopping:
            return
        with self._lock:
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="entitlement-client", daemon=True)
                self._thread.start()

    def want(self, account: str) -> None:
        """Somebody asked about an account that nothing is known of."""
        if len(self._wanted) < MOST_WANTED:
            self._wanted[account] = None
        self.wake()

    def wake(self) -> None:
        self.ensure()
        self._wake.set()

    def stop(self, timeout: float) -> None:
        """End the thread, and send what waits if the desk is there."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout * 2)
        until = time.monotonic() + timeout
        while len(self._waiting) and not self._circuit.is_open and time.monotonic() < until:
            self._send()

    def _run(self) -> None:
        due = 0.0
        while not self._stopping:
            whole = time.monotonic() >= due
            if whole:
                due = time.monotonic() + self._refresh * random.uniform(0.8, 1.0)  # noqa: S311
            try:
                self._round(whole=whole)
            except Exception:
                logger.exception("Refreshing failed, and goes on.")
                due = time.monotonic() + self._refresh
            if self._circuit.is_open:
                self._wake.clear()  # nobody's wish is answered before the next try
                self._wake.wait(min(self._circuit.wait(), self._refresh) or 0.01)
                due = 0.0
            else:
                self._wake.wait(max(due - time.monotonic(), 0.0))
                self._wake.clear()

    def _round(self, *, whole: bool) -> None:
        self._waiting.let_go_over(self._clock.now())
        probing = self._circuit.is_open
        if probing and not self._circuit.lets_through():
            return
        now = self._clock.now()
        for account in self._due(now, whole=whole):
            if self._stopping or (self._circuit.is_open and not probing):
                return
            self._shelf.look_up(account)
            self._wanted.pop(account, None)
            if self._circuit.is_open:
                return
            probing = False
        while len(self._waiting) and not self._stopping and (probing or not self._circuit.is_open):
            probing = False
            if not self._send():
                break
        self._foresee(now)
        if self._shelf.changed and whole:
            self._shelf.changed = False
            self._save()

    def _foresee(self, now: float) -> None:
        asked = 0
        for account, known in list(self._shelf.known.items()):
            if self._circuit.is_open or self._stopping or asked >= MOST_FORESEEN:
                return
            if known.asked_at > now - ASKED_LATELY:
                asked += self._shelf.foresee(account)

    def _due(self, now: float, *, whole: bool) -> list[str]:
        """Those suspected of having changed, those nobody knows yet, and in a whole round those that grow old."""
        known = list(self._shelf.known.items())
        urgent = [*self._shelf.suspects, *self._wanted]
        if not whole and not self._circuit.is_open:
            return list(dict.fromkeys(urgent))
        asked = [(one.asked_at, name) for name, one in known if self._grows_old(one.as_of, now) and not one.unknown]
        lately = sorted((one for one in asked if one[0] > now - ASKED_LATELY), reverse=True)
        return list(dict.fromkeys([*urgent, *(name for _, name in lately[:MOST_REFRESHED])]))

    def _grows_old(self, as_of: float, now: float) -> bool:
        return now - as_of >= self._refresh / 2 or self._circuit.is_open

    def _send(self) -> bool:
        """The first of those that wait; whether it is worth going on."""
        items = self._waiting.first(TOGETHER)
        try:
            if items[0].path != REPORT:
                self._transport.post(items[0].path, items[0].body)
                self._waiting.settle(items[0])
            else:
                told = self._transport.post(REPORT, {"events": [item.body for item in items]})
                if not self._settle(items, told.get("results")):
                    return False
        except RequestRefused as refused:
            self._refused_whole(items, refused)
        except ScopeMissing as missing:
            logger.error("Reports wait until the key may send them. %s", missing)
            return False
        except (Unreachable, ValueError) as fault:
            self._shelf.fail(fault)
            return False
        self._shelf.heard()
        return True

    def _refused_whole(self, items: list[Item], refused: RequestRefused) -> None:
        """One that can't be read; of several, each by itself, so that one doesn't take the others along."""
        if len(items) == 1:
            self._drop(items[0], refused.code, str(refused))
            return
        for item in items:
            try:
                self._settle([item], self._transport.post(REPORT, {"events": [item.body]}).get("results"))
            except RequestRefused as alone:
                self._drop(item, alone.code, str(alone))

    def _settle(self, items: list[Item], results: object) -> bool:
        """Whether any of them was answered for good."""
        if not isinstance(results, list) or len(results) != len(items):
            raise ValueError("The desk didn't answer each report.")
        settled = 0
        for item, result in zip(items, results, strict=True):
            status = result.get("status") if isinstance(result, dict) else None
            problem = (result.get("problem") if isinstance(result, dict) else None) or {}
            if status == 200:
                self._waiting.settle(item)
                settled += 1
            elif isinstance(status, int) and 400 <= status < 500 and status not in LATER:
                self._drop(item, str(problem.get("code", "")), str(problem.get("detail", "")))
                settled += 1
            else:
                self._waiting.put_last(item)
        return settled > 0

    def _drop(self, item: Item, code: str, detail: str) -> None:
        """The desk will never count it."""
        self._waiting.settle(item)
        if code not in SETTLED_BY:
            self.refused += 1
            logger.error("The desk refuses %s (%s): %s It is not sent again: %s", item.name, code, detail, item.body)
