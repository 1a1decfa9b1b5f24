"""What would have to be had for what was refused to be allowed, and whether buying helps at all."""

from decimal import Decimal

from catalog.domain.values import UNLIMITED, Nature, Value
from entitlements.domain.usage.operations import Why
from entitlements.queries.usage.standing import Question, Standing

# A subject's own limit and what the customer would spend are set by the customer; buying more changes nothing of it.
NOT_FOR_SALE = frozenset({Why.SUBJECT_REACHED, Why.CAP_REACHED})


def is_for_sale(standing: Standing) -> bool:
    """Whether a plan or an add-on could allow what was refused."""
    return standing.why not in NOT_FOR_SALE or standing.terms.answer.each_of is not None


def wanted_of(standing: Standing, question: Question) -> Value | None:
    """What would have to be had for it to be allowed; None: any more than now."""
    terms = standing.terms
    match terms.shape.nature:
        case Nature.QUANTITY if terms.counted and standing.outcome is not None:
            taken = standing.outcome.used + standing.outcome.held
            return None if question.quantity is None or terms.limit is UNLIMITED else taken + question.quantity
        case Nature.QUANTITY:
            return None if question.quantity is None else Decimal(question.quantity)
        case Nature.SET:
            return frozenset({question.choice}) if question.choice else None
        case Nature.RANKED:
            return question.choice or None
    return None
