"""What covers an account, on what, at an instant: every candidate, who decides, and why. Nothing here writes.

The one place that chooses a cover: the lookup, a case's promise and what is owed of some work all ask it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import Window
from catalog.models import Feature
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.phases import standing_at
from entitlements.domain.resolve import Resolution, resolve_some
from entitlements.models import Account, AccountStanding
from entitlements.queries.accounts import ancestors_of
from entitlements.queries.check.memory import memory
from entitlements.queries.credits.balances import left_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts
from support.domain.cover_reasons import channel_words
from support.domain.cover_terms import AtZero, Counts, Source
from support.domain.coverage import WITHOUT_TIER
from support.domain.covers import Asked, Choice, CoverFact, Left, choose
from support.models import Allowance, Asset, SlaPolicyVersion
from support.queries.allowances.balances import CHANNEL, balance_line
from support.snapshots.covers import snapshot_covers, snapshot_warranties
from support.snapshots.policies import SUPPORT_TIER, policies_at


@dataclass(frozen=True, slots=True)
class About:
    """What is asked about beside the account, by id; None was not named. `chosen` is a cover somebody chose.

    `counted` are the allowances of incidents that the case was counted on already: for it they aren't used up.
    """

    asset: Asset | None = None
    product: int | None = None
    contact: int | None = None
    channel: str | None = None
    chosen: str = ""
    counted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepaid:
    """An allowance that the account has anything of, and what is left of it."""

    allowance: Allowance
    left: Left


@dataclass(frozen=True, slots=True)
class Covering:
    """The choice, with what it was made from: the facts, the answer about the tier, the policies in force by tier.

    `billed` are the facts with the billing periods, by which a plan's credits come again; None: they weren't needed.
    `about` is what was asked about.
    """

    choice: Choice
    facts: Facts
    held: Resolution | None
    prepaid: tuple[Prepaid, ...]
    asked: Asked
    policies: Mapping[str, SlaPolicyVersion]
    billed: Facts | None = None
    about: About = field(default_factory=About)

    def answers(self, account: Account, about: About, *, at: datetime) -> bool:
        """Whether this is what would be asked of the account on this at the instant."""
        return self.asked.account == account.pk and self.asked.at == at and self.about == about


def covering(
    account: Account,
    *,
    at: datetime,
    about: About | None = None,
    facts: Facts | None = None,
    billed: bool = False,
    catalog: CatalogSnapshot | None = None,
    policies: Mapping[str, SlaPolicyVersion] | None = None,
    allowances: list[Allowance] | None = None,
    uncovered: bool = False,
) -> Covering:
    """Who decides what is owed to the account on this, and everybody who might have.

    The number of reads grows with the levels of accounts above it and with the allowances it has anything of, never
    with covers, warranties or contracts. `billed`: the `facts` that are given are with the billing periods; `catalog` is
    what they were read by, `allowances` those in use; `uncovered`: that nobody agreed any cover is known already.
    """
    about = about or About()
    if facts is None:
        catalog = catalog or memory.catalog()
    allowances = allowances_in_use(catalog) if allowances is None else allowances
    if facts is None:
        facts, billed = _facts(account, catalog, billing=bool(allowances)), True
    policies = policies_at(at) if policies is None else policies
    answers = resolve_some(facts, _deciding(facts, allowances), at=at)
    ranks = tier_ranks(facts)
    held = _held(account, allowances, answers=answers)
    whole = facts if billed else _facts(account, catalog, billing=True) if held else None
    prepaid = tuple(_prepaid(account, row, facts=whole or facts, answers=answers, at=at, about=about) for row in held)
    left = _purses(prepaid, counted=about.counted)
    above = tuple(one.pk for one in ancestors_of(account))
    whose = () if uncovered else (account.pk, *above)
    covers = [
        *_by_tier(account, answers.get(SUPPORT_TIER), ranks=ranks, left=left, promising=policies),
        *_by_balance(account, prepaid, ranks=ranks, promising=policies, counted=about.counted),
        *snapshot_covers(accounts=whose, asked=account.pk, ranks=ranks, left=left, promising=policies),
        *snapshot_warranties(about.asset.pk if about.asset else None, ranks=ranks, at=at, promising=policies),
    ]
    asked = _asked(account, above, facts, about, at=at)
    return Covering(
        choose(covers, asked=asked), facts, answers.get(SUPPORT_TIER), prepaid, asked, policies, whole, about
    )


def _facts(account: Account, catalog: CatalogSnapshot | None, *, billing: bool) -> Facts:
    return snapshot_facts(account.pk, reader=Reader(), catalog=catalog or memory.catalog(), billing=billing)


def _deciding(facts: Facts, allowances: list[Allowance]) -> set[str]:
    """The features whose answers decide: nothing else of the catalog is worked out."""
    return {SUPPORT_TIER, *(row.feature.key for row in allowances)} & facts.features.keys()


def tier_ranks(facts: Facts) -> dict[str, int]:
    """The support tiers by their place in the listed order, the least first; none where no such feature is sold."""
    known = facts.features.get(SUPPORT_TIER)
    return {} if known is None else {choice.key: place for place, choice in enumerate(known.shape.choices)}


def allowances_in_use(catalog: CatalogSnapshot | None) -> list[Allowance]:
    """Each with its feature."""
    rows = [row for row in Reader().rows(Allowance) if row.retired_at is None]
    ids = sorted({row.feature_id for row in rows})
    known = {row.pk: row for row in Reader().rows(Feature, id__in=ids)} if catalog is None else catalog.features
    for row in rows:
        row.feature = known[row.feature_id]
    return rows


def _held(account: Account, rows: list[Allowance], *, answers: Mapping[str, Resolution]) -> list[Allowance]:
    """Each allowance that the account's plans give, or that it was ever granted some of."""
    touched = _touched(account, [row.feature for row in rows]) if rows else set()
    return [row for row in rows if row.feature_id in touched or _is_given(answers.get(row.feature.key))]


