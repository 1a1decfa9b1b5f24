"""What a change of items does for the customer: what is otherwise, and what is less than is in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from catalog.domain.values import UNLIMITED, BelowUse, Squeeze
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.domain.facts import Facts
from entitlements.domain.figures import Direction
from entitlements.domain.impact import effects_between
from entitlements.domain.phases import rule_at
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.in_use import in_use
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.life.item_preview import facts_with
from entitlements.queries.seats import NOBODY, Squeezed, seats_had, squeezed_at
from entitlements.snapshots import CatalogSnapshot

Answers = Mapping[str, Resolution]


class Read(TypedDict, total=False):
    """What whoever asks has read already of the account, by this catalog."""

    facts: Facts
    catalog: CatalogSnapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature that the customer would have otherwise; `worse` for them."""

    key: str
    name: str
    before: str
    after: str
    worse: bool


@dataclass(frozen=True, slots=True)
class OverUse:
    """A feature of which less would be left than is in use; `refused`: its rule doesn't let that happen.

    `squeezed`: who would lose their seat by it, where people hold it by name and the rule takes some.
    """

    key: str
    name: str
    in_use: str
    becomes: str
    refused: bool
    squeezed: Squeezed = NOBODY


@dataclass(frozen=True, slots=True)
class Effect:
    differences: tuple[Difference, ...]
    over: tuple[OverUse, ...]

    @property
    def refusals(self) -> tuple[str, ...]:
        """What keeps the change from being made: sentences for whoever asked."""
        return tuple(_say_below_use(one) for one in self.over if one.refused)


def effect_of(
    *,
    account: Account,
    when: datetime,
    at: datetime,
    adds: Sequence[SubscriptionItem] = (),
    ends: Mapping[int, datetime],
    **read: Unpack[Read],
) -> Effect:
    """What adding some items and ending others does at the instant it takes effect, by what is in use now."""
    facts, becomes = facts_with(account=account, adds=adds, ends=ends, **read)
    before, after = resolve(facts, at=when), resolve(becomes, at=when)
    return Effect(differences(before, after), _over(account, facts, before, after, used=in_use(account, at), at=when))


def differences(before: Answers, after: Answers) -> tuple[Difference, ...]:
    found = []
    for effect in effects_between(before, after):
        was, then = before[effect.feature], after[effect.feature]
        words = (in_words(was), in_words(then))
        if words[0] == words[1]:
            words = (effect.before, effect.after)
        found.append(Difference(effect.feature, effect.name, *words, worse=effect.direction is Direction.WORSE))
    return tuple(found)


def _over(
    account: Account, facts: Facts, before: Answers, after: Answers, *, used: Mapping[str, Decimal], at: datetime
) -> tuple[OverUse, ...]:
    """Only what the change itself takes away: what was over before it is not its doing."""
    found = []
    for key, amount in used.items():
        if key not in after or not _less(after[key], than=amount) or not _lessened(before[key], after[key]):
            continue
        shape = after[key].shape
        rule = rule_at(facts.features[key], at=at)
        refused = rule.below_use is BelowUse.REFUSE
        squeezed = NOBODY if refused else _squeezed(account, after[key], rule.squeeze)
        words = say_value(amount, shape=shape), in_words(after[key])
        found.append(OverUse(key, shape.name, *words, refused=refused, squeezed=squeezed))
    return tuple(found)


def _squeezed(account: Account, answer: Resolution, rule: Squeeze) -> Squeezed:
    if rule is Squeeze.KEEP:
        return NOBODY
    feature = Feature.objects.get(key=answer.feature)
    return squeezed_at(account, feature, seats_had(answer), rule=rule)


def _less(answer: Resolution, *, than: Decimal) -> bool:
    if answer.value is UNLIMITED:
        return False
    return (answer.value if isinstance(answer.value, Decimal) and answer.granted else Decimal(0)) < than


def _lessened(before: Resolution, after: Resolution) -> bool:
    if before.value is UNLIMITED:
        return True
    return isinstance(before.value, Decimal) and before.granted and _less(after, than=before.value)


def _say_below_use(one: OverUse) -> str:
    return f"{one.name}: {one.in_use} in use, {one.becomes} afterwards. Its rule wants less to be in use first."
