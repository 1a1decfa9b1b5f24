"""What is known of each account, and how it is looked up: one request for an account at a time, whoever asks."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from entitlement_client.circuit import GRACE, Circuit
from entitlement_client.clock import DeskClock
from entitlement_client.errors import RequestRefused, Unreachable
from entitlement_client.instants import read_instant
from entitlement_client.known import FARTHEST, STEPS, Known, Step
from entitlement_client.terms import Use, read_terms
from entitlement_client.transport import Told, Transport

FORESEE_SECONDS = 300.0  # what follows an end is looked up again, because it may be changed without a word
TOLD_TO = 0.001  # seconds: a desk may tell an end cut to milliseconds, and just before it nothing has ended
PAUSE = 1.0  # before an account is tried again whose answer alone was broken
logger = logging.getLogger("entitlement_client")


class Shelf:
    """`fresh`: for so many seconds an answer stands without the desk's having confirmed it."""

    def __init__(self, transport: Transport, clock: DeskClock, circuit: Circuit, *, fresh: float, most: int) -> None:
        self._transport, self._clock, self._circuit = transport, clock, circuit
        self._fresh, self._most = fresh, most
        self.known: dict[str, Known] = {}
        self.suspects: dict[str, object] = {}
        self.changed = False
        self.on_trouble: Callable[[], None] = lambda: None  # somebody must see when it is over
        self.last_heard: float | None = None
        self._failing: dict[str, float] = {}
        self._lock = threading.Lock()
        self._flights: dict[str, threading.Event] = {}

    def fresh(self, account: str, now: float) -> Known | None:
        """What is known and stands for now."""
        known = self.known.get(account)
        if known is None or not 0 <= now - known.as_of <= self._fresh or account in self.suspects:
            return None
        return known

    def may_look_up(self, account: str) -> bool:
        """Whether it makes sense that the asker waits for the desk."""
        again = self._failing.get(account)
        if again is not None and self._circuit.monotonic() < again:
            return False
        return self._circuit.lets_through(grace=GRACE)

    def look_up(self, account: str) -> None:
        """Ask the desk, or wait for whoever is asking it. Never raises: what is heard is on the shelf."""
        with self._lock:
            flight = self._flights.get(account)
            leads = flight is None
            if flight is None:
                flight = self._flights[account] = threading.Event()
        if not leads:
            flight.wait(self._transport.timeout * 2)
            return
        try:
            self._ask(account)
        finally:
            with self._lock:
                self._flights.pop(account, None)
            flight.set()

    def _ask(self, account: str) -> None:
        known, suspicion = self.known.get(account), self.suspects.get(account)
        began = self._clock.now()
        # “Nothing changed” doesn't tell the time; so now and then the whole set is asked for, which does.
        etag = "" if known is None or self._clock.unsure else known.etag
        try:
            told = self._transport.whole_set(account, etag=etag)
            self._hear(account, known, told, began)
        except RequestRefused as refused:
            self._put(account, Known(account, (), as_of=began))
            logger.info("The desk knows no account %r: %s", account, refused)
        except (Unreachable, ValueError) as fault:
            self.fail(fault)
            with self._lock:
                if len(self._failing) > self._most:
                    self._failing.clear()
                self._failing[account] = self._circuit.monotonic() + PAUSE
            return
        if self.suspects.get(account) is suspicion:  # whoever suspected it since is right to
            self.suspects.pop(account, None)
        self.heard()
        self._failing.pop(account, None)

    def _hear(self, account: str, known: Known | None, told: Told, began: float) -> None:
        if told.body is None:
            if known is None:
                raise ValueError("The desk says that nothing changed, but nothing was known.")
            self._put(account, known.confirmed(began))
            return
        at, terms = read_instant(told.body.get("at")), read_terms(told.body)
        if at is None or not isinstance(told.body.get("account"), str):
            raise ValueError("The answer doesn't say whose it is, and of when.")
        self._clock.hear(at)
        follows, foreseen = ((), None)
        if known is not None and known.says_the_same(terms):
            follows, foreseen = known.steps[1:], known.foreseen_at  # type: ignore[assignment]
        self._put(
            account,
            Known(told.body["account"], (Step(at, terms), *follows), as_of=at, etag=told.etag, foreseen_at=foreseen),
        )

    def heard(self) -> None:
        """The desk has answered."""
        self.last_heard = self._clock.now()
        if self._circuit.worked():
            logger.warning("The desk at %s answers again.", self._transport.url)

    def fail(self, fault: Exception) -> None:
        """It hasn't."""
        dead, again = getattr(fault, "dead", False), getattr(fault, "retry_after", None)
        if self._circuit.failed(str(fault), dead=dead, retry_after=again):
            logger.warning("%s Answers go by their fallback until it is back.", fault)
            self.on_trouble()

    def foresee(self, account: str) -> int:
        """Look up what follows the ends that are near, so that they come on time without the desk. How often it asked."""
        known, now = self.known.get(account), self._clock.now()
        if known is None or known.unknown:
            return 0
        if known.foreseen_at is not None and now - known.foreseen_at < FORESEE_SECONDS:
            return 0
        ahead = Known(known.account, known.steps[:1], as_of=known.as_of)
        asked = 0
        try:
            while asked < STEPS and (end := ahead.next_end()) is not None and end <= now + FARTHEST:
                asked += 1
                told = self._transport.whole_set(account, at=end + TOLD_TO)
                ahead = ahead.followed_by((*ahead.steps[1:], Step(end, read_terms(told.body))), at=now)
        except (Unreachable, RequestRefused, ValueError) as fault:
            self.fail(fault)
            return asked
        with self._lock:
            if self.known.get(account) is not known:
                return asked  # something was heard meanwhile; the next round looks again
            if asked or known.steps[1:]:
                self.known[account] = known.followed_by(ahead.steps[1:], at=now)
                self.changed = True
            else:
                known.foreseen_at = now
        return asked

    def used(self, account: str, feature: str, use: Use) -> None:
        """The desk has just told how far the account has come."""
        with self._lock:
            known = self.known.get(account)
            term = None if known is None or known.unknown else known.steps[0].terms.get(feature)
            if known is not None and term is not None and term.use is not None:
                self.known[account] = known.used(feature, use)

    def suspect(self, account: str) -> None:
        """What is known of it may be wrong by now."""
        self.suspects[account] = object()

    def take(self, names: dict[str, Known]) -> None:
        """What was stored."""
        for name, known in names.items():
            self._put(name, known)
        self.changed = False

    def forked(self) -> None:
        self._lock, self._flights = threading.Lock(), {}

    def _put(self, account: str, known: Known) -> None:
        with self._lock:
            before = self.known.get(account)
            known.asked_at = known.as_of if before is None else before.asked_at
            self.known[account] = known
            self.changed = True
            if len(self.known) > self._most:
                self._make_room()

    def _make_room(self) -> None:
        """Names nobody has go first, then what nobody has asked about for longest."""
        ranked: list[Any] = sorted(self.known.items(), key=lambda one: (not one[1].unknown, one[1].asked_at))
        for name, _ in ranked[: max(self._most // 20, len(self.known) - self._most)]:
            del self.known[name]
