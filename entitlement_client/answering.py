"""From what is known to an answer. Pure: nothing here asks, waits or reads a clock."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from entitlement_client.answers import Answer, Offer, Source
from entitlement_client.fallbacks import DENY, Fallback, Holds, what_holds
from entitlement_client.instants import moment, read_instant
from entitlement_client.known import Known, in_force
from entitlement_client.terms import Term
from entitlement_client.weighing import Verdict, lacks, weigh


class Question(NamedTuple):
    account: str
    feature: str
    quantity: int | None = None
    choice: str = ""
    subject: str = ""

    @property
    def plain(self) -> bool:
        """Anything at all of the feature."""
        return self.quantity is None and not self.choice and not self.subject


def answer_known(known: Known, question: Question, *, now: float, spent: int, source: Source) -> Answer | None:
    """By what is known and fresh. None where it is over, or only the desk can tell."""
    if known.unknown:
        verdict = Verdict(False, "the desk knows no account by this name", "unknown_account")
        return _answer(known, question, None, verdict, source)
    term = known.term_at(question.feature, now)
    if term is None:
        return _answer(known, question, None, Verdict(False, "there is no such feature", "unknown_feature"), source)
    if not in_force(term, now):
        return None
    verdict_or_none = weigh(term, now=now, spent=spent, **_asked(question))
    return None if verdict_or_none is None else _answer(known, question, term, verdict_or_none, source)


def answer_by_fallback(
    known: Known | None,
    question: Question,
    *,
    now: float,
    spent: int,
    defaults: Mapping[str, Fallback],
    because: str = "",
) -> Answer:
    """While the desk can't be asked. `because`: what stands in the way, in words."""
    term = None if known is None else known.term_at(question.feature, now)
    if known is not None and known.unknown:
        verdict = Verdict(False, "the desk knew no account by this name when it was last asked", "unknown_account")
        return _answer(known, question, None, verdict, "fallback")
    fallback = defaults.get(question.feature, DENY) if term is None else term.fallback
    age = None if known is None or term is None else now - known.as_of
    stands = {"in_force": term is not None and in_force(term, now), "lacks": term is not None and lacks(term)}
    holds = what_holds(fallback, age=age, **stands)
    verdict = _verdict(holds, term, question, now=now, spent=spent, because=because)
    if known is None:
        return _never_known(question, verdict, fallback, now)
    return _answer(known, question, term, verdict, "fallback", fallback=fallback)


def _verdict(holds: Holds, term: Term | None, question: Question, *, now: float, spent: int, because: str) -> Verdict:
    words = f"{holds.value} ({because})" if because else holds.value
    if holds is Holds.GOES_ON:
        return Verdict(True, words, certain=False)
    found = None
    if holds is Holds.LAST_KNOWN and term is not None:
        found = weigh(term, now=now, spent=spent, **_asked(question))
        words = "the desk can't be asked, and only it can tell"
    if found is None:
        return Verdict(False, words, "unreachable")
    return Verdict(found.allowed, f"{found.because}, as last known", found.why, found.used, found.left, found.certain)


def _asked(question: Question) -> dict[str, Any]:
    return {"quantity": question.quantity, "choice": question.choice, "subject": question.subject}


def _answer(
    known: Known, question: Question, term: Term | None, verdict: Verdict, source: Source,
    *, fallback: Fallback | None = None,
) -> Answer:  # fmt: skip
    until = None if term is None or term.valid_until is None else moment(term.valid_until)
    return Answer(
        account=known.account,
        feature=question.feature,
        allowed=verdict.allowed,
        because=verdict.because,
        why=None if verdict.allowed else verdict.why,
        value=None if term is None else term.value,
        unlimited=term is not None and term.unlimited,
        limit=None if term is None else term.limit,
        used=verdict.used,
        left=verdict.left,
        as_of=known.said_at,
        valid_until=until,
        source=source,
        degraded=source == "fallback",
        fallback=fallback or (DENY if term is None else term.fallback),
        certain=verdict.certain,
    )


def _never_known(question: Question, verdict: Verdict, fallback: Fallback, now: float) -> Answer:
    return Answer(
        question.account, question.feature, verdict.allowed, verdict.because, verdict.why, None, False, None, None,
        None, moment(now), None, "fallback", degraded=True, fallback=fallback, certain=False,
    )  # fmt: skip


def answer_told(told: Mapping[str, Any], known: Known | None, *, now: float) -> Answer:
    """What the desk itself has just answered to a check or to use. KeyError, TypeError, ValueError where it can't be
    read. What an answer to use leaves out is taken from what is known."""
    term = None if known is None else known.term_at(told["feature"], now)
    at, until = read_instant(told.get("as_of") or told["at"]), told.get("valid_until")
    return Answer(
        account=told["account"],
        feature=told["feature"],
        allowed=told["allowed"] is True,
        because=str(told["because"]),
        why=told.get("why"),
        value=told.get("value", None if term is None else term.value),
        unlimited=told.get("unlimited") is True,
        limit=told.get("limit"),
        used=told.get("used"),
        left=told.get("left"),
        as_of=moment(now if at is None else at),
        valid_until=_ends(until, term),
        source="live",
        fallback=DENY if term is None else term.fallback,
        certain=told.get("certain") is not False,
        offers=tuple(_offer(one) for one in told.get("offers") or ()),
    )


def _ends(told: Any, term: Term | None) -> Any:
    until = read_instant(told) if told is not None else None if term is None else term.valid_until
    return None if until is None else moment(until)


def _offer(told: Mapping[str, Any]) -> Offer:
    return Offer(told["plan"], told["name"], told["kind"], tuple(told.get("prices") or ()), told.get("buy_url"))
