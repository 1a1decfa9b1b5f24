"""A ledger's lines in words that finance and the customer read alike."""

from collections.abc import Mapping

from catalog.domain.units import Family, unit_of
from catalog.domain.values import UNLIMITED, Amount, FeatureShape
from catalog.domain.words import say_value
from entitlements.domain.credits.ledger import Kind

# Of a named grant. "{grant}" is what the grant is called, "{amount}" how much moved.
_OF_A_GRANT: Mapping[Kind, str] = {
    Kind.GRANT: "{amount} became available: {grant}",
    Kind.RECUR: "{amount} again: {grant}",
    Kind.LAPSE: "{amount} not used in its period lapsed: {grant}",
    Kind.USE: "{amount} used of {grant}",
    Kind.RESET: "{amount} did not roll over into the new period: {grant}",
    Kind.EXPIRE: "{amount} expired: {grant}",
    Kind.VOID: "{amount} voided: {grant}",
    Kind.CORRECTION: "{amount} put right: {grant}",
    Kind.CHANGE: "{amount} {more} with the change of plan: {grant}",
    Kind.OVERAGE: "{amount}: {grant}",
    Kind.GIVEN_BACK: "{amount} given back to {grant}",
}
_OF_NONE: Mapping[Kind, str] = {
    Kind.OVERAGE: "{amount} used beyond all credits; the next ones in this period cover it",
    Kind.RESET: "{amount} used beyond all credits is not carried into the new period",
    Kind.CORRECTION: "{amount} used beyond all credits, put right",
    Kind.GIVEN_BACK: "{amount} used beyond all credits, given back",
}
_COVERED = "{amount} used before beyond all credits is covered now"
_BOUNDLESS: Mapping[Kind, str] = {
    Kind.GRANT: "No limit from here on: {grant}",
    Kind.RECUR: "A new period without limit: {grant}",
    Kind.USE: "{amount} used, without limit: {grant}",
    Kind.GIVEN_BACK: "{amount} given back, without limit: {grant}",
    Kind.CHANGE: "The limit changed with the plan: {grant}",
}
_TOPPED_UP = "{amount} added up to what rolls over at least: {grant}"


def explain_line(
    kind: Kind, *, positive: bool, amount: str, grant: str, unlimited: bool = False, later: bool = False
) -> str:
    """What happened, in a sentence; `amount` is how much moved in words, `grant` empty for use beyond all grants.

    `later`: use that was beyond all credits and is taken from this grant now.
    """
    if not grant:
        covered = kind is Kind.OVERAGE and positive
        sentence = _COVERED if covered else _OF_NONE.get(kind, "{amount}")
    elif unlimited and kind in _BOUNDLESS:
        sentence = _BOUNDLESS[kind]
    elif kind is Kind.RESET and positive:
        sentence = _TOPPED_UP
    elif kind is Kind.USE and later:
        sentence = "{amount} taken of {grant} for what was used beyond all credits before"
    else:
        sentence = _OF_A_GRANT[kind]
    return sentence.format(amount=amount, grant=grant, more="more" if positive else "fewer")


def say_credits(amount: Amount, *, shape: FeatureShape, typed_unit: str = "") -> str:
    """ "50 credits", "1 credit", "12 hours 20 minutes", "no limit"; below zero with a minus sign."""
    if amount is UNLIMITED:
        return "no limit"
    unit, size = unit_of(shape), abs(amount)
    words = say_value(size, shape=shape, typed_unit=typed_unit)
    if unit.family is Family.COUNT:
        words = f"{words} {unit.noun(one=words == '1') if shape.unit else 'credits'}"
    elif unit.family is Family.TIME and size > shape.scale and size % shape.scale:
        rest = size % shape.scale
        words = f"{say_value(size - rest, shape=shape, typed_unit=unit.key)} {say_value(rest, shape=shape)}"
    return f"−{words}" if amount < 0 else words
