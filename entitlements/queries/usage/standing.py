"""How an account stands with its features: the one rule by which a check is answered, whoever asks.

A check is what a consume would answer, with nothing counted: the same counters, limits and rule, read without a lock
and not written. What can't be asked is an UnfitUse or an UnfitQuestion; each edge says so in its own way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Aggregation, Kind, Unlimited
from catalog.models import Feature
from entitlements.domain.decision import Asked, Decision, decide
from entitlements.domain.telling import tell
from entitlements.domain.usage.charging import NOTHING, Line, Tallied, land, told
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Act, Operation, Outcome, UnfitUse, Why
from entitlements.domain.usage.saying import by_balance
from entitlements.domain.usage.terms import UseTerms, is_had, use_terms
from entitlements.models import Account
from entitlements.queries.account_names import Named
from entitlements.queries.credits import balance_of
from entitlements.queries.usage.landing import Ready, Sources, lands_on, seen_before
from entitlements.queries.usage.tallies import tallied
from entitlements.snapshots import Reader, snapshot_facts

ANYTHING = Decimal(1)  # the least that can be asked for
SOMETHING_NEW = "(something new)"  # a distinct thing that nobody has named


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to do with one feature, in its smallest unit. `quantity` None: anything at all."""

    feature: str
    quantity: int | None = None
    subject: str = ""
    choice: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One feature of one account, and the decision. `outcome` is None where nothing is counted, or not known here;
    `lines` are the limits that bound it, the account's own first, each with what its counter says."""

    account: Named
    feature_id: int
    terms: UseTerms
    decision: Decision
    why: Why | None = None
    outcome: Outcome | None = None
    lines: tuple[tuple[Line, Outcome], ...] = ()

    @property
    def granted(self) -> bool:
        """Whether there is anything to use: of credits that no plan gives, what was bought and is left."""
        credits = self.terms.shape.kind is Kind.CREDIT and self.outcome is not None
        return self.terms.answer.granted or (credits and self.why is not Why.NOT_ENTITLED)


def standing_of(account: Named, questions: Sequence[Question], *, sources: Sources, now: datetime) -> list[Standing]:
    """The answer to each question, in order; one read of counters for all of them. UnfitUse or UnfitQuestion where one
    of them can't be asked."""
    terms = sources.terms_for(account.id, at=now)
    operations = [_operation(account, question, now) for question in questions]
    sources.read_ahead(operations)
    pairs = [
        (question, _ready(operation, _terms_in(terms, question.feature), question, sources, now))
        for question, operation in zip(questions, operations, strict=True)
    ]
    counters = tallied((line for _, ready in pairs if ready is not None for line in ready.lines), at=now)
    return [
        by_terms(account, question, terms[question.feature], feature_id=sources.feature_id(question.feature))
        if ready is None
        else _bounded_by_credits(_counted(account, question, ready, counters), question, ready, sources, now)
        for question, ready in pairs
    ]


def standing_then(account: Named, question: Question, *, at: datetime, known_at: datetime | None = None) -> Standing:
    """At another moment, by the terms alone: how much was or will be in use then isn't told. The snapshots'
    UnknownAccount where nobody knew it yet at `known_at`."""
    facts = snapshot_facts(account.id, reader=Reader(known_at), billing=known_at is None)
    return by_terms(account, question, _terms_in(use_terms(facts, at=at), question.feature))


def by_terms(account: Named, question: Question, terms: UseTerms, *, feature_id: int = 0) -> Standing:
    """Where nothing is counted, or nobody knows what is in use."""
    decision = decided(terms, question)
    why = None if decision.allowed else Why.LIMIT_REACHED if terms.answer.granted else Why.NOT_ENTITLED
    return Standing(account, feature_id, terms, decision, why)


def decided(terms: UseTerms, question: Question, *, used: Decimal | None = None) -> Decision:
    """By the terms alone."""
    quantity = None if question.quantity is None else Decimal(question.quantity)
    return decide(
        terms.answer, quantity=quantity, used=used, choice=question.choice, buffer_percent=terms.buffer_percent
    )


def _terms_in(terms: Mapping[str, UseTerms], feature: str) -> UseTerms:
    try:
        return terms[feature]
    except KeyError:
        raise UnfitUse(f"No feature has the key {feature!r}.", field="feature", code="unknown_feature") from None


def asked_of(standing: Standing, question: Question) -> Asked:
    """The question with what is in use, as it is told in words."""
    outcome = standing.outcome
    return Asked(
        None if question.quantity is None else Decimal(question.quantity),
        None if outcome is None else taken_of(outcome),
        question.choice,
    )


def reasons_of(standing: Standing, question: Question) -> list[str]:
    """Every reason in a sentence; the last one is the verdict."""
    found = tell(standing.terms.answer, asked=asked_of(standing, question), zone=standing.terms.zone)
    return [*found.lines[:-1], standing.decision.words]


