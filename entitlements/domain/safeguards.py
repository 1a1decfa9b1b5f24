"""What a client needs besides the answer, so that it does the right thing alone: the fallback, thresholds, the buffer.

They come from the feature's rules at the instant and from how the account stands: *unpaid* while any of its items is
in grace; *in trial* while all it has on its own account is in trial; else *paying*, which a free plan is too. A plan
lent beside what is bought says nothing about how the account stands.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.fallbacks import AccountState, Reliance, fallback_for
from catalog.domain.rules import Threshold, limited
from entitlements.domain.facts import Facts, ItemFact, Phase
from entitlements.domain.phases import phase_at, rule_at


@dataclass(frozen=True, slots=True)
class Safeguard:
    """For one feature of one account; thresholds and buffer are empty where there is no limit to come near."""

    reliance: Reliance
    thresholds: tuple[Threshold, ...] = ()
    buffer_percent: int = 0


def account_state(facts: Facts, *, at: datetime) -> AccountState:
    """How the account stands at the instant."""
    phases = {phase_at(item, at=at) for item in facts.items if _counts(item, at=at)}
    if Phase.GRACE in phases:
        return AccountState.UNPAID
    return AccountState.TRIAL if phases == {Phase.TRIAL} else AccountState.PAYING


def safeguards(facts: Facts, *, at: datetime) -> dict[str, Safeguard]:
    """The safeguard of every feature, by key."""
    state = account_state(facts, at=at)
    found = {}
    for key, fact in facts.features.items():
        rule = rule_at(fact, at=at)
        reliance = fallback_for(rule.fallbacks, state)
        counted = limited(fact.shape)
        found[key] = Safeguard(
            reliance,
            thresholds=rule.thresholds if counted else (),
            buffer_percent=rule.buffer_percent if counted else 0,
        )
    return found


def _counts(item: ItemFact, *, at: datetime) -> bool:
    return item.window.contains(at) and not item.lent
