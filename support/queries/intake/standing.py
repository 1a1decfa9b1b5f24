"""What the entitlement engine says about a ticket: is help owed on its channel, and what of each feature. Never writes.

The classifier has no part in this, and this has none in the classifier.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from catalog.domain.availability import open_at, windows_in
from catalog.domain.values import Kind
from catalog.models import Feature
from catalog.queries.instants import say_instant, say_until
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.phases import standing_at
from entitlements.domain.resolution import Layer, Resolution
from entitlements.domain.resolve import resolve_some
from entitlements.models import Account
from entitlements.queries.account_names import Named
from entitlements.queries.check import memory
from entitlements.queries.selling.offers import Offer, offers
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.overage import spend_caps
from entitlements.queries.usage.standing import Question as Use
from entitlements.queries.usage.standing import standing_of
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts
from support.domain.case_events import Channel
from support.domain.cover_terms import Counts
from support.domain.covers import Choice, lost_because
from support.domain.intake.outcomes import Article, FeatureStanding, HelpStanding, Offered, Plays
from support.models import HelpArticle, Route, Team
from support.queries.covering import About, Covering, covering
from support.queries.covering_again import on_channel
from support.queries.intake.perhaps import begins_later, perhaps_owed
from support.queries.offers import offers_for
from support.snapshots.policies import promises_by_channel

COUNTED = frozenset({Kind.METERED, Kind.CAPACITY})
MOST_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine said, whole: the decision is made from this, and it is kept with it. `found` is what covers the
    customer, `routes` are all there are.
    """

    help: HelpStanding
    features: Mapping[str, FeatureStanding]
    found: Covering | None = None
    routes: Sequence[Route] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read once for all features asked about."""

    account: Account
    at: datetime
    catalog: CatalogSnapshot
    facts: Facts
    answers: Mapping[str, Resolution]
    routes: Sequence[Route]

    @property
    def open(self) -> bool:
        return standing_at(self.facts, at=self.at) is Standing.OPEN


def engine_of(
    account: Account,
    *,
    about: About,
    channel: Channel,
    features: Collection[str],
    at: datetime,
    opened_at: datetime | None = None,
) -> Engine:
    """Help on this channel, and each of the features (by key); as many reads for twenty of them as for two.

    Help is asked of the instant at which the ticket was opened, as its case is. What is on sale is read only where
    something is missing. A feature nobody knows is left out.
    """
    catalog = memory.catalog()
    facts = snapshot_facts(account.pk, reader=Reader(), catalog=catalog, billing=True)
    known = [key for key in sorted(features) if key in facts.features]
    read = _Read(account, at, catalog, facts, resolve_some(facts, known, at=at), all_routes(catalog))
    found = covering(account, at=opened_at or at, about=about, facts=facts, billed=True, catalog=catalog)
    standings = {one.key: one for one in _features(read, known)}
    return Engine(_help(read, found, channel=channel), standings, found, read.routes)


def _help(read: _Read, found: Covering, *, channel: Channel) -> HelpStanding:
    choice = found.choice
    covered = choice.promising is not None
    perhaps = "" if covered else perhaps_owed(read.account, found, at=read.at)
    used_up = _used_up(choice, found) if not covered else ""
    tier = (choice.promising.tier or "") if choice.promising is not None else ""
    team, person = route_for(read.account, tier=tier, channel=channel, features=(), routes=read.routes)
    others = () if covered else _other_channels(found, channel)
    return HelpStanding(
        covered=covered,
        why=_why(choice, covered=covered),
        used_up=used_up,
        other_channels=others,
        offers=() if covered else _help_offers(read, found),
        tier=tier,
        team=team,
        person=person,
        perhaps=perhaps,
    )


def _why(choice: Choice, *, covered: bool) -> str:
    if covered and choice.promising is not None:
        return f"Covered by {choice.promising.name}."
    lost = [f"{one.cover.name}: {one.reason}" for one in choice.candidates if not one.kept]
    return " ".join(["Not covered.", *lost[:3]])


def _used_up(choice: Choice, found: Covering) -> str:
    """The prepaid help of which nothing is left: only where the balance alone stands in the way.

    One that doesn't cover for another reason too, as it is for another channel, isn't kept from it by a balance.
    """
    used_up = [one.cover for one in choice.candidates if one.cover.used_up]
    empty = [cover for cover in used_up if not lost_because(replace(cover, left=()), found.asked)]
    names = [left.name for cover in empty for left in cover.left if left.used_up]
    counted = {one.left.name for one in found.prepaid if one.allowance.counts == Counts.CASES}
    return next((name for name in names if name in counted), "")


def _other_channels(found: Covering, channel: Channel) -> tuple[str, ...]:
    others = (one for one in Channel if one is not channel)
    return tuple(one.words for one in others if on_channel(found, one.value).promising is not None)


def _help_offers(read: _Read, found: Covering) -> tuple[Offered, ...]:
    if not read.open:
        return ()
    promises = {tier: by[""] for tier, by in promises_by_channel(at=read.at, versions=found.policies).items()}
    made = offers_for(read.account, facts=read.facts, catalog=read.catalog, promises=promises, at=read.at)
    return tuple(Offered(one.plan, one.name, one.words) for one in made[:MOST_OFFERS])


def all_routes(catalog: CatalogSnapshot | None = None) -> Sequence[Route]:
    """In their order, each with its team and its feature."""
    rows = sorted(Reader().rows(Route), key=lambda row: (row.position, row.pk))
    teams = {team.pk: team for team in Reader().rows(Team, id__in=sorted({row.team_id for row in rows}))}
    ids = sorted({row.feature_id for row in rows} - {None})
    features = {one.pk: one for one in Reader().rows(Feature, id__in=ids)} if catalog is None else catalog.features
    for row in rows:
        row.team, row.feature = teams[row.team_id], features[row.feature_id] if row.feature_id else None
    return rows


def route_for(
    account: Account,
    *,
    tier: str,
    channel: Channel,
    features: Collection[str],
    routes: Sequence[Route] | None = None,
) -> tuple[str, str]:
    """The most specific route that fits: by feature, then tier, then channel; among equals the first in order.

    `routes` are all there are, where they are at hand.
    """
    fitting = [
        row
        for row in (all_routes() if routes is None else routes)
        if row.tier in ("", tier)
        and row.channel in ("", channel.value)
        and (row.feature is None or row.feature.key in features)
    ]
    if not fitting:
        return "", ""
    best = max(fitting, key=lambda row: (row.feature is not None, row.tier != "", row.channel != ""))
    person = account.owner.email if best.to_manager and account.owner is not None and account.owner.is_active else ""
    return best.team.key, person


def _features(read: _Read, known: Collection[str]) -> Iterator[FeatureStanding]:
    articles = _articles(read, known)
    reached = _limits_reached(read, [key for key in known if read.answers[key].granted])
    missing = [key for key in known if not read.answers[key].granted or key in reached]
    sold = _sold(read, missing) if missing else ()
    there = _sold_there(read, missing)
    for key in known:
        answer = read.answers[key]
        yield FeatureStanding(
            key=key,
            name=answer.shape.name,
            granted=answer.granted,
            why=reached.get(key, "") or _source_of(answer, zone=read.account.zone),
            limit_reached=key in reached,
            offers=tuple(_that_give(key, sold, more=answer.granted)) if key in there else (),
            article=articles.get(key),
            withheld="" if answer.granted else _withheld(read, answer),
        )


def _withheld(read: _Read, answer: Resolution) -> str:
    """Why a feature that isn't granted may be theirs all the same: as it stands with them, or because it begins later."""
    standing = standing_at(read.facts, at=read.at)
    if standing is not Standing.OPEN:
        return f"The account is {standing.value}."
    then = begins_later(answer, key=answer.feature, facts=read.facts)
    return "" if then is None else f"They have it from {say_instant(then, zone=read.account.zone)} on."


