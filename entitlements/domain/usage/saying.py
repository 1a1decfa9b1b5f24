"""Why something was not counted, in the words of whoever asked."""

from decimal import Decimal

from catalog.domain.values import Value
from catalog.domain.words import say_value
from entitlements.domain.decision import NOTHING, Decision, decide
from entitlements.domain.saying import say_part_name
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.terms import UseTerms


def say_refused(
    why: Why, terms: UseTerms, key: CounterKey, *, used: Decimal, amount: Decimal, most: Decimal | None
) -> str:
    """One clause, without a full stop; `used` is what is used and held before it."""
    left = "nothing" if most is None or used >= most else said(most - used, terms)
    of = "" if most is None else f" of {said(most, terms)}"
    wanted = said(amount, terms)
    match why:
        case Why.NOT_ENTITLED | Why.LIMIT_REACHED:
            return decide(terms.answer, quantity=amount, used=used, buffer_percent=terms.buffer_percent).because
        case Why.PART_REACHED:
            return f"{left}{of} for {say_part_name(key.choice)} is left, and this needs {wanted}"
        case Why.SUBJECT_REACHED:
            return f"{left}{of} is left for “{key.subject}”, and this needs {wanted}"
        case Why.PARENT_REACHED:
            return f"{left}{of} is left of what is shared with the parent account, and this needs {wanted}"
        case Why.CAP_REACHED:
            return (
                f"the customer's spend cap pays for use up to{of.removeprefix(' of') or ' any amount'}; {left} is left"
            )
        case Why.CREDITS_SPENT:
            return say_spent(NOTHING if most is None else max(most - used, NOTHING), amount, terms)


def by_balance(terms: UseTerms, *, free: Decimal, amount: Decimal) -> Decision:
    """So much of credits of which so much is free."""
    if amount <= free:
        return Decision(allowed=True, because=f"{said(free, terms)} left", left=free)
    return Decision(allowed=False, because=say_spent(free, amount, terms), left=free)


def say_spent(free: Decimal, amount: Decimal, terms: UseTerms) -> str:
    """That what is left of credits isn't enough."""
    return f"{said(free, terms)} is left of the credits, and this needs {said(amount, terms)}"


def said(value: Value, terms: UseTerms) -> str:
    return say_value(value, shape=terms.shape, typed_unit=terms.answer.typed_unit)
