"""Counting: consumed where the desk says yes, told later where its fallback said so; never lost, never twice."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from entitlement_client.answering import Question, answer_by_fallback, answer_told
from entitlement_client.answers import Answer
from entitlement_client.circuit import GRACE, Circuit
from entitlement_client.clock import DeskClock
from entitlement_client.errors import QueueFull, RequestRefused, ScopeMissing, Unreachable
from entitlement_client.fallbacks import Fallback
from entitlement_client.instants import moment, read_instant, write_instant
from entitlement_client.shelf import Shelf
from entitlement_client.terms import Use
from entitlement_client.transport import Transport
from entitlement_client.waiting import REPORT, Item, Waiting

MOST_REMEMBERED = 10_000
NOT_THERE = frozenset({"unknown_account", "unknown_feature", "not_found"})
OWN = frozenset({None, "limit_reached"})  # the figures told are the account's own
Put = Mapping[str, Any]


class Using:
    """What a Client does besides checking."""

    def __init__(
        self, *, transport: Transport, shelf: Shelf, circuit: Circuit, clock: DeskClock, waiting: Waiting,
        defaults: Mapping[str, Fallback], wake: Callable[[str], None], source: str,
    ) -> None:  # fmt: skip
        self._transport, self._shelf, self._circuit, self._clock = transport, shelf, circuit, clock
        self._waiting, self._defaults, self._wake, self._source = waiting, defaults, wake, source
        self._answered: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def forked(self) -> None:
        self._lock = threading.Lock()

    def event(self, account: str, feature: str, quantity: int, id: str, more: Mapping[str, str]) -> dict[str, Any]:
        """A request to count so much, in the desk's words."""
        named = {"source": self._source, **more}
        body = {"account": account, "feature": feature, "quantity": quantity, "id": id or uuid.uuid4().hex}
        return body | {name: value for name, value in named.items() if value}

    def told(self, path: str, body: dict[str, Any], *, refused_is_answer: bool = False) -> tuple[Answer, Put] | None:
        """The desk's own answer, or None where it can't be asked. RequestRefused where the request must be mended,
        unless that is to be an answer, too."""
        if not self._circuit.lets_through(grace=GRACE):
            return None
        now, account = self._clock.now(), body["account"]
        try:
            said = self._transport.post(path, body)
            answer = answer_told(said, self._shelf.known.get(account), now=now)
            self._learn(account, said)
        except RequestRefused as refused:
            self._shelf.heard()
            if not refused_is_answer and (refused.status != 404 or refused.code not in NOT_THERE):
                raise
            return _refused(body, refused, now), {}
        except ScopeMissing:
            if not refused_is_answer:
                raise
            return None
        except (Unreachable, KeyError, TypeError, ValueError) as fault:
            self._shelf.fail(fault)
            return None
        self._shelf.heard()
        if account not in self._shelf.known:
            self._wake(account)  # so that something is known of it when the desk is away
        return answer, said

    def consume(self, body: dict[str, Any]) -> Answer:
        before = self._answered.get(body["id"])
        if before is not None:
            return before
        told = self.told("/api/v1/consume", body)
        return self._by_fallback(body) if told is None else told[0]

    def reserve(self, body: dict[str, Any]) -> tuple[Answer, str]:
        """The answer, and the key of the hold; no key where it was made by the fallback, or refused."""
        told = self.told("/api/v1/reservations", body)
        if told is not None:
            return told[0], str(told[1].get("reservation") or "")
        with self._lock:
            answer = self._fallback(body)
            if answer.allowed:
                until = self._clock.now() + body["hold_seconds"]
                self._waiting.hold(body["id"], body["account"], body["feature"], body["quantity"], until=until)
        return answer, ""

    def report(self, body: dict[str, Any], *, at: Any = None) -> None:
        """QueueFull where there is no room to remember it."""
        happened = write_instant(self._clock.now() if at is None else at.timestamp())
        event = {**body, "at": happened}
        self._waiting.add(Item(body["id"], REPORT, event, body["account"], body["feature"], body["quantity"]))
        self._wake("")

    def settle(self, body: dict[str, Any], key: str, quantity: int | None) -> None:
        """Commit a hold for so much, or release it."""
        act = "release" if quantity is None else "commit"
        if key:
            path = f"/api/v1/reservations/{key}/{act}"
            self._waiting.add(Item(f"{key}:{act}", path, None if quantity is None else {"quantity": quantity}))
            self._wake("")
            return
        if quantity:
            kept = {name: value for name, value in body.items() if name != "hold_seconds"}
            self.report({**kept, "id": f"{body['id']}:{act}", "quantity": quantity})
        self._waiting.let_go(body["id"])

    def _by_fallback(self, body: dict[str, Any]) -> Answer:
        """What it lets through is counted later, under the same id: if the desk had counted it after all, and only its
        answer was lost, it knows it by that."""
        with self._lock:
            before = self._answered.get(body["id"])
            if before is not None:
                return before
            answer = self._fallback(body)
            if not answer.allowed:
                return answer
            try:
                self.report(body)
            except QueueFull as full:
                return _turned_down(answer, str(full))
            self._answered[body["id"]] = answer
            while len(self._answered) > MOST_REMEMBERED:
                self._answered.popitem(last=False)
            return answer

    def _fallback(self, body: dict[str, Any]) -> Answer:
        account, feature = body["account"], body["feature"]
        if account not in self._shelf.known:
            self._wake(account)
        return answer_by_fallback(
            self._shelf.known.get(account),
            Question(account, feature, body["quantity"], body.get("choice", ""), body.get("subject", "")),
            now=self._clock.now(),
            spent=self._waiting.spent.get((account, feature), 0),
            defaults=self._defaults,
            because=self._circuit.because,
        )

    def _learn(self, account: str, said: Put) -> None:
        if said.get("why") in OWN and isinstance(said.get("used"), int) and "quantity" in said:
            use = Use(said["used"], said.get("held") or 0, said.get("left"), read_instant(said.get("resets_at")))
            self._shelf.used(account, said["feature"], use)


def _turned_down(answer: Answer, because: str) -> Answer:
    return Answer(
        answer.account, answer.feature, False, because, "unreachable", answer.value, answer.unlimited, answer.limit,
        answer.used, answer.left, answer.as_of, answer.valid_until, "fallback", degraded=True, fallback=answer.fallback,
    )  # fmt: skip


def _refused(body: Mapping[str, Any], refused: RequestRefused, now: float) -> Answer:
    """Nobody has such an account, feature or choice."""
    unknown = refused.code == "not_found" or "account" in refused.fields
    why = "unknown_account" if unknown else refused.code
    words = _WORDS.get(why, str(refused).rstrip("."))
    return Answer(
        body["account"], body["feature"], False, words, why, None, False, None, None, None, moment(now), None, "live"
    )


_WORDS = {
    "unknown_account": "the desk knows no account by this name",
    "unknown_feature": "there is no such feature",
}