def _sold(read: _Read, keys: Collection[str]) -> tuple[Offer, ...]:
    found = offers(account=read.account, at=read.at, catalog=read.catalog, facts=read.facts, features=keys)
    return found.offers


def _sold_there(read: _Read, keys: Collection[str]) -> frozenset[str]:
    """Those that are sold in the account's market at the moment; what has no windows is sold everywhere."""
    limits = {
        read.catalog.features[pk].key: found for (kind, pk), found in read.catalog.sold.items() if kind == "feature"
    }
    market = read.account.market_id
    return frozenset(key for key in keys if open_at(windows_in(limits.get(key, ()), market=market), at=read.at))


def _source_of(answer: Resolution, *, zone: str) -> str:
    """Who gives it, where somebody does, as people call it: by its plan, or by an override and how long that lasts."""
    kept = [one for one in answer.because if one.kept] if answer.granted else []
    if not kept:
        return ""
    last = kept[-1]
    if last.layer is not Layer.OVERRIDE:
        return last.name
    return f"by an override, {say_until(last.until, zone=zone)}" if last.until else "by an override without an end"


def _that_give(key: str, sold: Collection[Offer], *, more: bool) -> Iterator[Offered]:
    """The first few on sale that would give the feature, or more of it."""
    count = 0
    for one in sold:
        then = one.upgrade.answers.get(key)
        gains = {effect.feature for effect in one.upgrade.gains}
        if then is None or not then.granted or (more and key not in gains):
            continue
        yield Offered(one.version.plan, one.version.plan_name, ", ".join(one.prices), add_on=not one.is_plan)
        count += 1
        if count == MOST_OFFERS:
            return


def _limits_reached(read: _Read, keys: Collection[str]) -> dict[str, str]:
    """Of what is counted: the features of which nothing more may be used now, each with the verdict in words."""
    counted = [key for key in keys if read.answers[key].shape.kind in COUNTED]
    if not counted:
        return {}
    named = Named(read.account.pk, read.account.key)
    ids = {feature.key: pk for pk, feature in read.catalog.features.items()}
    sources = Sources(read.at, caps=cache(spend_caps), facts={read.account.pk: read.facts}, features=ids)
    stands = standing_of(named, [Use(key, 1) for key in counted], sources=sources, now=read.at)
    return {key: one.decision.words for key, one in zip(counted, stands, strict=True) if not one.decision.allowed}


def _articles(read: _Read, keys: Collection[str]) -> dict[str, Article]:
    """The one in use for each feature that has one."""
    ids = {pk: feature.key for pk, feature in read.catalog.features.items() if feature.key in keys}
    rows = Reader().rows(HelpArticle, feature_id__in=sorted(ids))
    return {
        ids[row.feature_id]: Article(row.title, row.url, Plays(row.plays)) for row in rows if row.retired_at is None
    }
