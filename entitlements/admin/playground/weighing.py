"""What a check would answer at this moment: the same terms, counters and rule as where use is counted, and no writing."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Nature
from catalog.models import Feature
from entitlements.actions.usage.counters import Counters, tally_of
from entitlements.actions.usage.landing import Ready, Sources, lands_on, seen_before
from entitlements.actions.usage.recording import is_whole
from entitlements.domain.decision import Asked, Decision, Told, tell
from entitlements.domain.resolution import Resolution
from entitlements.domain.usage.charging import REFUSED, Line, Tallied, land
from entitlements.domain.usage.operations import Act, Operation, Outcome, UnfitUse
from entitlements.domain.usage.saying import said
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.credits import left_of
from entitlements.queries.usage.tallies import tallies

SOMETHING_NEW = "(something new)"  # a distinct thing that nobody has named
LEAST = Decimal(1)


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody wants to do. `quantity` None: anything at all; amounts in the smallest unit."""

    quantity: Decimal | None = None
    subject: str = ""
    choice: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The answer with its reasons. `bounds` are the limits that apply, each with what its counter says, if any."""

    resolution: Resolution
    terms: UseTerms | None
    told: Told
    decision: Decision
    bounds: tuple[tuple[Line, Tallied], ...] = ()


def weigh_now(account: Account, feature: Feature, asking: Asking, *, at: datetime) -> Weighed:
    """By the counters as they stand. UnfitUse or UnfitQuestion where it can't be asked."""
    sources = Sources(at)
    terms = sources.terms_for(account.pk, at=at)[feature.key]
    if not terms.counted or (terms.answer.each_of is not None and not asking.subject):
        return weigh_then(terms.answer, asking, zone=account.zone, terms=terms)
    operation = Operation(
        Act.CONSUME, source="", id="", account_id=account.pk, feature=feature.key, at=at, subject=asking.subject,
        quantity=LEAST if asking.quantity is None else asking.quantity, choice=asking.choice,
        value=asking.value or SOMETHING_NEW,
    )  # fmt: skip
    sources.read_ahead([operation])
    ready = lands_on(operation, sources, now=at)
    counters = _counters(ready, at)
    seen = {key for key, value in seen_before([ready], counters) if value == asking.value} if asking.value else set()
    amount = ready.amount if asking.quantity is None or asking.quantity else Decimal(0)
    outcome = land(operation, ready.lines, counters.said, amount=amount, seen=seen).outcome
    own = counters.said[ready.lines[0].key]
    taken = max(own.used + own.held, Decimal(0))
    found = _weighed(ready, outcome, asking, taken, zone=account.zone, counters=counters)
    return _by_credits(found, feature, ready, asking, sources, at) if ready.of_credits else found


def weigh_then(resolution: Resolution, asking: Asking, *, zone: str, terms: UseTerms | None = None) -> Weighed:
    """By the terms alone: at another moment nobody knows what will be, or was, in use."""
    choice = asking.choice
    told = tell(resolution, asked=Asked(asking.quantity, None, choice), zone=zone)
    return Weighed(resolution, terms, told, told.decision)


def _counters(ready: Ready, at: datetime) -> Counters:
    """One that isn't there yet is what has come in, as whoever counts next will make it."""
    known = tallies([line.key for line in ready.lines], at=at)
    found = Counters()
    found.said = {line.key: known[line.key] if line.key in known else tally_of(line) for line in ready.lines}
    return found


def _weighed(
    ready: Ready, outcome: Outcome, asking: Asking, taken: Decimal, *, zone: str, counters: Counters
) -> Weighed:
    terms = ready.terms
    quantity = None if asking.quantity is None else terms.weighed(asking.quantity, asking.choice)
    choice = (
        asking.choice if terms.shape.nature is not Nature.QUANTITY or asking.choice in terms.answer.sub_limits else ""
    )
    told = tell(terms.answer, asked=Asked(quantity, taken, choice), zone=zone, buffer_percent=terms.buffer_percent)
    # The account's own limit is told in full; where another one decides, its words stand in place of the verdict.
    same = told.decision.allowed is outcome.allowed and terms.aggregation in REFUSED
    decision = told.decision if same else Decision(outcome.allowed, outcome.because, left=told.decision.left)
    bounds = tuple((line, counters.said[line.key]) for line in ready.lines)
    return Weighed(terms.answer, terms, told, decision, bounds)


def _by_credits(
    found: Weighed, feature: Feature, ready: Ready, asking: Asking, sources: Sources, at: datetime
) -> Weighed:
    """Credits are bounded by the balance of the account at the top of those that share it, less what is held."""
    top = ready.holders[-1].account_id
    left = left_of(account_id=top, feature=feature, facts=sources.facts_for(top), at=at)
    if left is UNLIMITED or not found.resolution.granted:
        return found
    held = [tallied.held for line, tallied in found.bounds if is_whole(line)][-1]
    free = max(left - held, Decimal(0))
    rest, wanted = said(free, ready.terms), said(ready.amount, ready.terms)
    enough = ready.amount <= free or asking.quantity == 0
    words = f"{rest} left" if enough else f"{rest} is left of the credits, and this needs {wanted}"
    refused = not found.decision.allowed and any(line.key.subject for line, _ in found.bounds)
    decision = found.decision if refused else Decision(enough, words, left=free)
    bounds = tuple(
        (replace(line, limit=tallied.used + tallied.held + free) if is_whole(line) else line, tallied)
        for line, tallied in found.bounds
    )
    return replace(found, decision=decision, bounds=bounds)


def unfit_words(unfit: UnfitUse) -> tuple[str, str]:
    """The field of the form that it is about, and what is wrong."""
    return (unfit.field if unfit.field in {"quantity", "choice", "subject", "value"} else ""), str(unfit)
