"""The desk for a product in the same process: asked from memory, and answered as over HTTP by `entitlement_client`.

    import entitlements
    if entitlements.check("acme", "exports"): ...

What memory isn't certain of (limits of a user or device, credits, what is shared with a parent, what is told apart by
choices) is read from the rows. While the database is away each feature's fallback answers, `degraded`; it goes on by
itself when the database is back. Nothing is counted here: that is what consuming is for.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from time import time
from typing import Any, Final, TypeVar

from django.db import InterfaceError, OperationalError, connection

from catalog.domain.values import UNLIMITED
from entitlement_client import guard
from entitlement_client.answers import Answer
from entitlement_client.fallbacks import Fallback
from entitlements.actions.usage.access import keep_flushing, note_access
from entitlements.api.render import render_value
from entitlements.domain.relying import UNREACHABLE, relied_on
from entitlements.queries.account_names import Named
from entitlements.queries.check import Checked, memory
from entitlements.queries.check.answers import REACHED, Ruling
from entitlements.queries.check.holding import FOREVER, CutOff
from entitlements.queries.check.lasts import asks_rows, relied, remember
from entitlements.queries.check.reading import instant
from entitlements.queries.check.watch import watch
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question, decided, reasons_of, standing_of
from journal.domain.refusal import NotFound

F = TypeVar("F", bound=Callable[..., Any])
AWAY = (OperationalError, InterfaceError)
ASKED_BY = "in process"
HEAD = "in process"  # under this name a ruling keeps what all its answers say
KNOWN_WHY = {REACHED: "limit_reached", "not_as_set": "limit_reached"}


def check(
    account: str, feature: str, *, quantity: int | None = None, choice: str = "", subject: str = "", point: str = ""
) -> Answer:
    """May this account do this now? `account` is our key or any system's id. NotFound names what the desk doesn't know.

    `subject` is a user, agent or device inside the account; `point` names where it is asked, and is counted there.
    """
    question, now = Question(feature, quantity, subject, choice), time()
    try:
        checked = memory.check(account, feature, quantity=quantity, choice=choice)
        if checked.source == "fallback":
            return _without(account, question, point, now)
        if not asks_rows(checked.ruling, question):
            return _noted(_by_memory(account, question, checked), question, checked, point, now)
        return _by_rows(account, question, checked, point, now)
    except AWAY:
        return _without(account, question, point, now)


def requires(
    feature: str, *, account: guard.AccountOf, quantity: guard.QuantityOf = None, point: str = ""
) -> Callable[[F], F]:
    """Let the function run only where the account may use the feature; `entitlement_client.answers.Denied` otherwise."""
    return guard.requires(feature, account=account, checker=checker, quantity=quantity, point=point)


def keep_in_memory() -> None:
    """Said once by a web process of a product's own (the desk's say it themselves): it lives long, is asked often, and so
    may keep answers and be told of changes by a thread. Whoever doesn't say it reads the rows with each check."""
    watch.allow()
    watch.begin()
    keep_flushing()


class InProcess:
    """The desk as a checker, for whatever takes one: `EntitlementsMiddleware`, `guard.requires`."""

    def check(
        self,
        account: str,
        feature: str,
        *,
        quantity: int | None = None,
        choice: str = "",
        subject: str = "",
        point: str = "",
    ) -> Answer:
        return check(account, feature, quantity=quantity, choice=choice, subject=subject, point=point)

    def remembered(self, account: str, feature: str, **more: Any) -> Answer | None:
        """The answer, where it needs no row, so that an event loop may give it; None: ask in a thread."""
        now = time()
        held = memory.store.names.get(account) if memory.trusted else None
        if held is None or not held.since <= now < held.until:
            return None
        compiled = held.shared.compiled
        if compiled.number != memory.store.number or not compiled.since <= now < compiled.until:
            return None
        ruling = compiled.ruling(feature)
        return None if ruling is None or ruling.used_up else self.check(account, feature, **more)


checker: Final = InProcess()


def _by_memory(account: str, question: Question, checked: Checked) -> Answer:
    known = checked.used is not None
    decision = _decision_of(checked, question)
    return Answer(
        account=account,
        allowed=checked.allowed,
        because=decision,
        why=None if checked.allowed else KNOWN_WHY.get(checked.why, checked.why),
        used=checked.used,
        left=checked.left if known and isinstance(checked.left, int) else None,
        as_of=instant(min(checked.as_of, checked.used_as_of or checked.as_of)),
        valid_until=None if checked.until == FOREVER else instant(checked.until),
        source=checked.source,
        certain=checked.certain,
        **_head(checked.ruling),
    )


