"""What an account has used, holds and has left of everything that is counted, in the periods that run. Nothing writes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Amount, Kind, Reset
from catalog.models import Feature
from entitlements.domain.facts import Facts
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.charging import Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import left_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.credits import balance_of
from entitlements.queries.usage.tallies import tallies


@dataclass(frozen=True, slots=True)
class Used:
    """Of one feature. `left` is None where it is no figure of the account's own: each seat has its own, or the credits
    are shared. Of credits it is the balance, less what is held."""

    used: Decimal
    held: Decimal
    left: Amount | None
    resets_at: datetime | None


def used_now(account: Account, terms: Mapping[str, UseTerms], *, facts: Facts, at: datetime) -> Mapping[str, Used]:
    """By the feature's key, of all that is counted; two reads, and those of each balance of credits."""
    counted = {key: term for key, term in terms.items() if term.counted}
    features = {feature.key: feature for feature in Feature.objects.filter(key__in=counted)}
    keys = {key: CounterKey(account.pk, features[key].pk, start_of(term.period(at))) for key, term in counted.items()}
    said = tallies(keys.values(), at=at)
    found = {key: _used(counted[key], said.get(name, Tallied()), at) for key, name in keys.items()}
    for key, used in found.items():
        if counted[key].shape.kind is Kind.CREDIT and counted[key].answer.granted and not counted[key].shared:
            balance = balance_of(account=account, feature=features[key], at=at, facts=facts, latest=True)
            found[key] = replace(used, left=left_of(balance.left, used.held))
    return found


def _used(terms: UseTerms, said: Tallied, at: datetime) -> Used:
    touched = bool(said.used or said.held)
    end = terms.period(at).end if touched or not is_rate(terms) else None
    alone = terms.answer.each_of is not None or terms.shape.kind is Kind.CREDIT
    return Used(said.used, said.held, None if alone else left_of(terms.limit, said.used + said.held), end)


def is_rate(terms: UseTerms) -> bool:
    """So much a second or a minute: where nothing is in use of it, nothing is to come back."""
    return terms.answer.reset in {Reset.SECOND, Reset.MINUTE}
