"""The client: what may this account do? Answered from memory; kept fresh behind the caller's back."""

import atexit
import os
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entitlement_client.answering import Question
from entitlement_client.answers import Answer
from entitlement_client.asking import Asking
from entitlement_client.background import Background
from entitlement_client.circuit import Circuit
from entitlement_client.clock import DeskClock
from entitlement_client.errors import Closed, RequestRefused
from entitlement_client.fallbacks import Fallback
from entitlement_client.holds import Hold
from entitlement_client.instants import moment
from entitlement_client.remembering import recall, remember
from entitlement_client.shelf import Shelf
from entitlement_client.store import Store
from entitlement_client.transport import Transport
from entitlement_client.using import Using
from entitlement_client.waiting import Waiting
from entitlement_client.weighing import LARGEST, refuse_unfit

NOTHING: Mapping[str, Fallback] = {}
_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


@dataclass(frozen=True, slots=True)
class Status:
    """For a health page. `reachable`: nothing stands in the way of asking the desk; `because` says what does."""

    reachable: bool
    because: str
    last_heard: datetime | None
    accounts: int
    waiting_reports: int
    refused_reports: int


class Client:
    """Safe for threads, and for servers that fork. One for a process is enough; close it at the end.

    A check reads memory, and goes to the network only for an account nobody asked about lately: once, however many
    threads ask, and for at most `timeout` seconds. While the desk can't be asked, its fallback for the feature decides
    and the answer says `degraded`. `defaults`: the fallback of features that nothing is known of yet. `source`: names
    whose ids are told, so that they stay the same when the API key is changed.
    """

    def __init__(
        self, url: str, api_key: str, *, refresh_seconds: float = 10.0, timeout: float = 2.0,
        defaults: Mapping[str, Fallback] = NOTHING, max_accounts: int = 10_000, max_waiting: int = 10_000,
        source: str = "", store: Store | None = None, clock: DeskClock | None = None,
    ) -> None:  # fmt: skip
        if not url.startswith(("http://", "https://")) or not api_key:
            raise ValueError("A client needs the desk's address (https://…) and an API key.")
        if refresh_seconds <= 0 or timeout <= 0 or max_accounts < 1:
            raise ValueError("refresh_seconds, timeout and max_accounts are more than nothing.")
        self._defaults, self._store, self._timeout = dict(defaults), store, timeout
        self._clock = clock or DeskClock()
        self._circuit = Circuit()
        self._transport = Transport(url, api_key, timeout=timeout)
        fresh = 2 * refresh_seconds + timeout
        self._shelf = Shelf(self._transport, self._clock, self._circuit, fresh=fresh, most=max_accounts)
        self._waiting = Waiting(store, desk=self._transport.url, most=max_waiting)
        parts: dict[str, Any] = {
            "shelf": self._shelf, "waiting": self._waiting, "transport": self._transport, "circuit": self._circuit,
            "clock": self._clock,
        }  # fmt: skip
        self._background = Background(**parts, refresh=refresh_seconds, save=self._save)
        self._using = Using(**parts, defaults=self._defaults, wake=self._need, source=source)
        self._asking = Asking(**parts, defaults=self._defaults, using=self._using, background=self._background)
        self._closed = False
        if store is not None:
            recall(store.read(), desk=self._transport.url, clock=self._clock, shelf=self._shelf)
        if len(self._waiting):
            self._background.wake()
        _clients.add(self)

    # Asking

    def check(
        self, account: str, feature: str, *, quantity: int | None = None, choice: str = "", subject: str = "",
        point: str = "",
    ) -> Answer:  # fmt: skip
        """May the account do this, or so much more of it? Counts nothing, and never raises for what the desk does.

        Limits of a subject, of a parent, and weights of choices are known to the desk only: such answers are not
        `certain`. `consume` holds them all.
        """
        if quantity is not None:
            refuse_unfit(quantity)
        answer = self._asking.remembered(account, feature, quantity, choice, subject)
        if answer is not None:
            return answer
        self._refuse_closed()
        return self._asking.looked_up(Question(account, feature, quantity, choice, subject))

    def remembered(
        self, account: str, feature: str, *, quantity: int | None = None, choice: str = "", subject: str = "",
        point: str = "",
    ) -> Answer | None:  # fmt: skip
        """The same without ever touching the network; None where `check` would."""
        if quantity is not None:
            refuse_unfit(quantity)
        return self._asking.remembered(account, feature, quantity, choice, subject)

    def ask(
        self, account: str, feature: str, *, quantity: int | None = None, choice: str = "", subject: str = "",
        point: str = "",
    ) -> Answer:  # fmt: skip
        """The desk's own answer, over the network: by every limit, with the offers that would allow what is refused,
        and counted at the enforcement point. While the desk can't be asked, what `check` says."""
        refuse_unfit(quantity)
        body = {"account": account, "feature": feature, "quantity": quantity, "choice": choice, "subject": subject,
                "point": point}  # fmt: skip
        self._refuse_closed()
        told = self._using.told("/api/v1/check", {name: said for name, said in body.items() if said not in ("", None)})
        if told is not None:
            return told[0]
        return self.check(account, feature, quantity=quantity, choice=choice, subject=subject)

    # Counting

    def consume(
        self, account: str, feature: str, quantity: int = 1, *, id: str = "", subject: str = "", choice: str = "",
        value: str = "", point: str = "",
    ) -> Answer:  # fmt: skip
        """Check and count in one step, by every limit. Send the same `id` again if the outcome is unclear.

        While the desk can't be asked its fallback decides, and what it allows is told later, once. RequestRefused where
        the request must be mended, ScopeMissing where the key may not count.
        """
        refuse_unfit(quantity)
        self._refuse_closed()
        more = {"subject": subject, "choice": choice, "value": value, "point": point}
        return self._using.consume(self._using.event(account, feature, quantity, id, more))

    def report(
        self, account: str, feature: str, quantity: int = 1, *, id: str = "", subject: str = "", choice: str = "",
        value: str = "", at: datetime | None = None,
    ) -> str:  # fmt: skip
        """Count what has happened. Returns at once with the id; it is sent until the desk has answered it.

        A negative quantity gives back what is held at one time. QueueFull where too much waits already.
        """
        if isinstance(quantity, bool) or not isinstance(quantity, int):
            raise TypeError(f"A quantity is a whole number of the smallest unit, not {quantity!r}.")
        if abs(quantity) > LARGEST:
            raise ValueError(f"A quantity is at most 2^53 - 1, not {quantity}.")
        if at is not None and at.tzinfo is None:
            raise ValueError("Say in which zone it happened: an instant without one could be any of 38.")
        self._refuse_closed()
        body = self._using.event(account, feature, quantity, id, {"subject": subject, "choice": choice, "value": value})
        self._using.report(body, at=at)
        return str(body["id"])

    def reserve(
        self, account: str, feature: str, quantity: int, *, id: str = "", hold_seconds: int = 600, subject: str = "",
        choice: str = "", value: str = "", point: str = "",
    ) -> Hold:  # fmt: skip
        """Hold an estimate; `with client.reserve(…) as hold:` gives back what isn't committed."""
        refuse_unfit(quantity)
        self._refuse_closed()
        more = {"subject": subject, "choice": choice, "value": value, "point": point}
        body = self._using.event(account, feature, quantity, id, more) | {"hold_seconds": hold_seconds}
        answer, key = self._using.reserve(body)
        return Hold(answer, key, settle=lambda amount: self._using.settle(body, key, amount))

    # Keeping

    def invalidate(self, account: str) -> None:
        """Something changed, as a webhook says: the next check asks the desk."""
        if account in self._shelf.known:
            self._shelf.suspect(account)
            self._background.wake()

    def ready(self, account: str = "") -> None:
        """Raise what stands in the way, in words: for the start of a product, or a deployment's check. Costs a
        request; `account` is warmed up by it."""
        self._refuse_closed()
        try:
            self._transport.whole_set(account or "-")
        except RequestRefused as refused:
            if refused.status != 404:
                raise
        if account:
            self._shelf.look_up(account)

    def status(self) -> Status:
        heard = self._shelf.last_heard
        return Status(
            reachable=not self._circuit.is_open,
            because=self._circuit.because,
            last_heard=None if heard is None else moment(heard),
            accounts=len(self._shelf.known),
            waiting_reports=len(self._waiting),
            refused_reports=self._background.refused,
        )

    def close(self) -> None:
        """Send what waits, if the desk is there, and end. What is left stays in the store."""
        if self._closed:
            return
        self._closed = self._asking.closed = True
        self._background.stop(self._timeout)
        self._save()
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _need(self, account: str) -> None:
        if account:
            self._background.want(account)
        else:
            self._background.wake()

    def _save(self) -> None:
        if self._store is not None:
            remember(self._store, desk=self._transport.url, clock=self._clock, shelf=self._shelf)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise Closed("This client was closed.")

    def _forked(self) -> None:
        for part in (self._transport, self._shelf, self._waiting, self._using, self._background, self._circuit):
            part.forked()


def _after_fork() -> None:
    """Threads don't cross a fork, and locks may be held by one that didn't."""
    for client in list(_clients):
        client._forked()


def _at_exit() -> None:
    for client in list(_clients):
        client.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)
