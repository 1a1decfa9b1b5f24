"""What a change of covers does to whom: who decides what before and after, device by device. Nothing is written.

Each device that the covers reach is asked about, and the customer in general. By the same rule that decides for cases
(`support.domain.covers.choose`), once with the covers as they are and once as they would be.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from entitlements.models import Account
from support.domain.cover_draft import CoverDraft
from support.domain.cover_terms import Aspect, ScopeKind, Source
from support.domain.cover_words import Named, say_share
from support.domain.covers import Asked, Choice, CoverFact, choose
from support.models import Asset
from support.queries.covering import Covering, covering, tier_ranks
from support.queries.covers.reading import ids_below
from support.snapshots.covers import snapshot_warranties

MOST_ASKED = 40
ANYTHING = "In general"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that is decided otherwise for one device, or in general where no device is named."""

    whom: str
    label: str
    before: str
    after: str
    lowers: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """`asked` devices were looked at; `more` of them were left out."""

    found: tuple[Effect, ...]
    asked: int
    more: int

    @property
    def lowers(self) -> bool:
        return any(one.lowers for one in self.found)

    @property
    def less(self) -> tuple[str, ...]:
        """Who has less of what; of devices that weren't looked at nobody knows."""
        said = [
            f"{one.whom}, {one.label.lower()}: {one.before} becomes {one.after}." for one in self.found if one.lowers
        ]
        return (*said, *([f"{self.more} more devices weren’t looked at."] if self.more else ()))


def fact_of(draft: CoverDraft, *, key: str, account: Account, found: Covering) -> CoverFact:
    """A cover that is only thought of, as the rule reads covers."""
    ranks = tier_ranks(found.facts)
    tier = draft.tier if draft.tier in ranks else None
    left = tuple(one.left for one in found.prepaid if one.allowance.counts == "cases")
    return CoverFact(
        key=key,
        source=Source.COVER,
        name=draft.name,
        account=account.pk,
        window=draft.window,
        tier=tier,
        rank=-1 if tier is None else ranks[tier],
        shares=draft.shares,
        scope=draft.scope,
        children=draft.children,
        line=draft.contract is not None,
        priority=draft.priority,
        left=left if draft.counted else (),
        authorisation=draft.authorisation,
        promised=tier is None or tier in found.policies,
    )


def effects_of(
    account: Account, *, before: CoverDraft | None, after: CoverDraft | None, key: str, named: Named, at: datetime
) -> Effects:
    """What becomes of the customer where the cover says `after` instead of `before`, at the instant."""
    drafts = [draft for draft in (before, after) if draft is not None]
    assets = _reached(account, drafts)
    shown = assets[:MOST_ASKED]
    whose = {account.pk: account} | {asset.account_id: asset.account for asset in shown}
    worlds = {pk: covering(one, at=at) for pk, one in whose.items()}
    found: list[Effect] = []
    contact, product = (_first(drafts, kind) for kind in (ScopeKind.CONTACT, ScopeKind.PRODUCT))
    general = _general(named, contact=contact, product=product)
    for asset in (None, *shown):
        holder = account if asset is None else asset.account
        world = worlds[holder.pk]
        kept = [one.cover for one in world.choice.candidates if one.cover.key != key]
        if asset is not None:
            kept += snapshot_warranties(asset.pk, ranks=tier_ranks(world.facts), at=at, promising=world.policies)
        asked = _about(asset, replace(world.asked, contact=contact, product=product))
        was, becomes = (choose([*kept, *_with(draft, key, account, world)], asked=asked) for draft in (before, after))
        found += _differences(general if asset is None else str(asset), was, becomes, named)
    return Effects(tuple(found), len(shown), len(assets) - len(shown))


def _with(draft: CoverDraft | None, key: str, account: Account, world: Covering) -> Iterator[CoverFact]:
    if draft is not None:
        yield fact_of(draft, key=key, account=account, found=world)


def _reached(account: Account, drafts: Iterable[CoverDraft]) -> list[Asset]:
    """The devices that any of them reaches, in the order of their names."""
    drafts = list(drafts)
    accounts = [account.pk, *(ids_below(account) if any(draft.children for draft in drafts) else ())]
    rows = Asset.objects.filter(account__in=accounts, retired_at__isnull=True)
    rows = rows.select_related("account", "product", "location").order_by("product__name", "serial", "pk")
    return [row for row in rows if any(_reaches(draft, row, account) for draft in drafts)]


def _reaches(draft: CoverDraft, asset: Asset, account: Account) -> bool:
    if asset.account_id != account.pk and not draft.children:
        return False
    of = {
        ScopeKind.ASSET: asset.pk,
        ScopeKind.LOCATION: asset.location_id,
        ScopeKind.PRODUCT: asset.product_id,
    }
    return all(not draft.scope.of(kind) or of[kind] in draft.scope.of(kind) for kind in of)


def reached_by(draft: CoverDraft, *, account: Account) -> list[Asset]:
    """The devices a cover reaches, in the order of their names."""
    return _reached(account, [draft])


def _first(drafts: Iterable[CoverDraft], kind: ScopeKind) -> int | None:
    """What has to be named for it to speak at all: one of what the last of them is narrowed to."""
    named = [draft.scope.of(kind) for draft in drafts if draft.scope.of(kind)]
    return min(named[-1]) if named else None


def _general(named: Named, *, contact: int | None, product: int | None) -> str:
    """ "In general", or whoever has to ask and about what kind of equipment, where it is narrowed to these."""
    about = ((ScopeKind.PRODUCT, product), (ScopeKind.CONTACT, contact))
    return ", ".join(named.thing(kind, pk) for kind, pk in about if pk is not None) or ANYTHING


def _about(asset: Asset | None, asked: Asked) -> Asked:
    """The same question about a device."""
    if asset is None:
        return asked
    return replace(asked, asset=asset.pk, location=asset.location_id, product=asset.product_id)


def _differences(whom: str, before: Choice, after: Choice, named: Named) -> Iterator[Effect]:
    for aspect in Aspect:
        was, becomes = before.winners.get(aspect), after.winners.get(aspect)
        words = [_said(one, aspect, named) for one in (was, becomes)]
        same = was is not None and becomes is not None and was.key == becomes.key
        if words[0] == words[1] or (same and _worth(was, aspect) == _worth(becomes, aspect)):
            continue
        lowers = _worth(becomes, aspect) < _worth(was, aspect)
        yield Effect(whom, aspect.words, words[0], words[1], lowers)


def _said(cover: CoverFact | None, aspect: Aspect, named: Named) -> str:
    if cover is None:
        return "nothing"
    if aspect is Aspect.RESPONSE:
        tier = named.tier(cover.tier or "")
        return f"{tier} by what they hold" if cover.source is Source.TIER else f"{tier} by {cover.name}"
    return f"{say_share(aspect, cover.shares[aspect]).partition(' ')[2]} by {cover.name}"


def _worth(cover: CoverFact | None, aspect: Aspect) -> int:
    return -1 if cover is None else cover.generosity(aspect)
