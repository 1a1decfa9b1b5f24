"""What an account has used, holds and has left of everything that is counted, in the periods that run. Nothing writes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Amount, Kind, Reset
from catalog.models import Feature
from entitlements.domain.facts import Facts
from entitlements.domain.usage.allowances import start_of
from entitlements.domain.usage.charging import Line, Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why, left_of
from entitlements.domain.usage.terms import UseTerms, is_had
from entitlements.models import Account, CreditBalance
from entitlements.queries.credits import balance_of
from entitlements.queries.usage.tallies import tallied


@dataclass(frozen=True, slots=True)
class Used:
    """Of one feature. `left` is None where it is no figure of the account's own: each seat has its own, or the credits
    are shared. Of credits it is the balance, less what is held."""

    used: Decimal
    held: Decimal
    left: Amount | None
    resets_at: datetime | None
    bought: bool = False  # credits that no plan gives, of which something is left


def used_now(account: Account, terms: Mapping[str, UseTerms], *, facts: Facts, at: datetime) -> Mapping[str, Used]:
    """By the feature's key, of all that is counted; two reads, and those of each balance of credits."""
    counted = {key: term for key, term in terms.items() if term.counted}
    features = {feature.key: feature for feature in Feature.objects.filter(key__in=counted)}
    lines = {key: _line(account, features[key], term, at) for key, term in counted.items()}
    said = tallied(lines.values(), at=at, made=False)
    found = {key: _used(counted[key], said[line.key], at) for key, line in lines.items()}
    for key in _with_a_balance(account, counted, features):
        balance, used = balance_of(account=account, feature=features[key], at=at, facts=facts, latest=True), found[key]
        bought = not counted[key].answer.granted and is_had(counted[key], balance.left)
        found[key] = replace(used, left=left_of(balance.left, used.held), bought=bought)
    return found


def _with_a_balance(account: Account, counted: Mapping[str, UseTerms], features: Mapping[str, Feature]) -> list[str]:
    """The credits of its own that the account is given, or ever had anything of beside a plan."""
    usable = {
        key: term for key, term in counted.items()
        if term.shape.kind is Kind.CREDIT and term.usable and not term.shared
    }  # fmt: skip
    beside = {features[key].pk for key, term in usable.items() if not term.answer.granted}
    rows = CreditBalance.objects.filter(account=account, feature__in=beside) if beside else CreditBalance.objects.none()
    kept = set(rows.values_list("feature_id", flat=True))
    return [key for key, term in usable.items() if term.answer.granted or features[key].pk in kept]


def _line(account: Account, feature: Feature, terms: UseTerms, at: datetime) -> Line:
    period = terms.period(at)
    key = CounterKey(account.pk, feature.pk, start_of(period))
    return Line(key, terms, terms.limit, None, Why.LIMIT_REACHED, period.end)


def _used(terms: UseTerms, said: Tallied, at: datetime) -> Used:
    touched = bool(said.used or said.held)
    end = terms.period(at).end if touched or not is_rate(terms) else None
    alone = terms.answer.each_of is not None or terms.shape.kind is Kind.CREDIT
    return Used(said.used, said.held, None if alone else left_of(terms.limit, said.used + said.held), end)


def is_rate(terms: UseTerms) -> bool:
    """So much a second or a minute: where nothing is in use of it, nothing is to come back."""
    return terms.answer.reset in {Reset.SECOND, Reset.MINUTE}
