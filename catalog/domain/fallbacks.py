"""What a client does when the desk can't be reached, by what is at stake and how the account stands (C8).

What can't be undone is denied. What only reads goes on by the last known answer, whoever asks. What changes something
that can be put right goes on by the last known answer too, except for an unpaid customer, who might never pay for it.
Finance may say otherwise for each feature and each state. A last known answer older than the age allowed, and one that
was never asked for, is a denial. Whoever is let go on needs no last answer, but is refused where it is known that he
doesn't have the feature.
"""

from dataclasses import dataclass
from enum import StrEnum

HOUR = 3600
DAY = 24 * HOUR
LONGEST = 30 * DAY  # an answer older than this is no answer any more


class Fallback(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    LAST_KNOWN = "last_known"

    @property
    def words(self) -> str:
        return _FALLBACK_WORDS[self]


class UseEffect(StrEnum):
    """What using the feature does: the default fallback follows from it."""

    READS = "reads"
    CHANGES = "changes"
    IRREVERSIBLE = "irreversible"

    @property
    def words(self) -> str:
        return _EFFECT_WORDS[self]


class AccountState(StrEnum):
    """How the account stands with us: in trial, unpaid (in grace after a failed payment), else paying."""

    PAYING = "paying"
    TRIAL = "trial"
    UNPAID = "unpaid"

    @property
    def words(self) -> str:
        return _STATE_WORDS[self]


_FALLBACK_WORDS = {
    Fallback.ALLOW: "Let them go on",
    Fallback.DENY: "Refuse",
    Fallback.LAST_KNOWN: "Keep the last answer for a while, then refuse",
}
_EFFECT_WORDS = {
    UseEffect.READS: "It only reads",
    UseEffect.CHANGES: "It changes something that can be put right",
    UseEffect.IRREVERSIBLE: "It can't be undone",
}
_STATE_WORDS = {
    AccountState.PAYING: "paying customers",
    AccountState.TRIAL: "trials",
    AccountState.UNPAID: "unpaid customers",
}


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """What is written for one feature; None is the usual for what its use does, and an hour."""

    effect: UseEffect = UseEffect.CHANGES
    paying: Fallback | None = None
    trial: Fallback | None = None
    unpaid: Fallback | None = None
    seconds: int | None = None

    def said_for(self, state: AccountState) -> Fallback | None:
        match state:
            case AccountState.PAYING:
                return self.paying
            case AccountState.TRIAL:
                return self.trial
            case AccountState.UNPAID:
                return self.unpaid


USUAL_FALLBACKS = Fallbacks()


@dataclass(frozen=True, slots=True)
class Reliance:
    """What to do without the desk; `max_age_seconds` only where the last known answer is kept."""

    fallback: Fallback
    max_age_seconds: int | None = None


def usual_fallback(effect: UseEffect, state: AccountState) -> Fallback:
    """What holds where finance says nothing."""
    match effect, state:
        case UseEffect.IRREVERSIBLE, _:
            return Fallback.DENY
        case UseEffect.CHANGES, AccountState.UNPAID:
            return Fallback.DENY
        case _:
            return Fallback.LAST_KNOWN


def fallback_for(rule: Fallbacks, state: AccountState) -> Reliance:
    """What a client does for an account of that state when the desk can't be reached."""
    fallback = rule.said_for(state) or usual_fallback(rule.effect, state)
    if fallback is not Fallback.LAST_KNOWN:
        return Reliance(fallback)
    return Reliance(fallback, HOUR if rule.seconds is None else rule.seconds)


def say_fallback(rule: Fallbacks) -> str:
    """ "If the desk can't be reached: paying customers keep the last answer for up to 1 hour, then no; trials are
    refused; unpaid customers are refused." States that are treated alike share a clause."""
    alike: dict[Reliance, list[str]] = {}
    for state in AccountState:
        alike.setdefault(fallback_for(rule, state), []).append(state.words)
    if len(alike) == 1:
        return f"If the desk can't be reached: everybody {_clause(next(iter(alike)), one=True)}."
    clauses = [f"{' and '.join(who)} {_clause(reliance, one=False)}" for reliance, who in alike.items()]
    return f"If the desk can't be reached: {'; '.join(clauses)}."


def _clause(reliance: Reliance, *, one: bool) -> str:
    match reliance.fallback:
        case Fallback.ALLOW:
            return f"{'goes' if one else 'go'} on with what they have"
        case Fallback.DENY:
            return f"{'is' if one else 'are'} refused"
        case Fallback.LAST_KNOWN:
            age = say_age(reliance.max_age_seconds or 0)
            return f"{'keeps' if one else 'keep'} the last answer for up to {age}, then no"


def say_age(seconds: int) -> str:
    """ "1 hour", "90 minutes", "2 days": in the largest unit that leaves nothing over."""
    for size, noun in ((DAY, "day"), (HOUR, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            number = seconds // size
            return f"{number} {noun}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def usual_thresholds() -> list[list[object]]:
    """At 80 % the customer is told, at 90 % sales too, at 100 % both."""
    return [[80, "customer"], [90, "customer and sales"], [100, "customer and sales"]]
