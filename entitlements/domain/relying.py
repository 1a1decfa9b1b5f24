"""What is answered while the desk can't be asked: the feature's fallback, for an account that stands as this one did (C8).

The last answer is kept only where the fallback says so, up to its age, and never past the instant at which it ends by
itself. Where nothing is known, nothing is allowed.

What goes on without the desk goes on at any age, but not for an account that is known not to have it: an outage keeps
customers in, and neither brings back those whose trial or contract has ended nor gives away what somebody never had. A
limit that was reached stops nobody there, nor does an end after which nothing is known.
"""

from dataclasses import dataclass

from catalog.domain.fallbacks import Fallback, Reliance, say_age

UNREACHABLE = "unreachable"
BY_LAST = "the desk can't be reached; this is its last answer"


@dataclass(frozen=True, slots=True)
class Last:
    """The last answer: how old it is, and whether what it rests on still holds at the instant that is asked about."""

    allowed: bool
    age_seconds: float
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Relied:
    """What is done without the desk, and why. `by_last`: it is the last answer, which has reasons of its own."""

    allowed: bool
    because: str
    by_last: bool = False


def relied_on(reliance: Reliance | None, last: Last | None, *, lacks: bool = False) -> Relied:
    """`reliance` None: nothing is known of the feature; `last` None: there was no answer to this question. `lacks`: what
    is known, and holds at the instant that is asked about, says that the account doesn't have the feature."""
    if reliance is None:
        return Relied(False, "the desk can't be reached, and nothing is known of this here")
    match reliance.fallback:
        case Fallback.ALLOW if lacks:
            return Relied(False, BY_LAST, by_last=True)
        case Fallback.ALLOW:
            return Relied(True, "the desk can't be reached, and its fallback lets this go on")
        case Fallback.DENY:
            return Relied(False, "the desk can't be reached, and its fallback refuses this")
        case Fallback.LAST_KNOWN:
            return _by_last(reliance.max_age_seconds or 0, last)


def _by_last(most: int, last: Last | None) -> Relied:
    if last is None:
        return Relied(False, "the desk can't be reached, and has never been asked about this")
    if not last.holds:
        return Relied(False, "the desk can't be reached, and what was known last has come to its end")
    if not 0 <= last.age_seconds <= most:
        return Relied(False, f"the desk can't be reached, and its last answer is older than {say_age(most)}")
    return Relied(last.allowed, BY_LAST, by_last=True)
