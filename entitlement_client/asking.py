"""How a question finds its answer: remembered, looked up, or by the fallback."""

from collections.abc import Mapping
from typing import Any

from entitlement_client.answering import Question, answer_by_fallback, answer_known
from entitlement_client.answers import Answer
from entitlement_client.background import Background
from entitlement_client.circuit import Circuit
from entitlement_client.clock import DeskClock
from entitlement_client.fallbacks import Fallback
from entitlement_client.known import in_force
from entitlement_client.shelf import Shelf
from entitlement_client.terms import Term
from entitlement_client.transport import Transport
from entitlement_client.using import Using
from entitlement_client.waiting import Waiting

MOST_ANSWERS = 200  # kept ready for each account, until its set is heard again
MOST_TOLD = 10_000  # answers to questions that a whole set can't answer


class Asking:
    """What a Client does for a check."""

    def __init__(
        self, *, shelf: Shelf, waiting: Waiting, transport: Transport, circuit: Circuit, clock: DeskClock,
        defaults: Mapping[str, Fallback], using: Using, background: Background,
    ) -> None:  # fmt: skip
        self._shelf, self._waiting, self._circuit, self._clock = shelf, waiting, circuit, clock
        self._defaults, self._using, self._background = defaults, using, background
        self._told: dict[tuple[Any, ...], Answer] = {}
        self.closed = False

    def remembered(self, account: str, feature: str, quantity: int | None, choice: str, subject: str) -> Answer | None:
        """Without the network; None where it has to be asked."""
        now = self._clock.now()
        known = self._shelf.fresh(account, now)
        spent = self._waiting.spent.get((account, feature), 0)
        if known is not None and not self.closed:
            known.asked_at = now
            plain = not choice and not subject and not spent
            if plain and (kept := known.answers.get((feature, quantity))) is not None and now < kept[0]:
                return kept[1]
            question = Question(account, feature, quantity, choice, subject)
            answer = answer_known(known, question, now=now, spent=spent, source="cache")
            if answer is not None and plain and len(known.answers) < MOST_ANSWERS:
                known.answers[feature, quantity] = _until(known.term_at(feature, now)), answer
            if answer is not None or (answer := self._told_before(question)) is not None:
                return answer
        return self._away(Question(account, feature, quantity, choice, subject), now)

    def looked_up(self, question: Question) -> Answer:
        """From the desk, or from whoever is asking it just now; else by the fallback."""
        if not question.account or not question.feature:
            raise ValueError("Name the account and the feature.")
        self._background.ensure()
        account, now = question.account, self._clock.now()
        spent = self._waiting.spent.get((account, question.feature), 0)
        for _ in range(2):  # twice where it came under suspicion while it was looked up
            known = self._shelf.fresh(account, now)
            if known is None or not self._speaks(question, now):
                self._shelf.look_up(account)
                now = self._clock.now()
            known = self._shelf.fresh(account, now)
            if known is not None:
                self._background.wake()
                known.asked_at = now
                answer = answer_known(known, question, now=now, spent=spent, source="live")
                if answer is None:
                    answer = self._asked(question)
                if answer is not None:
                    return answer
                break
        return self._by_fallback(question, now)

    def _speaks(self, question: Question, now: float) -> bool:
        """Whether what is known still speaks about this moment, and only the question is beyond it."""
        term = self._shelf.known[question.account].term_at(question.feature, now)
        return term is not None and in_force(term, now)

    def _asked(self, question: Question) -> Answer | None:
        """What a whole set doesn't tell, such as which of two choices is better: asked once for each value."""
        body = {name: value for name, value in question._asdict().items() if value not in ("", None)}
        told = self._using.told("/api/v1/check", body, refused_is_answer=True)
        if told is None:
            return None
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        self._told[self._name_of(question)] = told[0]
        return told[0]

    def _told_before(self, question: Question) -> Answer | None:
        told = self._told.get(self._name_of(question)) if self._told else None
        known = self._shelf.known.get(question.account)
        if told is None or known is None:
            return None
        return Answer(
            known.account, told.feature, told.allowed, told.because, told.why, told.value, told.unlimited, None, None,
            None, known.said_at, told.valid_until, "cache", fallback=told.fallback, offers=told.offers,
        )  # fmt: skip

    def _name_of(self, question: Question) -> tuple[Any, ...]:
        known = self._shelf.known.get(question.account)
        term = None if known is None else known.term_at(question.feature, self._clock.now())
        return (question.feature, None if term is None else term.with_use(None), question.quantity, question.choice)

    def _away(self, question: Question, now: float) -> Answer | None:
        """By the fallback, where there is no sense in asking; None where there is."""
        if self.closed or not question.account or self._shelf.may_look_up(question.account):
            return None
        return self._by_fallback(question, now)

    def _by_fallback(self, question: Question, now: float) -> Answer:
        known = self._shelf.known.get(question.account)
        if known is None:
            self._background.want(question.account)
        else:
            known.asked_at = now
            self._background.ensure()
        return answer_by_fallback(
            known, question, now=now, spent=self._waiting.spent.get((question.account, question.feature), 0),
            defaults=self._defaults, because=self._circuit.because.rstrip("."),
        )  # fmt: skip


def _until(term: Term | None) -> float:
    """How long an answer stays the same."""
    if term is None:
        return float("inf")
    resets = None if term.use is None else term.use.resets_at
    return min(one for one in (term.valid_until, resets, float("inf")) if one is not None)
