"""How an account stands with its features at this moment: a check is what a consume would answer, with nothing counted.

The same counters, limits and rule as `record`, read without a lock and not written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Aggregation, Unlimited
from catalog.models import Feature
from entitlements.actions.usage.counters import Counters, tally_of
from entitlements.actions.usage.landing import Ready, Sources, lands_on, seen_before
from entitlements.actions.usage.recording import is_whole
from entitlements.api.runtime.problems import UnknownChoice, UnknownFeature, refusal_of
from entitlements.domain.decision import Decision, UnfitQuestion, decide
from entitlements.domain.usage.charging import Line, Tallied, land, told
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Act, Operation, Outcome, UnfitUse, Why
from entitlements.domain.usage.saying import said
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.account_names import Named
from entitlements.queries.credits import balance_of
from entitlements.queries.usage.tallies import tallies
from journal.domain.refusal import Invalid

ANYTHING = Decimal(1)  # the least that can be asked for
SOMETHING_NEW = "(something new)"  # a distinct thing that nobody has named


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to do with one feature. `quantity` None: anything at all."""

    feature: str
    quantity: int | None = None
    subject: str = ""
    choice: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One feature of one account, and the decision. `outcome` is None where nothing is counted, or not known here."""

    account: Named
    feature_id: int
    terms: UseTerms
    decision: Decision
    why: Why | None = None
    outcome: Outcome | None = None
    lines: tuple[tuple[Line, Outcome], ...] = ()


def standing_of(account: Named, questions: Sequence[Question], *, sources: Sources, now: datetime) -> list[Standing]:
    """The answer to each question, in order; one read of counters for all of them. UnknownFeature, UnknownChoice and
    Invalid where one of them can't be asked."""
    terms = sources.terms_for(account.id, at=now)
    operations = [_operation(account, question, now) for question in questions]
    sources.read_ahead(operations)
    pairs = [
        (question, _ready(operation, terms_in(terms, question.feature), question, sources, now))
        for question, operation in zip(questions, operations, strict=True)
    ]
    counters = read_counters([ready for _, ready in pairs if ready is not None], at=now)
    return [
        _uncounted(account, question, terms[question.feature], sources)
        if ready is None
        else _bounded_by_credits(_counted(account, question, ready, counters), question, ready, sources, now)
        for question, ready in pairs
    ]


def terms_in(terms: Mapping[str, UseTerms], feature: str) -> UseTerms:
    try:
        return terms[feature]
    except KeyError:
        raise UnknownFeature(f"No feature has the key {feature!r}.", field="feature") from None


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
    try:
        return lands_on(operation, sources, now=now)
    except UnfitUse as unfit:
        raise refusal_of(unfit) from None


def read_counters(ready: Sequence[Ready], *, at: datetime) -> Counters:
    """What their counters say; one that isn't there yet is what has come in, as whoever counts next will make it."""
    lines = {line.key: line for one in ready for line in one.lines}
    said = dict(tallies(lines, at=at))
    found = Counters()
    found.said = {key: said[key] if key in said else tally_of(line) for key, line in lines.items()}
    return found


def _uncounted(account: Named, question: Question, terms: UseTerms, sources: Sources) -> Standing:
    decision = decided(terms, question)
    why = None if decision.allowed else Why.LIMIT_REACHED if terms.answer.granted else Why.NOT_ENTITLED
    return Standing(account, sources.feature_id(question.feature), terms, decision, why)


def decided(terms: UseTerms, question: Question, *, used: Decimal | None = None) -> Decision:
    """By the terms alone."""
    quantity = None if question.quantity is None else Decimal(question.quantity)
    try:
        return decide(
            terms.answer, quantity=quantity, used=used, choice=question.choice, buffer_percent=terms.buffer_percent
        )
    except UnfitQuestion as unfit:
        kind = UnknownChoice if unfit.field == "choice" else Invalid
        raise kind(str(unfit), field=unfit.field) from None


def _counted(account: Named, question: Question, ready: Ready, counters: Counters) -> Standing:
    seen: set[CounterKey] = set()
    if question.value:
        seen = {key for key, value in seen_before([ready], counters) if value == question.value}
    amount = ready.amount if question.quantity is None or question.quantity else Decimal(0)
    outcome = land(ready.operation, ready.lines, counters.said, amount=amount, seen=seen).outcome
    lines = tuple((line, _now(line, counters.said[line.key])) for line in ready.lines)
    own = lines[0][1]
    outcome = replace(own, allowed=outcome.allowed, because=outcome.because, why=outcome.why)
    decision = Decision(outcome.allowed, _because(question, ready.terms, outcome), left=own.left)
    return Standing(account, ready.feature_id, ready.terms, decision, outcome.why, outcome, lines)


def _now(line: Line, tallied: Tallied) -> Outcome:
    """What the counter says before it."""
    return told(line, tallied, quantity=Decimal(0), allowed=True, because="")


def _because(question: Question, terms: UseTerms, outcome: Outcome) -> str:
    """In the words of the screens where the account's own limit decides."""
    distinct = terms.aggregation is Aggregation.DISTINCT
    plain = (terms.aggregation is Aggregation.SUM or (distinct and not question.value)) and not terms.weights
    if plain and terms.answer.each_of is None and outcome.why in {None, Why.LIMIT_REACHED}:
        asked = replace(question, choice="", quantity=None if distinct else question.quantity)
        return decided(terms, asked, used=outcome.used + outcome.held).because
    return outcome.because


def _bounded_by_credits(
    standing: Standing, question: Question, ready: Ready, sources: Sources, now: datetime
) -> Standing:
    """Credits are bounded by the balance, of the account at the top of those that share it, less what is held."""
    if not ready.of_credits or standing.outcome is None or not standing.terms.answer.granted:
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
    held = [outcome for line, outcome in standing.lines if is_whole(line)][-1].held
    free, amount = max(balance.left - held, Decimal(0)), ready.amount
    outcome = replace(standing.outcome, left=free, held=held, limit=standing.outcome.used + held + free)
    if question.quantity == 0 or amount <= free:
        words = f"{said(free, ready.terms)} left"
        why = standing.why
        decision = standing.decision if why else Decision(True, words, left=free)
    else:
        why, words = Why.CREDITS_SPENT, f"{said(free, ready.terms)} is left, and this needs {said(amount, ready.terms)}"
        decision = Decision(False, words, left=free)
    outcome = replace(outcome, allowed=decision.allowed, because=decision.because, why=why)
    return replace(standing, decision=decision, why=why, outcome=outcome)