def _is_given(answer: Resolution | None) -> bool:
    return answer is not None and answer.granted


def _part(answer: Resolution | None, channel: str | None) -> str:
    """The channel, where the plan bounds what may fall to it."""
    return channel if channel and answer is not None and f"{CHANNEL}{channel}" in answer.sub_limits else ""


def _prepaid(
    account: Account, row: Allowance, *, facts: Facts, answers: Mapping[str, Resolution], at: datetime, about: About
) -> Prepaid:  # fmt: skip
    """Where a channel has a part of its own, no more is left for it than of that part."""
    amount, name = left_of(account_id=account.pk, feature=row.feature, facts=facts, at=at), row.feature.name
    part = _part(answers.get(row.feature.key), about.channel)
    of_channel = balance_line(account, row, at=at, facts=facts).part(part) if part else None
    if of_channel is not None and _is_less(of_channel.left, than=amount):
        amount, name = of_channel.left, f"{name} for {channel_words(part)}"
    return Prepaid(row, Left(name, amount, blocks=row.at_zero == AtZero.BLOCK))


def _is_less(amount: Amount, *, than: Amount) -> bool:
    return amount is not UNLIMITED and (than is UNLIMITED or amount < than)


def _touched(account: Account, features: list[Feature]) -> set[int]:
    granted = account.credit_grants.filter(feature__in=features).values_list("feature_id", flat=True)
    return set(granted)


def _purses(prepaid: tuple[Prepaid, ...], *, counted: Collection[int]) -> tuple[Left, ...]:
    """What counted covers count on: incidents, of which a case that took one already needs no other."""
    return tuple(
        Left(one.left.name, one.left.amount, blocks=one.left.blocks and one.allowance.pk not in counted)
        for one in prepaid
        if one.allowance.counts == Counts.CASES
    )


def _by_tier(
    account: Account,
    held: Resolution | None,
    *,
    ranks: Mapping[str, int],
    left: tuple[Left, ...],
    promising: Collection[str],
) -> Iterator[CoverFact]:
    if held is None or not held.granted or not isinstance(held.value, str):
        return
    yield CoverFact(
        key="tier",
        source=Source.TIER,
        name=held.shape.label(held.value),
        account=account.pk,
        window=Window(),
        tier=held.value,
        rank=ranks.get(held.value, 0),
        left=left,
        promised=held.value in promising,
    )


def _by_balance(
    account: Account,
    prepaid: tuple[Prepaid, ...],
    *,
    ranks: Mapping[str, int],
    promising: Collection[str],
    counted: Collection[int],
) -> Iterator[CoverFact]:
    for one in prepaid:
        tier = one.allowance.default_tier
        if tier in ranks:
            left = Left(one.left.name, one.left.amount, blocks=one.allowance.pk not in counted)
            yield CoverFact(
                key=f"balance:{one.allowance.pk}",
                source=Source.BALANCE,
                name=one.left.name,
                account=account.pk,
                window=Window(),
                tier=tier,
                rank=ranks[tier],
                left=(left,),
                promised=tier in promising,
            )


def _asked(account: Account, above: tuple[int, ...], facts: Facts, about: About, *, at: datetime) -> Asked:
    standing = standing_at(facts, at=at)
    asset = about.asset
    return Asked(
        account=account.pk,
        at=at,
        above=above,
        is_open=standing is Standing.OPEN,
        standing_words=WITHOUT_TIER.get(standing, ""),
        shut=_shut(above, at=at),
        zone=account.zone,
        asset=None if asset is None else asset.pk,
        location=None if asset is None else asset.location_id,
        product=asset.product_id if asset is not None else about.product,
        contact=about.contact,
        channel=about.channel,
        chosen=about.chosen,
    )


def _shut(above: tuple[int, ...], *, at: datetime) -> dict[int, str]:
    """Those of the accounts above that are suspended or closed at the instant; no read where there is none above."""
    if not above:
        return {}
    rows = AccountStanding.objects.filter(account__in=above, starts_at__lte=at).select_related("account")
    last = {row.account_id: row for row in rows.order_by("starts_at", "pk")}
    return {
        pk: f"{row.account}, which agreed it, is {row.standing}."
        for pk, row in last.items()
        if row.standing != Standing.OPEN
    }