def taken_of(outcome: Outcome) -> Decimal:
    """What is used and held."""
    return max(outcome.used + outcome.held, NOTHING)


def _operation(account: Named, question: Question, now: datetime) -> Operation:
    quantity = ANYTHING if question.quantity is None else Decimal(question.quantity)
    return Operation(
        Act.CONSUME, source="", id="", account_id=account.id, feature=question.feature, quantity=quantity, at=now,
        subject=question.subject, choice=question.choice, value=question.value or SOMETHING_NEW,
    )  # fmt: skip


def _ready(operation: Operation, terms: UseTerms, question: Question, sources: Sources, now: datetime) -> Ready | None:
    """With its counters; None where there are none to ask."""
    if not terms.counted or (terms.answer.each_of is not None and not question.subject):
        return None
    return lands_on(operation, sources, now=now)


def _counted(account: Named, question: Question, ready: Ready, counters: Mapping[CounterKey, Tallied]) -> Standing:
    seen: set[CounterKey] = set()
    if question.value:
        seen = {key for key, value in seen_before([ready], counters) if value == question.value}
    amount = ready.amount if question.quantity is None or question.quantity else NOTHING
    outcome = land(ready.operation, ready.lines, counters, amount=amount, seen=seen).outcome
    lines = tuple((line, _now(line, counters[line.key])) for line in ready.lines)
    own = lines[0][1]
    outcome = replace(own, allowed=outcome.allowed, because=outcome.because, why=outcome.why)
    decision = Decision(outcome.allowed, _because(question, ready, outcome), left=own.left)
    return Standing(account, ready.feature_id, ready.terms, decision, outcome.why, outcome, lines)


def _now(line: Line, said: Tallied) -> Outcome:
    """What the counter says before it."""
    return told(line, said, quantity=NOTHING, allowed=True, because="")


def _because(question: Question, ready: Ready, outcome: Outcome) -> str:
    """In the words of the screens where the account's own limit decides."""
    terms = ready.terms
    distinct = terms.aggregation is Aggregation.DISTINCT
    plain = terms.aggregation is Aggregation.SUM or (distinct and not question.value)
    if plain and terms.answer.each_of is None and outcome.why in {None, Why.LIMIT_REACHED}:
        asked = None if distinct or question.quantity is None else ready.amount  # with its weight
        found = decide(
            terms.answer, quantity=asked, used=taken_of(outcome), buffer_percent=terms.buffer_percent
        )  # fmt: skip
        if found.allowed is outcome.allowed:
            return found.because
    return outcome.because


def _bounded_by_credits(
    standing: Standing, question: Question, ready: Ready, sources: Sources, now: datetime
) -> Standing:
    """Credits are bounded by the balance, of the account at the top of those that share it, less what is held."""
    if not ready.of_credits or standing.outcome is None or not standing.terms.usable:
        return standing
    holder = ready.holders[-1]
    balance = balance_of(
        account=Account.objects.get(pk=holder.account_id),
        feature=Feature.objects.get(pk=holder.feature_id),
        at=now,
        facts=sources.facts_for(holder.account_id),
        latest=True,
    )
    if isinstance(balance.left, Unlimited):
        return standing
    if not is_had(standing.terms, balance.left):
        return _without_any(standing, question)
    held = [outcome for line, outcome in standing.lines if line.is_whole][-1].held
    free, amount = max(balance.left - held, NOTHING), ready.amount
    outcome = replace(standing.outcome, left=free, held=held, limit=standing.outcome.used + held + free)
    asked = NOTHING if question.quantity == 0 else amount
    decision = by_balance(ready.terms, free=free, amount=asked)
    why = standing.why if decision.allowed else Why.CREDITS_SPENT
    decision = standing.decision if decision.allowed and why else decision
    outcome = replace(outcome, allowed=decision.allowed, because=decision.because, why=why)
    lines = tuple((line, _of_balance(now, free) if line.is_whole else now) for line, now in standing.lines)
    return replace(standing, decision=decision, why=why, outcome=outcome, lines=lines)


def _without_any(standing: Standing, question: Question) -> Standing:
    """Credits that no plan gives, and of which nothing was bought or is left."""
    assert standing.outcome is not None
    decision = decided(standing.terms, question)
    outcome = replace(_of_balance(standing.outcome, NOTHING), allowed=False, because=decision.because)
    lines = tuple((line, _of_balance(now, NOTHING) if line.is_whole else now) for line, now in standing.lines)
    why = Why.NOT_ENTITLED
    return replace(standing, decision=decision, why=why, outcome=replace(outcome, why=why), lines=lines)


def _of_balance(outcome: Outcome, free: Decimal) -> Outcome:
    return replace(outcome, left=free, limit=outcome.used + outcome.held + free)