def _decision_of(checked: Checked, question: Question) -> str:
    """In the words of every check; what doesn't hang on the question is said once for all."""
    kept = checked.ruling.kept
    plain = checked.weighed is checked.ruling.fixed
    if plain and "decision" in kept:
        said: str = kept["decision"]
        return said
    used = None if checked.used is None else Decimal(checked.used)
    said = decided(checked.terms, question, used=used).because
    if plain and question.quantity is None:
        kept["decision"] = said
    return said


def _head(ruling: Ruling) -> dict[str, Any]:
    """What every answer says of the terms; the same object for all who share them."""
    head: dict[str, Any] | None = ruling.kept.get(HEAD)
    if head is None:
        terms = ruling.terms
        limit = terms.limit if terms.counted else UNLIMITED
        head = ruling.kept[HEAD] = {
            "feature": terms.shape.key,
            "value": render_value(terms.answer.value),
            "unlimited": terms.answer.value is UNLIMITED,
            "limit": None if limit is UNLIMITED else int(limit),
            "fallback": Fallback(terms.reliance.fallback.value, terms.reliance.max_age_seconds),
        }
    return head


def _by_rows(account: str, question: Question, checked: Checked, point: str, now: float) -> Answer:
    """By the counters and balances themselves, as a consume would find them."""
    at = instant(now)
    sources = Sources(at, terms=partial(memory.terms, at=at)) if memory.trusted else Sources(at)
    [standing] = standing_of(Named(checked.account_id, account), [question], sources=sources, now=at)
    remember(standing, question, now=now)
    decision, outcome = standing.decision, standing.outcome
    answer = _by_memory(account, question, checked)
    answer = replace(
        answer,
        allowed=decision.allowed,
        because=decision.because,
        why=None if standing.why is None else standing.why.value,
        used=None if outcome is None else int(outcome.used),
        left=None if outcome is None or outcome.left is UNLIMITED else int(outcome.left),
        limit=answer.limit if outcome is None else None if outcome.limit is UNLIMITED else int(outcome.limit),
        as_of=at,
        source="live",
        certain=decision.certain,
    )
    _note(answer, question, checked, point, at, lambda: {"why": answer.why, "because": reasons_of(standing, question)})
    return answer


def _without(account: str, question: Question, point: str, now: float) -> Answer:
    """While the database is away."""
    if not memory.away() and not connection.in_atomic_block:
        connection.close()  # it may be broken, and nobody else may be there to see it: the next check tries a new one
    try:
        checked = relied(account, question, now=now)
    except (CutOff, NotFound):
        return _unknown(account, question, now)
    answer = replace(_by_memory(account, question, checked), degraded=True)
    if checked.why == UNREACHABLE or not answer.because:
        answer = replace(answer, because=checked.relied)
    else:
        answer = replace(answer, because=f"{checked.relied}: {answer.because}")
    return _noted(answer, question, checked, point, now)


def _unknown(account: str, question: Question, now: float) -> Answer:
    """Nothing is known of the account or the feature."""
    said = relied_on(None, None)
    return Answer(
        account=account, feature=question.feature, allowed=said.allowed, because=said.because, why=UNREACHABLE,
        value=None, unlimited=False, limit=None, used=None, left=None, as_of=instant(now), valid_until=None,
        source="fallback", degraded=True, certain=False,
    )  # fmt: skip


def _noted(answer: Answer, question: Question, checked: Checked, point: str, now: float) -> Answer:
    def traced() -> dict[str, Any]:
        return {"why": answer.why, "because": [*checked.because, answer.because]}

    _note(answer, question, checked, point, instant(now), traced)
    return answer


def _note(
    answer: Answer, question: Question, checked: Checked, point: str, at: datetime, traced: Callable[[], dict[str, Any]]
) -> None:
    """Counted at the enforcement point, in memory; whoever writes it down does so later."""
    feature_id = memory.feature_id(question.feature, by_heart=answer.degraded)
    if feature_id is not None:
        note_access(
            point=point, feature_id=feature_id, account_id=checked.account_id, allowed=answer.allowed,
            asked_by=ASKED_BY, question=lambda: asdict(question), answer=traced, at=at,
        )  # fmt: skip
