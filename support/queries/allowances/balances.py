"""What is left of an account's prepaid help: in all, by channel, and what of it goes next. Nothing here writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount
from catalog.queries.instants import say_instant
from entitlements.domain.facts import Facts
from entitlements.domain.resolve import resolve_some
from entitlements.domain.usage.operations import Act, Operation
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account
from entitlements.queries.credits.balances import CreditBalanceView, balance_of
from entitlements.queries.credits.courses import credit_facts
from entitlements.queries.usage.landing import Sources, lands_on
from entitlements.queries.usage.tallies import tallied
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, Counts
from support.domain.time_entries import Offer
from support.models import Allowance
from support.queries.allowances.measures import Measure

CHANNEL = "channel."  # how the choices of a feature's channels begin
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class PartLeft:
    """What of an allowance may fall to one channel, and what of that is left. Of no bound, `of` is UNLIMITED."""

    choice: str
    name: str
    left: Amount
    of: Amount
    left_words: str
    of_words: str

    @property
    def channel(self) -> str:
        return self.choice.removeprefix(CHANNEL)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One allowance of an account as it stands. `left` and `owed` (used beyond all that was there) are in the
    feature's smallest unit; the words are those of a screen that a customer may see."""

    allowance: Allowance
    name: str
    left: Amount
    owed: Decimal
    words: str
    owed_words: str
    parts: tuple[PartLeft, ...]
    goes_at: datetime | None
    goes: str
    view: CreditBalanceView

    @property
    def key(self) -> str:
        return self.allowance.feature.key

    @property
    def used_up(self) -> bool:
        return self.left is not UNLIMITED and self.left <= 0

    @property
    def overdrawn(self) -> bool:
        return self.owed > 0

    @property
    def blocks(self) -> bool:
        return self.allowance.at_zero == AtZero.BLOCK

    @property
    def of_time(self) -> bool:
        return self.allowance.counts == Counts.TIME

    @property
    def measure(self) -> Measure:
        return Measure(self.allowance.feature.shape)

    @property
    def one_line(self) -> str:
        """ "4 h 10 min left", "used up", "overdrawn by 30 min"."""
        if self.overdrawn:
            return f"overdrawn by {self.owed_words}"
        return "used up" if self.used_up else f"{self.words} left"

    def part(self, channel: str) -> PartLeft | None:
        return next((one for one in self.parts if one.channel == channel), None)

    def offer(self) -> Offer:
        """As time chooses among several, by what is left in all."""
        left = self.measure.left(self.left, owed=self.owed)
        return Offer(
            self.allowance.pk, left, self.goes_at, overdraws=not self.blocks, unit=self.allowance.unit_minutes
        )  # fmt: skip


def balances_of(account: Account, at: datetime, *, facts: Facts | None = None) -> list[BalanceLine]:
    """Every allowance of support that the account's plans give, or that it was ever granted some of, by name."""
    if not Allowance.objects.filter(retired_at__isnull=True).exists():
        return []
    facts = facts or credit_facts(account)
    held = allowances_of(account, at=at, facts=facts)
    sources = Sources(at, facts={account.pk: facts})
    return [_line(account, one, sources=sources, facts=facts, at=at) for one in held]


def allowances_of(account: Account, *, at: datetime, facts: Facts) -> list[Allowance]:
    """Those in use that its plans give, or that it was ever granted or has used anything of; by name."""
    rows = list(Allowance.objects.filter(retired_at__isnull=True).select_related("feature"))
    return had_of(account, rows, at=at, facts=facts)


def had_of(account: Account, rows: Sequence[Allowance], *, at: datetime, facts: Facts) -> list[Allowance]:
    """Of these, those that the account has, or had."""
    if not rows:
        return []
    answers = resolve_some(facts, {row.feature.key for row in rows} & facts.features.keys(), at=at)
    features = {row.feature_id for row in rows}
    touched = set(account.credit_grants.filter(feature__in=features).values_list("feature_id", flat=True))
    touched |= set(account.credit_balances.filter(feature__in=features).values_list("feature_id", flat=True))
    given = {key for key, answer in answers.items() if answer.granted}
    return [row for row in rows if row.feature_id in touched or row.feature.key in given]


def balance_line(account: Account, allowance: Allowance, *, at: datetime, facts: Facts | None = None) -> BalanceLine:
    """One allowance, also one the account has nothing of."""
    facts = facts or credit_facts(account)
    return _line(account, allowance, sources=Sources(at, facts={account.pk: facts}), facts=facts, at=at)


def _line(
    account: Account, allowance: Allowance, *, sources: Sources, facts: Facts, at: datetime
) -> BalanceLine:  # fmt: skip
    feature = allowance.feature
    view = balance_of(account=account, feature=feature, at=at, facts=facts, latest=True)
    measure = Measure(feature.shape)
    going = view.next_to_go
    goes_at = None if going is None else going.ends_at
    return BalanceLine(
        allowance=allowance,
        name=feature.name,
        left=view.left,
        owed=view.overage,
        words=measure.say(view.left),
        owed_words=measure.say(view.overage),
        parts=tuple(_parts(account, allowance, sources=sources, at=at)),
        goes_at=goes_at,
        goes=_goes(view, measure, zone=account.zone),
        view=view,
    )


def _goes(view: CreditBalanceView, measure: Measure, *, zone: str) -> str:
    """ "4 h 10 min go on 1 April 2026 (Amsterdam), if they aren’t used by then"; empty: nothing of it goes by itself."""
    one = view.next_to_go
    if one is None or one.ends_at is None:
        return ""
    return f"{measure.say(one.left)} go on {say_instant(one.ends_at, zone=zone)}, unless used by then"


def _parts(account: Account, allowance: Allowance, *, sources: Sources, at: datetime) -> Iterator[PartLeft]:
    """The channels that have a part of their own, in the order of the plan."""
    terms: UseTerms = sources.terms_for(account.pk, at=at)[allowance.feature.key]
    measure = Measure(allowance.feature.shape)
    for choice, of in terms.answer.sub_limits.items():
        if not choice.startswith(CHANNEL):
            continue
        left = of if of is UNLIMITED else _part_left(account, allowance, choice, of, sources=sources, at=at)
        yield PartLeft(choice, channel_words(choice), left, of, measure.say(left), measure.say(of))


def _part_left(
    account: Account, allowance: Allowance, choice: str, of: Amount, *, sources: Sources, at: datetime
) -> Amount:
    key = allowance.feature.key
    asked = Operation(Act.REPORT, "", "", account_id=account.pk, feature=key, quantity=NOTHING, at=at, choice=choice)
    sources.read_ahead([asked])
    lines = [line for line in lands_on(asked, sources, now=at).lines if line.key.choice == choice]
    said = tallied(lines, at=at)
    lefts = [line.most - said[line.key].used - said[line.key].held for line in lines if line.most is not None]
    return min(lefts, default=of)


def channel_words(choice: str) -> str:
    """ "channel.phone" → "Phone"."""
    channel = choice.removeprefix(CHANNEL)
    return Channel(channel).words if channel in set(Channel) else channel.replace("_", " ").capitalize()
